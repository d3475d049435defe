"""Fiscal calendars: on which day each month of a fiscal year begins.

A fiscal year is named by the year in which it ends, and its months are counted on from year 0 as those of the calendar
are. In a calendar of weeks a year begins on the weekday of ``first_day``, on the day nearest to its anniversary: where
52 weeks would leave more than three days, there is a 53rd, in the last month. This is the rule of the retail trade
(National Retail Federation, 4-5-4 Calendar: the Saturday nearest to 31 January ends a year).
"""

from __future__ import annotations

from calendar import isleap
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

YEAR = 12
_WEEKS = 52


class Calendar(Protocol):
    """What says when fiscal months begin."""

    def start(self, month: int) -> date:
        """Return the first day of a month, counted from the first of fiscal year 0."""
        ...

    def month_of(self, day: date) -> int:
        """Return the month that holds a day."""
        ...


@dataclass(frozen=True)
class MonthsFrom:
    """Years of calendar months that begin with another month than January.

    >>> MonthsFrom(10).start(2026 * 12), MonthsFrom(10).month_of(date(2026, 9, 30)) - 2026 * 12
    (datetime.date(2025, 10, 1), 11)
    """

    first: int

    @property
    def _behind(self) -> int:
        """Months by which a fiscal year begins before the year of its name."""
        return (YEAR + 1 - self.first) % YEAR

    def start(self, month: int) -> date:
        year, of_year = divmod(month - self._behind, YEAR)
        return date(year, of_year + 1, 1)

    def month_of(self, day: date) -> int:
        return day.year * YEAR + day.month - 1 + self._behind


@dataclass(frozen=True)
class WeeksFrom:
    """Years of 52 weeks, or 53, whose quarters are months of four and five of them.

    >>> apple = WeeksFrom((4, 4, 5), date(2025, 9, 28))
    >>> [str(apple.start((2026 + year) * 12)) for year in (0, 1, 2, 3)]
    ['2025-09-28', '2026-09-27', '2027-09-26', '2028-10-01']
    """

    pattern: tuple[int, int, int]
    first_day: date

    def start(self, month: int) -> date:
        year, of_year = divmod(month, YEAR)
        quarter, place = divmod(of_year, 3)
        return self._begins(year) + timedelta(weeks=quarter * sum(self.pattern) + sum(self.pattern[:place]))

    def month_of(self, day: date) -> int:
        year = day.year + 1
        while self._begins(year) > day:
            year -= 1
        return max(month for month in range(year * YEAR, (year + 1) * YEAR) if self.start(month) <= day)

    def _begins(self, year: int) -> date:
        """Return the first day of a fiscal year."""
        ends = (self.first_day + timedelta(weeks=_WEEKS) - timedelta(days=1)).year
        of_year = self.first_day.year + year - ends
        is_leap_day = (self.first_day.month, self.first_day.day) == (2, 29) and not isleap(of_year)
        anniversary = date(of_year, self.first_day.month, 28 if is_leap_day else self.first_day.day)
        behind = (anniversary - self.first_day).days % 7
        return anniversary - timedelta(days=behind if behind <= 3 else behind - 7)
