"""Single things, each with words to find it by: what stops a sum, and what a customer's cost is made of."""

from __future__ import annotations

from sqlglot import exp

from cts_lib.engine import Engine, fetch_rows
from cts_lib.errors import CtsError, DataError, SourceError
from cts_lib.model.compiled import CompiledActivity
from cts_lib.model.drivers import Transactions, things

LARGEST = 1e15
"""A driver value beyond this is an error: it cannot be summed to the cent."""


def sound_value(activity: CompiledActivity, value: str) -> str:
    """Return the condition of a value that can be summed."""
    return f"ABS({value}) < {LARGEST:.0f}" + ("" if activity.may_be_negative else f" AND {value} >= 0")


def refuse_values(engine: Engine, activity: CompiledActivity, source: Transactions) -> None:
    """Raise a DataError that names the first thing whose value cannot be summed."""
    value = activity.quantity.sql.sql("duckdb")
    named = things(activity.grain, activity.drivers, source, identify=True)
    valued = f"FROM ({named}) AS thing WHERE {activity.happened}"
    broken = f"NOT ABS({value}) < {LARGEST:.0f}"
    for wrong, expected, condition in (
        ("infinite, not a number or beyond 10^15", "guard it with NULLIF or CASE", broken),
        ("negative", "use ABS, GREATEST(0, …) or when: quantity > 0", f"{value} < 0"),
    ):
        count = fetch_rows(engine, f"SELECT COUNT(*) AS n {valued} AND {condition}")[0]["n"]
        if not count:
            continue
        first = f"SELECT _thing, {value} AS value {valued} AND {condition} ORDER BY _thing LIMIT 1"
        found = fetch_rows(engine, first)[0]
        raise DataError(
            f"cost_model.activities.{activity.name}, {found['_thing']}",
            f"{activity.quantity.text!r} is {found['value']:g} ({count} rows are {wrong})",
            expected,
        )


def blamed(engine: Engine, activities: list[CompiledActivity], source: Transactions, error: SourceError) -> CtsError:
    """Name the activity, and a row, whose value an engine cannot compute; the error itself where it is none of them."""

    def fails(select: str) -> bool:
        try:
            engine.query(f"SELECT COUNT(*) AS n FROM ({select}) AS valued WHERE value IS NOT NULL")
        except SourceError:
            return True
        return False

    if fails("SELECT 1 AS value"):
        return error
    for activity in activities:
        value = f"CASE WHEN {activity.happened} THEN {activity.quantity.sql.sql('duckdb')} END AS value"
        ordered = f"SELECT * FROM ({things(activity.grain, activity.drivers, source, identify=True)}) AS named"
        if not fails(f"SELECT {value} FROM ({ordered}) AS thing"):
            continue
        first, rows = 0, fetch_rows(engine, f"SELECT COUNT(*) AS n FROM ({ordered}) AS thing")[0]["n"]
        while rows > 1:  # the half in which it fails
            half = f"{ordered} ORDER BY _thing LIMIT {rows // 2} OFFSET {first}"
            found = fails(f"SELECT {value} FROM ({half}) AS thing")
            first, rows = (first, rows // 2) if found else (first + rows // 2, rows - rows // 2)
        thing = fetch_rows(engine, f"{ordered} ORDER BY _thing LIMIT 1 OFFSET {first}")[0]["_thing"]
        return DataError(
            f"cost_model.activities.{activity.name}, {thing}",
            f"{activity.quantity.text!r} cannot be computed: {error.found}",
            "guard it with NULLIF or CASE",
        )
    return error


def thing_values(activity: CompiledActivity, customer_id: str) -> str:
    """Return the SELECT of one customer's things of an activity: channel, _thing, the drivers and their _value."""
    named = things(activity.grain, activity.drivers | {"customer_id"}, identify=True)
    value = activity.quantity.sql.sql("duckdb")
    return (
        f"SELECT *, {value} AS _value FROM ({named}) AS thing WHERE {activity.happened} "
        f"AND customer_id = {exp.Literal.string(customer_id).sql('duckdb')}"
    )
