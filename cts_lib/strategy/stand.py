"""Where the plan stands: today's rows and its own, and what becomes of both where an assumption moves.

Prices, demand, what is variable and investments are counted anew from the rows, one upon the other where several move;
in which order does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from cts_lib.costing.avoidable import shares_within_capacity
from cts_lib.customers.nodes import SHIPS
from cts_lib.names import CELL
from cts_lib.strategy.cells import Books
from cts_lib.strategy.choice import Capacity, Limits, cash_of, choose

OfRows = Callable[[pd.DataFrame], pd.Series]


@dataclass(frozen=True)
class End:
    """An assumption at one of its ends; ``resource`` is the one whose price is meant, else `(none)`."""

    assumption: str
    resource: str
    at: float


@dataclass(frozen=True)
class PricedResource:
    """What a unit of a resource's work costs today, and the share of it that leaves with the work within capacity."""

    name: str
    price: float
    share: float
    overloaded: bool = False

    @property
    def going(self) -> float:
        """The share that leaves with the work: nothing of what is beyond capacity, for nobody is paid for it."""
        return 0.0 if self.overloaded else self.share

    def more(self, rows: pd.DataFrame, today: pd.DataFrame) -> pd.Series:
        """Return what rows cost more than today for it."""
        before = today.set_index(CELL)[f"uses_{self.name}"].reindex(pd.MultiIndex.from_frame(rows[CELL]))
        more: pd.Series = (rows[f"uses_{self.name}"] - before.to_numpy()) * self.price
        return more


@dataclass(frozen=True)
class Stand:
    """The rows of today and of the plan, a cell each, as `judged` has them, within limits, at prices of resources.

    ``full_cost`` says that rows are worth their profit at full cost, not their cash.
    """

    today: pd.DataFrame
    plan: pd.DataFrame
    limits: Limits
    resources: Mapping[str, PricedResource]
    full_cost: bool = False

    @property
    def cash(self) -> float:
        """What the plan changes cash by, with the steps of capacity that are best for it; nan where none are enough."""
        return cash_of(self.plan, self.limits)

    def staying(self) -> frozenset[tuple[str, str]]:
        """Return the cells that change in the plan and had better stay as today."""
        changed = self.plan[self.plan["changes"] > 0]
        table = pd.concat([self.today, changed.assign(eligible=True)], ignore_index=True)
        best = choose(table, replace(self.limits, budget=None, max_configurations=None))
        if best is None:
            return frozenset()
        kept = table[best.chosen & (table["changes"] == 0)].merge(changed[CELL], on=CELL)
        return frozenset(kept[CELL].itertuples(index=False, name=None))

    def with_more(self, cash: OfRows, gain: OfRows) -> Stand:
        """Return it with money added to the cash of rows, and to what they gain at full cost."""

        def added(rows: pd.DataFrame) -> pd.DataFrame:
            worth = gain(rows) if self.full_cost else cash(rows)
            return rows.assign(cash=rows["cash"] + cash(rows), worth=rows["worth"] + worth)

        return replace(self, today=added(self.today), plan=added(self.plan))

    def within(self, limits: Limits) -> Stand:
        """Return it within other limits."""
        return replace(self, limits=limits)


def resources_of(costs: pd.DataFrame, books: Books) -> dict[str, PricedResource]:
    """Return the resources that did something today, with their price and what of it leaves.

    ``costs`` has today's activity, resource, minutes and cost.
    """
    used = costs["minutes"].where(costs["minutes"].notna(), costs["cost"])
    within = shares_within_capacity(books.model, books.strategy.capacity_steps)
    going = costs["cost"] * costs["activity"].astype("object").map(within).fillna(1.0)
    sums = costs[["cost"]].assign(used=used, going=going).groupby(costs["resource"].astype("object")).sum()
    sums = sums[sums.index.isin(list(books.model.resources)) & (sums["used"] > 0) & (sums["cost"] > 0)]
    prices, shares = sums["cost"] / sums["used"], sums["going"] / sums["cost"]
    beyond = set(books.resources.loc[books.resources["overdriven"] > 0, "resource"])
    return {
        str(name): PricedResource(str(name), float(prices[name]), float(shares[name]), name in beyond)
        for name in sums.index
    }


def _investment(stand: Stand, end: End) -> Stand:
    def more(rows: pd.DataFrame) -> pd.Series:
        return (1 - end.at) * rows["investment"]

    moved = stand.with_more(more, more)
    today, plan = (rows.assign(investment=rows["investment"] * end.at) for rows in (moved.today, moved.plan))
    fixed = {lever: money * end.at for lever, money in stand.limits.fixed.items()}
    return replace(moved, today=today, plan=plan).within(replace(stand.limits, fixed=fixed))


def _demand(stand: Stand, end: End) -> Stand:
    """Sell, deliver and work more or less of everything, with the same capacity and investment."""

    def more(rows: pd.DataFrame) -> pd.DataFrame:
        uses = {str(name): rows[name] * end.at for name in rows if str(name).startswith(("uses_", SHIPS))}
        money = {name: (rows[name] + rows["investment"]) * end.at - rows["investment"] for name in ("cash", "worth")}
        return rows.assign(**uses, **money)

    capacities = [replace(each, used=each.used * end.at) for each in stand.limits.capacities]
    moved = replace(stand, today=more(stand.today), plan=more(stand.plan))
    beyond = {each.resource: each.used > each.minutes for each in capacities if not each.is_node}
    resources = {
        name: replace(each, overloaded=beyond.get(name, each.overloaded)) for name, each in stand.resources.items()
    }
    return _leaving(moved, resources).within(replace(stand.limits, capacities=capacities))


def _variable(stand: Stand, end: End) -> Stand:
    """Let more or less of what a resource costs leave with the work, where a part of it does."""
    resources = {
        name: replace(each, share=min(each.share * end.at, 1.0)) if 0 < each.share < 1 else each
        for name, each in stand.resources.items()
    }
    return _leaving(stand, resources)


def _leaving(stand: Stand, resources: Mapping[str, PricedResource]) -> Stand:
    """Return it where other shares of what resources cost leave with the work."""

    def more(rows: pd.DataFrame) -> pd.Series:
        part = pd.Series(0.0, index=rows.index)
        for name, each in stand.resources.items():
            if resources[name].going != each.going:
                part -= (resources[name].going - each.going) * each.more(rows, stand.today)
        return part

    return replace(stand.with_more(more, lambda rows: 0.0 * rows["cash"]), resources=resources)


def _price(stand: Stand, end: End) -> Stand:
    """Pay more or less for a resource, for its steps and its overtime too."""

    def repriced(each: Capacity) -> Capacity:
        if each.resource != end.resource or each.is_node:
            return each
        steps = each.steps
        dearer = {"saves": steps.saves * end.at, "costs": steps.costs * end.at} if steps else {}
        changed = steps.model_copy(update=dearer) if steps else None
        return replace(each, steps=changed, overload_cost=each.overload_cost * end.at)

    resource = stand.resources[end.resource]
    moved = stand.with_more(
        lambda rows: (1 - end.at) * resource.going * resource.more(rows, stand.today),
        lambda rows: (1 - end.at) * resource.more(rows, stand.today),
    )
    priced = {**stand.resources, end.resource: replace(resource, price=resource.price * end.at)}
    capacities = [repriced(each) for each in stand.limits.capacities]
    return replace(moved, resources=priced).within(replace(stand.limits, capacities=capacities))


COUNTED: Mapping[str, Callable[[Stand, End], Stand]] = {
    "investment": _investment,
    "demand": _demand,
    "variable_share": _variable,
    "prices": _price,
}
"""The assumptions that need no replay."""
