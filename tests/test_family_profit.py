"""Profit by family and product: what serving each took, against a second way by hand, and that it adds up."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pandas as pd
import pytest
from any_equation import Asked, Held, asked, hold, write_workbook
from generated import (
    CUSTOMERS,
    EVENTS,
    LEDGERS,
    LINES,
    PRODUCTS,
    Model,
    Rows,
    cost,
    models,
    written_events,
    written_lines,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from products_by_hand import family_profit
from small_workbook import booked, compute, event, line, make_workbook

from cts_lib.costing import product_work
from cts_lib.costing.driver_costs import DriverCosts, counted_terms
from cts_lib.costing.product_work import fetch_product_work, keep_product_work
from cts_lib.cube.cube import build_cube
from cts_lib.errors import CtsError
from cts_lib.names import CUSTOMER

FEW = settings(max_examples=int(os.environ.get("EXAMPLES", "10")))
MONEY = ["quantity", "net_sales", "cogs", "gross_margin", "cost_to_serve", "profit"]


def assert_adds_up(table: pd.DataFrame, whole: pd.DataFrame, keys: list[str]) -> None:
    """Hold the parts to the whole, to 1e-9 of the money that flows."""
    sums, expected = table.groupby(keys)[MONEY].sum(), whole.set_index(keys)[MONEY]
    size = expected.abs().sum().max()
    pd.testing.assert_frame_equal(
        sums.reindex(expected.index, fill_value=0.0),
        expected,
        rtol=1e-9,
        atol=1e-9 * max(size, 1),
        check_index_type=False,
    )
    assert set(sums.index) <= set(expected.index)


@FEW
@given(LINES, EVENTS, LEDGERS, models())
def test_families_add_up_and_cost_what_the_interface_says(
    lines: Rows, events: Rows, ledger: dict[str, float], model: Model
) -> None:
    tables = cost(lines, events, ledger, model)
    found = tables["family_profit"]
    assert_adds_up(found, tables["customer_channel_profit"], CUSTOMER)
    prices = tables["activities"].set_index("activity")["price"].to_dict()
    by_hand = family_profit(model, prices, CUSTOMERS, PRODUCTS, written_lines(lines), written_events(events))
    keyed = found.set_index([*CUSTOMER, "family"])
    expected = by_hand.reindex(keyed.index, fill_value=0.0)
    size = by_hand["cost_to_serve"].abs().sum() + 1
    pd.testing.assert_frame_equal(keyed[by_hand.columns], expected, rtol=1e-9, atol=1e-9 * size, check_index_type=False)
    assert by_hand["cost_to_serve"].sum() == pytest.approx(keyed["cost_to_serve"].sum(), abs=1e-9 * size)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    with hold(write_workbook(tmp_path_factory.mktemp("equations"))) as held:
        yield held


OF_LINES = asked().filter(lambda question: question.per in ("line", "order", "shipment"))


@FEW
@given(st.lists(OF_LINES, min_size=1, max_size=3), st.sampled_from([product_work.LINES_AT_ONCE, 20]))
def test_whatever_the_equation_its_products_take_what_its_customer_does(
    held: Held, questions: list[Asked], at_once: int
) -> None:
    compiled = held.compiled(questions)
    cube = build_cube(held.engine, compiled)
    priced = pd.DataFrame({"activity": cube.activities, "price": 1.0, "missing": cube.missing.sum(axis=0)})
    terms, of_terms = counted_terms(held.engine, compiled, priced)
    with mock.patch.object(product_work, "LINES_AT_ONCE", at_once):
        columns = keep_product_work(held.engine, terms, priced)
    cost = held.engine.query(
        "SELECT customer_id, channel, SUM(cost) AS cost FROM product_work GROUP BY 1, 2"
    ).to_pandas()
    expected = pd.Series(cube.quantity.sum(axis=1), pd.MultiIndex.from_frame(cube.cells))
    by_cell = cost.set_index(CUSTOMER)["cost"].reindex(expected.index)
    size = float(abs(of_terms.quantity).sum()) + 1
    assert by_cell.to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-9, abs=1e-9 * size)
    drivers = DriverCosts.of_terms(terms, of_terms, priced, columns)
    sums = fetch_product_work(held.engine).groupby(CUSTOMER, observed=True).sum(numeric_only=True)
    for place, column in enumerate(columns):
        if column:
            counted = drivers.quantities[:, place] * drivers.drivers["price"][place]
            found = sums[column].reindex(pd.MultiIndex.from_frame(drivers.cells)) * terms[place][1].coefficient
            assert found.to_numpy() == pytest.approx(counted, rel=1e-9, abs=1e-9 * size)


GOODS = [{"product_id": "ice", "family": "cold"}, {"product_id": "tin", "family": "dry"}, {"product_id": "box"}]
MODEL: dict[str, Any] = {
    "resources": {},
    "activities": {
        "entry": {"per": "order", "driver": "6 + 2*lines", "rate": 1},
        "frost": {"per": "line", "driver": "quantity", "rate": 0.5, "when": "product_family = 'cold'"},
        "driving": {"per": "shipment", "driver": "weight_kg*distance_km", "rate": 0.01},
        "calls": {"per": "event:call", "driver": "quantity", "rate": 4},
    },
}
SOLD = [
    line("o1", "1", product_id="ice", quantity=4, net_sales=30, weight_kg=1, distance_km=10),
    line("o1", "2", product_id="tin", quantity=6, net_sales=10, weight_kg=3, distance_km=10),
]


def of_family(tables: dict[str, pd.DataFrame], customer: str = "c1") -> dict[str, float]:
    table = tables["family_profit"]
    costs: dict[str, float] = table[table["customer_id"] == customer].set_index("family")["cost_to_serve"].to_dict()
    return costs


def served(folder: Path, lines: Rows, events: Rows | None = None, **entry: Any) -> dict[str, pd.DataFrame]:
    activities = MODEL["activities"] | {"entry": MODEL["activities"]["entry"] | entry}
    params = make_workbook(
        folder,
        lines,
        MODEL | {"activities": activities},
        products=GOODS,
        events=events or [],
        profile={"product_profit": True},
    )
    return compute(params).tables["profile"]


def test_what_a_line_takes_is_its_own_and_the_rest_is_shared(tmp_path: Path) -> None:
    tables = served(tmp_path, SOLD, [event("call", quantity=2)])
    assert of_family(tables) == pytest.approx({"cold": 2 + 3 + 2 + 0.1 + 6, "dry": 2 + 3 + 0.3 + 2})


@pytest.mark.parametrize(("over", "cold"), [("net_sales", 4.5), ("weight_kg", 1.5), ("lines", 3)])
def test_the_rest_is_spread_over_what_params_say(tmp_path: Path, over: str, cold: float) -> None:
    found = of_family(served(tmp_path, SOLD, spread_over=over))
    assert found == pytest.approx({"cold": 2 + cold + 2 + 0.1, "dry": 2 + 6 - cold + 0.3})


def test_what_nobody_has_any_of_is_spread_over_the_lines(tmp_path: Path) -> None:
    free = [item | {"net_sales": 0} for item in SOLD]
    found = of_family(served(tmp_path, free, [event("call", quantity=2)], spread_over="net_sales"))
    assert found == pytest.approx({"cold": 2 + 3 + 2 + 0.1 + 4, "dry": 2 + 3 + 0.3 + 4})


def test_a_customer_with_events_alone_costs_no_family_and_a_product_without_one_reads_none(tmp_path: Path) -> None:
    tables = served(tmp_path, [line(product_id="box", quantity=1, net_sales=10)], [event("call", "c2", quantity=3)])
    assert of_family(tables) == {"(none)": 8}
    assert of_family(tables, "c2") == {"(none)": 12}


def test_products_add_up_to_families(tmp_path: Path) -> None:
    more = [*SOLD, line("o2", product_id="box"), line("o2", "2", product_id="ice", quantity=-1, net_sales=-8)]
    tables = served(tmp_path, more, [event("call", quantity=2), event("call", "c2", quantity=1)])
    assert_adds_up(tables["product_profit"], tables["family_profit"], [*CUSTOMER, "family"])
    assert list(tables["product_profit"]["product_id"]) == ["box", "ice", "tin", "(none)"]


def test_products_are_left_out_unless_params_ask_for_them(tmp_path: Path) -> None:
    tables = compute(make_workbook(tmp_path, SOLD, products=GOODS, ledger=[booked("desk", 1)])).tables["profile"]
    assert tables["product_profit"].empty
    assert not tables["family_profit"].empty


def test_spread_over_is_of_orders_and_shipments_alone(tmp_path: Path) -> None:
    activity = {"per": "line", "driver": "1", "rate": 1, "spread_over": "weight_kg"}
    with pytest.raises(CtsError, match="spread_over goes with per: order or shipment"):
        compute(make_workbook(tmp_path, SOLD, {"resources": {}, "activities": {"a": activity}}, products=GOODS))
