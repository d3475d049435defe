"""Measures one unit's quarter of about a million order lines through all stages, and writes RESULTS-run.md.

python benchmarks/run.py [--lines 1000000] [--replications 10] [--out RESULTS-run.md]

The sample is made anew, so that its newest quarter has so many lines. What is measured is the whole command in a
process of its own: seconds of CPU and the most memory that was resident. Replications are simulated in batches, so
fewer of them take less time but no less memory.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
QUARTERS = 12
"""Quarters of a sample: three years, each about as large as another."""
MOST = 2.0
SECONDS = "20000"
"""What the run may take: more than the usual hour, for it may share the machine."""
PERIOD = "2026-Q3"


def main() -> None:
    """Measure, hold against the goal, write the results."""
    options = argparse.ArgumentParser()
    options.add_argument("--lines", type=int, default=1_000_000, help="order lines of the quarter, about")
    options.add_argument("--replications", type=int, default=10)
    options.add_argument("--out", type=Path, default=HERE / "RESULTS-run.md")
    given = options.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        _cts("sample", folder, "--lines", str(given.lines * QUARTERS), "--units", "1")
        begun = time.perf_counter()
        arguments = ["--params", f"{folder}/params", "--out", f"{folder}/out", "--period", PERIOD, "--jobs", "1"]
        arguments += ["--timeout", SECONDS]
        few = ["--set", f"evaluation.replications={given.replications}", "--set", "evaluation.precision=1"]
        _cts("compute", *arguments, *few)
        seconds = time.perf_counter() - begun
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    gigabytes = children.ru_maxrss * 1024 / 1e9
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    given.out.write_text(
        f"# Results\n\nWritten by benchmarks/run.py on {datetime.now(UTC).date()}; {platform.system()} "
        f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB; load average before the run {load:.1f}.\n\n"
        "| goal | measured | |\n| --- | --- | --- |\n"
        f"| a quarter of about {given.lines:,} lines through all five stages within {MOST:g} GB | {gigabytes:.2f} GB | "
        f"{'met' if gigabytes <= MOST else '**missed**'} |\n\n"
        f"{given.replications} replications; {seconds:,.0f} s on the clock, the sample apart, and "
        f"{children.ru_utime + children.ru_stime:,.0f} s of CPU with it. The quarter before is costed too.\n",
        encoding="utf-8",
    )


def _cts(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "cts_lib.cli", *arguments], check=True)


if __name__ == "__main__":
    main()
