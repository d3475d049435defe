"""The KPI tree: what stands below a node adds up to it, in every period and in what it contributes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_workbook import Model, booked, compute, line, make_workbook, row

from cts_lib.govern.tree import ROOT, SERVICE

MODEL: Model = {
    "resources": {"desk": {"capacity_minutes": 100}, "trucks": {}, "brand": {"level": "business_unit"}},
    "activities": {
        "entry": {"resource": "desk", "per": "order", "minutes": "40"},
        "picking": {"resource": "desk", "per": "line", "minutes": "ABS(quantity)"},
        "trips": {"resource": "trucks", "per": "shipment", "driver": "1", "share": 0.8},
        "interest": {"per": "line", "driver": "net_sales", "rate": 0.02},
    },
}
STAGES = ("profile", "segment", "govern")
ORDERS = st.lists(st.tuples(st.booleans(), st.integers(-3, 30), st.integers(0, 300)), min_size=1, max_size=6)
COSTS = st.tuples(st.integers(0, 900), st.integers(0, 900), st.integers(0, 90))


def tree(folder: Path, drawn: dict[str, Any], costs: dict[str, Any]) -> dict[str, pd.DataFrame]:
    days = {"2025-Q4": "2025-11-03", "2026-Q1": "2026-02-02"}
    lines = [
        line(f"o{day}{place}", customer_id="c2" if other else "c1", order_date=day, quantity=units, net_sales=sales)
        | {"gross_sales": sales + 10, "cogs": 0.6 * sales, "promised_date": day, "delivered_date": day}
        for period, day in days.items()
        for place, (other, units, sales) in enumerate(drawn[period])
    ]
    ledger = [
        booked(resource, amount, period)
        for period in days
        for resource, amount in zip(("desk", "trucks", "brand"), costs[period], strict=True)
    ]
    return compute(make_workbook(folder, lines, MODEL, ledger=ledger), stages=STAGES).all_tables


@settings(max_examples=8)
@given(
    st.fixed_dictionaries({"2025-Q4": ORDERS, "2026-Q1": ORDERS}),
    st.fixed_dictionaries({"2025-Q4": COSTS, "2026-Q1": COSTS}),
)
def test_what_stands_below_a_node_adds_up_to_it(tmp_path_factory: Any, drawn: Any, costs: Any) -> None:
    tables = tree(tmp_path_factory.mktemp("tree"), drawn, costs)
    found = tables["kpi_tree"].set_index("node")
    money = found[~found.index.str.startswith(SERVICE)]
    for node, below in money.groupby("parent"):
        assert below["contribution"].sum() == pytest.approx(money.loc[node, "contribution"], abs=1e-6)
        if not set(below["measure"]) & {"volume", "capacity_minutes"}:
            assert below["value"].sum() == pytest.approx(money.loc[node, "value"], abs=1e-6)
            assert below["previous"].sum() == pytest.approx(money.loc[node, "previous"], abs=1e-6)
    amounts = tables["statement"].set_index("line")["amount"]
    assert money.loc[ROOT, "value"] == pytest.approx(amounts["operating_profit"], abs=1e-6)
    bridge = tables["bridge"]
    whole = bridge[(bridge["segment"] == "(all)") & (bridge["channel"] == "(all)")]["amount"].sum()
    assert money.loc[ROOT, "contribution"] == pytest.approx(whole, abs=1e-6)


def test_twice_the_orders_contribute_what_they_cost_at_the_old_price(tmp_path: Path) -> None:
    one, two = [(False, 1, 100)], [(False, 1, 100), (False, 1, 100)]
    costs = {"2025-Q4": (100, 50, 10), "2026-Q1": (110, 50, 10)}
    found = tree(tmp_path, {"2025-Q4": one, "2026-Q1": two}, costs)["kpi_tree"]
    volume, price = (row(found, measure=measure, subject="entry") for measure in ("volume", "unit_cost"))
    assert (volume["value"], volume["previous"], volume["contribution"]) == (2, 1, pytest.approx(-40))
    assert price["contribution"] == pytest.approx(-2 * 4)
    unused = row(found, measure="unused", subject="desk")
    assert (unused["value"], unused["previous"]) == (pytest.approx(-18 * 1.1), pytest.approx(-59))
    used = row(found, measure="used_minutes", subject="desk")
    assert used["contribution"] == pytest.approx(41)
    assert row(found, measure="on_time")["value"] == 1


def test_without_a_period_before_the_tree_tells_this_one(tmp_path: Path) -> None:
    table = compute(make_workbook(tmp_path, ledger=[booked("desk", 10)]), stages=STAGES).all_tables["kpi_tree"]
    assert row(table, node=ROOT)["value"] == pytest.approx(40 - 10)
    assert table[["previous", "contribution"]].isna().all(axis=None)
