"""The driver cube the plain way: one query a grain, slow, to be read in five minutes. Tests hold the fast one to it.

Units of work are put together from the lines alone, whatever is kept of them; each equation is its own SQL on each of
them; values are summed as decimals, the same in any order.
"""

from __future__ import annotations

import pandas as pd

from cts_lib.cube.cube import Cube
from cts_lib.cube.values import refuse_values
from cts_lib.engine import Engine, fetch_frame, quoted
from cts_lib.model.compiled import CompiledActivity
from cts_lib.model.drivers import ACTUAL, Transactions, exact_sum, units_of_work


def plain_cube(engine: Engine, activities: list[CompiledActivity], source: Transactions = ACTUAL) -> Cube:
    """Run the model over transactions of the engine, as `build_cube` does.

    Raises
    ------
    DataError
        For an infinite, NaN, oversized or (in minutes and proportional drivers) negative value.
    """
    lines_alone = Transactions(source.lines, source.events, source.by)
    by_grain: dict[str, list[CompiledActivity]] = {}
    for activity in activities:
        refuse_values(engine, activity, lines_alone)
        by_grain.setdefault(activity.grain.name, []).append(activity)
    cells = list(source.cells)
    parts = [fetch_frame(engine, _query(items, lines_alone)).set_index(cells) for items in by_grain.values()]
    wide = pd.concat(parts, axis="columns").sort_index().fillna(0.0)
    names = tuple(activity.name for activity in activities)
    volume, missing, quantity = (
        wide[[f"{name}:{measure}" for name in names]].to_numpy("float64")
        for measure in ("volume", "missing", "quantity")
    )
    return Cube(wide.index.to_frame(index=False), names, volume, missing, quantity)


def _query(activities: list[CompiledActivity], source: Transactions) -> str:
    """Return the query of one grain: by customer and channel, the volume, missing and quantity of each activity."""
    grain = activities[0].grain
    drivers = {driver for activity in activities for driver in activity.drivers}
    once = "_count" if grain.name == "event" else "1"
    sums = []
    for activity in activities:
        volume = exact_sum(f"CASE WHEN {activity.happened} THEN {once} ELSE 0 END")
        missing = f"COUNT(CASE WHEN {activity.happened} AND ({activity.value}) IS NULL THEN 1 END)"
        quantity = exact_sum(f"CASE WHEN {activity.happened} THEN {activity.value} END")
        for measure, value in (("volume", volume), ("missing", missing), ("quantity", quantity)):
            sums.append(f"{value} AS {quoted(f'{activity.name}:{measure}')}")
    cells = ", ".join(quoted(key) for key in source.cells)
    return f"SELECT {cells}, {', '.join(sums)} FROM ({units_of_work(grain, drivers, source)}) AS work GROUP BY {cells}"
