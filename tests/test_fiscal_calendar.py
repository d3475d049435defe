"""Fiscal years: the days of their periods, and a unit that is run by them."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_workbook import booked, compute, line, make_workbook, open_run, row
from typer.testing import CliRunner

from cts_lib.cli import app
from cts_lib.errors import CtsError
from cts_lib.params.calendar import Calendar, MonthsFrom, WeeksFrom
from cts_lib.params.period import Period
from cts_lib.run import STAGES

APPLE = WeeksFrom((4, 4, 5), date(2025, 9, 28))
PATTERNS = st.sampled_from([(4, 4, 5), (4, 5, 4), (5, 4, 4)])
CALENDARS = st.one_of(
    st.builds(MonthsFrom, st.integers(1, 12)),
    st.builds(WeeksFrom, PATTERNS, st.dates(date(1990, 1, 1), date(2060, 12, 31))),
)
MONTHS = st.sampled_from([1, 3, 6, 12])
DAYS = st.dates(date(1950, 1, 1), date(2150, 12, 31))


@given(CALENDARS, st.integers(1950, 2150), MONTHS)
def test_the_periods_of_a_fiscal_year_tile_it(calendar: Calendar, year: int, months: int) -> None:
    whole = Period.parse(f"FY{year}", calendar=calendar)
    parts = whole.parts(months)
    assert len(parts) == 12 // months
    assert (parts[0].start, parts[-1].end) == (whole.start, whole.end)
    assert all(one.end == other.start and one.start < one.end for one, other in pairwise(parts))
    assert all(part in whole and Period.parse(str(part)) == part for part in parts)
    assert whole.end == whole.following.start


@given(CALENDARS, DAYS, MONTHS)
def test_a_day_lies_in_one_fiscal_period_between_its_neighbours(calendar: Calendar, day: date, months: int) -> None:
    period = Period.containing(day, months, calendar)
    assert period.start <= day < period.end
    assert period.following.previous == period == period.previous.following
    assert period.previous < period < period.following
    assert period.previous.end == period.start
    assert abs((period.start - period.year_before.start).days - 365) <= 7


@given(PATTERNS, st.dates(date(1990, 1, 1), date(2060, 12, 31)), st.integers(-60, 60))
def test_years_of_weeks_stay_within_half_a_week_of_their_anniversary(
    pattern: tuple[int, int, int], first_day: date, years: int
) -> None:
    calendar = WeeksFrom(pattern, first_day)
    first = Period.containing(first_day, 12, calendar)
    assert (first.start, first.days) == (first_day, 364)
    assert str(first) == f"FY{(first_day + timedelta(days=363)).year}"
    year = first.moved(12 * years)
    assert year.days in (364, 371)
    assert year.start.weekday() == first_day.weekday()
    anniversaries = [date(year.start.year + more, first_day.month, min(first_day.day, 28)) for more in (-1, 0, 1)]
    assert min(abs((year.start - each).days) for each in anniversaries) <= 3 + max(first_day.day - 28, 0)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [  # Form 10-K of Apple Inc.: a year ends on the last Saturday of September
        ("FY2022", "2021-09-26", "2022-09-24"),
        ("FY2023", "2022-09-25", "2023-09-30"),
        ("FY2024", "2023-10-01", "2024-09-28"),
        ("FY2026", "2025-09-28", "2026-09-26"),
        ("FY2023-P12", "2023-08-20", "2023-09-30"),
        ("FY2026-Q1", "2025-09-28", "2025-12-27"),
    ],
)
def test_a_published_calendar_is_met_with_its_53rd_week(name: str, first: str, last: str) -> None:
    period = Period.parse(name, calendar=APPLE)
    assert (str(period.start), str(period.end - timedelta(days=1))) == (first, last)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [  # National Retail Federation, 4-5-4 Calendar: what it calls 2023 ends in February 2024
        ("FY2023", "2022-01-30", "2023-01-28"),
        ("FY2024", "2023-01-29", "2024-02-03"),
        ("FY2025", "2024-02-04", "2025-02-01"),
        ("FY2024-P11", "2023-11-26", "2023-12-30"),
    ],
)
def test_the_retail_trades_calendar_is_met(name: str, first: str, last: str) -> None:
    period = Period.parse(name, calendar=WeeksFrom((4, 5, 4), date(2026, 2, 1)))
    assert (str(period.start), str(period.end - timedelta(days=1))) == (first, last)


def test_a_fiscal_period_without_a_calendar_has_an_order_and_no_days() -> None:
    names = ["FY2026-P01", "FY2026-Q1", "FY2026", "FY2026-P04"]
    assert sorted(map(Period.parse, names), key=lambda each: each) == list(map(Period.parse, names))
    with pytest.raises(
        CtsError, match=r"FY2026 is of a fiscal calendar, and params have none; set governance\.calendar"
    ):
        _ = Period.parse("FY2026").start


LINES = [line("o1", order_date="2025-11-30"), line("o2", order_date="2026-02-02", net_sales="70")]
BOOKS = [booked("desk", 400, "FY2026-P01"), booked("desk", 600, "FY2026-P02"), booked("desk", 900, "2026-01")]
OCTOBER = {"calendar": {"year_starts": 10}}


def test_a_fiscal_quarter_is_costed_from_fiscal_and_calendar_months(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, LINES, ledger=BOOKS, governance=OCTOBER)
    first = compute(params, "FY2026-Q1").all_tables
    assert first["customer_profit"]["net_sales"].tolist() == [100]
    assert row(first["resources"], resource="desk")["ledger"] == 1000
    second = compute(params, "FY2026-Q2").all_tables
    assert second["customer_profit"]["net_sales"].tolist() == [70]
    assert row(second["resources"], resource="desk")["ledger"] == 900
    assert row(compute(params, "2025-Q4").all_tables["resources"], resource="desk")["ledger"] == 1000


def test_what_is_stored_of_a_period_is_not_taken_for_that_of_another_calendar(tmp_path: Path) -> None:
    params, prints = make_workbook(tmp_path, LINES, ledger=BOOKS, governance=OCTOBER), list[dict[str, str]]()
    for starts in (10, 11):
        unit_run = open_run(params, [f"governance.calendar.year_starts={starts}"])
        period = Period.parse("FY2026-Q1").under(unit_run.unit.params.governance.fiscal)
        prints.append({stage: unit_run.stored.fingerprint(stage, period) for stage in STAGES})
        unit_run.close()
    assert not prints[0].items() & prints[1].items()


def test_two_names_of_one_month_in_the_ledger_are_told(tmp_path: Path) -> None:
    ledger = [booked("desk", 400, "FY2026-P01"), booked("desk", 400, "2025-10")]
    with pytest.raises(CtsError, match=r"FY2026-P01 and 2025-10 overlap|2025-10 and FY2026-P01 overlap"):
        compute(make_workbook(tmp_path, LINES, ledger=ledger, governance=OCTOBER), "FY2026-Q1")


def test_a_quarter_of_weeks_runs_through_every_stage_and_compares_with_the_one_before(tmp_path: Path) -> None:
    lines = [
        line(f"o{week}{customer}", customer_id=customer, order_date=str(date(2025, 7, 1) + timedelta(weeks=week)))
        for week in range(40)
        for customer in ("c1", "c2")
    ]
    weeks = {"pattern": "4-4-5", "first_day": "2025-09-28"}
    ledger = [booked("desk", 500, f"FY2026-P0{month}") for month in range(1, 7)]
    params = make_workbook(tmp_path, lines, ledger=ledger, governance={"calendar": weeks, "compare": "FY2026-Q1"})
    unit_run = open_run(params, ["evaluation.replications=10"])
    newest = unit_run.newest().period
    assert str(newest) == "FY2026-Q2"
    found = unit_run.compute(newest).all_tables
    unit_run.close()
    assert found["monthly_sales"]["month"].max().date() == date(2026, 2, 1)
    sales = row(found["kpis"], segment="(all)", channel="(all)", kpi="net_sales")
    assert (sales["value"], sales["previous"]) == (2 * 13 * 100, 2 * 13 * 100)
    assert len(compute(params, "FY2026-P06", ("profile",)).all_tables["customer_demand"]) == 2


@pytest.mark.parametrize(
    ("governance", "told"),
    [
        ({"calendar": {"year_starts": 13}}, r"governance\.calendar\.year_starts: found 13"),
        (
            {"calendar": {"pattern": "4-4-4", "first_day": "2025-09-28"}},
            r"governance\.calendar\.pattern: found '4-4-4'",
        ),
        ({"calendar": {"pattern": "4-4-5"}}, r"governance\.calendar: gives pattern; give year_starts, or pattern and"),
        (
            {"compare": "FY2026-Q1"},
            r"governance\.compare: FY2026-Q1 is of a fiscal calendar, and params have none; set",
        ),
        (
            {"changes": ["FY2026-Q1"]},
            r"governance\.changes\.0: FY2026-Q1 is of a fiscal calendar, and params have none",
        ),
        ({"compare": "FY2026-Q5"}, r"governance\.compare: 'FY2026-Q5' is no period; write 2026, .*FY2026-P07"),
    ],
)
def test_a_wrong_calendar_is_told_in_one_line(tmp_path: Path, governance: dict[str, object], told: str) -> None:
    with pytest.raises(CtsError, match=told):
        compute(make_workbook(tmp_path, governance=governance))


def test_a_fiscal_period_asked_for_without_a_calendar_runs_nothing(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, LINES, ledger=BOOKS[2:])
    asked = ["compute", "--params", str(params), "--out", str(tmp_path / "out"), "--period", "FY2026-Q1"]
    with pytest.raises(CtsError, match=r"^--period: FY2026-Q1 is of a fiscal calendar, and params have none; set gov"):
        CliRunner().invoke(app, asked, catch_exceptions=False)
    with pytest.raises(CtsError, match=r"ledger, period: FY2026-P01 is of a fiscal calendar"):
        compute(make_workbook(tmp_path, LINES, ledger=BOOKS))
