"""Simulated periods of a unit under plans: drawn once, rewritten by each plan's policy, priced by the cost engine."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from cts_lib.costing.costed import Costed
from cts_lib.engine import Engine
from cts_lib.evaluate.calls import Calls
from cts_lib.evaluate.cells import COST, costs_of
from cts_lib.evaluate.chain import UNWAITED, Down, ThroughDays, UnitChain
from cts_lib.evaluate.told import Told
from cts_lib.measures import SERVICE, kind_of, ratios
from cts_lib.model.drivers import Transactions
from cts_lib.names import ALL, CELL, CUSTOMER
from cts_lib.params import Strategy
from cts_lib.replay.options import CURRENT, placed_levers
from cts_lib.replay.outcome import Outcome, at_once, replay
from cts_lib.replay.policy import AS_TODAY, AtWork, Cells, Policy, policy_for, policy_of
from cts_lib.replay.pricing import Pricing
from cts_lib.replay.rewrite import rewrite
from cts_lib.replay.whom import GoingAlong
from cts_lib.simulate.chain import Floats, Stock
from cts_lib.simulate.draws import Demand, Surge, draw_transactions

KPIS = ("net_sales", "cost_to_serve", "profit", *SERVICE)
RUN = ["strategy", "replication"]


@dataclass(frozen=True)
class Simulator:
    """What simulates plans: the period's demand, its prices, what of an activity's cost leaves the ledger.

    With a ``chain`` lines pass through it, whose lines without today's waits the engine holds; ``steps`` has by plan
    what becomes of the capacity of resources in it, ``calls`` what late and short lines cause.
    """

    engine: Engine
    priced: Pricing
    costed: Costed
    strategy: Strategy
    demand: Demand
    going_shares: Mapping[str, float]
    segments: pd.DataFrame
    seed: int
    chain: UnitChain | None = None
    steps: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    calls: Calls | None = None

    def runs(
        self,
        plans: Mapping[str, Cells],
        going: GoingAlong,
        replications: range,
        known: bool = False,
        surge: Surge | None = None,
        gone: Sequence[str] = (),
        down: Down | None = None,
        told: Told | None = None,
    ) -> pd.DataFrame:
        """Return sums by strategy, replication, segment and channel, with rows for the whole unit; nothing sold is 0.

        ``known`` repeats the period itself: its rates, without what could be otherwise next time; ``gone`` are
        customers who are left out, ``down`` is a warehouse that is; ``told`` takes what the chain tells. Whom a plan
        leaves as today is not simulated again under it, unless the customers share a chain.
        """
        at_work, everybody = AtWork(going, placed_levers(self.strategy)), np.arange(len(going.cells))
        today = policy_for({CURRENT: (everybody, at_work.codes({}))}, at_work, going, self.strategy)
        moved = {name: self._moved(at_work.codes(cells), going) for name, cells in plans.items()}
        policies = {
            name: policy_for({name: (rows, at_work.codes(plans[name])[rows])}, at_work, going, self.strategy)
            for name, rows in moved.items()
            if len(rows)
        }
        some_of = {name: set(going.cells["customer_id"].to_numpy()[rows]) for name, rows in moved.items()}
        stocked = self.chain.stocks_under(policies) if self.chain else {}
        through = {
            name: self._through(name, policy, stocked.get(name), gone, down, told if name in plans else None)
            for name, policy in {CURRENT: today, **policies}.items()
        }
        is_needed = any(len(moved[name]) < len(everybody) for name in plans)
        lines = UNWAITED if self.chain else "lines"
        size = at_once(self.engine)
        drawn = draw_transactions(self.engine, self.demand, replications, self.seed, size, known, surge, lines)
        parts = []
        for some, transactions in drawn:
            unmoved = self._replayed(today, transactions, through[CURRENT]) if is_needed else None
            for name in plans:
                outcomes = [_without(unmoved, some_of[name], name)] if unmoved else []
                if name in policies:
                    outcomes.append(self._replayed(policies[name], transactions, through[name]))
                parts.append(self._sums(Outcome.together(outcomes), name, some, gone))
        return pd.concat(parts, ignore_index=True)

    def leave(
        self, plan: str, cells: Cells, going: GoingAlong, replication: int, columns: Collection[str]
    ) -> Transactions:
        """Leave one replication under a plan in the engine, its lines with these columns, and say where."""
        policy = policy_of({plan: cells}, going, self.strategy)
        stocked = self.chain.stocks_under({plan: policy}) if self.chain else {}
        through, lines = self._through(plan, policy, stocked.get(plan)), UNWAITED if self.chain else "lines"
        one = range(replication, replication + 1)
        for _, drawn in draw_transactions(self.engine, self.demand, one, self.seed, 1, lines=lines):
            read = {*columns, *(through.columns if through else ())}
            rewritten = rewrite(self.engine, policy, self.strategy, drawn, read)
            left = through(rewritten) if through else rewritten
        return left

    def _replayed(self, policy: Policy, transactions: Transactions, through: ThroughDays | None) -> Outcome:
        return replay(self.engine, self.priced, self.costed, self.strategy, policy, transactions, through=through)

    def _through(
        self,
        name: str,
        policy: Policy,
        stocked: tuple[Stock, Floats] | None,
        gone: Sequence[str] = (),
        down: Down | None = None,
        told: Told | None = None,
    ) -> ThroughDays | None:
        if self.chain is None:
            return None
        setup = self.chain.setup_under(stocked, self.steps.get(name, {}), down)
        return ThroughDays(self.chain, name, policy, setup, gone, told, self.calls)

    def _moved(self, codes: np.ndarray, going: GoingAlong) -> np.ndarray:
        """Return the rows of the customers on whom a lever is at work, in all their channels.

        In a chain all wait for each other, so that if anybody, then everybody is moved.
        """
        customers = going.cells["customer_id"]
        if self.chain and (codes != AS_TODAY).any():
            return np.arange(len(customers))
        return np.flatnonzero(customers.isin(customers[codes != AS_TODAY]).to_numpy())

    def _sums(self, outcome: Outcome, plan: str, some: range, gone: Sequence[str]) -> pd.DataFrame:
        """Add up what came of a plan by replication, segment and channel, and for the whole unit."""
        segment_of = self.segments[["customer_id", *CELL]]
        segment_of = segment_of[~segment_of["customer_id"].isin(list(gone))]
        keys, names = [*RUN, *CELL], self.segments[CELL].drop_duplicates().sort_values(CELL)
        cells = [(replication, *cell) for replication in some for cell in names.itertuples(index=False, name=None)]
        every = pd.MultiIndex.from_tuples([(plan, *cell) for cell in cells], names=keys)
        sums = outcome.customer_sums.rename(columns={"scenario": "strategy"}).merge(segment_of, on=CUSTOMER)
        numbers = [name for name in sums.columns if sums[name].dtype == "float64"]
        costs = costs_of(outcome.costs, segment_of, pd.MultiIndex.from_tuples(cells), self.going_shares)
        rows = pd.concat([sums.groupby(keys)[numbers].sum().reindex(every), costs.set_index(every)], axis=1)
        rows = rows.fillna(0.0).reset_index()
        whole = rows.groupby(RUN, as_index=False).sum(numeric_only=True).assign(segment=ALL, channel=ALL)
        return pd.concat([rows, whole], ignore_index=True)


def _without(outcome: Outcome, customers: Collection[str], name: str) -> Outcome:
    """Return what came of all but some customers, as a scenario of another name."""
    costs, sums = (
        frame[~frame["customer_id"].isin(list(customers))] for frame in (outcome.costs, outcome.customer_sums)
    )
    same = pd.Categorical.from_codes(np.zeros(len(costs), "int8"), pd.Index([name]))
    return Outcome(costs.assign(scenario=same), sums.assign(scenario=name), outcome.arrivals)


def dearer(runs: pd.DataFrame, factors: Mapping[str, float]) -> pd.DataFrame:
    """Return runs where the work of resources costs a multiple."""
    more = pd.Series(0.0, runs.index)
    for resource, factor in factors.items():
        if f"{COST}{resource}" in runs:
            more += (factor - 1) * runs[f"{COST}{resource}"]
    return runs.assign(cost_to_serve=runs["cost_to_serve"] + more)


def kpis_of(runs: pd.DataFrame, borne: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Return the indicators of runs, one a row: the keys, kpi, value.

    ``borne`` has the investment that each strategy bears in the period, by segment and channel; profit is less it.
    """
    investment = np.zeros(len(runs))
    for strategy, by_cell in borne.items():
        rows = (runs["strategy"] == strategy).to_numpy()
        cells = pd.MultiIndex.from_frame(runs.loc[rows, CELL])
        investment[rows] = by_cell.reindex(cells).fillna(0.0).to_numpy()
    runs = runs.assign(profit=runs["net_sales"] - runs["cogs"] - runs["cost_to_serve"] - investment)
    runs = pd.concat([runs, ratios(runs, SERVICE)], axis=1)
    return runs.melt([*CELL, *RUN], list(KPIS), "kpi", "value")


def moved(values: pd.DataFrame, by: np.ndarray) -> pd.DataFrame:
    """Return indicators moved by amounts, where these are known, each within what it can be."""
    return within(values.assign(value=values["value"] + np.nan_to_num(by)), ["value"])


def within(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return a table of indicators with shares of these columns within 0 and 1, and days not below 0."""
    highest = np.where(table["kpi"].isin([kpi for kpi in SERVICE if kind_of(kpi) == "percent"]), 1.0, np.inf)
    lowest = np.where(table["kpi"].isin(SERVICE), 0.0, -np.inf)
    return table.assign(**{name: table[name].clip(lowest, highest) for name in columns})
