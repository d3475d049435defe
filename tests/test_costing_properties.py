"""What always holds, whatever the ledger, the cost model and the transactions."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from by_interface import charged
from generated import (
    CUSTOMERS,
    EVENTS,
    LEDGERS,
    LINES,
    Model,
    Rows,
    cost,
    costs,
    models,
    written_events,
    written_lines,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from small_workbook import compute

from cts_lib.engine import DuckDB

FEW = settings(max_examples=int(os.environ.get("EXAMPLES", "10")))
"""So few in the suite; make soak asks for more."""
PENCE = 0.005


def assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


@FEW
@given(LINES, EVENTS, LEDGERS, models())
def test_every_charge_is_what_the_interface_says_every_ledger_amount_is_found_again_and_all_tables_agree(
    lines: Rows, events: Rows, ledger: dict[str, float], model: Model
) -> None:
    tables = cost(lines, events, ledger, model)
    assert tables["resources"]["ledger"].sum() == pytest.approx(sum(ledger.values()), abs=PENCE)
    assert_that_each_resource_adds_up(tables)
    assert_that_totals_over_customers_channels_and_activities_agree(tables)
    whale = tables["customer_profit"]
    assert set(whale["customer_id"]) == {item["customer_id"] for item in (*lines, *events)}
    assert whale["profit"].is_monotonic_decreasing
    assert list(whale["rank"]) == list(range(1, len(whale) + 1))
    assert whale["cumulative_profit"].iloc[-1] == pytest.approx(whale["profit"].sum(), abs=PENCE)
    assert_that_every_charge_and_what_it_leaves_is_what_the_interface_says(tables, lines, events, model)


def assert_that_every_charge_and_what_it_leaves_is_what_the_interface_says(
    tables: dict[str, pd.DataFrame], lines: Rows, events: Rows, model: Model
) -> None:
    resources = tables["resources"].set_index("resource")
    own = resources["ledger"] + resources["received"] - resources["sent"]
    expected, became = charged(model, own.to_dict(), CUSTOMERS, written_lines(lines), written_events(events))
    found = tables["customer_costs"].set_index(["customer_id", "channel", "activity"])["cost"]
    assert found.to_dict() == pytest.approx({key: expected[key] for key in found.index}, abs=PENCE)
    assert sum(expected.values()) == pytest.approx(found.sum(), abs=PENCE)
    for name, terms in became.items():
        assert resources.loc[name, list(vars(terms))].to_dict() == pytest.approx(vars(terms), abs=PENCE), name


def assert_that_each_resource_adds_up(tables: dict[str, pd.DataFrame]) -> None:
    resources, costs = tables["resources"], tables["customer_costs"]
    became = resources["sent"] + resources["assigned"] + resources["unused"] - resources["overdriven"]
    became += resources["sustaining"] + resources["unassigned"]
    assert (resources["ledger"] + resources["received"] - became).abs().max() < PENCE
    assert resources["received"].sum() == pytest.approx(resources["sent"].sum(), abs=PENCE)
    outside = costs.loc[costs["resource"].isna(), "cost"].sum()
    assert costs["cost"].sum() == pytest.approx(resources["assigned"].sum() + outside, abs=PENCE)


def assert_that_totals_over_customers_channels_and_activities_agree(tables: dict[str, pd.DataFrame]) -> None:
    costs, profit = tables["customer_costs"], tables["customer_channel_profit"]
    assert tables["activities"]["cost"].sum() == pytest.approx(costs["cost"].sum(), abs=PENCE)
    assert profit["cost_to_serve"].sum() == pytest.approx(costs["cost"].sum(), abs=PENCE)
    earned = profit["net_sales"].sum() - profit["cogs"].sum() - profit["cost_to_serve"].sum()
    assert profit["profit"].sum() == pytest.approx(earned, abs=PENCE)
    for name in ("customer_profit", "channel_profit"):
        for column in ("orders", "lines", "quantity", "net_sales", "cogs", "gross_margin", "cost_to_serve", "profit"):
            assert tables[name][column].sum() == pytest.approx(profit[column].sum(), abs=PENCE), (name, column)
    statement = tables["statement"].set_index("line")["amount"]
    operating = profit["net_sales"].sum() - profit["cogs"].sum() - tables["resources"]["ledger"].sum()
    assert statement["operating_profit"] == pytest.approx(operating, abs=PENCE)


@FEW
@given(LINES, EVENTS, LEDGERS, models(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing_to_the_bit(
    lines: Rows, events: Rows, ledger: dict[str, float], model: Model, random: Any
) -> None:
    numbered = [{"line_no": str(place)} | item for place, item in enumerate(lines)]
    shuffled, calls, booked = numbered.copy(), events.copy(), list(ledger.items())
    for rows in (shuffled, calls, booked):
        random.shuffle(rows)
    expected, found = cost(numbered, events, ledger, model), cost(shuffled, calls, dict(booked), model)
    for name, table in expected.items():
        assert_same(found[name], table)


@FEW
@given(LINES, EVENTS, LEDGERS, models(), st.sampled_from([0.5, 3.0, 1000.0]))
def test_scaling_the_ledger_scales_what_it_paid_for_at_no_fixed_price(
    lines: Rows, events: Rows, ledger: dict[str, float], model: Model, factor: float
) -> None:
    one = costs(lines, events, ledger, model)
    other = costs(lines, events, {name: amount * factor for name, amount in ledger.items()}, model)
    own = {name for name, it in model["activities"].items() if "direct" in it or "rate" in it} | set(model["prices"])
    expected = one["cost"].where(one["activity"].isin(own), one["cost"] * factor)
    assert other["cost"].to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-6, rel=1e-9)


LINEAR = {
    "picking": {"resource": "store", "per": "line", "minutes": "2*ABS(quantity)"},
    "driving": {"resource": "trucks", "per": "shipment", "driver": "ABS(quantity) + GREATEST(weight_kg, 0)"},
    "bills": {"resource": "freight", "per": "shipment", "direct": "freight_cost"},
    "interest": {"per": "line", "driver": "net_sales", "rate": 0.02},
    "entry": {"resource": "desk", "per": "order", "minutes": "5"},
}


@FEW
@given(LINES, LEDGERS, models())
def test_splitting_a_line_in_two_halves_changes_no_cost_that_is_linear_in_lines(
    lines: Rows, ledger: dict[str, float], model: Model
) -> None:
    linear = model | {"activities": LINEAR, "prices": {"picking": 1.5}}
    numbered = [{"line_no": f"{place}"} | item for place, item in enumerate(lines)]
    columns = ("quantity", "net_sales", "cogs", "weight_kg", "freight_cost")
    half = numbered[0] | {name: float(numbered[0][name]) / 2 for name in columns if numbered[0][name] != ""}
    split = [half, half | {"line_no": "half"}, *numbered[1:]]
    keys = ["customer_id", "channel", "activity"]
    one, other = (costs(rows, [], ledger, linear).set_index(keys)["cost"] for rows in (numbered, split))
    pd.testing.assert_series_equal(other, one, rtol=1e-9, atol=1e-6)


@FEW
@given(LINES, LEDGERS, models())
def test_a_customer_without_activity_changes_nobody_elses_time_driven_cost(
    lines: Rows, ledger: dict[str, float], model: Model
) -> None:
    others = [item | {"customer_id": "c1"} for item in lines]
    visited = [{"event": "visit", "customer_id": "c2", "quantity": "", "amount": ""}]
    expected, found = (costs(others, events, ledger, model).dropna(subset="minutes") for events in ([], visited))
    assert_same(found[found["customer_id"] == "c1"].reset_index(drop=True), expected.reset_index(drop=True))


SUMS_OVER_LINES = {
    "goods": {"per": "line", "driver": "3 + quantity", "rate": 0.7},
    "sales": {"per": "order", "driver": "net_sales", "rate": 0.3},
    "weight": {"per": "shipment", "driver": "2 + weight_kg + lines", "rate": 1.9},
    "retail": {"per": "line", "driver": "freight_cost + weight_kg", "rate": 1.0, "when": "channel = 'retail'"},
    "sold": {"per": "order", "driver": "1 + sold_lines + 0.5*sold_quantity", "rate": 1.1},
    "newcomers": {"per": "line", "driver": "quantity*2", "rate": 1.0, "when": "new_customer = 1"},
}
NEED_FINISHED = {
    "big": {"per": "order", "driver": "1", "rate": 4.0, "when": "net_sales > 100"},
    "drops": {"per": "shipment", "driver": "1", "rate": 3.0, "when": "sold_lines > 0"},
    "parcels": {"per": "shipment", "driver": "CEIL(weight_kg)", "rate": 2.0},
}


@FEW
@given(LINES, st.sampled_from([1.0, 3.0]))
def test_sums_over_lines_are_the_same_bits_where_finished_orders_carry_them(lines: Rows, divisor: float) -> None:
    whole = [
        item | {"weight_kg": item["weight_kg"] or "0", "freight_cost": item["freight_cost"] or "0"} for item in lines
    ]
    whole = [item | {"net_sales": item["net_sales"] / divisor} for item in whole]
    alone, carried = (
        costs(whole, [], {}, {"resources": {}, "activities": chosen})
        for chosen in (SUMS_OVER_LINES, SUMS_OVER_LINES | NEED_FINISHED)
    )
    assert_same(carried[carried["activity"].isin(list(SUMS_OVER_LINES))].reset_index(drop=True), alone)


def test_one_thread_and_two_give_the_same_bits(small_sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = next(path.stem for path in sorted((small_sample / "params" / "units").glob("*.yml")))
    found = []
    for threads in (1, 2):
        monkeypatch.setattr("cts_lib.engine.choice.DuckDB", functools.partial(DuckDB, threads))
        found.append(compute(small_sample / "params", "2026-Q2", unit=unit).tables["profile"])
    for name, table in found[0].items():
        assert_same(found[1][name], table)
