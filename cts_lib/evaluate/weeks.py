"""How strategies hold in scenarios: the worst week, the most that waits, and how long until all is well again."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from cts_lib.evaluate.chain_record import BEHIND, KEYS, ON_TIME, WEEK
from cts_lib.names import BASE, NONE
from cts_lib.params.sections import Scenario

WELL = 0.01
"""So much less than without the scenario may be on time of a week's lines for all to be well."""


def last_days(scenarios: Mapping[str, Scenario], days: int) -> dict[str, int]:
    """Return the last day of the scenarios that are over before a period of so many days is."""
    passing = {name: each for name, each in scenarios.items() if each.demand != 1 or each.warehouse}
    return {name: each.to_day for name, each in passing.items() if each.to_day and each.to_day < days}


def worst_weeks(days: pd.DataFrame, stocks: pd.DataFrame, last: Mapping[str, int]) -> pd.DataFrame:
    """Return table ``worst_weeks`` of tables ``chain_days`` and ``chain_stocks``, all of the same replications.

    ``last`` are the last days of the scenarios that are over before the period is.
    """
    on_time, behind = (days[days["measure"] == measure] for measure in (ON_TIME, BEHIND))
    weeks = {
        (str(strategy), str(scenario)): rows.set_index("day")["mean"]
        for (strategy, scenario), rows in on_time.groupby(KEYS, sort=False)
    }
    most = behind.loc[behind.groupby(KEYS)["mean"].idxmax()].set_index(KEYS)
    waits, places = most["mean"].to_dict(), most["place"].to_dict()
    units = stocks.assign(there=stocks["asked"] * stocks["fill_rate"]).groupby(KEYS)[["there", "asked"]].sum()
    filled = (units["there"] / units["asked"].where(units["asked"] > 0)).to_dict()
    rows = []
    for key, week in weeks.items():
        strategy, scenario = key
        whole = week[week.index >= WEEK]
        if len(whole):
            waiting = float(waits.get(key, 0.0))
            over = last.get(scenario) if key in waits or key in filled else None  # else no line can wait
            recovery = _recovery(week, weeks.get((strategy, BASE)), over)
            least = int(np.argmin(whole.to_numpy()))
            worst = int(whole.index[least]), float(whole.iloc[least])
            place = places[key] if waiting > 0 else NONE
            rows.append((strategy, scenario, *worst, waiting, place, filled.get(key, np.nan), recovery))
    columns = [*KEYS, "day", "on_time", "behind", "behind_at", "fill_rate", "recovery"]
    return pd.DataFrame(rows, columns=columns)


def _recovery(week: pd.Series, base: pd.Series | None, last: int | None) -> float:
    """Return the days after the ``last`` of a scenario until weeks are as without it; nan where they never are."""
    if last is None or base is None:
        return np.nan
    less = (base - week).dropna()
    ill = less.index[less > WELL]
    if not len(ill):
        return 0.0
    return np.nan if ill.max() == less.index.max() else max(0.0, int(ill.max()) - (WEEK - 1) - last)
