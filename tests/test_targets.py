"""Targets from the stored plan and the history, and indicators beside what the plan foretold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_workbook import LEDGER, UNIT, booked, line, make_workbook, row

from cts_lib.govern.targets import held_against_targets
from cts_lib.params import load
from cts_lib.params.governance import Governance
from cts_lib.params.period import Period
from cts_lib.run import Results, UnitRun

KPIS = pd.DataFrame({"segment": "(all)", "channel": ["(all)", "retail"], "kpi": "on_time", "value": [0.88, 0.7]})
PAST = pd.DataFrame({"segment": "(all)", "channel": "(all)", "kpi": "on_time", "lies": range(-14, 0), "value": 0.5})
PLAN = pd.DataFrame({"segment": "(all)", "channel": ["(all)", "retail"], "kpi": "on_time", "mean": [0.9, 0.8]})
PLAN = PLAN.assign(low=PLAN["mean"] - 0.03, high=PLAN["mean"] + 0.01)
STAGES = ("profile", "segment", "govern")


def held(
    target: dict[str, Any], past: pd.DataFrame = PAST, plan: pd.DataFrame = PLAN
) -> tuple[pd.DataFrame, list[str]]:
    table, notes = held_against_targets(KPIS, Governance(targets={"on_time": target}), past, lambda: plan)
    return table, [note.english for note in notes]


def test_a_target_from_the_plan_is_near_within_its_interval() -> None:
    table, notes = held({"from": "plan"})
    assert table["target"].tolist() == [0.9, 0.8]
    assert table["status"].tolist() == ["near", "missed"]
    assert notes == []


def test_a_given_target_goes_before_one_from_the_plan() -> None:
    table, _ = held({"from": "plan", "channels": {"retail": 0.7}})
    assert table["target"].tolist() == [0.9, 0.7]
    assert table["status"].tolist() == ["near", "met"]


def test_a_target_from_the_history_is_the_median_of_its_last_twelve_periods() -> None:
    past = PAST.assign(value=[9.0, 9.0, *[0.9] * 6, *[1.0] * 6])
    table, _ = held({"from": "history"}, past)
    assert table["target"].iloc[0] == pytest.approx(0.95)
    assert pd.isna(table["target"].iloc[1])
    assert table["status"].tolist() == ["missed", "(none)"]


def test_a_target_missed_by_just_its_tolerance_is_near() -> None:
    table, _ = held({"value": 0.9, "tolerance": 0.02, "channels": {"retail": 0.721}})
    assert table["status"].tolist() == ["near", "missed"]  # 0.9 − 0.88 is a little more than 0.02 in doubles
    table, _ = held({"value": 0.86, "tolerance": 0.02, "channels": {"retail": 0.679}, "better": "lower"})
    assert table["status"].tolist() == ["near", "missed"]


@pytest.mark.parametrize(("origin", "past"), [("history", PAST.tail(5)), ("plan", PAST)])
def test_what_neither_plan_nor_history_gives_yet_is_said(origin: str, past: pd.DataFrame) -> None:
    table, notes = held({"from": origin}, past, PLAN.head(0))
    assert table["target"].isna().all()
    assert notes == ["governance.targets.on_time: neither a stored plan nor the history gives on_time a target yet."]


def compared(folder: Path, plan: pd.DataFrame | None) -> Results:
    lines = [line("o1", order_date="2025-11-03", net_sales="70"), line("o2", net_sales="100")]
    ledger = [*LEDGER, booked("desk", 900, "2025-Q4")]
    governance = {"compare": "plan", "targets": {"net_sales": {"from": "plan"}}}
    params = make_workbook(folder, lines, ledger=ledger, governance=governance)
    if plan is not None:
        tables = folder / "out" / "2025-Q4" / UNIT / "tables"
        tables.mkdir(parents=True)
        plan.to_parquet(tables / "evaluation.parquet")
    unit_run = UnitRun(load(params, [UNIT])[0], out=folder / "out")
    try:
        return unit_run.compute(Period.parse("2026-Q1"), STAGES)
    finally:
        unit_run.close()


def test_indicators_stand_beside_the_plan_and_the_bridge_beside_the_period_before(
    tmp_path: Path,
) -> None:
    rows = {"segment": "(all)", "channel": "(all)", "kpi": "net_sales", "low": 95.0, "high": 130.0}
    plans = {"strategy": ["current", "proposed", "proposed"], "scenario": ["base", "base", "surge"]}
    results = compared(tmp_path, pd.DataFrame(plans | {"mean": [80.0, 120.0, 150.0]}).assign(**rows))
    tables = results.all_tables
    sales = row(tables["kpis"], segment="(all)", channel="(all)", kpi="net_sales")
    assert (sales["previous"], sales["target"], sales["status"]) == (120, 120, "near")
    assert pd.isna(row(tables["kpis"], segment="(all)", channel="(all)", kpi="orders")["previous"])
    assert row(tables["kpi_tree"], measure="net_sales")["previous"] == 70
    assert tables["bridge"]["amount"].abs().sum() > 0
    assert "Indicators are compared with what the plan of 2025-Q4 foretold." in [
        note.english for note in results.notes["govern"]
    ]


def test_without_a_stored_plan_no_indicator_is_compared_with_it(tmp_path: Path) -> None:
    results = compared(tmp_path, None)
    assert results.all_tables["kpis"]["previous"].isna().all()
    told = [note.english for note in results.notes["govern"]]
    assert "No plan of 2025-Q4 is stored: no indicator is compared with it." in told
