"""What capacity the plan needs, in the steps that can be given up or added, and what that brings."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cts_lib.errors import ParamsError
from cts_lib.params import UnitParams
from cts_lib.strategy.choice import Capacity


def capacities_of(unit: UnitParams, resources: pd.DataFrame) -> list[Capacity]:
    """Return the resources of minutes with what is used of them today.

    Raises
    ------
    ParamsError
        For steps of a resource that has no capacity or does not exist.
    """
    steps, model = unit.params.strategy.capacity_steps, unit.params.cost_model
    timed = resources.dropna(subset=["capacity_minutes", "used_minutes"])
    for name in steps:
        if name not in set(timed["resource"]):
            known = ", ".join(timed["resource"]) or "none"
            where = unit.where("strategy", "capacity_steps", name)
            raise ParamsError(where, "is no resource with a capacity in minutes", f"known: {known}")
    return [
        Capacity(
            row["resource"],
            float(row["capacity_minutes"]),
            float(row["used_minutes"]),
            steps.get(row["resource"]),
            model.resources[row["resource"]].overload_cost or 0.0,
        )
        for row in timed.to_dict("records")
    ]


def capacity_plan(
    capacities: Sequence[Capacity], current: pd.DataFrame, proposed: pd.DataFrame, steps: dict[str, int]
) -> pd.DataFrame:
    """Return table ``capacity_plan``: what each resource of minutes can do and does, today and under the plan."""
    rows = []
    for each in capacities:
        if each.column not in current:
            continue
        taken, used = steps.get(each.resource, 0), float(proposed[each.column].sum())
        then = each.minutes_after(taken)
        rows.append((each.resource, each.minutes, each.used, used, taken, then, each.cash(used, taken)))
    columns = ["resource", "capacity_now", "used_now", "used_then", "steps", "capacity_then", "cash"]
    return pd.DataFrame(rows, columns=columns).astype({"resource": "str", "steps": "int64"})
