"""The period where none is asked for: the newest quarter that the unit's order lines fill, and what is newer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from cts_lib.engine import Engine, count_rows
from cts_lib.errors import DataError
from cts_lib.intake.dated import dated_lines, have_data, newest_day
from cts_lib.notes import Note, counted
from cts_lib.params import UnitParams
from cts_lib.params.period import Period


@dataclass(frozen=True)
class Newest:
    """The newest quarter by the newest posting ``day``, and how many ``newer`` order lines it leaves out."""

    period: Period
    day: date
    newer: int

    @property
    def note(self) -> Note:
        """What was chosen, why, and what is left out."""
        values = {
            "period": str(self.period),
            "first": str(self.period.start),
            "last": str(self.period.end - timedelta(days=1)),
            "day": str(self.day),
            "count": self.newer,
        }
        if not self.newer:
            return Note(
                "No period was asked for: {period}, {first} to {last}, is the newest quarter whose last day is at most "
                "seven days after the newest posting date, {day}.",
                values,
                assumed=True,
            )
        return counted(
            "No period was asked for: {period}, {first} to {last}, is the newest quarter whose last day is at most "
            "seven days after the newest posting date, {day}; {count} newer line is left out.",
            "No period was asked for: {period}, {first} to {last}, is the newest quarter whose last day is at most "
            "seven days after the newest posting date, {day}; {count} newer lines are left out.",
            values,
            assumed=True,
        )


def newest_quarter(engine: Engine, unit: UnitParams) -> Newest:
    """Return the newest quarter of a unit's order lines; without a dated one, a DataError."""
    day = newest_day(engine, unit)
    if day is None:
        raise DataError("order_lines", "no dated row", have_data(engine, unit)).of(unit.name)
    period = Period.newest_quarter(day, unit.params.governance.fiscal)
    return Newest(period, day, count_rows(engine, f"{dated_lines(unit)} AND day >= DATE '{period.end}'"))
