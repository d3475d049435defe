from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from cts_lib.costing.trace import Trace
from cts_lib.errors import DataError
from cts_lib.params import load
from cts_lib.period import Period
from cts_lib.run import Results, UnitRun
from cts_lib.sample import write_sample

QUARTER = Period.parse("2026-Q3")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UnitRun]:
    folder = tmp_path_factory.mktemp("trace")
    write_sample(folder, 40_000, 1)
    unit_run = UnitRun(load(folder / "params")[0])
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
    for trace in traces:
        assert trace.activities["cost"].sum() == pytest.approx(trace.profit["cost_to_serve"].sum(), abs=1e-9)


def test_quantity_times_price_is_the_cost_of_each_activity(traces: list[Trace]) -> None:
    for trace in traces:
        computed = trace.activities["quantity"] * trace.activities["price"]
        pd.testing.assert_series_equal(computed, trace.activities["cost"], check_names=False)


def test_things_add_up_to_each_activity(traces: list[Trace]) -> None:
    for trace in traces:
        keys = ["channel", "activity"]
        things = trace.things.groupby(keys)["cost"].sum()
        activities = trace.activities.groupby(keys)["cost"].sum()
        pd.testing.assert_series_equal(things, activities, check_exact=False, rtol=1e-9)


def test_ledger_rows_and_support_add_up_to_each_resource(traces: list[Trace]) -> None:
    for trace in traces:
        resources = trace.resources.set_index("resource")
        booked = trace.ledger.groupby("resource")["amount"].sum().reindex(resources.index, fill_value=0.0)
        received = trace.support.groupby("resource")["amount"].sum().reindex(resources.index, fill_value=0.0)
        pd.testing.assert_series_equal(booked, resources["ledger"], check_names=False)
        pd.testing.assert_series_equal(received, resources["received"], check_names=False)


def test_the_rate_of_a_timed_resource_is_its_cost_over_its_capacity(traces: list[Trace]) -> None:
    resources = traces[0].resources.dropna(subset=["rate"])
    assert len(resources)
    rate = (resources["ledger"] + resources["received"] - resources["sent"]) / resources["capacity_minutes"]
    pd.testing.assert_series_equal(rate, resources["rate"], check_names=False)


def test_reasons_tell_the_cost_above_the_segments_median(traces: list[Trace]) -> None:
    for trace in traces:
        reasons = trace.reasons
        assert reasons["cost"].sum() == pytest.approx(trace.profit["cost_to_serve"].sum())
        assert (reasons["cost"] - reasons["at_median"] - reasons["difference"]).abs().max() < 1e-9
        assert reasons["difference"].abs().is_monotonic_decreasing


def test_a_customer_without_transactions_is_told_with_near_names(opened: UnitRun, results: Results) -> None:
    known = str(results.all_tables["customer_profit"]["customer_id"].iloc[0])
    with pytest.raises(DataError, match=f"no line and no event; did you mean .*{known}"):
        opened.explain(QUARTER, known + "0")


def test_the_sample_is_untouched_by_tracing(opened: UnitRun, results: Results, tmp_path: Path) -> None:
    again = opened.compute(QUARTER, ("profile",))
    pd.testing.assert_frame_equal(again.all_tables["customer_costs"], results.all_tables["customer_costs"])
