"""Who works on what: a lock that ends with its process, however that ends, and says who holds it."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from cts_lib.errors import LockedError, ParamsError

WAIT = "CTS_WAIT"
"""Names the environment variable that says how many seconds are waited for what somebody else holds."""
USUAL_WAIT = "60"


def waiting_time() -> float:
    """Return the seconds to wait for what somebody else holds."""
    given = os.environ.get(WAIT, USUAL_WAIT)
    if not given.isdecimal():
        raise ParamsError(WAIT, f"the environment variable holds {given!r}", "set it to seconds as 60")
    return float(given)


def pauses() -> Iterator[bool]:
    """Yield true after each pause, until the waiting time is over: short ones first, and no two processes in step."""
    end, pause = time.monotonic() + waiting_time(), 0.02
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, pause * random.uniform(0.5, 1.5)))  # noqa: S311 - nothing secret
        pause = min(pause * 1.5, 1.0)
        yield True


@contextmanager
def exclusive(path: Path, what: str) -> Iterator[None]:
    """Hold a lock file, which is gone afterwards; wait for another's, and raise LockedError where that takes too long.

    ``what`` is where the error says that it happened.
    """
    waits = pauses()
    while (held := _taken(path)) is None:
        if not next(waits, False):
            raise LockedError(what, f"is held by {_holder(path)}", f"wait for it, or set {WAIT} to more seconds")
    os.ftruncate(held, 0)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    os.write(held, f"process {os.getpid()} on {socket.gethostname()} since {now}".encode())
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(held)


def _taken(path: Path) -> int | None:
    """Return the lock file, open and locked; None where somebody else has it or just took it away."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(opened), path.stat()):
            return opened
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(opened)
    return None


def _holder(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") or "another run"
    except OSError:
        return "another run"
