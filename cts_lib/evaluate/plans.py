"""The plans that are held against each other, what they cost to introduce, and whether the proposal pays back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Self

import pandas as pd

from cts_lib.evaluate.compare import Horizon, interval
from cts_lib.names import ALL, CELL
from cts_lib.params import Strategy, UnitParams
from cts_lib.params.period import Period
from cts_lib.replay.options import CURRENT, PROPOSED, TODAY, Option, read_option
from cts_lib.replay.policy import Cells, cells_of, plan_without
from cts_lib.replay.whom import GoingAlong
from cts_lib.stage import Tables

ONE = "one_option"
WITHOUT = "without "
MOST_DECISIONS = 5


def plans_of(tables: Tables, objective: Literal["cash", "full_cost"]) -> dict[str, Cells]:
    """Return the plans by name: today's, the proposed, one option for all, and the proposed without each decision."""
    proposed = cells_of(tables["strategy"])
    plans: dict[str, Cells] = {CURRENT: {}, PROPOSED: proposed}
    if any(option != TODAY for option in proposed.values()):
        plans[ONE] = _one_option(tables["strategy_options"], objective)
    decisions = tables["decisions"].head(MOST_DECISIONS)
    for lever, setting in decisions[["lever", "setting"]].itertuples(index=False, name=None):
        name = WITHOUT + Option({lever: setting}).name
        plans[name] = plan_without(proposed, (lever, setting))
    return plans


def steps_of(plans: Iterable[str], capacity_plan: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return by plan what becomes of each resource's capacity: the proposal's steps, also without one decision."""
    moved = capacity_plan[capacity_plan["steps"] != 0]
    factors = dict(zip(moved["resource"], moved["capacity_then"] / moved["capacity_now"], strict=True))
    return {name: factors for name in plans if name == PROPOSED or decision_of(name)}


def decision_of(name: str) -> tuple[str, str] | None:
    """Return the lever and setting that a plan of `plans_of` does without; None for the others."""
    if not name.startswith(WITHOUT):
        return None
    ((lever, setting),) = read_option(name.removeprefix(WITHOUT)).settings.items()
    return lever, setting


def _one_option(options: pd.DataFrame, objective: Literal["cash", "full_cost"]) -> Cells:
    """Return the plan of the one option that would bring most if every cell where it is allowed had it."""
    today = options[options["option"] == CURRENT].set_index(CELL)["profit"]
    full = options["profit"] - options["investment"] - today.reindex(pd.MultiIndex.from_frame(options[CELL])).to_numpy()
    allowed = options[options["allowed"]].assign(worth=options["cash"] if objective == "cash" else full)
    one = str(allowed.groupby("option", sort=True)["worth"].sum().idxmax())
    cells = allowed.loc[allowed["option"] == one, CELL].itertuples(index=False, name=None)
    return dict.fromkeys(cells, read_option(one))


@dataclass(frozen=True)
class Paid:
    """What plans cost to introduce.

    ``borne`` is the period's share by plan and cell, ``(all)`` with what levers cost once; ``outlay`` what the proposal
    takes before it works, ``yearly`` what it costs every year, ``steps`` the cash that steps of capacity bring in the
    period, ``years`` the period's part of a year.
    """

    borne: Mapping[str, pd.Series]
    outlay: float
    yearly: float
    steps: float
    years: float

    @classmethod
    def of(
        cls, unit: UnitParams, tables: Tables, period: Period, plans: Mapping[str, Cells], going: GoingAlong
    ) -> Self:
        """Read it from the tables of stage strategy, and what each plan bears from who goes along with it."""
        decisions = tables["decisions"]
        borne = borne_by(plans, going, unit.params.strategy, period.months / 12)
        once = decisions.drop_duplicates("lever")["lever"]
        levers = unit.params.strategy.levers
        outlay = float(decisions["investment"].sum())
        outlay -= sum(levers[name].investment.once for name in decisions["lever"]) - sum(
            levers[name].investment.once for name in once
        )
        yearly = sum(levers[name].investment.per_year for name in once)
        steps = float(tables["capacity_plan"]["cash"].sum())
        return cls(borne, outlay, yearly, steps, period.months / 12)


def borne_by(plans: Mapping[str, Cells], going: GoingAlong, strategy: Strategy, years: float) -> dict[str, pd.Series]:
    """Return by plan what it bears in so many years, by cell and ``(all)``, where these go along."""
    return {name: invested(cells, going, strategy, years) for name, cells in plans.items()}


def invested(plan: Cells, going: GoingAlong, strategy: Strategy, years: float) -> pd.Series:
    """Return what a plan bears in so many years for what it takes to introduce, by cell and ``(all)``.

    Customers who go along are of a cell; what a lever takes once or every year is of the whole unit.
    """
    levers, share, of_cell = strategy.levers, years / strategy.investment_years, going.cells.groupby(CELL).indices
    by_cell = {
        cell: share
        * sum(
            levers[name].investment.per_customer * going.those[name, setting][of_cell[cell]].sum()
            for name, setting in option.settings.items()
        )
        for cell, option in plan.items()
        if cell in of_cell
    }
    bought = dict.fromkeys(name for option in plan.values() for name in option.settings)
    fixed = sum(levers[name].investment.once * share + levers[name].investment.per_year * years for name in bought)
    by_cell[ALL, ALL] = sum(by_cell.values()) + fixed
    return pd.Series(by_cell, dtype="float64", index=pd.MultiIndex.from_tuples(by_cell, names=CELL))


def payback(runs: pd.DataFrame, paid: Paid, horizon: Horizon) -> pd.DataFrame:
    """Return one row: the proposal's cash a year, its interval, and how likely that pays its outlay within the year."""
    whole = runs[(runs[CELL] == ALL).all(axis=1)]
    cash = (whole["net_sales"] - whole["cogs"] - whole["going_cost"]).to_numpy()
    wide = whole.assign(cash=cash).pivot(index="replication", columns="strategy", values="cash")
    yearly = (wide[PROPOSED] - wide[CURRENT] + paid.steps) / paid.years - paid.yearly
    mean, low, high = interval(yearly, horizon)
    return pd.DataFrame(
        {
            "cash_a_year": [mean],
            "low": [low],
            "high": [high],
            "outlay": [paid.outlay],
            "likely": [float((yearly >= paid.outlay).mean())],
        }
    )
