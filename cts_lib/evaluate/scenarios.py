"""What could happen besides: today's strategy and the proposed one under each scenario of the params."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypedDict

import numpy as np
import pandas as pd

from cts_lib.errors import ParamsError
from cts_lib.evaluate.chain import Down
from cts_lib.evaluate.chain_record import ChainRecord
from cts_lib.evaluate.indicators import dearer
from cts_lib.evaluate.plays import Plays
from cts_lib.evaluate.runs import Simulator
from cts_lib.names import BASE, CUSTOMER
from cts_lib.notes import Note, names_in_words
from cts_lib.params import Strategy, UnitParams
from cts_lib.params.labels import nearest
from cts_lib.params.sections import Evaluation, Scenario
from cts_lib.replay.options import CURRENT, PROPOSED
from cts_lib.replay.policy import Cells
from cts_lib.replay.whom import GoingAlong, share_of
from cts_lib.simulate.draws import Demand, Surge

_USUAL = Evaluation().scenarios
"""The workbook's own; their days fit a quarter."""


def check_scenarios(
    unit: UnitParams, segments: pd.DataFrame, days: int, planned: Collection[str], warehouses: Collection[str]
) -> None:
    """Raise a ParamsError for a scenario of what the unit does not have; ``planned`` are the simulated strategies."""
    known = {
        "warehouse": set(warehouses),
        "segment": set(segments["segment"]),
        "channel": set(segments["channel"]),
        "customers": set(segments["customer_id"]),
        "cost": set(unit.params.cost_model.resources),
    }
    for name, scenario in unit.params.evaluation.scenarios.items():
        given = {
            "segment": [scenario.segment] if scenario.segment else [],
            "channel": [scenario.channel] if scenario.channel else [],
            "warehouse": [scenario.warehouse] if scenario.warehouse else [],
            "customers": scenario.customers,
            "cost": list(scenario.cost),
        }
        if name in (BASE, *planned):
            raise ParamsError(unit.where("evaluation", "scenarios", name), "is taken", "call it otherwise")
        for key, names in given.items():
            for each in names:
                if each not in known[key]:
                    where = unit.where("evaluation", "scenarios", name, key)
                    raise ParamsError(where, f"{each!r} is not of this run", nearest(each, sorted(known[key])))
        for key in ("from_day", "to_day"):
            day = getattr(scenario, key)
            if day is not None and day > days and scenario != _USUAL.get(name):
                where = unit.where("evaluation", "scenarios", name, key)
                raise ParamsError(where, f"{day} is after the period's {days} days", f"write 1 to {days}")


def fitting(scenarios: Mapping[str, Scenario], days: int) -> dict[str, Scenario]:
    """Return the scenarios of a period of so many days: the workbook's own take its middle third where they end later.

    >>> surge = fitting(Evaluation().scenarios, 31)["surge"]
    >>> surge.from_day, surge.to_day
    (10, 20)
    """
    fitted = dict(scenarios)
    for name, each in scenarios.items():
        if each.to_day and each.to_day > days and each == _USUAL.get(name):
            fitted[name] = each.model_copy(update={"from_day": max(1, days // 3), "to_day": max(1, 2 * days // 3)})
    return fitted


def notes_of_scenarios(given: Mapping[str, Scenario], fitted: Mapping[str, Scenario], demand: Demand) -> list[Note]:
    """Return a remark on events where demand is another, and one for each scenario whose days were fitted."""
    notes = _of_fitting(given, fitted)
    if len(demand.events) and (more := [name for name, each in fitted.items() if each.demand != 1]):
        notes.append(
            Note(
                "In scenario {scenario} events of the same days change as orders do.",
                {"scenario": names_in_words("scenario", more)},
                assumed=True,
            )
        )
    return notes


def _of_fitting(given: Mapping[str, Scenario], fitted: Mapping[str, Scenario]) -> list[Note]:
    return [
        Note(
            "Scenario {scenario} comes on days {first} to {last}, for the period ends before its usual ones.",
            {"scenario": names_in_words("scenario", [name]), "first": each.from_day, "last": each.to_day},
            assumed=True,
        )
        for name, each in fitted.items()
        if each != given[name]
    ]


def under(
    scenario: Scenario,
    simulator: Simulator,
    both: Plays,
    plan: Cells,
    going: GoingAlong,
    replications: range,
    base: pd.DataFrame,
    record: ChainRecord,
) -> pd.DataFrame:
    """Return the runs of today's strategy and the proposed one under a scenario.

    ``both`` are these without it, ``plan`` is the proposed one, ``going`` says who goes along in it (`going_under`).
    ``base`` has their runs of these replications without it; what it leaves as it was is taken from there. ``record``
    takes what the chain tells.
    """
    then, runs = happening(scenario, simulator), base
    happens = any(then.values())
    if scenario.adoption == 1:
        if happens:
            runs = simulator.runs(both, replications, record=record, **then)
        return dearer(runs, scenario.cost)
    plays = simulator.plays({CURRENT: {}, PROPOSED: plan} if happens else {PROPOSED: plan}, going)
    found = simulator.runs(plays, replications, record=record, **then)
    plays.forget()
    today = runs[(runs["strategy"] == CURRENT) & ~runs["strategy"].isin(found["strategy"])]
    runs = pd.concat([today, found], ignore_index=True)
    return dearer(runs, scenario.cost)


class Happening(TypedDict):
    """What comes over simulated periods, as `Simulator.runs` takes it."""

    surge: Surge | None
    gone: Sequence[str]
    down: Down | None


def happening(scenario: Scenario, simulator: Simulator) -> Happening:
    """Return what comes over the simulated periods in a scenario."""
    return {
        "surge": _surge(scenario, simulator),
        "gone": _gone(scenario, simulator),
        "down": _down(scenario, simulator),
    }


def going_under(scenario: Scenario, going: GoingAlong, strategy: Strategy) -> GoingAlong:
    """Return who of those who go along do so under a scenario."""
    if scenario.adoption == 1:
        return going
    levers = {name: lever.model_copy(update={"adoption": scenario.adoption}) for name, lever in strategy.levers.items()}
    return share_of(going.cells, going.those, strategy.model_copy(update={"levers": levers}))


def _surge(scenario: Scenario, simulator: Simulator) -> Surge | None:
    """Return the scenario's surge, of the streams of its channel and segment; None without one."""
    if scenario.demand == 1:
        return None
    streams = simulator.demand.streams.streams.merge(
        simulator.segments[[*CUSTOMER, "segment"]], on=CUSTOMER, how="left"
    )
    marked = np.ones(len(streams), dtype=bool)
    for key in ("channel", "segment"):
        wanted = getattr(scenario, key)
        if wanted is not None:
            marked &= (streams[key] == wanted).to_numpy()
    last = scenario.to_day or simulator.demand.period.days
    return Surge(scenario.demand, range(scenario.from_day - 1, last), marked)


def _down(scenario: Scenario, simulator: Simulator) -> Down | None:
    """Return the warehouse that is down."""
    if scenario.warehouse is None:
        return None
    return Down(scenario.warehouse, range(scenario.from_day - 1, scenario.to_day or simulator.demand.period.days))


def _gone(scenario: Scenario, simulator: Simulator) -> list[str]:
    sales = simulator.costed.customer_sums.groupby("customer_id")["net_sales"].sum()
    ranked = sales.sort_values(ascending=False, kind="stable")
    return [*scenario.customers, *map(str, ranked.index[: scenario.largest])]
