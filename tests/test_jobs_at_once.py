"""Runs that meet: each unit by itself, nothing lost, and whoever waits is told for whom."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from small_workbook import LEDGER, QUARTER, line, make_workbook
from test_history import held

from cts_lib import jobs, store
from cts_lib.history import open_history
from cts_lib.locks import WAIT

UNITS = ("north", "north-east", "south")
STAGES = ("profile", "segment", "govern")


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    lines = [line(business_unit=unit) for unit in UNITS]
    ledger = [LEDGER[0] | {"business_unit": unit} for unit in UNITS]
    params = make_workbook(tmp_path, lines, ledger=ledger)
    for unit in UNITS:
        (params / "units" / f"{unit}.yml").write_text("{}\n")
    return tmp_path


def order(folder: Path) -> jobs.Order:
    return jobs.Order(folder / "params", folder / "out", periods=[QUARTER], jobs=1, stages=STAGES)


def whole(out: Path) -> list[str]:
    """The units whose folder and history both stand there; one without the other is an error."""
    history = open_history(out)
    kept = [unit for unit in UNITS if len(history.read("kpis", unit))]
    done = [unit for unit in UNITS if (store.read_manifest(out / QUARTER / unit) or {}).get("state") == "done"]
    assert kept == done
    return done


def test_a_history_that_somebody_reads_stops_nothing(workbook: Path) -> None:
    assert jobs.work(order(workbook), report=False) == 0
    with held(workbook / "out", "reader"):
        assert jobs.work(order(workbook), report=False) == 0
    assert whole(workbook / "out") == list(UNITS)


def test_a_history_that_stays_locked_fails_each_unit_by_itself_and_the_next_run_heals(
    workbook: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert jobs.work(order(workbook), report=False) == 0
    before = (workbook / "out" / QUARTER / "south" / "manifest.json").read_bytes()
    monkeypatch.setenv(WAIT, "0")
    with held(workbook / "out", "writer"):
        assert jobs.work(order(workbook), report=False) == 1
    told = capsys.readouterr().err.splitlines()
    assert [each.partition(", ")[0] for each in told] == list(UNITS)
    assert all("history.duckdb: is held by" in each for each in told)
    assert (workbook / "out" / QUARTER / "south" / "manifest.json").read_bytes() == before
    assert jobs.work(order(workbook), report=False) == 0
    assert whole(workbook / "out") == list(UNITS)


def test_runs_of_the_same_units_at_once_lose_nothing(workbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WAIT, "300")
    places = ["--params", str(workbook / "params"), "--out", str(workbook / "out"), "--period", QUARTER]
    command = [sys.executable, "-m", "cts_lib.cli", "compute", *places, "--stages", ",".join(STAGES), "--jobs", "2"]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for run in runs:
        _, errors = run.communicate()
        assert (run.returncode, errors) == (0, "")
    assert whole(workbook / "out") == list(UNITS)
    assert not list((workbook / "out").rglob(".*"))
