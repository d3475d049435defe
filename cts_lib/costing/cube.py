"""The driver cube: for every customer, channel and activity how often it happened and how much of its driver it took.

One pass a grain; lines never leave the engine. Everything that is priced later, whether real, rewritten by a policy or
simulated, goes through here, so that a strategy differs from today's only in its transactions.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from sqlglot import exp

from cts_lib.costing.drivers import ACTUAL, Extras, Grain, Transactions, exact_sum, grain, quoted, things
from cts_lib.costing.equations import Equation, compile_equation
from cts_lib.costing.support import check_support
from cts_lib.engine import Engine, fetch_frame, fetch_rows
from cts_lib.errors import CtsError, DataError, ParamsError, Problems
from cts_lib.params import Activity, CostModel

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


def cube_queries(activities: list[CompiledActivity], source: Transactions = ACTUAL) -> dict[str, str]:
    """Return the SQL of each grain that the activities need, by grain."""
    queries = {}
    for name in dict.fromkeys(activity.grain.name for activity in activities):
        queries[name] = _query([activity for activity in activities if activity.grain.name == name], source)
    return queries


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
    keys = [*source.by, "customer_id", "channel"]
    parts = []
    for name, query in cube_queries(activities, source).items():
        wide = fetch_frame(engine, query)
        for place, activity in enumerate(item for item in activities if item.grain.name == name):
            _check_values(engine, activity, wide, place, source)
            part = wide[keys].assign(activity=activity.name)
            for column in ("volume", "missing", "quantity"):
                part[column] = wide[f"{column}_{place}"].fillna(0.0).astype("float64")
            parts.append(part[(part["volume"] != 0) | (part["quantity"] != 0) | (part["missing"] != 0)])
    if not parts:
        return pd.DataFrame(columns=[*keys, "activity", "volume", "missing", "quantity"])
    order = {activity.name: place for place, activity in enumerate(activities)}
    cube = pd.concat(parts, ignore_index=True)
    return cube.sort_values(
        [*keys, "activity"],
        key=lambda column: column.map(order) if column.name == "activity" else column,
        ignore_index=True,
    )


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
        sums += [
            f"{counted} AS volume_{place}",
            f"COUNT(CASE WHEN {here} AND {at} IS NULL THEN 1 END) AS missing_{place}",
            f"COUNT(CASE WHEN NOT ABS({at}) < {LARGEST:.0f} THEN 1 END) AS broken_{place}",
            f"COUNT(CASE WHEN {at} < 0 THEN 1 END) AS negative_{place}",
            f"{exact_sum(f'CASE WHEN ABS({at}) < {LARGEST:.0f} THEN {at} END')} AS quantity_{place}",
        ]
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


def _check_values(
    engine: Engine, activity: CompiledActivity, wide: pd.DataFrame, place: int, source: Transactions
) -> None:
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
        count = int(wide[f"{column}_{place}"].sum())
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
