"""What each cell could have instead, all others as in the plan: what comes second, and why it is not the cheapest.

What an option is worth hangs on the whole plan, for levers cost once, and freed minutes bring money in whole steps.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cts_lib.names import CELL, NONE
from cts_lib.replay.options import CURRENT
from cts_lib.strategy.choice import Limits, Plan

WORTH_LESS, TOO_LITTLE, LIMITS = "worth_less", "min_gain", "limits"
"""Why an option that keeps what is asked of service is not chosen."""


def behind(table: pd.DataFrame, plan: Plan, limits: Limits) -> np.ndarray:
    """Return what the plan would be worth less with each option in its cell; nan where a limit would not be kept.

    ``table`` is what `choose` chose from.
    """
    chosen, found = plan.chosen.to_numpy(), np.full(len(table), np.nan)
    worth, outlay = (table[name].to_numpy("float64") for name in ("worth", "investment"))
    levers, names = [set(each) for each in table["levers"]], table["option"].tolist()
    uses = [(each, table[each.column].to_numpy("float64")) for each in limits.capacities if each.column in table]

    def total(rows: np.ndarray) -> float:
        """Return what a plan of these rows is worth with the steps that are best for it; nan where a limit breaks."""
        fixed = limits.once(set().union(*(levers[int(row)] for row in rows)))
        options = {names[row] for row in rows} - {CURRENT}
        if limits.budget is not None and outlay[rows].sum() + fixed > limits.budget * (1 + 1e-9):
            return float("nan")
        if limits.max_configurations is not None and len(options) > limits.max_configurations:
            return float("nan")
        return float(worth[rows].sum()) - fixed + sum(each.best(float(used[rows].sum())) for each, used in uses)

    picked = np.flatnonzero(chosen)
    most = total(picked)
    eligible, cell = table["eligible"].to_numpy(), table.groupby(CELL, sort=False).ngroup().to_numpy()
    for row in np.flatnonzero(eligible):
        found[row] = most - total(np.append(picked[cell[picked] != cell[row]], row))
    return found


def alternatives(table: pd.DataFrame, plan: Plan, limits: Limits) -> pd.DataFrame:
    """Return segment, channel, second_option, second_behind, cheapest_option, cheapest_behind, cheapest_reason.

    The second is the option that the plan would lose least with. The cheapest costs least to serve, also where that is
    more lines late or customers who leave; the reason is the element of service that it breaks, else `worth_less`,
    `min_gain` or `limits`, and `(none)` where it is the chosen one.
    """
    rated = table.assign(behind=behind(table, plan, limits), chosen=plan.chosen)
    rows = []
    for (segment, channel), options in rated.groupby(CELL, sort=True):
        others = options[~options["chosen"]].dropna(subset=["behind"]).sort_values(["behind", "option"])
        cheapest = options.sort_values(["cost_to_serve", "option"]).iloc[0]
        reason = _reason(cheapest)
        second = (others["option"].iloc[0], others["behind"].iloc[0]) if len(others) else (None, np.nan)
        rows.append((segment, channel, *second, cheapest["option"], cheapest["behind"], reason))
    names = ["second_option", "second_behind", "cheapest_option", "cheapest_behind", "cheapest_reason"]
    return pd.DataFrame(rows, columns=[*CELL, *names]).astype(
        {"second_behind": "float64", "cheapest_behind": "float64"}
    )


def _reason(option: pd.Series) -> str:
    """Say why an option is not chosen."""
    if option["chosen"]:
        return NONE
    if not option["allowed"]:
        return str(option["reason"])
    if not option["eligible"]:
        return TOO_LITTLE
    return LIMITS if np.isnan(option["behind"]) else WORTH_LESS
