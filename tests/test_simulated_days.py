"""Evaluate with a chain with days: a true one repeats what was observed, a wrong one is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from planted_chains import CUSTOMERS, DAILY_MINUTES, LEAD, WEEKDAYS, desk, shelf
from small_workbook import QUARTER, booked, compute, line, make_workbook, row

ALL = "(all)"
STAGES = ("profile", "segment", "strategy", "evaluate")
SERVICE = ["lead_time_days", "on_time", "in_full"]


def evaluated(params: Path, *overrides: str) -> dict[str, pd.DataFrame]:
    return compute(params, QUARTER, STAGES, overrides).all_tables


def repeated(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    calibration = tables["calibration"]
    return calibration[(calibration[["segment", "channel"]] == ALL).all(axis=1)].set_index("kpi")


def reliable(tables: dict[str, pd.DataFrame]) -> dict[str, bool]:
    return dict(tables["evaluation"].groupby("kpi")["reliable"].all())


def test_a_true_capacity_repeats_the_waits_and_half_of_it_is_refused(tmp_path: Path) -> None:
    params = desk(tmp_path)
    found = repeated(evaluated(params))
    print(found)
    assert found.loc[SERVICE, "accepted"].all()
    wrong = evaluated(params, f"cost_model.resources.desk.capacity_minutes={DAILY_MINUTES * WEEKDAYS / 2}")
    print(repeated(wrong))
    assert not repeated(wrong).loc[["lead_time_days", "on_time"], "accepted"].any()
    assert reliable(wrong) == dict.fromkeys(reliable(wrong), True) | {"lead_time_days": False, "on_time": False}


def test_true_rules_of_stock_repeat_the_shortages_and_a_doubled_lead_time_is_refused(tmp_path: Path) -> None:
    found = repeated(evaluated(shelf(tmp_path / "true")))
    print(found)
    assert found.loc[SERVICE, "accepted"].all()
    wrong = evaluated(shelf(tmp_path / "wrong", lead=2 * LEAD))
    print(repeated(wrong))
    assert not repeated(wrong).loc["in_full", "accepted"]
    assert not reliable(wrong)["in_full"]
