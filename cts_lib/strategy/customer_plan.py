"""What the plan makes of each customer in a channel, if it goes along with all that it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd

from cts_lib.costing.avoidable import add_avoidable
from cts_lib.costing.costed import Costed
from cts_lib.engine import Engine
from cts_lib.names import CUSTOMER
from cts_lib.params import CostModel, Strategy
from cts_lib.replay.options import PROPOSED, Option, PlacedLever
from cts_lib.replay.outcome import Outcome, actual_transactions, replay
from cts_lib.replay.policy import AS_TODAY, AtWork, Cells, Policy, policy_for
from cts_lib.replay.pricing import Pricing, with_levers
from cts_lib.replay.whom import GoingAlong
from cts_lib.strategy.cells import Books

_MONEY = ["net_sales", "cost_to_serve", "profit", "avoidable_margin"]


@dataclass(frozen=True)
class WhollyTaken:
    """A plan with which all who are asked go along, and its code of each row of the cells.

    Of a single customer it would say nothing that a hash counts it among those who go along, or who leave for it; whom
    the plan hands over leaves.
    """

    going: GoingAlong
    at_work: AtWork
    codes: np.ndarray

    @classmethod
    def of(cls, plan: Cells, books: Books) -> Self:
        """Take a plan wholly."""
        reached, partners = books.going.reached, _partners(books.levers)
        leaving = {choice: mask & (choice[0] in partners) for choice, mask in reached.items()}
        going = replace(books.going, those=reached, leaving=leaving)
        at_work = AtWork(going, books.levers)
        return cls(going, at_work, at_work.codes(plan))

    def policy(self, rows: np.ndarray, strategy: Strategy) -> Policy:
        """Return the policy of some rows of the cells."""
        return policy_for({PROPOSED: (rows, self.codes[rows])}, self.at_work, self.going, strategy)

    @property
    def by_themselves(self) -> np.ndarray:
        """Whether what becomes of each row hangs on no other customer, for no share of a cell's orders is taken."""
        alone: np.ndarray = np.array([not treatment.option for treatment in self.at_work.treatments])[self.codes]
        return alone


def customer_plan(engine: Engine, priced: Pricing, costed: Costed, books: Books, taken: WhollyTaken) -> pd.DataFrame:
    """Return table ``customer_plan``."""
    cells, codes = taken.going.cells, taken.codes
    options = [Option(dict(treatment.choices)) for treatment in taken.at_work.treatments]
    partners = _partners(books.levers)
    treated = pd.DataFrame(
        {
            "option": [option.name for option in options],
            "asks": [_agreed(option, books.levers).name for option in options],
            "handed_over": [not partners.isdisjoint(option.levers) for option in options],
        }
    )
    table = cells[[*CUSTOMER, "segment"]].join(treated.take(codes).set_axis(cells.index))
    today = _money(costed.tables["customer_channel_profit"], costed.tables["customer_costs"], books.model)
    then = today.copy()
    moved = np.flatnonzero(cells["customer_id"].isin(cells.loc[codes != AS_TODAY, "customer_id"]))
    if len(moved):
        policy = taken.policy(moved, books.strategy)
        outcome = replay(engine, priced, costed, books.strategy, policy, actual_transactions(engine))
        rewritten = pd.MultiIndex.from_frame(cells.loc[moved, CUSTOMER])
        money = _of_replay(outcome, with_levers(books.model, books.strategy)[0])
        then.loc[rewritten] = money.reindex(rewritten, fill_value=0.0).where(today.notna())
    both = today.add_prefix("current_").join(then.add_prefix("chosen_"))
    return table.join(both, on=CUSTOMER)


def _partners(levers: Sequence[PlacedLever]) -> set[str]:
    return {lever.name for lever in levers if lever.kind.name == "hand_over"}


def _agreed(option: Option, levers: Sequence[PlacedLever]) -> Option:
    """Return of an option what customers have to agree to, another promise among it; whom it hands over, nothing."""
    known, asked = {lever.name: lever for lever in levers}, dict[str, str]()
    if not _partners(levers).isdisjoint(option.levers):
        return Option(asked)
    for name, setting in option.settings.items():
        placed = known[name]
        if placed.kind.agreed(placed.settings[setting]) or placed.lever.promise == "move":
            asked[name] = setting
    return Option(asked)


def _of_replay(outcome: Outcome, model: CostModel) -> pd.DataFrame:
    costs = outcome.costs.astype(dict.fromkeys([*CUSTOMER, "activity"], "str"))
    sums = outcome.customer_sums.set_index(CUSTOMER)[["net_sales", "cogs"]]
    cost = costs.groupby(CUSTOMER)["cost"].sum().rename("cost_to_serve")
    money = sums.join(cost, how="outer").fillna(0.0)
    money["gross_margin"] = money["net_sales"] - money["cogs"]
    money["profit"] = money["gross_margin"] - money["cost_to_serve"]
    return _money(money.reset_index(), costs, model)


def _money(profit: pd.DataFrame, costs: pd.DataFrame, model: CostModel) -> pd.DataFrame:
    return add_avoidable(profit, costs, model, CUSTOMER).set_index(CUSTOMER)[_MONEY]
