"""How far the plan hangs on what is assumed: its cash, and what would stay as today, at both ends of each assumption.

The plan is held as it is; of each cell only whether it had better stay as today is asked again. Prices, demand, what is
variable, who leaves and investments are counted anew from what the plan does; what changes the transactions of those
who stay is replayed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from cts_lib.customers.nodes import SHIPS
from cts_lib.names import CELL, NONE
from cts_lib.params import Strategy
from cts_lib.strategy.cells import Books
from cts_lib.strategy.choice import Capacity, Limits, cash_of, choose

_COLUMNS = ["assumption", "resource", "low", "high", "cash_gain_low", "cash_gain_high", "cells_changed"]
_CENT = 0.01
Replayed = Mapping[str, pd.DataFrame]
Replay = Callable[[dict[str, Strategy]], Replayed]


@dataclass(frozen=True)
class Stand:
    """The rows of today and of the plan, a cell each, as `judged` has them, within limits."""

    today: pd.DataFrame
    plan: pd.DataFrame
    limits: Limits

    @property
    def cash(self) -> float:
        """What the plan changes cash by, with the steps of capacity that are best for it; nan where none are enough."""
        return cash_of(self.plan, self.limits)

    def staying(self) -> set[tuple[str, str]]:
        """Return the cells that change in the plan and had better stay as today."""
        changed = self.plan[self.plan["changes"] > 0]
        table = pd.concat([self.today, changed.assign(eligible=True)], ignore_index=True)
        best = choose(table, replace(self.limits, budget=None, max_configurations=None))
        if best is None:
            return set()
        kept = table[best.chosen & (table["changes"] == 0)].merge(changed[CELL], on=CELL)
        return set(kept[CELL].itertuples(index=False, name=None))

    def with_more(self, of_rows: Callable[[pd.DataFrame], pd.Series], limits: Limits | None = None) -> Stand:
        """Return it with money added to the cash and worth of each row."""

        def added(rows: pd.DataFrame) -> pd.DataFrame:
            more = of_rows(rows)
            return rows.assign(cash=rows["cash"] + more, worth=rows["worth"] + more)

        return Stand(added(self.today), added(self.plan), limits or self.limits)


@dataclass(frozen=True)
class PricedResource:
    """What a unit of a resource's work costs today, and the share of it that leaves with the work."""

    name: str
    price: float
    going: float

    def more(self, rows: pd.DataFrame, today: pd.DataFrame) -> pd.Series:
        """Return what rows cost more than today for it."""
        before = today.set_index(CELL)[f"uses_{self.name}"].reindex(pd.MultiIndex.from_frame(rows[CELL]))
        more: pd.Series = (rows[f"uses_{self.name}"] - before.to_numpy()) * self.price
        return more


@dataclass(frozen=True)
class Turn:
    """An end of an assumption, and the cells that had better stay as today there and not as assumed."""

    assumption: str
    cells: set[tuple[str, str]]


def sensitivity(
    stand: Stand,
    books: Books,
    costs: pd.DataFrame,
    replayed: Callable[[dict[str, Strategy]], Replayed],
    left: Callable[[float], pd.DataFrame],
) -> tuple[pd.DataFrame, list[Turn]]:
    """Return table ``strategy_sensitivity``, what moves the plan's cash most first, and what turns at each end.

    Parameters
    ----------
    costs : DataFrame
        Today's costs: activity, resource, minutes, cost.
    replayed : callable
        Returns the rows of the plan replayed under strategies by name.
    left : callable
        Returns the rows of the plan without a share of those who go along.
    """
    if not (stand.plan["changes"] > 0).any():
        return pd.DataFrame(columns=_COLUMNS), []
    given, rows, base = books.strategy.sensitivity, [], stand.staying()
    resources, turns = resources_of(costs, books), list[Turn]()
    assumed = [name for name in _matter(stand, books) if given.ends(name) is not None]
    others = {f"{name} {at}": _assuming(books.strategy, name, at) for name in assumed for at in getattr(given, name)}
    then = replayed(others) if others else {}
    moves: list[tuple[str, str, Callable[[float], Stand]]] = [
        ("investment", NONE, lambda factor: _investment(stand, factor)),
        ("demand", NONE, lambda factor: _demand(stand, factor)),
        ("variable_share", NONE, lambda factor: _variable(stand, resources, factor)),
        ("leave", NONE, lambda share: replace(stand, plan=left(share))),
        *(("prices", each.name, partial(_price, stand, each)) for each in resources),
        *((name, NONE, partial(_known, stand, then, name)) for name in assumed),
    ]
    for name, resource, at in moves:
        ends = given.ends(name)
        if ends is not None:
            stands = [at(factor) for factor in ends]
            staying = [each.staying() for each in stands]
            turns += [Turn(name, each - base) for each in staying]
            changed = max(len(each ^ base) for each in staying)
            rows.append((name, resource, *ends, *(each.cash for each in stands), changed))
    table = pd.DataFrame(rows, columns=_COLUMNS)
    moved = (table["cash_gain_high"] - table["cash_gain_low"]).abs()
    table = table.assign(moved=moved)[moved.isna() | (moved > _CENT)]
    order = table.sort_values(["moved", "assumption", "resource"], ascending=[False, True, True], na_position="first")
    return order[_COLUMNS].reset_index(drop=True), turns


def resources_of(costs: pd.DataFrame, books: Books) -> list[PricedResource]:
    """Return the resources that did something today, with their price and what of it leaves."""
    used = costs["minutes"].where(costs["minutes"].notna(), costs["cost"])
    going = costs["cost"] * costs["activity"].astype("object").map(books.going_shares).fillna(1.0)
    sums = costs[["cost"]].assign(used=used, going=going).groupby(costs["resource"].astype("object")).sum()
    sums = sums[sums.index.isin(list(books.model.resources)) & (sums["used"] > 0) & (sums["cost"] > 0)]
    prices, shares = sums["cost"] / sums["used"], sums["going"] / sums["cost"]
    return [PricedResource(str(name), float(prices[name]), float(shares[name])) for name in sums.index]


def _investment(stand: Stand, factor: float) -> Stand:
    fixed = {lever: money * factor for lever, money in stand.limits.fixed.items()}
    return stand.with_more(lambda rows: (1 - factor) * rows["investment"], replace(stand.limits, fixed=fixed))


def _demand(stand: Stand, factor: float) -> Stand:
    """Sell, deliver and work more or less of everything, with the same capacity and investment."""

    def more(rows: pd.DataFrame) -> pd.DataFrame:
        uses = {str(name): rows[name] * factor for name in rows if str(name).startswith(("uses_", SHIPS))}
        money = {name: (rows[name] + rows["investment"]) * factor - rows["investment"] for name in ("cash", "worth")}
        return rows.assign(**uses, **money)

    capacities = [replace(each, used=each.used * factor) for each in stand.limits.capacities]
    return Stand(more(stand.today), more(stand.plan), replace(stand.limits, capacities=capacities))


def _variable(stand: Stand, resources: list[PricedResource], factor: float) -> Stand:
    """Let more or less of what a resource costs leave with the work, where a part of it does."""

    def more(rows: pd.DataFrame) -> pd.Series:
        part = pd.Series(0.0, index=rows.index)
        for each in resources:
            if 0 < each.going < 1:
                part -= (min(each.going * factor, 1.0) - each.going) * each.more(rows, stand.today)
        return part

    return stand.with_more(more)


def _price(stand: Stand, resource: PricedResource, factor: float) -> Stand:
    """Pay more or less for a resource, for its steps and its overtime too."""

    def repriced(each: Capacity) -> Capacity:
        if each.resource != resource.name or each.is_node:
            return each
        steps = each.steps
        dearer = {"saves": steps.saves * factor, "costs": steps.costs * factor} if steps else {}
        changed = steps.model_copy(update=dearer) if steps else None
        return replace(each, steps=changed, overload_cost=each.overload_cost * factor)

    capacities = [repriced(each) for each in stand.limits.capacities]
    return stand.with_more(
        lambda rows: (1 - factor) * resource.going * resource.more(rows, stand.today),
        replace(stand.limits, capacities=capacities),
    )


def _matter(stand: Stand, books: Books) -> Iterator[str]:
    """Yield the assumptions about transactions that the plan's levers make."""
    planned = {lever for levers in stand.plan["levers"] for lever in levers}
    levers = [lever for lever in books.levers if lever.name in planned]
    if levers:
        yield "adoption"
    if any(lever.lever.margin_at_risk for lever in levers):
        yield "margin_at_risk"
    if any(lever.kind.waits for lever in levers):
        yield "freight_saving"
    if any(lever.kind.name == "rush" for lever in levers):
        yield "rush_delay_days"


def _assuming(strategy: Strategy, name: str, factor: float) -> Strategy:
    """Return a strategy that assumes a multiple of something."""
    if name in ("adoption", "margin_at_risk"):
        levers = {
            key: lever.model_copy(update={name: min(getattr(lever, name) * factor, 1.0)})
            for key, lever in strategy.levers.items()
        }
        return strategy.model_copy(update={"levers": levers})
    value = getattr(strategy, name) * factor
    return strategy.model_copy(update={name: round(value) if name == "rush_delay_days" else min(value, 1.0)})


def _known(stand: Stand, then: Replayed, name: str, factor: float) -> Stand:
    return replace(stand, plan=then[f"{name} {factor}"].reset_index(drop=True))
