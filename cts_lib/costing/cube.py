"""The driver cube: for every customer, channel and activity how often it happened and how much of its driver it took.

Lines never leave the engine. Equations that are sums over lines share one pass; the others take one a grain. Everything
that is priced later, whether real, rewritten by a policy or simulated, goes through here, so that a strategy differs
from today's only in its transactions.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from sqlglot import exp

from cts_lib.costing.compiled import CompiledActivity
from cts_lib.costing.drivers import ACTUAL, Transactions, exact_sum, quoted, things
from cts_lib.costing.sums import Summed, is_doubtful, summable, sums_queries
from cts_lib.engine import Engine, fetch_frame, fetch_rows
from cts_lib.errors import DataError

MEASURES = ("volume", "missing", "quantity")
LARGEST = 1e15
"""A driver value beyond this is an error: it cannot be summed to the cent."""


def cube_queries(engine: Engine, activities: list[CompiledActivity], source: Transactions = ACTUAL) -> dict[str, str]:
    """Return the SQL that makes the cube of what the engine holds, by what each query passes over."""
    return _queries(activities, summable(engine, activities, source, LARGEST), source)


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
    return _build(engine, activities, source, summable(engine, activities, source, LARGEST))


def _build(
    engine: Engine, activities: list[CompiledActivity], source: Transactions, summed: dict[str, Summed]
) -> pd.DataFrame:
    keys = [*source.by, "customer_id", "channel"]
    if not activities:
        return pd.DataFrame(columns=[*keys, "activity", *MEASURES])
    frames = {name: fetch_frame(engine, query) for name, query in _queries(activities, summed, source).items()}
    sound = {name: item for name, item in summed.items() if not is_doubtful(item, frames, LARGEST)}
    if len(sound) < len(summed):
        return _build(engine, activities, source, sound)
    for activity in activities:
        if activity.name not in summed:
            _check_values(engine, activity, frames[activity.grain.name], source)
    return _long(frames, keys, [activity.name for activity in activities])


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
    cube["activity"] = pd.Categorical.from_codes(activity, pd.Index(names, dtype="str"))
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


def _queries(activities: list[CompiledActivity], summed: dict[str, Summed], source: Transactions) -> dict[str, str]:
    queries = sums_queries(list(summed.values()), source)
    single = [activity for activity in activities if activity.name not in summed]
    for name in dict.fromkeys(activity.grain.name for activity in single):
        queries[name] = _query([activity for activity in single if activity.grain.name == name], source)
    return queries


def _query(activities: list[CompiledActivity], source: Transactions) -> str:
    used = {driver for activity in activities for driver in activity.drivers}
    is_event = activities[0].grain.name == "event"
    keys = ", ".join([f'"{key}"' for key in source.by] + ["customer_id", "channel"])
    values, sums = [keys, *(["_count"] if is_event else [])], [keys]
    for place, activity in enumerate(activities):
        happened, value = activity.happened, activity.quantity.sql.sql("duckdb")
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
            f"WHERE {activity.happened} AND {condition} ORDER BY _thing LIMIT 1",
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
        f"SELECT *, {value} AS _value FROM ({named}) AS thing WHERE {activity.happened} "
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
