"""The script of month's end that the docs show says what became of the run."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
from pathlib import Path

import documents
import pytest
from small_workbook import LEDGER, QUARTER, make_workbook

SCRIPT = re.findall(
    r"^```sh\n(#!.*?)^```", (documents.DOCS / "scheduling.md").read_text(encoding="utf-8"), re.M | re.S
)[0]


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    make_workbook(tmp_path, ledger=LEDGER)
    (tmp_path / "month_end.sh").write_text(SCRIPT, encoding="utf-8")
    return tmp_path


def month_end(folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = ["bash", str(folder / "month_end.sh"), "compute"]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PATH": path, "PERIOD": QUARTER})


def test_a_month_that_is_done_is_silent_and_leaves_a_log(workbook: Path) -> None:
    done = month_end(workbook)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "1 done, 0 failed" in (workbook / "logs" / f"{QUARTER}.log").read_text(encoding="utf-8")


def test_a_month_that_cannot_be_run_says_why_and_ends_with_its_status(workbook: Path) -> None:
    (workbook / "data" / "customers.csv").unlink()
    done = month_end(workbook)
    assert done.returncode == 2
    assert done.stderr == (workbook / "logs" / f"{QUARTER}.errors").read_text(encoding="utf-8")
    assert "customers" in done.stderr


def test_two_runs_do_not_meet(workbook: Path) -> None:
    (workbook / "logs").mkdir()
    with (workbook / "logs" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = month_end(workbook)
    assert (done.returncode, done.stderr) == (2, "another run is at work\n")
