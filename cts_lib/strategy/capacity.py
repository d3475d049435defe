"""What the plan needs of resources, in the steps that can be given up or added, and of warehouses with a limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from cts_lib.customers.nodes import SHIPS, node_capacities
from cts_lib.engine import Engine
from cts_lib.params import UnitParams
from cts_lib.strategy.choice import Capacity


def capacities_of(unit: UnitParams, resources: pd.DataFrame) -> list[Capacity]:
    """Return the resources of minutes with what is used of them today."""
    steps, model = unit.params.strategy.capacity_steps, unit.params.cost_model
    timed = resources.dropna(subset=["capacity_minutes", "used_minutes"])
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


def nodes_of(engine: Engine, customer_sums: pd.DataFrame) -> list[Capacity]:
    """Return the warehouses with a limit, of lines in the place of minutes."""
    return [
        Capacity(name, lines, float(customer_sums[f"{SHIPS}{name}"].sum()), is_node=True)
        for name, lines in node_capacities(engine).items()
    ]


def node_plan(nodes: Sequence[Capacity], proposed: pd.DataFrame) -> pd.DataFrame:
    """Return table ``node_plan``: the lines that each warehouse with a limit can ship and does, today and then."""
    rows = [(each.resource, each.minutes, each.used, float(proposed[each.column].sum())) for each in nodes]
    columns = ["warehouse", "capacity", "ships_now", "ships_then"]
    kinds = {"warehouse": "str"} | dict.fromkeys(columns[1:], "float64")
    return pd.DataFrame(rows, columns=columns).astype(kinds)


def capacity_plan(
    capacities: Sequence[Capacity],
    current: pd.DataFrame,
    proposed: pd.DataFrame,
    steps: Mapping[str, int],
    hours: Mapping[str, float],
) -> pd.DataFrame:
    """Return table ``capacity_plan``: what each resource of minutes can do and does, today and under the plan.

    ``hours`` says what an hour more of it is worth.
    """
    rows = []
    for each in capacities:
        if each.column not in current:
            continue
        taken, used = steps.get(each.resource, 0), float(proposed[each.column].sum())
        then = each.minutes_after(taken)
        money = each.cash(used, taken), hours.get(each.resource, float("nan"))
        rows.append((each.resource, each.minutes, each.used, used, taken, then, *money))
    columns = ["resource", "capacity_now", "used_now", "used_then", "steps", "capacity_then", "cash", "hour_worth"]
    return pd.DataFrame(rows, columns=columns).astype({"resource": "str", "steps": "int64", "hour_worth": "float64"})
