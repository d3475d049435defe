"""A run that is told to stop ends with all its processes, cleans up, and the next one does the rest."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_workbook import LEDGER, QUARTER, line, make_workbook

UNITS = ("north", "south", "west")


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    lines = [line(business_unit=unit) for unit in UNITS]
    params = make_workbook(tmp_path, lines, ledger=[LEDGER[0] | {"business_unit": unit} for unit in UNITS])
    for unit in UNITS:
        (params / "units" / f"{unit}.yml").write_text("{}\n")
    places = ["--params", str(params), "--out", str(tmp_path / "out"), "--period", QUARTER]
    return [sys.executable, "-m", "cts_lib.cli", "compute", *places, "--stages", "profile,segment"]


def is_there(group: int) -> bool:
    """Say whether any process of a group is left, other than as its parent's memory of it."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, of_group = status.read_text().rpartition(") ")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(of_group) == group and state != "Z":
            return True
    return False


@pytest.mark.skipif(not Path("/proc").exists(), reason="asks /proc which processes are left")
@pytest.mark.parametrize(
    ("jobs", "number", "status"),
    [("1", signal.SIGTERM, 143), ("2", signal.SIGTERM, 143), ("2", signal.SIGINT, 130)],
)
def test_a_run_that_is_told_to_stop_leaves_no_process_and_nothing_half_done(
    command: list[str], tmp_path: Path, jobs: str, number: signal.Signals, status: int
) -> None:
    run = subprocess.Popen(
        [*command, "--jobs", jobs],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert run.stdout is not None
    while "profile" not in run.stdout.readline():
        assert run.poll() is None
    if number is signal.SIGINT:
        os.killpg(run.pid, number)  # a terminal tells the whole group
    else:
        run.send_signal(number)
    _, told = run.communicate(timeout=120)
    assert (run.returncode, told) == (status, "stopped; what was finished is kept\n")
    for _ in range(100):
        if not is_there(run.pid):
            break
        time.sleep(0.1)
    assert not is_there(run.pid)
    again = subprocess.run([*command, "--jobs", jobs], capture_output=True, text=True, check=False)
    assert (again.returncode, again.stderr) == (0, "")
    assert {path.parent.name for path in (tmp_path / "out").glob("*/*/manifest.json")} == set(UNITS)
    assert not list((tmp_path / "out" / QUARTER).glob(".*/*"))
