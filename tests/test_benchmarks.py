"""The benchmark measures the same answer of everybody, and names every goal, however small the run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.bench

COSTING = Path(__file__).parent.parent / "benchmarks" / "costing.py"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("benchmarks") / "RESULTS.md"
    command = [sys.executable, str(COSTING), "--lines", "20000", "--rounds", "1", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr  # contestants that disagree end the run
    return out.read_text(encoding="utf-8")


def test_every_goal_has_a_row_that_says_met_or_missed(results: str) -> None:
    goals = results.split("| goal |")[1].split("\n\n", maxsplit=1)[0].splitlines()[2:]
    assert len(goals) == 13
    assert all(row.endswith(("| met |", "| missed |")) for row in goals)


def test_tables_are_the_same_to_the_bit_for_any_number_of_threads(results: str) -> None:
    assert "| the same to the bit for 1, 2 and 4 threads | the same | met |" in results


def test_everybody_is_measured_in_both_variants(results: str) -> None:
    for contestant in ("ours", "SQL by hand", "SQL textbook, plain doubles", "Polars streaming", "pandas", "scan"):
        assert results.count(f"\n| {contestant} |") == 2


def test_the_grouping_is_held_against_k_prototypes(tmp_path: Path) -> None:
    out = tmp_path / "RESULTS-segment.md"
    script = COSTING.with_name("segment.py")
    command = [sys.executable, str(script), "--customers", "1500", "--peer", "500", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    goals = out.read_text(encoding="utf-8").split("| --- | --- | --- |\n")[1].split("\n\n", maxsplit=1)[0].splitlines()
    assert len(goals) == 4
    assert all(row.endswith(("| met |", "| missed |")) for row in goals)


def test_the_chain_with_days_is_held_against_simpy(tmp_path: Path) -> None:
    out = tmp_path / "RESULTS-simulate.md"
    script = COSTING.with_name("simulate.py")
    command = [sys.executable, str(script), "--replications", "8", "--peer", "1", "--rounds", "1", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr  # figures that differ end the run
    goals = out.read_text(encoding="utf-8").split("| --- | --- | --- |\n")[1].split("\n\n", maxsplit=1)[0].splitlines()
    assert len(goals) == 2
    assert all(row.endswith(("| met |", "| missed |")) for row in goals)


def test_every_slider_of_the_panel_is_measured(tmp_path: Path) -> None:
    out = tmp_path / "RESULTS-panel.md"
    command = [sys.executable, str(COSTING.with_name("panel.py")), "--customers", "1000", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    text = out.read_text(encoding="utf-8")
    assert "| the slowest slider at 1,0" in text
    assert text.count(" | met |") + text.count(" | **missed** |") == 1
