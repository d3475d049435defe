"""What the plan's limits cost: an hour more of a resource, and another point of lines on time in a segment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from cts_lib.strategy.choice import Limits, Plan, cash_of, choose

_MORE = 0.01
"""Of a resource's capacity, or of the promised lines of a segment."""
_HOUR = 60


def hours_worth(table: pd.DataFrame, plan: Plan, limits: Limits) -> dict[str, float]:
    """Return, by resource of minutes, what an hour of 1 % more capacity is worth to the plan on average.

    ``table`` is what `choose` chose from.
    """
    worth = dict[str, float]()
    for at, each in enumerate(limits.capacities):
        if each.is_node or each.column not in table:
            continue
        more = [*limits.capacities]
        more[at] = replace(each, minutes=each.minutes * (1 + _MORE))
        found = choose(table, replace(limits, capacities=more))
        if found is not None and each.minutes:
            worth[each.resource] = max(found.worth - plan.worth, 0.0) / (each.minutes * _MORE / _HOUR)
    return worth


def service_prices(table: pd.DataFrame, plan: Plan, limits: Limits) -> pd.DataFrame:
    """Return table ``service_prices``: what another point of on-time costs in each segment that promises days."""
    picked = table[plan.chosen]
    cash, rows = cash_of(picked, limits, plan.steps), list[tuple[str, float, float]]()
    for segment, cells in picked.groupby("segment"):
        promised, on_time = float(cells["promised_lines"].sum()), float(cells["on_time_lines"].sum())
        if not promised:
            continue
        found = choose(table, limits, {str(segment): on_time / promised + _MORE})
        price = np.nan if found is None else cash - cash_of(table[found.chosen], limits, found.steps)
        rows.append((str(segment), on_time / promised, price))
    columns = {"segment": "str", "service_level": "float64", "cash_of_point": "float64"}
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)
