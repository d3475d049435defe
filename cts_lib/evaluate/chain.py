"""The unit's chain with days, between rewriting lines and pricing them: each line leaves and arrives when it can.

What is simulated: work of resources with a capacity, picking in warehouses with one, stock of products in warehouses
with a rule of replenishment. Work of events and of customers takes its part of each day evenly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd

from cts_lib.costing.costed import Costed
from cts_lib.engine import Engine
from cts_lib.evaluate.arrived import COLUMNS, Coming, Periods, busy, coming, number
from cts_lib.evaluate.capacities import nodes_of, resources_of
from cts_lib.evaluate.chain_record import ChainRecord
from cts_lib.evaluate.stocks import Stocks, columns_of_plans, plan_of
from cts_lib.model.compiled import CompiledActivity, columns_read
from cts_lib.model.drivers import Transactions
from cts_lib.params import UnitParams
from cts_lib.params.period import Period
from cts_lib.replay.options import PlacedLever
from cts_lib.replay.outcome import at_once
from cts_lib.replay.policy import Policy, joined
from cts_lib.replay.rewrite import rewrite
from cts_lib.simulate.calendar import Calendar
from cts_lib.simulate.chain import Floats, Nodes, Resources, Stock
from cts_lib.simulate.days import Setup
from cts_lib.simulate.past import bounds

WAITS, AFTER = "chain_waits", "lines_after_days"
UNWAITED, ACTUAL = "unwaited_lines", "unwaited_actual"
MUCH = 1.1
"""So many times its capacity in params contradicts it."""
LEAST_MARGIN = 14
"""Days that are simulated before and after the period at least."""


@dataclass(frozen=True)
class Down:
    """A warehouse that picks nothing on some days of the period, counted from 0."""

    warehouse: str
    days: range


@dataclass(frozen=True)
class UnitChain:
    """What is known of a unit's chain.

    ``activities`` are those that take minutes of its resources, ``steady`` the minutes that customers take by
    themselves; ``customers`` are customers in channels as they are numbered, ``first`` is the period's first day;
    ``even`` is what each resource's capacity in params gives a period, ``small`` names resources whose work is too
    little to queue.
    """

    engine: Engine
    unit: UnitParams
    first: str
    calendar: Calendar
    activities: Sequence[CompiledActivity]
    resources: Resources
    steady: Floats
    nodes: Nodes
    stocks: Stocks
    customers: pd.MultiIndex
    even: Floats
    small: Sequence[str] = ()

    @classmethod
    def of(
        cls,
        engine: Engine,
        unit: UnitParams,
        activities: Sequence[CompiledActivity],
        costed: Costed,
        period: Period,
        busiest: float = 1.0,
    ) -> Self | None:
        """Read the chain of the period that the engine holds; None where nothing of it is known, or no line has a date.

        ``busiest`` is the work of the busiest of the known periods, over the period's.

        Errors: DataError for a warehouse of no capacity that lines leave.
        """
        timed = [each for each in activities if each.activity.basis == "minutes"]
        stocks = Stocks.of(engine, period.days)
        first, last = bounds(period)
        lasts = stocks.streams["lasts"].max() if len(stocks.streams) else 0.0
        calendar = Calendar.of(first, last - first, max(LEAST_MARGIN, int(np.ceil(2 * lasts))))
        resources = resources_of(engine, unit, timed, costed.tables["resources"], calendar, busiest)
        nodes = nodes_of(engine, calendar)
        is_limited = bool(np.isfinite(nodes.picks).any())
        is_needed = any(scenario.warehouse for scenario in unit.params.evaluation.scenarios.values())
        if not (resources.names or is_limited or len(stocks.streams) or is_needed):
            return None
        if not {"order_lines.shipped_date", "order_lines.delivered_date"} & set(costed.filled):
            return None
        used = costed.tables["customer_costs"]
        of_customers = used[used["activity"].isin([each.name for each in timed if each.grain.name == "customer"])]
        steady = of_customers.groupby("resource")["minutes"].sum().reindex(list(resources.names)).fillna(0.0)
        kept = [each for each in timed if each.activity.resource in resources.names]
        customers = number(engine, nodes.names)
        day = str(np.datetime64(first, "D"))
        table = costed.tables["resources"].set_index("resource")["capacity_minutes"]
        even = table.reindex(list(resources.names)).to_numpy("float64")
        minutes = steady.to_numpy("float64")
        return cls(engine, unit, day, calendar, kept, resources, minutes, nodes, stocks, customers, even)

    @property
    def contradicted(self) -> list[str]:
        """The resources that can do more than their capacity in params, though these give overtime no price."""
        more = self.resources.capacity[self.calendar.period].sum(axis=0) > self.even * MUCH
        return [name for name, is_more in zip(self.resources.names, more, strict=True) if is_more]

    def without(self, small: Sequence[str]) -> Self:
        """Return the chain in which the work of some resources takes no time."""
        kept = np.flatnonzero([name not in small for name in self.resources.names])
        return replace(
            self,
            activities=[each for each in self.activities if each.activity.resource not in small],
            resources=self.resources.some(kept),
            steady=self.steady[kept],
            even=self.even[kept],
            small=small,
        )

    def without_stock(self) -> Self:
        """Return the chain in which stock of no product is simulated, for it has too few lines."""
        none = replace(self.stocks, streams=self.stocks.streams.iloc[:0], is_small=True)
        return replace(self, stocks=none.numbered(self.engine))

    @property
    def moves(self) -> list[str]:
        """The indicators that its days move."""
        has_stock = bool(len(self.stocks.streams))
        moves_days = has_stock or bool(self.resources.names or self.limited)
        return [*(["on_time", "lead_time_days"] if moves_days else []), *(["in_full"] if has_stock else [])]

    @property
    def limited(self) -> list[str]:
        """The warehouses with a limit."""
        return [name for at, name in enumerate(self.nodes.names) if np.isfinite(self.nodes.picks[:, at]).any()]

    def record(self, scenario: str) -> ChainRecord:
        """Return what collects what the chain tells under a scenario."""
        resources = self.unit.params.cost_model.resources
        prices = {name: float(resources[name].overload_cost or 0.0) for name in self.resources.names}
        return ChainRecord(scenario, self.stocks.streams, prices, self.unit.params.governance.on_time)

    def setup(self) -> Setup:
        """Return the chain as it is today."""
        stock, cycle = self.stocks.today()
        seed = self.unit.params.evaluation.seed
        return Setup(self.calendar, self.resources, self.nodes, stock, cycle, self.stocks.leads, seed)

    def stocks_under(self, policies: Mapping[str, Policy]) -> dict[str, tuple[Stock, Floats]]:
        """Return the rules of stock, and the cycles, under plans; those of a plan that moves nobody are today's."""
        moving, found = [name for name, policy in policies.items() if policy.levers], dict[str, tuple[Stock, Floats]]()
        size, strategy = at_once(self.engine), self.unit.params.strategy
        for start in range(0, len(moving), size):
            some = moving[start : start + size]
            policy = joined([policies[name] for name in some])
            rewritten = rewrite(self.engine, policy, strategy, self._actual(), self.columns(policy.levers))
            found |= self.stocks.under(self.engine, rewritten.lines, policy.levers, some)
        return found

    def setup_under(self, stocked: tuple[Stock, Floats] | None, steps: Mapping[str, float], down: Down | None) -> Setup:
        """Return the chain under a plan of other stock, or of today's, and with other capacities, by resource."""
        setup = self.setup()
        if stocked:
            setup = replace(setup, stock=stocked[0], cycle=stocked[1])
        if steps:
            factor = np.array([steps.get(name, 1.0) for name in self.resources.names])
            setup = replace(setup, resources=replace(self.resources, capacity=self.resources.capacity * factor))
        if down:
            picks, margin, node = self.nodes.picks.copy(), self.calendar.margin, self.nodes.names.index(down.warehouse)
            picks[margin + down.days.start : margin + down.days.stop, node] = 0.0
            closed = int((picks[margin + down.days.stop :, node] > 0).argmax())
            shut = node, range(down.days.start, down.days.stop + closed)
            setup = replace(setup, nodes=replace(self.nodes, picks=picks), shut=shut)
        return setup

    def columns(self, levers: Sequence[PlacedLever]) -> frozenset[str]:
        """Return the columns of rewritten lines that are read."""
        return COLUMNS | columns_read(list(self.activities)) | columns_of_plans(list(levers))

    def coming(self, source: Transactions, periods: Periods, levers: Sequence[PlacedLever] = ()) -> Coming:
        """Return what comes to the chain of lines, and leave them, numbered, in the engine."""
        return coming(
            self.engine,
            source,
            self.first,
            self.activities,
            self.resources.names,
            self.customers,
            plan_of(list(levers)),
            periods,
        )

    def busy(self, source: Transactions, periods: Periods) -> dict[int, Floats]:
        """Return by period the minutes of each resource that events take."""
        return busy(self.engine, self.activities, self.resources.names, source, periods)

    def _actual(self) -> Transactions:
        self.engine.create(ACTUAL, f"SELECT line.*, 0 AS replication FROM {UNWAITED} AS line", view=True)
        self.engine.create("actual_events", "SELECT events.*, 0 AS replication FROM events", view=True)
        return Transactions(ACTUAL, "actual_events")
