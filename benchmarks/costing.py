"""Measures costing against its peers and writes RESULTS.md: each contestant in a process of its own, in turn, medians.

python benchmarks/costing.py [--lines 1000000 10000000 50000000] [--rounds 5] [--out RESULTS.md]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
from contestants import CONTESTANTS, OURS, answer, contestant
from goals import Field, Measure, Measured, goals
from lines import write_lines
from models import MODELS
from raw import write_raw
from results import results

HERE = Path(__file__).parent
SLOW = 60.0
"""Whoever takes longer in the first round gets no other at that size."""
ROOM = 0.7
"""Whoever would need more of the machine's memory, as it grew so far, is left out."""
AGREEMENT = 1e-9


@dataclass(frozen=True)
class Run:
    """What one process said of itself."""

    seconds: float
    megabytes: float


def main() -> None:
    """Measure every size, hold the answers against each other and the goals, write the results."""
    options = argparse.ArgumentParser()
    options.add_argument("--lines", type=int, nargs="+", default=[1_000_000, 10_000_000, 50_000_000])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    options.add_argument("--measure", nargs=4, metavar=("CONTESTANT", "VARIANT", "FILE", "ANSWER"))
    options.add_argument("--apart", nargs=3, metavar=("WHAT", "FILE", "LINES"))
    given = options.parse_args()
    if given.measure:
        name, variant, path, to = given.measure
        measure(name, variant, Path(path), Path(to))
    elif given.apart:
        what, path, lines = given.apart
        measure_apart(what, Path(path), int(lines))
    else:
        compare(sorted(given.lines), given.rounds, given.out)


def measure(name: str, variant: str, path: Path, to: Path) -> None:
    """Run one contestant in this process, print its seconds and peak memory, write its totals."""
    run = contestant(name)
    started = time.perf_counter()
    costs = run(path, variant)
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "megabytes": peak_megabytes()}))
    pq.write_table(answer(costs), to)
    sys.stdout.flush()
    os._exit(0)  # all is told; taking down the threads of several libraries at once is no part of it, and may abort


def measure_apart(what: str, path: Path, lines: int) -> None:
    """Measure in this process what has no contestants and print what was found."""
    import workbook

    if what == "intake":
        found = workbook.intake(path, lines)
    elif what == "keep":
        found = workbook.keep(path)
    elif what in MODELS:
        found = workbook.from_accepted(path, what)
    else:
        found = workbook.repricing(path) if what == "repricing" else workbook.threads(path)
    print(json.dumps(found | {"megabytes": peak_megabytes()}))


def peak_megabytes() -> float:
    """Return this process's own peak memory; what getrusage says of a child begins with its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def compare(sizes: list[int], rounds: int, out: Path) -> None:
    """Measure everything and write the results; the exit status is 1 where threads change a bit."""
    load, base = os.getloadavg()[0], sizes[len(sizes) // 2]  # the goals speak of the middle one
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = _apart(folder, base, rounds)
        for size in sizes:
            path = _lines(folder, size)
            fields: dict[str, Field] = {}
            for variant in MODELS:
                starters, found.left_out[size, variant] = _starters(found, size, variant)
                fields[variant] = _rounds(folder, path, variant, starters, rounds)
            found.sizes[size] = fields
            for file in folder.glob(f"{path.stem}*.parquet"):
                file.unlink()
    out.write_text(results(found, load), encoding="utf-8")
    for goal in goals(found):
        print(goal.row)
    if not found.same_for_any_threads:
        raise SystemExit("the tables differ with the number of threads")


def _lines(folder: Path, size: int) -> Path:
    path = folder / f"lines-{size}.parquet"
    if not path.exists():
        write_lines(path, size)
        _process("--apart", "keep", path, size)
    return path


def _apart(folder: Path, base: int, rounds: int) -> Measured:
    """Measure at the base size what has no contestants."""
    path, raw = _lines(folder, base), folder / "raw"
    write_raw(raw, base)
    repriced = [_process("--apart", "repricing", path, base) for _ in range(rounds)]
    taken_in = [_process("--apart", "intake", raw, base) for _ in range(rounds)]
    whole = {name: [_run(_process("--apart", name, path, base)) for _ in range(rounds)] for name in MODELS}
    same = _process("--apart", "threads", path, base)["same"]
    repricing, splitting = (_median([_run(item) for item in items]) for items in (repriced, taken_in))
    keeping = _median([Run(item["keeping"], item["megabytes"]) for item in taken_in])
    from_accepted = {name: _median(runs) for name, runs in whole.items()}
    return Measured(base, repricing, int(repriced[0]["customers"]), splitting, keeping, from_accepted, same == 1)


def _run(said: dict[str, float]) -> Run:
    return Run(said["seconds"], said["megabytes"])


def _process(*arguments: object) -> dict[str, float]:
    """Run this file in a process of its own and return what it prints."""
    command = [sys.executable, str(Path(__file__)), *map(str, arguments)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[2:])} failed:\n{done.stderr}")
    said: dict[str, float] = json.loads(done.stdout)
    return said


def _starters(found: Measured, size: int, variant: str) -> tuple[list[str], dict[str, str]]:
    """Return who starts at a size, and why the others do not."""
    room = ROOM * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e6
    smaller = max(found.sizes, default=size)
    before = found.sizes.get(smaller, {}).get(variant, {})
    wanted = {name: item.megabytes * size / smaller for name, item in before.items() if name != OURS}
    left_out = {name: f"would need about {need / 1000:.0f} GB" for name, need in wanted.items() if need > room}
    return [name for name in CONTESTANTS if name not in left_out], left_out


def _rounds(folder: Path, path: Path, variant: str, starters: list[str], rounds: int) -> Field:
    """Run everybody in turn, each round beginning with the next."""
    runs: dict[str, list[Run]] = {name: [] for name in starters}
    for number in range(rounds):
        shift = number % len(starters)
        for name in starters[shift:] + starters[:shift]:
            if not runs[name] or runs[name][0].seconds <= SLOW:
                said = _process("--measure", name, variant, path, folder / f"{name}.parquet")
                runs[name].append(_run(said))
    _agree(folder, starters)
    return {name: _median(items) for name, items in runs.items()}


def _median(runs: list[Run]) -> Measure:
    seconds, megabytes = ([getattr(run, name) for run in runs] for name in ("seconds", "megabytes"))
    return Measure(statistics.median(seconds), statistics.median(megabytes), len(runs))


def _agree(folder: Path, names: list[str]) -> None:
    """Fail where a contestant's total of an activity or a customer is not ours."""
    expected = pq.read_table(folder / f"{OURS}.parquet").to_pandas().set_index("key")["cost"]
    for name in names:
        costs = pq.read_table(folder / f"{name}.parquet").to_pandas().set_index("key")["cost"]
        if costs.empty:
            continue
        if not costs.index.equals(expected.index):
            raise SystemExit(f"{name} has other customers or activities than {OURS}")
        differs = (costs - expected).abs() > AGREEMENT * expected.abs()
        if differs.any():
            key = differs.idxmax()
            raise SystemExit(f"{name} and {OURS} differ in {key}: {costs[key]!r} and {expected[key]!r}")


if __name__ == "__main__":
    main()
