"""What the chain with days can do each day: the minutes of resources and the lines of warehouses.

A resource's minutes of the period are spread over the weekdays on which lines leave, as lines are ordered on them: who
takes orders every day and ships on five works on these. What it did beyond them in the busiest of the known periods it
can do: as overtime where that has a price, else by a capacity that is larger than params say. A warehouse picks so many
lines on each weekday on which lines leave it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cts_lib.engine import Engine, fetch_frame
from cts_lib.errors import DataError
from cts_lib.model.compiled import CompiledActivity
from cts_lib.params import UnitParams
from cts_lib.simulate.arrivals import WEEK, weekday
from cts_lib.simulate.calendar import Calendar
from cts_lib.simulate.chain import Floats, Nodes, Resources

OVERTIME = 0.25
"""Share of a day's capacity that can be worked beyond it where overtime has a price (an assumption).

It comes on top of what is worked beyond capacity in the busiest period as a whole, which shows that it can be.
"""
_DAYS = (
    "SELECT warehouse, CAST(DATE_DIFF('day', DATE '1970-01-01', {date}) AS BIGINT) AS day, COUNT(*) AS lines "
    "FROM lines WHERE quantity > 0 GROUP BY 1, 2"
)
_ORDERED, _LEFT = _DAYS.format(date="order_date"), _DAYS.format(date="COALESCE(shipped_date, posting_date)")


def resources_of(
    engine: Engine,
    unit: UnitParams,
    activities: Sequence[CompiledActivity],
    table: pd.DataFrame,
    calendar: Calendar,
    busiest: float,
) -> Resources:
    """Return the resources with a capacity that orders take minutes of and wait for; ``table`` is table ``resources``.

    ``busiest`` is the work of the busiest of the known periods, over the period's.
    """
    table = table.set_index("resource")
    minutes = table["capacity_minutes"]
    with_work = {each.activity.resource for each in activities}
    given = unit.params.cost_model.resources
    names = tuple(name for name in given if name in with_work and given[name].waits and minutes.get(name, 0.0) > 0)
    ordered, left = (_by_weekday(fetch_frame(engine, query)) for query in (_ORDERED, _LEFT))
    worked = np.where(calendar.is_open(left), ordered, 0.0)
    by_weekday = worked if worked.any() else left
    used = table["utilisation"].reindex(list(names)).fillna(0.0).to_numpy("float64")
    beyond = np.maximum(busiest * used - 1, 0.0)
    is_priced = np.array([given[name].overload_cost is not None for name in names], bool)
    capacity = [calendar.spread(float(minutes[name]), by_weekday) for name in names]
    by_day = np.column_stack(capacity) if names else np.zeros((calendar.length, 0))
    regular = by_day * np.where(is_priced, 1.0, 1 + beyond)
    return Resources(names, regular, np.where(is_priced, OVERTIME + beyond, 0.0), np.ones(len(names)))


def nodes_of(engine: Engine, calendar: Calendar) -> Nodes:
    """Return all warehouses, those without a limit as without one.

    Errors: DataError for a warehouse that ships lines and can pick none.
    """
    limits = fetch_frame(
        engine,
        "SELECT warehouse, MAX(capacity_lines_per_day) AS lines FROM (SELECT warehouse, capacity_lines_per_day FROM "
        "nodes UNION ALL SELECT warehouse, CAST(NULL AS DOUBLE) FROM lines) AS known WHERE NOT warehouse IS NULL "
        "GROUP BY warehouse ORDER BY warehouse",
    )
    days = fetch_frame(engine, _LEFT)
    picks = []
    for warehouse, limit in limits.itertuples(index=False, name=None):
        own = days[days["warehouse"] == warehouse]
        if limit == 0 and len(own):
            where = f"nodes, warehouse {warehouse}, capacity_lines_per_day"
            raise DataError(
                where, f"is 0, and {int(own['lines'].sum()):,} lines leave it", "above 0, or empty: no limit"
            )
        if pd.isna(limit):
            picks.append(np.full(calendar.length, np.inf))
        else:
            picks.append(calendar.opened(float(limit), _by_weekday(own if len(own) else days)))
    return Nodes(tuple(limits["warehouse"]), np.column_stack(picks) if picks else np.zeros((calendar.length, 0)))


def _by_weekday(days: pd.DataFrame) -> Floats:
    lines = days["lines"].to_numpy("float64")
    return np.bincount(weekday(days["day"].to_numpy("int64")), lines, minlength=WEEK).astype("float64")
