"""Periods of the calendar: a year, a half, a quarter or a month, each a half-open range of dates.

Several in a row are one too, from a month to a month (``2024-01/2026-09``), though nobody can ask for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import total_ordering

from cts_lib.errors import ParamsError

_PATTERN = re.compile(r"(?P<year>\d{4})(?:-(?:H(?P<half>[12])|Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")
MONTHS_PER = {"year": 12, "half": 6, "quarter": 3, "month": 1}


@total_ordering
@dataclass(frozen=True)
class Period:
    """A calendar period by its first month (counted from year 0) and its length in months.

    >>> quarter = Period.parse("2026-Q3")
    >>> quarter.start, quarter.end
    (datetime.date(2026, 7, 1), datetime.date(2026, 10, 1))
    >>> str(quarter.previous), Period.parse("2026-08") in quarter
    ('2026-Q2', True)
    """

    first_month: int
    months: int

    @classmethod
    def parse(cls, text: str, where: str = "period") -> Period:
        """Read ``2026``, ``2026-H1``, ``2026-Q3`` or ``2026-07``; anything else is a ParamsError."""
        found = _PATTERN.fullmatch(str(text).strip())
        if not found or not 1 < int(found["year"]) < 9999:
            raise ParamsError(where, f"{text!r} is not a period", "write 2026, 2026-H1, 2026-Q3 or 2026-07")
        january = int(found["year"]) * 12
        for part, months in (("half", 6), ("quarter", 3), ("month", 1)):
            if found[part]:
                return cls(january + (int(found[part]) - 1) * months, months)
        return cls(january, 12)

    @classmethod
    def containing(cls, day: date, months: int) -> Period:
        """Return the period of ``months`` months (1, 3, 6 or 12) that holds the day."""
        month = day.year * 12 + day.month - 1
        return cls(month - month % months, months)

    @classmethod
    def newest_quarter(cls, newest_day: date) -> Period:
        """Return the newest quarter whose last day is at most seven days after ``newest_day``.

        >>> str(Period.newest_quarter(date(2026, 9, 23))), str(Period.newest_quarter(date(2026, 9, 22)))
        ('2026-Q3', '2026-Q2')
        """
        return cls.containing(newest_day + timedelta(days=8), 3).previous

    @property
    def start(self) -> date:
        return date(self.first_month // 12, self.first_month % 12 + 1, 1)

    @property
    def end(self) -> date:
        """The first day after the period."""
        after = self.first_month + self.months
        return date(after // 12, after % 12 + 1, 1)

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def previous(self) -> Period:
        """The period of the same length just before."""
        return Period(self.first_month - self.months, self.months)

    @property
    def following(self) -> Period:
        """The period of the same length just after."""
        return Period(self.first_month + self.months, self.months)

    def __contains__(self, other: Period) -> bool:
        last, other_last = self.first_month + self.months, other.first_month + other.months
        return self.first_month <= other.first_month and other_last <= last

    def __lt__(self, other: Period) -> bool:
        return (self.first_month, self.months) < (other.first_month, other.months)

    def __str__(self) -> str:
        if self.months not in MONTHS_PER.values():
            return f"{Period(self.first_month, 1)}/{Period(self.first_month + self.months - 1, 1)}"
        year, month = divmod(self.first_month, 12)
        suffix = {12: "", 6: f"-H{month // 6 + 1}", 3: f"-Q{month // 3 + 1}", 1: f"-{month + 1:02d}"}
        return f"{year:04d}{suffix[self.months]}"
