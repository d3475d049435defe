"""The frontier, a second way: every plan of small drawn tables, by the share of promised lines on time."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_choice import FIGURES, GAP, combinations, tables

from cts_lib.strategy.choice import Limits, frontier


def plans(table: pd.DataFrame) -> list[tuple[pd.DataFrame, float]]:
    """Return the rows of every plan and its cash."""
    picked = [table.loc[list(rows)] for rows in combinations(table)]
    return [(rows, float(rows["cash"].sum())) for rows in picked]


def share(rows: pd.DataFrame) -> float:
    return float(rows["on_time_lines"].sum() / rows["promised_lines"].sum())


@settings(max_examples=40)
@given(st.data())
def test_no_plan_serves_as_well_as_a_point_of_the_frontier_and_brings_more(data: st.DataObject) -> None:
    table = data.draw(tables(), "table").assign(**dict.fromkeys(FIGURES, 10.0), eligible=True)
    table["cash"] = table["worth"]
    slack = GAP * table["worth"].abs().sum() + 0.01
    found, every = frontier(table, Limits(), 5), plans(table)
    assert found["service_level"].is_monotonic_increasing
    assert found["cash"].iloc[0] == pytest.approx(max(cash for _, cash in every), abs=slack)
    assert found["service_level"].iloc[-1] == pytest.approx(max(share(rows) for rows, _ in every), abs=1e-6)
    for point in found.to_dict("records"):
        able = [cash for rows, cash in every if share(rows) >= point["service_level"] - 1e-9]
        assert point["cash"] >= max(able) - slack
