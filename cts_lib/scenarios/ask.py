"""Ask what would change: prices are answered from the work that was read, levers and segments by their stages."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from cts_lib.costing.what_if import repriced, utilisation
from cts_lib.display import Reader, what_if
from cts_lib.errors import CtsError, SourceError
from cts_lib.params import load
from cts_lib.params.period import Period
from cts_lib.params.scenarios import tree_of
from cts_lib.scenarios.figures import compared, movers, of_customers, of_period, of_plan, of_resources
from cts_lib.stage import Tables

if TYPE_CHECKING:
    from cts_lib.run import UnitRun

_OF_TODAY, _OF_PLAN = ("customer_profit", "service", "resources"), ("strategy", "decisions", "capacity_plan")


@dataclass(frozen=True)
class Answer:
    """What a question changes.

    ``figures``: figure, resource, today, then, change. ``customers``: each customer's profit then and its change.
    ``movers``: those that begin or cease to make a loss, or change segment.
    """

    asked: tuple[str, ...]
    figures: pd.DataFrame
    customers: pd.DataFrame
    movers: pd.DataFrame
    reader: Reader

    def _repr_html_(self) -> str:
        return what_if(self.figures, self.movers, self.reader, ", ".join(self.asked)).html

    def __repr__(self) -> str:
        return what_if(self.figures, self.movers, self.reader, ", ".join(self.asked)).summary


def ask(
    run: UnitRun,
    period: Period,
    overrides: Sequence[str],
    table: Callable[[str], pd.DataFrame],
    out: Path,
    reader: Reader,
) -> Answer:
    """Answer what overrides of the cost model, the levers or the segments would change.

    Parameters
    ----------
    run : UnitRun
        The unit, open; it keeps what it read for the next question.
    table : callable
        Returns a table of today.
    out : Path
        Where stages are stored that rest on the same.

    Raises
    ------
    ParamsError, Problems
        With what is wrong of the question, a line each.
    """
    from cts_lib.run import UnitRun  # a notebook that asks nothing loads no stage
    from cts_lib.run.planned import planned_customers

    sections = set(tree_of(overrides))
    unit = load(run.unit.folder, [run.unit.name], [*run.unit.overrides, *overrides])[0]
    with_plan = "strategy" in sections
    names = [*_OF_TODAY, *(_OF_PLAN if with_plan else ())]
    today = {name: table(name) for name in names} | {"segments": _segments(table)}
    if sections <= {"cost_model"}:
        now = run.priced_as(unit, period)
        customers = repriced(now, today["customer_profit"])
        found = of_period(today) | of_customers(customers) | of_resources(utilisation(now))
        return _answer(overrides, today, of_period(today), found, customers, today["segments"], reader)
    before, other = of_period(today), UnitRun(unit, out=out)
    try:
        done = other.stages(period, "strategy" if with_plan else "segment")
        tables = {name: each for result in done.values() for name, each in result.tables.items()}
        customers, then = tables["customer_profit"], of_period(tables)
        if with_plan:
            before |= {key: value for key, value in of_plan(today).items() if key[0].startswith("plan_")}
            customers = planned_customers(other, period, done)
            then |= of_plan(tables) | of_customers(customers)
    finally:
        other.close()
    return _answer(overrides, today, before, then, _changed(customers, today), tables["segments"], reader)


def _segments(table: Callable[[str], pd.DataFrame]) -> pd.DataFrame:
    """Return today's segments; none where no more than the profile is stored."""
    try:
        return table("segments")
    except SourceError:
        return pd.DataFrame(columns=["customer_id", "channel", "segment"], dtype="str")


def _changed(customers: pd.DataFrame, today: Tables) -> pd.DataFrame:
    """Return the customers with the change of their profit."""
    profit = today["customer_profit"].set_index("customer_id")["profit"]
    return customers.assign(change=customers["profit"] - customers["customer_id"].map(profit).fillna(0.0))


def _answer(
    asked: Sequence[str],
    today: Tables,
    before: dict[tuple[str, str], float],
    then: dict[tuple[str, str], float],
    customers: pd.DataFrame,
    segments: pd.DataFrame,
    reader: Reader,
) -> Answer:
    now = today["customer_profit"]
    moved = movers(_with_segment(now, now, today["segments"]), _with_segment(customers, now, segments))
    return Answer(tuple(asked), compared(before, then), customers, moved, reader)


def _with_segment(customers: pd.DataFrame, now: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Return customers with the segment of the channel in which each buys most."""
    main = now[["customer_id", "channel"]].merge(segments[["customer_id", "channel", "segment"]], how="left")
    kept = customers.drop(columns=["channel", "segment"], errors="ignore")
    return kept.merge(main.drop(columns="channel"), on="customer_id", how="left")


def told_of(problem: CtsError, files: Sequence[str]) -> CtsError:
    """Return what is wrong of a question; where it came from kept scenarios it is told of their files."""
    if files and problem.where.startswith("--set"):
        problem = copy.copy(problem)
        problem.where = problem.where.replace("--set", " or ".join(files), 1)
    return problem
