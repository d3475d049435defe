"""The value of each unit of work for an activity: which can be summed, and which row is at fault."""

from __future__ import annotations

from cts_lib.engine import Engine, count_rows, fetch_row
from cts_lib.errors import CtsError, DataError, SourceError
from cts_lib.model.compiled import CompiledActivity
from cts_lib.model.drivers import Transactions, units_of_work

LARGEST = 1e15
"""A driver value beyond this is an error: it cannot be summed to the cent."""


def is_summable(activity: CompiledActivity, value: str) -> str:
    """Return the condition under which a value can be summed."""
    return f"ABS({value}) < {LARGEST:.0f}" + ("" if activity.may_be_negative else f" AND {value} >= 0")


def refuse_values(engine: Engine, activity: CompiledActivity, source: Transactions) -> None:
    """Raise a DataError that names the first unit of work whose value cannot be summed, if there is one."""
    value, rows = activity.value, f"({_labelled(activity, source)}) AS work WHERE {activity.happened}"
    too_large = f"NOT ABS({value}) < {LARGEST:.0f}"
    faults = [("infinite, not a number or beyond 10^15", "guard it with NULLIF or CASE", too_large)]
    if not activity.may_be_negative:
        faults.append(("negative", "use ABS, GREATEST(0, …) or when: quantity > 0", f"{value} < 0"))
    for wrong, expected, condition in faults:
        count = count_rows(engine, f"{rows} AND {condition}")
        if not count:
            continue
        first = f"SELECT _label, {value} AS value FROM {rows} AND {condition} ORDER BY _label LIMIT 1"
        worst = fetch_row(engine, first)
        raise DataError(
            f"cost_model.activities.{activity.name}, {worst['_label']}",
            f"{activity.quantity.text!r} is {worst['value']:g} ({count} rows are {wrong})",
            expected,
            activity=activity.name,
            row=worst["_label"],
            value=worst["value"],
        )


def activity_error(
    engine: Engine, activities: list[CompiledActivity], source: Transactions, error: SourceError
) -> CtsError:
    """Return the DataError of the activity and row whose value the engine cannot compute, else the engine's error."""

    def fails(select: str) -> bool:
        try:
            engine.query(f"SELECT COUNT(*) AS n FROM ({select}) AS valued WHERE value IS NOT NULL")
        except SourceError:
            return True
        return False

    if fails("SELECT 1 AS value"):
        return error
    for activity in activities:
        value = f"CASE WHEN {activity.happened} THEN {activity.value} END AS value"
        ordered = f"SELECT * FROM ({_labelled(activity, source)}) AS labelled"
        if not fails(f"SELECT {value} FROM ({ordered}) AS work"):
            continue
        first, rows = 0, count_rows(engine, f"({ordered}) AS work")
        while rows > 1:  # the half in which it fails
            half = f"{ordered} ORDER BY _label LIMIT {rows // 2} OFFSET {first}"
            is_here = fails(f"SELECT {value} FROM ({half}) AS work")
            first, rows = (first, rows // 2) if is_here else (first + rows // 2, rows - rows // 2)
        row = fetch_row(engine, f"{ordered} ORDER BY _label LIMIT 1 OFFSET {first}")["_label"]
        return DataError(
            f"cost_model.activities.{activity.name}, {row}",
            f"{activity.quantity.text!r} cannot be computed: {error.problem}",
            "guard it with NULLIF or CASE",
            activity=activity.name,
            row=row,
        )
    return error


def _labelled(activity: CompiledActivity, source: Transactions) -> str:
    return units_of_work(activity.grain, activity.drivers, source, labelled=True)
