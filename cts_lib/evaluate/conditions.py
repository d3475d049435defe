"""What the plan holds only without: scenarios in which it serves worse than today's strategy, and what hangs on it.

A plan that frees a resource and gives its minutes up stands on the work being saved: where that does not come, the
resource fills and lines leave late. The decision that frees most of what fills is the one that depends on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from cts_lib.customers.nodes import SHIPS
from cts_lib.names import BASE, CELL, NONE, totals
from cts_lib.params.sections import Scenario
from cts_lib.replay.options import CURRENT, PROPOSED, Option
from cts_lib.replay.policy import cells_of, cells_with
from cts_lib.stage import Tables

ON_TIME, RECOVERY = "on_time", "recovery"
_COLUMNS = [
    "scenario", "adoption", "measure", "current", "proposed", "place", "behind", "lever", "setting",
]  # fmt: skip


def conditions(
    comparison: pd.DataFrame,
    weeks: pd.DataFrame,
    last: Mapping[str, int],
    scenarios: Mapping[str, Scenario],
    planned: Tables,
    may_lose: float,
) -> pd.DataFrame:
    """Return table ``conditions``: what of each scenario the plan holds only without.

    Parameters
    ----------
    comparison, weeks : DataFrame
        Tables ``comparison`` and ``worst_weeks``.
    last : mapping
        The last day of scenarios that are over before the period is.
    planned : mapping
        Tables of stage strategy.
    may_lose : float
        Share of lines on time that a plan may lose by choice; that much is no condition.
    """
    whole = totals(comparison[(comparison["kpi"] == ON_TIME) & comparison["reliable"]], *CELL).set_index("scenario")
    found = [*_late(whole, may_lose), *_not_recovered(weeks, last)] if len(whole) else []
    rows = []
    for row in found:
        place, behind = _filled(weeks, row["scenario"])
        lever, setting = _frees_most(place, planned)
        adoption = scenarios[row["scenario"]].adoption
        rows.append(row | {"adoption": adoption, "place": place, "behind": behind, "lever": lever, "setting": setting})
    texts = dict.fromkeys(["scenario", "measure", "place", "lever", "setting"], "str")
    numbers = dict.fromkeys(["adoption", "current", "proposed", "behind"], "float64")
    return pd.DataFrame(rows, columns=_COLUMNS).astype(texts | numbers)


def _late(whole: pd.DataFrame, may_lose: float) -> Iterator[dict[str, Any]]:
    """Yield scenarios that cost the plan on-time beyond what it may lose, more than replications may miss by.

    ``whole`` is what `comparison` says of on-time in the unit, by scenario.
    """
    without = float(whole["difference"].get(BASE, 0.0))
    whole = whole[(whole.index != BASE) & (whole["verdict"] == "worse")]
    for scenario, row in whole[whole["difference"] < min(without, 0.0) - may_lose].iterrows():
        yield {"scenario": scenario, "measure": ON_TIME, "current": row[CURRENT], "proposed": row[PROPOSED]}


def _not_recovered(weeks: pd.DataFrame, last: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """Yield scenarios from which today's strategy recovers within the period, and the plan does not."""
    days = weeks.set_index(["strategy", "scenario"])["recovery"]
    for scenario in last:
        today, then = ((strategy, scenario) for strategy in (CURRENT, PROPOSED))
        if today in days and then in days and pd.notna(days[today]) and pd.isna(days[then]):
            yield {"scenario": scenario, "measure": RECOVERY, "current": days[today], "proposed": days[then]}


def _filled(weeks: pd.DataFrame, scenario: str) -> tuple[str, float]:
    """Return where most work waits under the plan, if more than with today's strategy, and how many days of it."""
    told = weeks.set_index(["strategy", "scenario"])
    places, behind = told["behind_at"].to_dict(), told["behind"].to_dict()
    then = behind.get((PROPOSED, scenario), 0.0)
    today = behind.get((CURRENT, scenario), behind.get((CURRENT, BASE), 0.0))  # one that leaves today's as it was
    return (places[PROPOSED, scenario] if then > today else NONE), then


def _frees_most(place: str, planned: Tables) -> tuple[str, str]:
    """Return the lever and setting that alone would free most of a resource or warehouse in the cells that get it."""
    options = planned["strategy_options"]
    column = next((name for name in (f"uses_{place}", f"{SHIPS}{place}") if name in options), None)
    if column is None:
        return NONE, NONE
    used = options.set_index([*CELL, "option"])[column].to_dict()
    chosen = cells_of(planned["strategy"])
    freed = {}
    for choice in planned["decisions"][["lever", "setting"]].itertuples(index=False, name=None):
        alone = Option(dict([choice])).name
        cells = cells_with(chosen, choice)
        freed[choice] = sum(used[*cell, CURRENT] - used[*cell, alone] for cell in cells if (*cell, alone) in used)
    most = max(freed, key=freed.__getitem__, default=(NONE, NONE))
    return most if freed.get(most, 0.0) > 0 else (NONE, NONE)
