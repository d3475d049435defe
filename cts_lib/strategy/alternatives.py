"""What each cell could have instead, all others as in the plan: what comes second, and why it is not the cheapest.

What an option is worth hangs on the whole plan, for levers cost once, and freed minutes bring money in whole steps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from cts_lib.names import CELL, NONE
from cts_lib.replay.options import CURRENT
from cts_lib.strategy.choice import Capacity, Limits, Plan

WORTH_LESS, TOO_LITTLE, LIMITS = "worth_less", "min_gain", "limits"
"""Why an option that keeps what is asked of service is not chosen."""


def behind(table: pd.DataFrame, plan: Plan, limits: Limits) -> np.ndarray:
    """Return what the plan would be worth less with each option in its cell; nan where a limit would not be kept.

    ``table`` is what `choose` chose from. What an option changes is told from the plan's sums, not summed anew.
    """
    found = np.full(len(table), np.nan)
    worth, outlay = (table[name].to_numpy("float64") for name in ("worth", "investment"))
    levers, names = [frozenset(each) for each in table["levers"]], table["option"].tolist()
    picked, cell = np.flatnonzero(plan.chosen.to_numpy()), table.groupby(CELL, sort=False).ngroup().to_numpy()
    chosen = np.full(cell.max(initial=-1) + 1, -1)
    chosen[cell[picked]] = picked
    in_plan, options = Counter(each for row in picked for each in levers[row]), Counter(names[row] for row in picked)
    uses = [
        _Use(each, used, float(used[picked].sum()))
        for each in limits.capacities
        if each.column in table
        for used in [table[each.column].to_numpy("float64")]
    ]
    invested, now = float(outlay[picked].sum()), limits.once(sorted(in_plan))

    def less(old: int, row: int) -> float:
        """Return what the plan is worth less with a row in the place of the old one of its cell."""
        once = now
        if levers[old] != levers[row]:
            once = limits.once(
                sorted({each for each in in_plan if in_plan[each] > (each in levers[old])} | levers[row])
            )
        if limits.budget is not None and invested - outlay[old] + outlay[row] + once > limits.budget * (1 + 1e-9):
            return float("nan")
        if limits.max_configurations is not None:
            kept = {each for each in options if options[each] > (each == names[old])} | {names[row]}
            if len(kept - {CURRENT}) > limits.max_configurations:
                return float("nan")
        return float(worth[old] - worth[row]) + once - now + sum(use.less(old, row) for use in uses)

    for row in np.flatnonzero(table["eligible"].to_numpy()):
        found[row] = less(int(chosen[cell[row]]), int(row))
    return found


class _Use:
    """What a plan uses of a capacity, and what other rows in the place of its own would make of that."""

    def __init__(self, capacity: Capacity, used: np.ndarray, total: float) -> None:
        self._capacity, self._used, self._total, self._best = capacity, used, total, capacity.best(total)

    def less(self, old: int, row: int) -> float:
        """Return how much less the best steps bring with a row in the place of another; nan where none are enough."""
        more = float(self._used[row] - self._used[old])
        return self._best - self._capacity.best(self._total + more) if more else 0.0


def alternatives(table: pd.DataFrame, plan: Plan, limits: Limits) -> pd.DataFrame:
    """Return segment, channel, second_option, second_behind, cheapest_option, cheapest_behind, cheapest_reason.

    The second is the option that the plan would lose least with. The cheapest costs least to serve, also where that is
    more lines late or customers who leave; the reason is the element of service that it breaks, else `worth_less`,
    `min_gain` or `limits`, and `(none)` where it is the chosen one.
    """
    rated = table.assign(behind=behind(table, plan, limits), chosen=plan.chosen)
    others = rated[~rated["chosen"]].dropna(subset=["behind"]).sort_values(["behind", "option"])
    second = others.drop_duplicates(CELL)[[*CELL, "option", "behind"]]
    cheapest = rated.sort_values([*CELL, "cost_to_serve", "option"]).drop_duplicates(CELL)
    cheapest = cheapest.assign(cheapest_reason=[_reason(row) for row in cheapest.to_dict("records")])
    cheapest = cheapest.rename(columns={"option": "cheapest_option", "behind": "cheapest_behind"})
    second = second.rename(columns={"option": "second_option", "behind": "second_behind"})
    names = ["second_option", "second_behind", "cheapest_option", "cheapest_behind", "cheapest_reason"]
    found = cheapest.merge(second, on=CELL, how="left")[[*CELL, *names]]
    return found.astype({"second_behind": "float64", "cheapest_behind": "float64"})


def _reason(option: Mapping[Hashable, Any]) -> str:
    """Say why an option is not chosen."""
    if option["chosen"]:
        return NONE
    if not option["allowed"]:
        return str(option["reason"])
    if not option["eligible"]:
        return TOO_LITTLE
    return LIMITS if np.isnan(option["behind"]) else WORTH_LESS
