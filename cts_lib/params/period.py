"""Periods: a year, a half, a quarter or a month of the calendar or of a fiscal one, each a half-open range of dates.

Several in a row are one too, from a month to a month (``2024-01/2026-09``), though nobody can ask for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import total_ordering

from cts_lib.errors import ParamsError
from cts_lib.params.calendar import YEAR, Calendar

_PATTERN = re.compile(r"(?P<year>\d{4})(?:-(?:H(?P<half>[12])|Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")
_FISCAL = re.compile(r"FY(?P<year>\d{4})(?:-(?:H(?P<half>[12])|Q(?P<quarter>[1-4])|P(?P<month>0[1-9]|1[0-2])))?")
MONTHS_PER = {"year": 12, "half": 6, "quarter": 3, "month": 1}
WRITTEN = "2026, 2026-H1, 2026-Q3 or 2026-07, or with a fiscal calendar FY2026, FY2026-H1, FY2026-Q3 or FY2026-P07"
_LENGTHS = tuple(MONTHS_PER.values())


@total_ordering
@dataclass(frozen=True)
class Period:
    """A period by its first month (counted from year 0) and its length in months.

    ``calendar`` says when fiscal months begin; a fiscal period without one has an order but no days. Which it is
    makes no other period.

    >>> quarter = Period.parse("2026-Q3")
    >>> quarter.start, quarter.end
    (datetime.date(2026, 7, 1), datetime.date(2026, 10, 1))
    >>> str(quarter.previous), Period.parse("2026-08") in quarter
    ('2026-Q2', True)
    """

    first_month: int
    months: int
    is_fiscal: bool = False
    calendar: Calendar | None = field(default=None, compare=False, repr=False)

    @classmethod
    def parse(cls, text: str, where: str = "period", calendar: Calendar | None = None) -> Period:
        """Read ``2026``, ``2026-H1``, ``2026-Q3``, ``2026-07`` or ``FY2026-P07``; anything else is a ParamsError.

        >>> str(Period.parse("FY2026-P12").following), Period.parse("FY2026-Q1") < Period.parse("FY2026-P04")
        ('FY2027-P01', True)
        """
        written = str(text).strip()
        fiscal = _FISCAL.fullmatch(written)
        found = fiscal or _PATTERN.fullmatch(written)
        if not found or not 1 < int(found["year"]) < 9998:
            raise ParamsError(where, f"{text!r} is not a period", f"write {WRITTEN}")
        first, length = int(found["year"]) * YEAR, YEAR
        for part, months in (("half", 6), ("quarter", 3), ("month", 1)):
            if found[part]:
                first, length = first + (int(found[part]) - 1) * months, months
        return cls(first, length, fiscal is not None, calendar)

    @classmethod
    def containing(cls, day: date, months: int, calendar: Calendar | None = None) -> Period:
        """Return the period of ``months`` months (1, 3, 6 or 12) that holds the day: a fiscal one by a calendar."""
        month = calendar.month_of(day) if calendar else day.year * YEAR + day.month - 1
        return cls(month - month % months, months, calendar is not None, calendar)

    @classmethod
    def newest_quarter(cls, newest_day: date, calendar: Calendar | None = None) -> Period:
        """Return the newest quarter whose last day is at most seven days after ``newest_day``.

        >>> str(Period.newest_quarter(date(2026, 9, 23))), str(Period.newest_quarter(date(2026, 9, 22)))
        ('2026-Q3', '2026-Q2')
        """
        return cls.containing(newest_day + timedelta(days=8), 3, calendar).previous

    def under(self, calendar: Calendar | None, where: str = "--period") -> Period:
        """Return the same period with a unit's calendar; a fiscal one of a unit that has none is a ParamsError."""
        if self.is_fiscal and calendar is None:
            expected = "set governance.calendar, as {year_starts: 10}, or name a period as 2026-Q3"
            raise ParamsError(where, f"{self} is of a fiscal calendar, and params have none", expected)
        return replace(self, calendar=calendar)

    def named(self, text: str) -> Period:
        """Return the period of that name, under the same calendar."""
        return Period.parse(text, calendar=self.calendar)

    def moved(self, months: int) -> Period:
        """Return the period of the same length that begins so many months later."""
        return replace(self, first_month=self.first_month + months)

    def parts(self, months: int) -> list[Period]:
        """Return the periods of so many months that lie inside and begin where those of a year do, in order.

        >>> [str(part) for part in Period.parse("2026-Q3").parts(1)]
        ['2026-07', '2026-08', '2026-09']
        """
        firsts = range(
            self.first_month + -self.first_month % months, self.first_month + self.months - months + 1, months
        )
        return [replace(self, first_month=first, months=months) for first in firsts]

    @property
    def start(self) -> date:
        return self._day(self.first_month)

    @property
    def end(self) -> date:
        """The first day after the period."""
        return self._day(self.first_month + self.months)

    def _day(self, month: int) -> date:
        own = self.under(self.calendar)  # or it has no days
        return own.calendar.start(month) if own.is_fiscal and own.calendar else date(month // YEAR, month % YEAR + 1, 1)

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def previous(self) -> Period:
        """The period of the same length just before."""
        return self.moved(-self.months)

    @property
    def following(self) -> Period:
        """The period of the same length just after."""
        return self.moved(self.months)

    @property
    def year_before(self) -> Period:
        """The same period a year before."""
        return self.moved(-YEAR)

    def is_like(self, other: Period) -> bool:
        """Whether both are as long and of the same calendar, so that one can stand in a row with the other."""
        return (self.months, self.is_fiscal) == (other.months, other.is_fiscal)

    def overlaps(self, other: Period) -> bool:
        """Whether a day lies in both."""
        return self.start < other.end and other.start < self.end

    def __contains__(self, other: Period) -> bool:
        if self.is_fiscal != other.is_fiscal:
            return self.start <= other.start and other.end <= self.end
        last, other_last = self.first_month + self.months, other.first_month + other.months
        return self.first_month <= other.first_month and other_last <= last

    def __lt__(self, other: Period) -> bool:
        if self.is_fiscal == other.is_fiscal:
            return (self.first_month, self.months) < (other.first_month, other.months)
        return (self._order, self.months, self.is_fiscal) < (other._order, other.months, other.is_fiscal)

    @property
    def _order(self) -> float:
        """Where it begins, in months; one without days as if its year were the calendar's."""
        if self.calendar is None:
            return self.first_month
        return self.start.year * YEAR + self.start.month - 1 + (self.start.day - 1) / 31

    def __str__(self) -> str:
        if self.months not in _LENGTHS:
            first, *_, last = self.parts(1)
            return f"{first}/{last}"
        year, month = divmod(self.first_month, YEAR)
        of_month = f"-{'P' if self.is_fiscal else ''}{month + 1:02d}"
        suffix = {12: "", 6: f"-H{month // 6 + 1}", 3: f"-Q{month // 3 + 1}", 1: of_month}
        return f"{'FY' if self.is_fiscal else ''}{year:04d}{suffix[self.months]}"


def undated(where: str, text: str | None) -> list[ParamsError]:
    """Return what is wrong of a named period where no fiscal calendar is: that it is of one."""
    if text is None:
        return []
    try:
        Period.parse(text, where).under(None, where)
    except ParamsError as error:
        return [error]
    return []
