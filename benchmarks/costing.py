"""Measures costing against its peers and writes RESULTS.md: each contestant in a process of its own, in turn, medians.

python benchmarks/costing.py [--lines 1000000] [--rounds 5]
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Run:
    """What one contestant's process said."""

    seconds: float
    megabytes: float
    totals: dict[str, float]


def measure(name: str, path: Path) -> None:
    """Run one contestant in this process and print its seconds, peak memory and totals."""
    from contestants import CONTESTANTS

    started = time.perf_counter()
    costs = CONTESTANTS[name](path)
    seconds = time.perf_counter() - started
    totals = costs.groupby("activity")["cost"].sum().to_dict() if len(costs) else {}
    print(json.dumps({"seconds": seconds, "megabytes": peak_megabytes(), "totals": totals}))


def peak_megabytes() -> float:
    """Return this process's own peak memory; what getrusage says of a child begins with its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure every size, hold the answers against each other, write the results."""
    options = argparse.ArgumentParser()
    options.add_argument("--lines", type=int, nargs="*", default=[1_000_000, 10_000_000])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--measure", nargs=2)
    given = options.parse_args()
    if given.measure:
        measure(given.measure[0], Path(given.measure[1]))
        return
    from contestants import CONTESTANTS
    from lines import write_lines

    sections = []
    with tempfile.TemporaryDirectory() as folder:
        for lines in given.lines:
            path = Path(folder) / f"lines-{lines}.parquet"
            write_lines(path, lines)
            rounds: dict[str, list[Run]] = {name: [] for name in CONTESTANTS}
            for _ in range(given.rounds):
                for name in CONTESTANTS:
                    command = [sys.executable, str(Path(__file__)), "--measure", name, str(path)]
                    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                    rounds[name].append(Run(**json.loads(printed)))
            agree(rounds)
            sections.append(section(lines, given.rounds, rounds))
    machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    head = f"# Results\n\nWritten by benchmarks/costing.py on {datetime.now(UTC).date()}; {machine}.\n"
    note = (
        "Twelve resources, three of them support; nine activities at line, order and shipment grain. Seconds inside "
        "the process, imports aside; memory is the process's peak.\n"
    )
    (HERE / "RESULTS.md").write_text("\n".join([head, note, *sections]), encoding="utf-8")


def agree(rounds: dict[str, list[Run]]) -> None:
    """Fail where two contestants' totals differ by more than a millionth."""
    answers = {name: runs[0].totals for name, runs in rounds.items() if runs[0].totals}
    first, *others = answers
    for other in others:
        for activity, total in answers[first].items():
            difference = abs(answers[other][activity] - total)
            if difference > 1e-6 * abs(total):
                raise SystemExit(f"{first} and {other} differ in {activity} by {difference}")


def section(lines: int, rounds: int, results: dict[str, list[Run]]) -> str:
    """Return one size's table: medians, and ratios to ours."""
    seconds = {name: statistics.median(run.seconds for run in runs) for name, runs in results.items()}
    memory = {name: statistics.median(run.megabytes for run in runs) for name, runs in results.items()}
    rows = [
        f"| {name} | {seconds[name]:.2f} | {seconds[name] / seconds['ours']:.2f} | {memory[name]:,.0f} |"
        for name in results
    ]
    head = ["| contestant | seconds | ratio to ours | peak MB |", "| --- | --- | --- | --- |"]
    return "\n".join([f"## {lines:,} lines, medians of {rounds} rounds\n", *head, *rows, ""])


if __name__ == "__main__":
    main()
