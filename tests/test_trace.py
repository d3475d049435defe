from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pandas as pd
import pytest

from cts_lib.costing.things import put_in
from cts_lib.costing.trace import Trace, trace
from cts_lib.engine import DuckDB, fetch_rows
from cts_lib.errors import DataError
from cts_lib.params import load
from cts_lib.params.period import Period
from cts_lib.run import Results, UnitRun

QUARTER = Period.parse("2026-Q3")


@pytest.fixture(scope="module")
def opened(one_unit: Path) -> Iterator[UnitRun]:
    unit_run = UnitRun(load(one_unit / "params")[0], out=one_unit / "reports")
    yield unit_run
    unit_run.close()


@pytest.fixture(scope="module")
def results(opened: UnitRun) -> Results:
    return opened.compute(QUARTER, ("profile", "segment"))


@pytest.fixture(scope="module")
def traces(opened: UnitRun, results: Results) -> list[Trace]:
    customers = results.all_tables["customer_profit"]["customer_id"]
    return [opened.explain(QUARTER, str(customer)) for customer in (customers.iloc[0], customers.iloc[-1])]


def test_activities_add_up_to_the_cost_to_serve(traces: list[Trace]) -> None:
    for told in traces:
        assert told.activities["cost"].sum() == pytest.approx(told.profit["cost_to_serve"].sum(), abs=1e-9)


def test_quantity_times_price_is_the_cost_of_each_activity(traces: list[Trace]) -> None:
    for told in traces:
        computed = told.activities["quantity"] * told.activities["price"]
        pd.testing.assert_series_equal(computed, told.activities["cost"], check_names=False)


def test_things_add_up_to_each_activity(traces: list[Trace]) -> None:
    for told in traces:
        keys = ["channel", "activity"]
        things = told.work.groupby(keys)["cost"].sum()
        activities = told.activities.groupby(keys)["cost"].sum()
        pd.testing.assert_series_equal(things, activities, check_exact=False, rtol=1e-9)


def test_an_equation_with_its_drivers_put_in_is_the_quantity(traces: list[Trace]) -> None:
    engine = DuckDB()
    for told in traces:
        named = told.work.dropna(subset="per")
        assert len(named)
        for row in named.to_dict("records"):
            found = fetch_rows(engine, f"SELECT CAST(COALESCE({row['calculation']}, 0) AS DOUBLE) AS value")[0]["value"]
            assert found == pytest.approx(row["quantity"], rel=1e-9), row
    engine.close()


@pytest.mark.parametrize(
    ("equation", "drivers", "found"),
    [
        ("Lines*2", {"lines": 3.0}, "3 * 2"),
        ("CASE WHEN priority = 'rush' THEN 1 END", {"priority": "it's"}, "CASE WHEN 'it''s' = 'rush' THEN 1 END"),
        ("weight_kg + 1", {"weight_kg": float("nan")}, "NULL + 1"),
        ("customer_since", {"customer_since": None}, "NULL"),
    ],
)
def test_a_driver_is_put_in_as_sql_writes_it(equation: str, drivers: dict[str, object], found: str) -> None:
    assert put_in(equation, drivers) == found


def test_ledger_rows_and_support_add_up_to_each_resource(traces: list[Trace]) -> None:
    for told in traces:
        resources = told.resources.set_index("resource")
        assert set(resources["cost_from"]) == {"ledger"}
        booked = told.ledger.groupby("resource")["amount"].sum().reindex(resources.index, fill_value=0.0)
        received = told.support.groupby("resource")["amount"].sum().reindex(resources.index, fill_value=0.0)
        pd.testing.assert_series_equal(booked, resources["ledger"], check_names=False)
        pd.testing.assert_series_equal(received, resources["received"], check_names=False)


def test_the_rate_of_a_timed_resource_is_its_cost_over_its_capacity(traces: list[Trace]) -> None:
    resources = traces[0].resources.dropna(subset=["rate"])
    assert len(resources)
    rate = (resources["ledger"] + resources["received"] - resources["sent"]) / resources["capacity_minutes"]
    pd.testing.assert_series_equal(rate, resources["rate"], check_names=False)


def test_the_price_of_a_driver_is_its_part_of_the_resource_over_all_units(traces: list[Trace]) -> None:
    drivers = pd.concat([told.drivers for told in traces])
    assert len(drivers)
    price = drivers["resource_cost"] * drivers["share"] / drivers["driver_total"]
    pd.testing.assert_series_equal(price, drivers["price"], check_names=False)


def test_reasons_tell_the_cost_of_each_driver_above_the_segments_median(traces: list[Trace]) -> None:
    for told in traces:
        reasons = told.reasons
        by_activity = reasons.groupby(["channel", "activity"])["cost"].sum()
        pd.testing.assert_series_equal(
            by_activity[by_activity != 0], told.activities.groupby(["channel", "activity"])["cost"].sum(), rtol=1e-9
        )
        assert {"1", "lines"} <= set(reasons.loc[reasons["activity"] == "order_entry", "driver"])
        assert reasons["cost"].sum() == pytest.approx(told.profit["cost_to_serve"].sum())
        assert (reasons["cost"] - reasons["at_median"] - reasons["difference"]).abs().max() < 1e-9
        assert reasons["difference"].abs().is_monotonic_decreasing


def test_a_customer_without_transactions_is_told_with_near_names(opened: UnitRun, results: Results) -> None:
    known = str(results.all_tables["customer_profit"]["customer_id"].iloc[0])
    with pytest.raises(DataError, match=f"no line and no event; did you mean .*{known}"):
        opened.explain(QUARTER, known + "0")


def test_the_least_profitable_customer_is_traced_from_the_stored_tables_alone(
    opened: UnitRun, results: Results, traces: list[Trace]
) -> None:
    tables = results.all_tables
    last = str(tables["customer_profit"]["customer_id"].iloc[-1])
    assert set(tables["customer_things"]["customer_id"]) == {last}
    found = trace(
        tables, opened.unit.params.cost_model, last, tables["customer_things"], tables["customer_drivers"], "north"
    )
    for level in fields(Trace):
        one, other = getattr(found, level.name), getattr(traces[-1], level.name)
        pd.testing.assert_frame_equal(one, other, check_dtype=False)


def test_what_is_behind_another_is_read_without_costing_the_period(
    opened: UnitRun, results: Results, traces: list[Trace]
) -> None:
    tables = results.all_tables
    first = str(tables["customer_profit"]["customer_id"].iloc[0])
    work, drivers = opened.behind(QUARTER, first, tables["activities"], 3)
    pd.testing.assert_frame_equal(work, traces[0].work)
    found = trace(tables, opened.unit.params.cost_model, first, work, drivers, "north")
    pd.testing.assert_frame_equal(found.reasons, traces[0].reasons, check_dtype=False)


def test_the_sample_is_untouched_by_tracing(opened: UnitRun, results: Results, tmp_path: Path) -> None:
    again = opened.compute(QUARTER, ("profile",))
    pd.testing.assert_frame_equal(again.all_tables["customer_costs"], results.all_tables["customer_costs"])
