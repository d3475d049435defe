from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_workbook import compute, costed, line, make_workbook, open_run

from cts_lib.costing.costed import Costed
from cts_lib.customers.demand import buckets, customer_demand
from cts_lib.params.period import Period


def cost(params: Path, period: str) -> Costed:
    unit_run = open_run(params)
    try:
        return costed(unit_run, Period.parse(period))
    finally:
        unit_run.close()


@given(st.integers(2000, 2040), st.sampled_from(["", "-H2", "-Q1", "-02", "-12"]))
def test_buckets_start_in_the_period_and_none_is_shorter_than_a_week(year: int, part: str) -> None:
    period = Period.parse(f"{year}{part}")
    starts = buckets(period)
    assert starts[0] == period.start
    assert all((after - before).days >= 7 for before, after in zip(starts, [*starts[1:], period.end], strict=True))
    assert len(starts) == (12 if period.months == 12 else period.days // 7)


def test_demand_is_what_was_sold_week_by_week_without_returns(tmp_path: Path) -> None:
    rows = [
        line("o1", "1", order_date="2026-01-01", quantity="3", net_sales="30"),
        line("o1", "2", order_date="2026-01-07", quantity="2", net_sales="20"),
        line("o2", "1", order_date="2026-01-07", quantity="1", net_sales="10"),
        line("o3", "1", order_date="2026-01-08", quantity="4", net_sales="40"),
        line("o4", "1", order_date="2026-01-08", quantity="-4", net_sales="-40"),
        line("o5", "1", order_date="2026-03-31", quantity="5", net_sales="50"),
    ]
    demand = cost(make_workbook(tmp_path, rows), "2026-Q1").demand
    assert demand["bucket"].dt.date.tolist() == [date(2026, 1, 1), date(2026, 1, 8), date(2026, 3, 19)]
    assert demand["orders"].tolist() == [2, 1, 1]
    assert demand["quantity"].tolist() == [6, 4, 5]
    assert demand["net_sales"].tolist() == [60, 40, 50]


def test_a_long_period_is_cut_into_months(tmp_path: Path) -> None:
    rows = [line(f"o{month}", order_date=f"2026-{month:02d}-28") for month in (1, 2, 12)]
    demand = cost(make_workbook(tmp_path, rows), "2026").demand
    assert demand["bucket"].dt.date.tolist() == [date(2026, month, 1) for month in (1, 2, 12)]


QUARTER = Period.parse("2026-Q1")


def monthly(customer: str) -> list[dict[str, str]]:
    """A customer who buys the same on a day of each month."""
    days = ("2026-01-31", "2026-02-02", "2026-03-05")
    return [line(f"{customer}-{day}", customer_id=customer, order_date=day) for day in days]


def weekly(customer: str) -> list[dict[str, str]]:
    """A customer who buys the same every week."""
    days = pd.date_range("2026-01-01", periods=12, freq="7D").strftime("%Y-%m-%d")
    return [line(f"{customer}-{day}", customer_id=customer, order_date=day) for day in days]


@pytest.mark.parametrize(
    ("rows", "wanted", "letters", "told"),
    [
        (monthly("c1"), "auto", ["X"], "by the month: the median customer ordered 3.00 times in 12 weeks, less than"),
        (monthly("c1"), "week", ["Z"], "by the week, as segmentation.xyz_bucket says"),
        (monthly("c1"), "month", ["X"], "by the month, as segmentation.xyz_bucket says"),
        (weekly("c1"), "auto", ["X"], "by the week: the median customer ordered 12.00 times in 12 weeks, at least"),
        ([*monthly("c1"), *weekly("c2")], "auto", ["X", "X"], "by the month"),
    ],
)
def test_who_buys_the_same_in_the_units_own_rhythm_is_steady(
    tmp_path: Path, rows: list[dict[str, str]], wanted: str, letters: list[str], told: str
) -> None:
    params = make_workbook(tmp_path, rows, segmentation={"xyz_bucket": wanted})
    results = compute(params, stages=["profile", "segment"])
    assert results.tables["segment"]["customer_classes"]["xyz"].tolist() == letters
    assert any(told in note.english for note in results.notes["segment"])


def test_a_year_of_weekly_orders_is_looked_at_by_the_week(tmp_path: Path) -> None:
    days = pd.date_range("2026-01-01", periods=52, freq="7D").strftime("%Y-%m-%d")
    rows = [line(f"o{day}", order_date=day, quantity="5") for day in days]
    found = cost(make_workbook(tmp_path, rows), "2026")
    assert (len(found.demand), len(found.paced)) == (12, 52)


def demanded(quantities: dict[int, float]) -> pd.DataFrame:
    starts = buckets(QUARTER)
    rows = [{"bucket": pd.Timestamp(starts[place]), "quantity": quantity} for place, quantity in quantities.items()]
    return pd.DataFrame(rows).assign(customer_id="c1", channel="direct")


@pytest.mark.parametrize(
    ("quantities", "named"),
    [
        (dict.fromkeys(range(12), 10.0), "smooth"),
        ({place: 1.0 if place % 2 else 30.0 for place in range(12)}, "erratic"),
        (dict.fromkeys((0, 5, 10), 10.0), "intermittent"),
        ({0: 1.0, 5: 1.0, 10: 40.0}, "lumpy"),
        ({3: 10.0}, "once"),
    ],
)
def test_demand_is_classed_as_syntetos_boylan_and_croston_cut_it(quantities: dict[int, float], named: str) -> None:
    found = customer_demand(demanded(quantities), QUARTER).iloc[0]
    assert found["demand_class"] == named
    assert found["demand_interval"] == pytest.approx(12 / len(quantities))


@given(st.dictionaries(st.integers(0, 11), st.floats(0.5, 1e6), min_size=1))
def test_variation_is_that_of_the_buckets_with_their_zeros(quantities: dict[int, float]) -> None:
    found = customer_demand(demanded(quantities), QUARTER).iloc[0]
    every = pd.Series([quantities.get(place, 0.0) for place in range(12)])
    assert found["mean_quantity"] == pytest.approx(every.mean())
    assert found["variation"] == pytest.approx(every.std() / every.mean(), rel=1e-6, abs=1e-9)
