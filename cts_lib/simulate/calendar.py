"""The days of a simulated period, with days before it in which the chain fills, and as many after in which it empties.

Both are days like those of the period: what arrived in its last weeks had arrived before its first day too, so that no
order finds an empty desk or a full shelf because the simulation has just begun, and what its first weeks bring follows
its last day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cts_lib.simulate.arrivals import WEEK, weekday

OPEN = 1 / 5
"""A weekday is worked on where it has this share of an even weekday's lines."""


@dataclass(frozen=True)
class Calendar:
    """``days`` from day ``first`` (since 1970-01-01), and ``margin`` days before and after them."""

    first: int
    days: int
    margin: int

    @classmethod
    def of(cls, first: int, days: int, margin: int) -> Calendar:
        """Return a calendar whose margins repeat whole weeks of the period."""
        return cls(first, days, min(margin, days // WEEK * WEEK))

    @property
    def length(self) -> int:
        return self.margin + self.days + self.margin

    @property
    def weeks(self) -> int:
        """The days of the period's whole weeks."""
        return self.days // WEEK * WEEK

    @property
    def period(self) -> slice:
        """Where the period's own days lie among all."""
        return slice(self.margin, self.margin + self.days)

    def placed(self, day: np.ndarray) -> np.ndarray:
        """Return the days, counted from the first, on which things happen that may lie before the period or after it.

        What happened before the period meets what happens at its end, for one period's end is like another's; what
        happened before several, as long ago in this one's.

        >>> Calendar.of(0, 30, 7).placed(np.array([-1, -27, -57, 29]))
        array([27,  1, 27, 29])
        """
        return np.minimum(np.where(day < 0, day % self.weeks, day), self.days + self.margin - 1)

    def repeated(self, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what comes also before and after the period, by its place in ``day``, and on which days.

        What levers put off beyond the period's end was put off into it, too.
        """
        before = np.flatnonzero(((day >= self.weeks - self.margin) & (day < self.weeks)) | (day >= self.days))
        after = np.flatnonzero((day >= self.days - self.weeks) & (day < self.days + self.margin - self.weeks))
        days = [day[before] - self.weeks, day[after] + self.weeks]
        return np.concatenate([before, after]), np.concatenate(days)

    def spread(self, amount: float, by_weekday: np.ndarray) -> np.ndarray:
        """Return what each day has of an amount of the period, in proportion to the weekdays' shares."""
        shares = by_weekday[self._weekdays()]
        return np.asarray(amount * shares / shares[self.period].sum())

    @staticmethod
    def is_open(by_weekday: np.ndarray) -> np.ndarray:
        """Return which weekdays are worked on, by their shares."""
        return np.asarray(by_weekday >= OPEN * by_weekday.mean())

    def opened(self, amount: float, by_weekday: np.ndarray) -> np.ndarray:
        """Return an amount on each day that is worked on, and nothing on the others."""
        return np.where(self.is_open(by_weekday)[self._weekdays()], amount, 0.0)

    def _weekdays(self) -> np.ndarray:
        return weekday(self.first - self.margin + np.arange(self.length))
