"""The driver cube: for every customer, channel and activity how often it happened and how much of its driver it took.

Lines never leave the engine. Equations that are sums over lines share one pass; the others take one a grain. Everything
that is priced later, whether real, rewritten by a policy or simulated, goes through here, so that a strategy differs
from today's only in its transactions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sqlglot import exp

from cts_lib.costing.drivers import ACTUAL, Extras, Grain, Transactions, exact_sum, grain, quoted, things
from cts_lib.costing.equations import Equation, compile_equation
from cts_lib.costing.linear import Bounds, Linear, bounds, linear, may_sum, scaled_sum
from cts_lib.costing.support import check_support
from cts_lib.engine import Engine, fetch_frame, fetch_rows
from cts_lib.errors import CtsError, DataError, ParamsError, Problems
from cts_lib.params import Activity, CostModel

MEASURES = ("volume", "missing", "quantity")
_LINES = "sums over lines"
LARGEST = 1e15
"""A driver value beyond this is an error: it cannot be summed to the cent."""


@dataclass(frozen=True)
class CompiledActivity:
    """An activity whose expressions were checked against its grain."""

    name: str
    activity: Activity
    grain: Grain
    quantity: Equation
    when: Equation | None

    @property
    def drivers(self) -> frozenset[str]:
        return self.quantity.drivers | (self.when.drivers if self.when else frozenset())

    @property
    def may_be_negative(self) -> bool:
        return self.activity.basis in ("rate", "direct")


@dataclass(frozen=True)
class _Summed:
    """An activity that sums over lines answer, its equation's parts, and the bounds of the lines' columns."""

    activity: CompiledActivity
    parts: Linear
    known: dict[str, Bounds]

    @property
    def fixed(self) -> frozenset[str]:
        """The customers' drivers that its condition, and at the grain of lines its equation, reads."""
        when = self.activity.when.drivers if self.activity.when else frozenset[str]()
        return when | self.parts.rest.drivers if self.activity.grain.name == "line" else when


def compile_model(model: CostModel, extras: Extras) -> list[CompiledActivity]:
    """Check every expression of the model, and its support shares; raise Problems with all that is wrong."""
    grains = {name: grain(name, extras) for name in ("line", "order", "shipment", "customer", "event")}
    compiled, problems = [], list[CtsError]()
    for name, activity in model.activities.items():
        key, at = f"cost_model.activities.{name}", grains[activity.grain]
        basis = "driver" if activity.basis == "rate" else activity.basis
        try:
            quantity = compile_equation(activity.quantity, at.kinds, f"{key}.{basis}")
            when = compile_equation(activity.when, at.kinds, f"{key}.when", "condition") if activity.when else None
            compiled.append(CompiledActivity(name, activity, at, quantity, when))
        except ParamsError as error:
            problems.append(error)
    try:
        check_support(model.support, {name for name, resource in model.resources.items() if resource.support})
    except ParamsError as error:
        problems.append(error)
    if problems:
        raise Problems(problems)
    return compiled


def cube_queries(engine: Engine, activities: list[CompiledActivity], source: Transactions = ACTUAL) -> dict[str, str]:
    """Return the SQL that makes the cube of what the engine holds, by what each query passes over."""
    return _queries(activities, _summable(engine, activities, source), source)


def build_cube(engine: Engine, activities: list[CompiledActivity], source: Transactions = ACTUAL) -> pd.DataFrame:
    """Run the model over transactions of the engine.

    Returns
    -------
    DataFrame
        The further keys, customer_id, channel, activity, volume, missing, quantity; one row where something happened,
        in the order of these columns.

    Raises
    ------
    DataError
        For an infinite, NaN or oversized value, and for a negative one in minutes or a proportional driver; it names
        the activity and a row.
    """
    return _build(engine, activities, source, _summable(engine, activities, source))


def _build(
    engine: Engine, activities: list[CompiledActivity], source: Transactions, summed: dict[str, _Summed]
) -> pd.DataFrame:
    keys = [*source.by, "customer_id", "channel"]
    if not activities:
        return pd.DataFrame(columns=[*keys, "activity", *MEASURES])
    frames = {name: fetch_frame(engine, query) for name, query in _queries(activities, summed, source).items()}
    doubtful = {name for name, item in summed.items() if _is_doubtful(item, frames)}
    if doubtful:
        return _build(engine, activities, source, {name: item for name, item in summed.items() if name not in doubtful})
    for activity in activities:
        if activity.name not in summed:
            _check_values(engine, activity, frames[activity.grain.name], source)
    return _long(frames, keys, [activity.name for activity in activities])


def _is_doubtful(item: _Summed, frames: dict[str, pd.DataFrame]) -> bool:
    """Say whether a part of an equation is negative or too large, so that single things must be looked at."""
    name = item.activity.name
    if item.activity.grain.name == "line":
        rest = frames[_LINES][f"{name}:rest"]
        return bool((rest.abs() >= LARGEST).any() or (not item.activity.may_be_negative and (rest < 0).any()))
    things_of = frames[item.activity.grain.name]
    return bool(
        things_of[f"{name}:broken"].any() or (not item.activity.may_be_negative and things_of[f"{name}:negative"].any())
    )


def _long(frames: dict[str, pd.DataFrame], keys: list[str], names: list[str]) -> pd.DataFrame:
    """Bring the queries' answers to one row a cell and activity; what two queries say of one activity adds up."""
    cells, places = _cells([frame[keys] for frame in frames.values()])
    sums = {measure: np.zeros((len(cells), len(names))) for measure in MEASURES}
    for frame, place in zip(frames.values(), places, strict=True):
        for column in frame.columns:
            name, _, measure = str(column).rpartition(":")
            if measure in sums and name in names:
                values = frame[column].to_numpy("float64", na_value=0.0)
                sums[measure][place, names.index(name)] += values
    happened = (sums["volume"] != 0) | (sums["quantity"] != 0) | (sums["missing"] != 0)
    cell, activity = np.nonzero(happened)
    cube = cells.take(cell).reset_index(drop=True)
    cube["activity"] = pd.Series(names, dtype="str").take(activity).array
    for measure, counted in sums.items():
        cube[measure] = counted[cell, activity]
    return cube


def _cells(keys: list[pd.DataFrame]) -> tuple[pd.DataFrame, list[np.ndarray]]:
    """Return every cell once, in order, and where each frame's rows are among them."""
    first = keys[0]
    if all(frame.equals(first) for frame in keys[1:]):
        return first, [np.arange(len(first))] * len(keys)
    cells = pd.concat(keys, ignore_index=True).drop_duplicates().sort_values(list(first.columns), ignore_index=True)
    numbered = cells.assign(_cell=np.arange(len(cells)))
    return cells, [frame.merge(numbered, how="left")["_cell"].to_numpy() for frame in keys]


def _summable(engine: Engine, activities: list[CompiledActivity], source: Transactions) -> dict[str, _Summed]:
    """Return the activities that sums over lines answer, by name, as far as the lines' bounds allow it."""
    found = {}
    for activity in activities:
        if activity.grain.name == "line" or activity.grain.name in source.finished:
            parts = linear(activity.quantity, activity.when, activity.grain)
            if parts:
                found[activity.name] = (activity, parts)
    known = bounds(engine, source.lines, {name for _, parts in found.values() for name in parts.weights})
    return {
        name: _Summed(activity, parts, known)
        for name, (activity, parts) in found.items()
        if may_sum(parts, known, activity.may_be_negative, LARGEST)
    }


def _queries(activities: list[CompiledActivity], summed: dict[str, _Summed], source: Transactions) -> dict[str, str]:
    queries = {_LINES: _sums_query(list(summed.values()), source)} if summed else {}
    for name in dict.fromkeys(activity.grain.name for activity in activities):
        here = [activity for activity in activities if activity.grain.name == name]
        if name == "line":
            here = [activity for activity in here if activity.name not in summed]
        items = [
            replace(activity, quantity=summed[activity.name].parts.rest) if activity.name in summed else activity
            for activity in here
        ]
        if items:
            queries[name] = _query(items, source)
    return queries


def _sums_query(summed: list[_Summed], source: Transactions) -> str:
    """Sum the lines' columns by customer and channel, and weigh them by the equations."""
    keys = [*source.by, "customer_id", "channel"]
    grouped = ", ".join(quoted(key) for key in keys)
    columns = sorted({name for item in summed for name in item.parts.weights})
    known = summed[0].known
    sums = ", ".join(f"{scaled_sum(name, known[name].reach)} AS _sum{place}" for place, name in enumerate(columns))
    cells = f"SELECT {grouped}, CAST(COUNT(*) AS DOUBLE) AS _lines, {sums} FROM {source.lines} GROUP BY {grouped}"
    fixed = sorted({driver for item in summed for driver in item.fixed} - {"customer_id", "channel"})
    if fixed:
        sources = summed[0].activity.grain.sources | {
            name: item.activity.grain.sources[name] for item in summed for name in item.fixed
        }
        named = ", ".join(f"{sources[name]} AS {quoted(name)}" for name in fixed)
        cells = (
            f"SELECT cell.*, {named} FROM ({cells}) AS cell "
            "JOIN customers AS customer ON customer.customer_id = cell.customer_id"
        )
    shown = [grouped]
    for item in summed:
        name, happened = item.activity.name, _happened(item.activity)
        value = " + ".join(f"{weight!r} * _sum{columns.index(column)}" for column, weight in item.parts.weights.items())
        if item.activity.grain.name == "line":
            rest = item.parts.rest.sql.sql("duckdb")
            value = f"({rest}) * _lines + {value}"
            shown += [
                f"CASE WHEN {happened} THEN _lines ELSE 0 END AS {quoted(f'{name}:volume')}",
                f"CASE WHEN {happened} AND ({value}) IS NULL THEN _lines ELSE 0 END AS {quoted(f'{name}:missing')}",
                f"CASE WHEN {happened} THEN {rest} END AS {quoted(f'{name}:rest')}",
            ]
        shown.append(f"CASE WHEN {happened} THEN {value} END AS {quoted(f'{name}:quantity')}")
    return f"SELECT {', '.join(shown)} FROM ({cells}) AS cell ORDER BY {grouped}"


def _query(activities: list[CompiledActivity], source: Transactions) -> str:
    used = {driver for activity in activities for driver in activity.drivers}
    is_event = activities[0].grain.name == "event"
    keys = ", ".join([f'"{key}"' for key in source.by] + ["customer_id", "channel"])
    values, sums = [keys, *(["_count"] if is_event else [])], [keys]
    for place, activity in enumerate(activities):
        happened, value = _happened(activity), activity.quantity.sql.sql("duckdb")
        values += [f"{happened} AS happened_{place}", f"CASE WHEN {happened} THEN {value} END AS value_{place}"]
        here, at = f"happened_{place}", f"value_{place}"
        counted = exact_sum(f"CASE WHEN {here} THEN _count END") if is_event else f"COUNT(CASE WHEN {here} THEN 1 END)"
        answers = {
            "volume": counted,
            "missing": f"COUNT(CASE WHEN {here} AND {at} IS NULL THEN 1 END)",
            "broken": f"COUNT(CASE WHEN NOT ABS({at}) < {LARGEST:.0f} THEN 1 END)",
            "negative": f"COUNT(CASE WHEN {at} < 0 THEN 1 END)",
            "quantity": exact_sum(f"CASE WHEN ABS({at}) < {LARGEST:.0f} THEN {at} END"),
        }
        sums += [f"{answer} AS {quoted(f'{activity.name}:{measure}')}" for measure, answer in answers.items()]
    inner = things(activities[0].grain, used, source)
    return (
        f"SELECT {', '.join(sums)} FROM (SELECT {', '.join(values)} FROM ({inner}) AS thing) AS valued "
        f"GROUP BY {keys} ORDER BY {keys}"
    )


def _happened(activity: CompiledActivity) -> str:
    """Say when a thing counts: the right event, and a condition that is true (null is false)."""
    conditions = []
    if activity.activity.event is not None:
        conditions.append("event = '" + activity.activity.event.replace("'", "''") + "'")
    if activity.when is not None:
        conditions.append(f"COALESCE({activity.when.sql.sql('duckdb')}, FALSE)")
    return " AND ".join(conditions) or "TRUE"


def _check_values(engine: Engine, activity: CompiledActivity, wide: pd.DataFrame, source: Transactions) -> None:
    value = activity.quantity.sql.sql("duckdb")
    for column, wrong, expected, condition in (
        (
            "broken",
            "infinite, not a number or beyond 10^15",
            "guard it with NULLIF or CASE",
            f"NOT ABS({value}) < {LARGEST:.0f}",
        ),
        ("negative", "negative", "use ABS, GREATEST(0, …) or when: quantity > 0", f"{value} < 0"),
    ):
        count = int(wide[f"{activity.name}:{column}"].sum())
        if not count or (column == "negative" and activity.may_be_negative):
            continue
        named = things(activity.grain, activity.drivers, source, identify=True)
        found = fetch_rows(
            engine,
            f"SELECT _thing, {value} AS value FROM ({named}) AS thing "
            f"WHERE {_happened(activity)} AND {condition} ORDER BY _thing LIMIT 1",
        )[0]
        raise DataError(
            f"cost_model.activities.{activity.name}, {found['_thing']}",
            f"{activity.quantity.text!r} is {found['value']:g} ({count} rows are {wrong})",
            expected,
        )


def thing_values(activity: CompiledActivity, customer_id: str) -> str:
    """Return the SELECT of one customer's things of an activity: channel, _thing, the drivers and their _value."""
    named = things(activity.grain, activity.drivers | {"customer_id"}, identify=True)
    value = activity.quantity.sql.sql("duckdb")
    return (
        f"SELECT *, {value} AS _value FROM ({named}) AS thing WHERE {_happened(activity)} "
        f"AND customer_id = {exp.Literal.string(customer_id).sql('duckdb')}"
    )


def mixed_attributes(engine: Engine, activities: list[CompiledActivity]) -> dict[str, int]:
    """Count the orders and shipments whose lines differ in an attribute that an equation reads there."""
    counts = {}
    for name, key in (("order", "order_id"), ("shipment", "shipment_id")):
        used = {driver for item in activities if item.grain.name == name for driver in item.drivers}
        for driver in sorted(used):
            grain_of = next(item.grain for item in activities if item.grain.name == name)
            if not grain_of.sources[driver].startswith("ARG_MIN_NULL"):
                continue
            column = quoted(driver)
            counts[f"{name}.{driver}"] = fetch_rows(
                engine,
                f"SELECT COUNT(*) AS n FROM (SELECT 1 FROM lines GROUP BY customer_id, channel, {key} HAVING "
                f"COUNT(DISTINCT {column}) + MAX(CASE WHEN {column} IS NULL THEN 1 ELSE 0 END) > 1) AS mixed",
            )[0]["n"]
    return {place: count for place, count in counts.items() if count}
