"""A run of several units killed at random moments and run again ends as an undisturbed one: run by ``make soak``.

KILLS says how many times, SEED when; SIZE=sample runs the sample, thousands of lines, in place of tiny units.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from reliability import write_section
from small_workbook import LEDGER, MINUTES, QUARTER, event, line, make_workbook
from test_resume import content

from cts_lib.sample import write_sample

UNITS = ("north", "south", "west")
SAMPLE_UNITS, SAMPLE_LINES = 4, 6_000
_USUALLY = {"tiny": "50", "sample": "5"}
BEGIN = {
    "tiny": "<!-- What follows is written by make soak, of runs that were killed. -->",
    "sample": "<!-- What follows is written by make soak, of runs of the sample that were killed. -->",
}


def sample(folder: Path) -> tuple[Path, str]:
    """Write the sample; return its params and newest quarter."""
    write_sample(folder, SAMPLE_LINES, SAMPLE_UNITS)
    return folder / "params", "2026-Q3"


def tiny(folder: Path) -> tuple[Path, str]:
    """Write a workbook of several tiny units; return its params and quarter."""
    lines = [
        line(f"{unit}-{at}", customer_id=f"c{1 + at % 2}", business_unit=unit, net_sales=str(90 + at))
        for unit in UNITS
        for at in range(6)
    ]
    params = make_workbook(
        folder,
        lines,
        MINUTES,
        events=[event("sales_visit")],
        ledger=[LEDGER[0] | {"business_unit": unit} for unit in UNITS],
    )
    for unit in UNITS:
        (params / "units" / f"{unit}.yml").write_text("{}\n", encoding="utf-8")
    return params, QUARTER


def command(folder: Path, size: str) -> list[str]:
    """Write a workbook of several units, and return the command that runs it."""
    params, period = sample(folder) if size == "sample" else tiny(folder)
    places = ["--params", str(params), "--out", str(folder / "out")]
    return [sys.executable, "-m", "cts_lib.cli", "run", *places, "--period", period]


def run(given: list[str], seconds: float | None = None) -> bool:
    """Run the command, and kill it with all its processes after so many seconds; return whether it came to its end."""
    started = subprocess.Popen(given, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    try:
        _, told = started.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(started.pid, signal.SIGKILL)
        started.communicate()
        return False
    assert started.returncode == 0, told.decode()
    return True


def differing(expected: dict[str, object], out: Path) -> list[str]:
    """Return the files that are not those of an undisturbed run; what is told of the run itself apart."""
    found = content(out)
    names = (expected.keys() | found.keys()) - {"run.json"}
    return sorted(name for name in names if expected.get(name) != found.get(name))


def write_report() -> int:
    """Kill runs, run them again, and write how many of them ended in what an undisturbed one yields."""
    size, seed, wrong = os.environ.get("SIZE", "tiny"), int(os.environ.get("SEED", "7")), 0
    times = int(os.environ.get("KILLS", _USUALLY[size]))
    draw, killed, began = random.Random(seed), 0, time.monotonic()  # noqa: S311 - nothing secret
    with tempfile.TemporaryDirectory() as folder:
        given, out = command(Path(folder), size), Path(folder) / "out"
        assert run(given)
        expected, whole = content(out), time.monotonic() - began
        for number in range(times):
            shutil.rmtree(out)
            while not run(given, draw.uniform(0, whole) if killed <= number else None):
                killed += 1
            if found := differing(expected, out):
                wrong += 1
                print(f"kill {number + 1}: {len(found)} files differ: {', '.join(found[:5])}", flush=True)
    minutes = (time.monotonic() - began) / 60
    many = f"{SAMPLE_UNITS} units of the sample, {SAMPLE_LINES:,} lines in all," if size == "sample" else "3 tiny units"
    told = (
        f"Seed {seed}: runs of {many} were killed {killed} times and run again, in {minutes:.0f} minutes. "
        f"{times - wrong} of {times} ended in the same bytes as an undisturbed run."
    )
    print(told, flush=True)
    write_section(BEGIN[size], told)
    return wrong


if __name__ == "__main__":
    sys.exit(1 if write_report() else 0)
