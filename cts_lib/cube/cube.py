"""The driver cube: for every customer, channel and activity how often it happened and how much of its driver it took.

Lines never leave the engine. Everything that is priced later, whether real, rewritten by a policy or simulated, goes
through here, so that a strategy differs from today's only in its transactions. `plain` says what comes out; here it
comes out fast, by routes that each assume something and say so at their top:

- equations that are sums over columns need no finished order (`sums`, `linear`), and share one pass;
- those sums ride along where orders are put together from the lines anyway (`sums.Carried`);
- values and columns that are whole numbers of a last decimal are summed as doubles (`whole`), all others as decimals;
- the order's number of lines, rush and distance are read where they are kept (`model.drivers.finish`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa

from cts_lib.cube.linear import Bounds, bounds
from cts_lib.cube.parts import Part, joined
from cts_lib.cube.sums import Carried, Summed, carried, is_doubtful, numbers, summable, sums_parts
from cts_lib.cube.values import LARGEST, activity_error, is_summable, refuse_values
from cts_lib.cube.whole import decimals_of
from cts_lib.engine import Engine, quoted
from cts_lib.errors import SourceError
from cts_lib.model.compiled import CompiledActivity
from cts_lib.model.drivers import ACTUAL, SUMS, Transactions, exact_sum, groups_lines, of_line, units_of_work, whole_sum

MOST_WHOLE = 1e11
"""A larger sum of values is taken as one of decimals; a double holds 2⁵³ whole numbers."""
_MOST_DECIMALS = 4
"""So are values of more decimals."""
AT_ONCE = 250
"""So many activities one query sums at most: more take an engine more memory and time than several queries do."""


def room(*shape: int) -> np.ndarray:
    """Return zeros in small pages; numpy's own ask for huge ones, which a system may take long to find."""
    return np.ndarray(shape, "float64", bytearray(8 * math.prod(shape)))


@dataclass(frozen=True)
class Cube:
    """How often each activity happened, for how much of its driver, and how often without one.

    ``cells`` has one row a customer and channel (and further keys), in their order; ``volume``, ``missing`` and
    ``quantity`` have a row a cell and a column an activity.
    """

    cells: pd.DataFrame
    activities: tuple[str, ...]
    volume: np.ndarray
    missing: np.ndarray
    quantity: np.ndarray

    @cached_property
    def totals(self) -> dict[str, float]:
        """The quantity of each activity over all cells."""
        return dict(zip(self.activities, self.quantity.sum(axis=0).tolist(), strict=True))

    def parts(self, size: int) -> Iterator[Cube]:
        """Yield the cube in parts of so many cells."""
        for first in range(0, len(self.cells), size):
            own = slice(first, first + size)
            matrices = (matrix[own] for matrix in (self.volume, self.missing, self.quantity))
            yield Cube(self.cells.iloc[own].reset_index(drop=True), self.activities, *matrices)

    def scaled(self, factors: Mapping[str, float]) -> Cube:
        """Return the cube of equations that are so many times what they were; an activity that is not named stays.

        >>> cube = Cube(pd.DataFrame(index=[0]), ("entry",), np.ones((1, 1)), np.zeros((1, 1)), np.array([[30.0]]))
        >>> cube.scaled({"entry": 0.5}).totals
        {'entry': 15.0}
        """
        if not factors:
            return self
        by_activity = np.array([factors.get(name, 1.0) for name in self.activities])
        return replace(self, quantity=self.quantity * by_activity)


def cube_queries(engine: Engine, activities: list[CompiledActivity], source: Transactions = ACTUAL) -> list[str]:
    """Return the SQL that makes the cube of what the engine holds, each of some activities: a row a customer, channel.

    A model of usual size takes one.
    """
    return [_plan(engine, some, summed, source).sql for some, summed in _shared_out(engine, activities, source)]


def build_cube(engine: Engine, activities: list[CompiledActivity], source: Transactions = ACTUAL) -> Cube:
    """Run the model over transactions of the engine.

    Raises
    ------
    DataError
        For an infinite, NaN or oversized value, and for a negative one in minutes or a proportional driver; it names
        the activity and a row.
    """
    if not activities:
        nothing = np.zeros((0, 0))
        return Cube(pd.DataFrame(columns=list(source.cells), dtype="str"), (), nothing, nothing, nothing)
    return _beside([_build(engine, some, source, summed) for some, summed in _shared_out(engine, activities, source)])


def _shared_out(
    engine: Engine, activities: list[CompiledActivity], source: Transactions
) -> Iterator[tuple[list[CompiledActivity], dict[str, Summed]]]:
    """Yield the activities that one query sums, and which of them are sums of columns, until there are no more."""
    summed = summable(engine, activities, source, LARGEST)
    for start in range(0, len(activities), AT_ONCE):
        some = activities[start : start + AT_ONCE]
        yield some, {item.name: summed[item.name] for item in some if item.name in summed}


def _beside(cubes: list[Cube]) -> Cube:
    """Return the cubes of different activities as one; what has no cell in one of them took nothing there."""
    if len(cubes) == 1:
        return cubes[0]
    keys = [str(name) for name in cubes[0].cells]
    cells = pd.concat([cube.cells for cube in cubes]).drop_duplicates().sort_values(keys, ignore_index=True)
    every = pd.MultiIndex.from_frame(cells)
    rows = [every.get_indexer(pd.MultiIndex.from_frame(cube.cells)) for cube in cubes]
    names = tuple(name for cube in cubes for name in cube.activities)

    def whole(parts: list[np.ndarray]) -> np.ndarray:
        matrix = (
            room(len(cells), len(names)) if any(part.any() for part in parts) else np.zeros((len(cells), len(names)))
        )
        start = 0
        for at, part in zip(rows, parts, strict=True):
            if part.any():
                matrix[at, start : start + part.shape[1]] = part
            start += part.shape[1]
        return matrix

    volume, missing, quantity = (
        whole([getattr(cube, measure) for cube in cubes]) for measure in ("volume", "missing", "quantity")
    )
    return Cube(cells, names, volume, missing, quantity)


def _build(
    engine: Engine,
    activities: list[CompiledActivity],
    source: Transactions,
    summed: dict[str, Summed],
    may_be_whole: bool = True,
) -> Cube:
    plan = _plan(engine, activities, summed, source, may_be_whole)
    try:
        wide = engine.query(plan.sql)
    except SourceError as error:
        raise activity_error(engine, activities, source, error) from error
    sound = {name: item for name, item in summed.items() if not is_doubtful(item, wide, LARGEST)}
    if len(sound) < len(summed):
        return _build(engine, activities, source, sound, may_be_whole)
    if any((numbers(wide, f"{name}:quantity") > MOST_WHOLE).any() for name in plan.whole):
        return _build(engine, activities, source, summed, may_be_whole=False)
    for activity in activities:
        if activity.name not in summed and np.nansum(numbers(wide, f"{activity.name}:wrong")):
            refuse_values(engine, activity, source)
    names = tuple(activity.name for activity in activities)
    volume, missing, quantity = (_matrix(wide, names, measure) for measure in ("volume", "missing", "quantity"))
    return Cube(wide.select(list(source.cells)).to_pandas(), names, volume, missing, quantity)


def _matrix(wide: pa.Table, names: tuple[str, ...], measure: str) -> np.ndarray:
    """Return one measure of every activity: a row a cell, a column an activity; what the query lacks is 0."""
    shape, there = (len(wide), len(names)), set(wide.column_names)
    matrix, is_empty = np.zeros(shape), True  # which cost no memory until they are written
    for place, name in enumerate(names):
        if (column := f"{name}:{measure}") not in there:
            continue
        values = numbers(wide, column)
        if values.any():
            matrix, is_empty = room(*shape) if is_empty else matrix, False
            matrix[:, place] = np.where(np.isnan(values), 0.0, values)
    return matrix


@dataclass(frozen=True)
class _Plan:
    """The cube's query, and which activities it sums as whole numbers."""

    sql: str
    whole: Mapping[str, int]


def _plan(
    engine: Engine,
    activities: list[CompiledActivity],
    summed: dict[str, Summed],
    source: Transactions,
    may_be_whole: bool = True,
) -> _Plan:
    by_grain: dict[str, list[CompiledActivity]] = {}
    for activity in activities:
        if activity.name not in summed:
            by_grain.setdefault(activity.grain.name, []).append(activity)
    drivers = {name: _drivers(items) for name, items in by_grain.items()}
    carriers = {
        name: drivers[name] for name, items in by_grain.items() if groups_lines(items[0].grain, drivers[name], source)
    }
    sums = carried(summed.values(), carriers)
    parts, whole = dict[str, Part](), dict[str, int]()
    for name, items in by_grain.items():
        known = _bounds(engine, items, source)
        if may_be_whole:
            whole |= _whole(items, known)
        parts[f"{name}_units"] = _part(items, source, _decimals(known), whole, sums.get(name))
    parts |= sums_parts(list(summed.values()), source, [f"{name}_units" for name in sums])
    return _Plan(joined(parts), whole)


def _drivers(activities: list[CompiledActivity]) -> set[str]:
    return {driver for activity in activities for driver in activity.drivers}


def _bounds(engine: Engine, activities: list[CompiledActivity], source: Transactions) -> dict[str, Bounds]:
    """Return the bounds of the columns that these activities sum over the lines of a finished order or shipment."""
    summed = {driver: of_line(driver) for driver in sorted(_drivers(activities)) if driver in SUMS}
    if activities[0].grain.name not in source.finished or not summed:
        return {}
    return bounds(engine, source.lines, summed, source.decimals)


def _decimals(known: Mapping[str, Bounds]) -> dict[str, int]:
    """Return the columns whose sums over lines are exact as whole numbers of a last decimal, with their decimals."""
    return {name: item.decimals for name, item in known.items() if item.decimals is not None}


def _whole(activities: list[CompiledActivity], known: Mapping[str, Bounds]) -> dict[str, int]:
    """Return the decimals of the activities whose values, none of them negative, are sure to have only so many."""
    counts = [name for name, driver in activities[0].grain.drivers.items() if driver.is_whole]
    places = {
        item.name: decimals_of(item.quantity.sql, dict.fromkeys(counts, 0) | _decimals(known))
        for item in activities
        if not item.may_be_negative
    }
    return {name: few for name, few in places.items() if few is not None and few <= _MOST_DECIMALS}


def _part(
    activities: list[CompiledActivity],
    source: Transactions,
    decimals: Mapping[str, int],
    whole: Mapping[str, int],
    carries: Carried | None,
) -> Part:
    """Return the sums over the units of work of a grain: each is valued by every activity, then counted and summed."""
    is_event = activities[0].grain.name == "event"
    keys = ", ".join(quoted(key) for key in source.cells)
    selected, sums = [keys, *(["_count"] if is_event else [])], dict[str, str]()
    for place, activity in enumerate(activities):
        happened, value = activity.happened, activity.value
        selected += [f"{happened} AS happened_{place}", f"CASE WHEN {happened} THEN {value} END AS value_{place}"]
        here, at = f"happened_{place}", f"value_{place}"
        counted = "COUNT(*)" if happened == "TRUE" else f"COUNT(CASE WHEN {here} THEN 1 END)"
        sound = f"CASE WHEN {is_summable(activity, at)} THEN {at} END"
        places = whole.get(activity.name)
        measures = {
            "volume": exact_sum(f"CASE WHEN {here} THEN _count END") if is_event else counted,
            "missing": f"{counted} - COUNT({at})",
            "wrong": f"COUNT({at}) - COUNT({sound})",
            "quantity": exact_sum(sound) if places is None else whole_sum(sound, places),
        }
        sums |= {f"{activity.name}:{measure}": value for measure, value in measures.items()}
    by_unit, by_cell = (carries.by_unit, carries.by_cell) if carries else ({}, {})
    inner = units_of_work(activities[0].grain, _drivers(activities), source, decimals=decimals, carried=by_unit)
    valued = f"(SELECT {', '.join([*selected, *map(quoted, by_unit)])} FROM ({inner}) AS work) AS valued"
    of_lines = activities[0].grain.name in ("order", "shipment")
    return Part(source.cells, sums, f"{valued} GROUP BY {keys}", by_cell, of_lines)
