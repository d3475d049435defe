"""What each driver of an equation costs, and what is usual in a segment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_workbook import booked, costed, event, line, make_workbook, open_run, row

from cts_lib.costing.driver_costs import DriverCosts
from cts_lib.params.period import Period

QUARTER = Period.parse("2026-Q1")


def found(folder: Path, entry: str, lines: list[dict[str, Any]], **more: Any) -> tuple[DriverCosts, pd.DataFrame]:
    """The drivers of order entry, a euro a minute, and the costs that they are parts of."""
    model = {
        "resources": {"desk": {"capacity_minutes": 1000}},
        "activities": {"entry": {"resource": "desk", "per": "order", "minutes": entry} | more},
    }
    unit_run = open_run(make_workbook(folder, lines, model, ledger=[booked("desk", 1000)]))
    try:
        priced = costed(unit_run, QUARTER)
        return priced.drivers, priced.tables["customer_costs"]
    finally:
        unit_run.close()


def test_each_term_is_counted_and_priced(tmp_path: Path) -> None:
    lines = [
        line("o1", "1", priority="rush"),
        line("o1", "2", priority="rush"),
        line("o2"),
        line("o3", customer_id="c2"),
    ]
    drivers, _ = found(tmp_path, "5 + 3*lines + CASE WHEN priority = 'rush' THEN 10 ELSE 0 END", lines)
    own = drivers.of("c1").set_index("driver")
    assert own["quantity"].to_dict() == {"1": 2.0, "lines": 3.0, "priority = 'rush'": 1.0}
    assert own["cost"].to_dict() == pytest.approx({"1": 10.0, "lines": 9.0, "priority = 'rush'": 10.0})
    assert set(drivers.of("c2")["driver"]) == {"1", "lines"}
    assert drivers.of(None).empty


@pytest.mark.parametrize(
    "entry",
    [
        "5 + 3*lines - lines/4",
        "2 + weight_kg/7",
        "4 + 0*weight_kg",
        "CEIL(weight_kg/10) + lines",
        "(lines - 0.5)*(1 + GREATEST(0, weight_kg))",
        "CASE WHEN weight_kg > 15 THEN 3 + weight_kg ELSE 2*lines END",
        "9 - 2*lines",
    ],
)
def test_terms_add_up_to_the_activity_also_where_a_driver_is_missing(tmp_path: Path, entry: str) -> None:
    lines = [line(f"o{place}", customer_id=f"c{1 + place % 2}", weight_kg=10 + place) for place in range(4)]
    drivers, costs = found(tmp_path, entry, [*lines, line("o9", weight_kg=None), line("o9", "2", weight_kg=None)])
    for customer in ("c1", "c2"):
        cost = costs.loc[costs["customer_id"] == customer, "cost"].sum()
        assert drivers.of(customer)["cost"].sum() == pytest.approx(cost, rel=1e-12)


def test_an_equation_whose_terms_are_too_large_to_sum_is_one_term(tmp_path: Path) -> None:
    entry = "1e17*quantity - 1e16*quantity*10 + 1e16*(lines*lines) - 1e16*(lines*lines) + ABS(quantity*1e15) / 1e15"
    drivers, costs = found(tmp_path, entry, [line()])
    assert drivers.of("c1")["cost"].tolist() == pytest.approx(costs["cost"].tolist())
    assert drivers.drivers["driver"].tolist() == [entry]


def test_only_orders_that_happened_count(tmp_path: Path) -> None:
    lines = [line("o1", priority="rush"), line("o2")]
    drivers, _ = found(tmp_path, "7 + lines", lines, when="priority = 'rush'")
    assert row(drivers.of("c1"), driver="1")["quantity"] == 1


def test_usual_is_the_median_of_who_sells_in_the_segment(tmp_path: Path) -> None:
    names = ["c1", "c2", "c3", "c4"]
    customers = [{"customer_id": name, "name": name, "channel": "direct"} for name in names]
    lines = [line("o1"), line("o2", "1", "c2", net_sales="300"), line("o2", "2", "c2"), line("o3", customer_id="c3")]
    model = {"resources": {}, "activities": {"visit": {"per": "order", "driver": "lines", "rate": 8}}}
    calls = [event("sales_visit", customer_id="c4")]
    unit_run = open_run(make_workbook(tmp_path, lines, model, customers=customers, events=calls))
    try:
        priced = costed(unit_run, QUARTER)
    finally:
        unit_run.close()
    money = priced.tables["customer_channel_profit"]
    segments = money[["customer_id", "channel"]].assign(segment=["a", "a", "b", "b"])
    usual = priced.drivers.usual(money, segments)
    assert usual["segment"].tolist() == ["a", "b", "(all)"]
    assert usual["customers"].tolist() == [2, 1, 3]
    assert usual["quantity"].tolist() == pytest.approx([(0.01 + 0.005) / 2, 0.01, 0.01])
    assert usual["cost"].tolist() == pytest.approx([8 * (0.01 + 0.005) / 2, 0.08, 0.08])
    alone = priced.drivers.usual(money, segments.iloc[3:])
    assert alone.empty
