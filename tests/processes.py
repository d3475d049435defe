"""What a process and all that it started hold, as /proc says."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cts_lib.limits import resident

_LISTENS = "0A"
Known = tuple[int, int]
"""A process's number, which others get in time, and when it started."""


@dataclass(frozen=True)
class Process:
    """A process: who started it and when, what it runs, and what it holds."""

    number: int
    parent: int
    started: int
    command: str
    memory: int
    threads: int
    files: list[str]

    @property
    def known(self) -> Known:
        return self.number, self.started


def tree(number: int) -> dict[int, Process]:
    """Return a process and all that it started, whoever of them is still there."""
    found = dict[int, Process]()
    for each, memory in resident(number).items():
        with suppress(FileNotFoundError, ProcessLookupError):  # it ended meanwhile
            found[each] = _process(each, memory)
    return found


def _process(number: int, memory: int) -> Process:
    place = Path(f"/proc/{number}")
    _, parent, *stat = (place / "stat").read_text().rpartition(") ")[2].split()
    command = (place / "cmdline").read_text().replace("\0", " ")
    files = list[str]()
    for path in (place / "fd").iterdir():
        with suppress(FileNotFoundError):  # it was closed meanwhile
            files.append(str(path.readlink()))
    return Process(number, int(parent), _started(number), command, memory, int(stat[15]), files)


def _started(number: int) -> int:
    return int(Path(f"/proc/{number}/stat").read_text().rpartition(") ")[2].split()[19])


def still_there(known: set[Known]) -> set[Known]:
    """Return which of the processes have not ended."""
    found = set[Known]()
    for number, started in known:
        with suppress(FileNotFoundError, ProcessLookupError):
            if _started(number) == started:
                found.add((number, started))
    return found


def ports(held: dict[int, Process]) -> int:
    """Return on how many ports the processes listen."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = {f"socket:[{row[9]}]" for row in rows if row[3] == _LISTENS}
    return len(listening & {file for each in held.values() for file in each.files})
