"""Periods: what they are called, which days they hold and what lies before them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cts_lib.errors import ParamsError
from cts_lib.params.period import Period

MONTHS = st.sampled_from([1, 3, 6, 12])
DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31))


@given(DAYS, MONTHS)
def test_a_period_holds_its_days_and_is_read_back_from_its_name(day: date, months: int) -> None:
    period = Period.containing(day, months)
    assert period.start <= day < period.end
    assert Period.parse(str(period)) == period


@given(DAYS, MONTHS)
def test_the_previous_period_ends_where_the_period_starts(day: date, months: int) -> None:
    period = Period.containing(day, months)
    assert period.previous.end == period.start
    assert period.previous.months == period.months
    assert period.previous < period


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026", date(2026, 1, 1), date(2027, 1, 1)),
        ("2026-H1", date(2026, 1, 1), date(2026, 7, 1)),
        ("2026-H2", date(2026, 7, 1), date(2027, 1, 1)),
        ("2026-Q3", date(2026, 7, 1), date(2026, 10, 1)),
        ("2026-07", date(2026, 7, 1), date(2026, 8, 1)),
        ("2024-02", date(2024, 2, 1), date(2024, 3, 1)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
    ],
)
def test_a_period_is_a_half_open_range_of_days(text: str, start: date, end: date) -> None:
    period = Period.parse(text)
    assert (period.start, period.end) == (start, end)


@pytest.mark.parametrize(
    "text", ["", "26", "2026-Q5", "2026-H3", "2026-13", "2026-00", "2026-7", "0000", "9999-Q4", "2026-Q1 x", "Q1"]
)
def test_what_is_no_period_is_told_with_what_would_be_one(text: str) -> None:
    with pytest.raises(ParamsError, match=r"--period: .* is not a period; write 2026, 2026-H1, 2026-Q3 or 2026-07"):
        Period.parse(text, "--period")


@given(DAYS)
def test_the_newest_quarter_ends_at_most_seven_days_after_the_day(day: date) -> None:
    quarter, week = Period.newest_quarter(day), timedelta(days=7)
    last_day, next_last_day = (each.end - timedelta(days=1) for each in (quarter, quarter.following))
    assert last_day <= day + week < next_last_day


def test_a_quarter_lies_in_its_half_and_year_and_in_no_other() -> None:
    quarter = Period.parse("2026-Q3")
    assert quarter in Period.parse("2026")
    assert quarter in Period.parse("2026-H2")
    assert quarter not in Period.parse("2026-H1")
    assert Period.parse("2026") not in quarter
