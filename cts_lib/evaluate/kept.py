"""What capacity that the plan gives up would do if it were kept, where the simulation says that it is missed.

The plan gives up what its own period leaves over. The period to come may ask for more, and fewer customers may go
along: where work then waits at such a resource, the plan is simulated once more with what the resource has today.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

import pandas as pd

from cts_lib.evaluate.chain_record import BEHIND
from cts_lib.evaluate.compare import Horizon, compare
from cts_lib.evaluate.indicators import kpis_of
from cts_lib.evaluate.runs import Simulator
from cts_lib.evaluate.scenarios import going_under, happening
from cts_lib.names import BASE, CELL, totals
from cts_lib.params.sections import Scenario
from cts_lib.replay.options import CURRENT, PROPOSED
from cts_lib.replay.policy import Cells
from cts_lib.replay.whom import GoingAlong

ON_TIME, KEPT = "on_time", "kept"
A_DAY = 1.0
"""Where so many more days of work wait under a plan that gives capacity up than with today's strategy, it is missed."""
COLUMNS = [
    *("scenario", "resource", "steps", "saves", "proposed", "kept"),
    *("difference", "low", "high", "verdict", "replications"),
]


def missed(days: pd.DataFrame, steps: Mapping[str, float]) -> Iterator[tuple[str, float, float]]:
    """Yield resources that the plan gives up some of and at which much work waits, with days of it today and then.

    ``days`` is table ``chain_days``, ``steps`` what becomes of the capacity of resources under the proposal.
    """
    behind = days[(days["measure"] == BEHIND) & (days["scenario"] == BASE)]
    most = behind.groupby(["place", "strategy"])["mean"].max().to_dict()
    for resource, factor in steps.items():
        today, then = (float(most.get((resource, strategy), 0.0)) for strategy in (CURRENT, PROPOSED))
        if factor < 1 and then > today + A_DAY:
            yield resource, today, then


def asked_for(days: pd.DataFrame, steps: Mapping[str, float], conditions: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the scenarios and resources to keep: where capacity given up is missed, first without any scenario."""
    given_up = {resource for resource, factor in steps.items() if factor < 1}
    found = [(scenario, place) for scenario, place in zip(conditions["scenario"], conditions["place"], strict=True)]
    found = [(scenario, place) for scenario, place in found if place in given_up]
    alone = [resource for resource, *_ in missed(days, steps)] + [place for _, place in found]
    return list(dict.fromkeys([*((BASE, resource) for resource in alone), *found]))


def kept_capacity(
    simulator: Simulator,
    plan: Cells,
    going: GoingAlong,
    asked: Collection[tuple[str, str]],
    scenarios: Mapping[str, Scenario],
    taken: pd.DataFrame,
    values: pd.DataFrame,
    comparison: pd.DataFrame,
    some: range,
    horizon: Horizon,
) -> pd.DataFrame:
    """Return table ``kept_capacity``: lines on time if the plan keeps what it gives up of a resource.

    Parameters
    ----------
    asked : collection
        Scenarios and resources, as `asked_for` returns them.
    taken, comparison : DataFrame
        Tables ``capacity_plan`` and ``comparison``, of which the plan's own share on time is. Where that is not known,
        or not to be relied on, there are no rows.
    values : DataFrame
        Indicators of simulated periods; ``some`` of them are simulated again.
    """
    steps = taken.set_index("resource")["steps"].to_dict()
    own = _on_time(values)
    own = own[(own["strategy"] == PROPOSED) & own["replication"].isin(some)].assign(strategy=CURRENT)
    told = _on_time(comparison)
    proposed = told[told["reliable"]].set_index("scenario")[PROPOSED].to_dict()
    rows = []
    for scenario, resource in (each for each in asked if {BASE, each[0]} <= proposed.keys()):
        happens = scenarios.get(scenario, Scenario())
        kept = replace(simulator, steps={KEPT: without(simulator.steps[PROPOSED], resource)})
        plays = kept.plays({KEPT: plan}, going_under(happens, going, simulator.strategy))
        then = _on_time(kpis_of(kept.runs(plays, some, **happening(happens, simulator)), {})).assign(strategy=PROPOSED)
        plays.forget()
        (found,) = compare(pd.concat([own[own["scenario"] == scenario], then]), horizon).to_dict("records")
        saves = -steps[resource] * simulator.strategy.capacity_steps[resource].saves
        share = min(1.0, max(0.0, proposed[scenario] + found["difference"]))
        figures = (found[name] for name in ("difference", "low", "high", "verdict"))
        rows.append((scenario, resource, steps[resource], saves, proposed[scenario], share, *figures, len(some)))
    texts, numbers = ("scenario", "resource", "verdict"), ("saves", "proposed", "kept", "difference", "low", "high")
    kinds = dict.fromkeys(texts, "str") | dict.fromkeys(numbers, "float64")
    return pd.DataFrame(rows, columns=COLUMNS).astype(kinds | {"steps": "int64", "replications": "int64"})


def _on_time(table: pd.DataFrame) -> pd.DataFrame:
    return totals(table[table["kpi"] == ON_TIME], *CELL)


def without(steps: Mapping[str, float], resource: str) -> dict[str, float]:
    """Return what becomes of the capacity of all other resources."""
    return {name: factor for name, factor in steps.items() if name != resource}
