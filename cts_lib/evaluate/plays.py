"""Plans as they are simulated: whose orders are rewritten each time, and what a copy of the others comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

import numpy as np
import pandas as pd

from cts_lib.costing.costed import Costed
from cts_lib.costing.rates import price
from cts_lib.cube.cube import build_cube
from cts_lib.customers.sums import build_customer_sums, customer_sums_query
from cts_lib.engine import Engine, fetch_frame, quoted
from cts_lib.evaluate.arrived import LINES, Periods
from cts_lib.evaluate.calls import Calls, failing
from cts_lib.evaluate.cells import costs_of
from cts_lib.evaluate.chain import UNWAITED, UnitChain
from cts_lib.evaluate.repeated import CHANGED, Repeated, of_orders, repeatable
from cts_lib.model.compiled import columns_of_drivers, columns_of_lines
from cts_lib.model.drivers import Transactions, finish
from cts_lib.names import CELL, CUSTOMER
from cts_lib.params import Strategy
from cts_lib.replay.options import placed_levers
from cts_lib.replay.outcome import at_once
from cts_lib.replay.policy import AtWork, Cells, Policy, policy_for
from cts_lib.replay.pricing import Pricing
from cts_lib.replay.rewrite import KEYS, REWRITTEN, rewrite_lines
from cts_lib.replay.whom import GoingAlong
from cts_lib.simulate.chain import Floats, Stock
from cts_lib.simulate.draws import Demand

_UNITS = "lines_of_units"
_NUMBERS = count()
_PRICED_AT_ONCE = 100_000
"""So many cells of units are priced together."""


@dataclass(frozen=True)
class Group:
    """Plans that are rewritten together, as many as have no more lines than `ROWS_AT_ONCE`.

    ``policy`` is of everybody; ``rewritten`` of those whose orders are rewritten in each replication; ``repeated`` is
    what comes of a copy of each unit of the others. ``stocked`` has the rules of stock that are not today's, with the
    cycles.
    """

    names: Sequence[str]
    policy: Policy
    rewritten: Policy | None
    repeated: Repeated | None
    stocked: Mapping[str, tuple[Stock, Floats]]


@dataclass(frozen=True)
class Plays:
    """Plans as they are simulated; ``like`` names for each the first that does the same.

    Units of customers whose orders are rewritten under any of them are marked in ``anew``.
    """

    like: Mapping[str, str]
    groups: Sequence[Group]
    anew: np.ndarray

    def forget(self) -> None:
        """Forget what the engine holds of them."""
        for group in self.groups:
            if group.repeated:
                group.repeated.forget()


@dataclass(frozen=True)
class Ground:
    """What plans are simulated of: the period's demand, its prices, what of an activity's cost leaves the ledger.

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

    def plays(self, plans: Mapping[str, Cells], going: GoingAlong) -> Plays:
        """Return plans as they are simulated, for all runs of them; who asks has to make them forget."""
        at_work = AtWork(going, placed_levers(self.strategy))
        codes = {name: at_work.codes(cells) for name, cells in plans.items()}
        like = self._like(codes)
        apart = {name: self._apart(at_work, codes[name]) for name in dict.fromkeys(like.values())}
        return self._plays(like, codes, apart, at_work, going)

    def _like(self, codes: Mapping[str, np.ndarray]) -> dict[str, str]:
        """Return for each plan the first that does the same to everybody and to capacities."""
        does = {name: (own.tobytes(), tuple(sorted(self.steps.get(name, {}).items()))) for name, own in codes.items()}
        first = {what: name for name, what in reversed(does.items())}
        return {name: first[what] for name, what in does.items()}

    @property
    def _lines(self) -> str:
        return UNWAITED if self.chain else "lines"

    def _apart(self, at_work: AtWork, codes: np.ndarray) -> np.ndarray:
        """Say whose orders are rewritten in each replication."""
        if not repeatable(self.priced.activities, self.chain is not None):
            return np.ones(len(codes), bool)
        return ~at_work.repeats(codes, self.chain is not None)

    def _plays(
        self,
        like: Mapping[str, str],
        codes: Mapping[str, np.ndarray],
        apart: Mapping[str, np.ndarray],
        at_work: AtWork,
        going: GoingAlong,
    ) -> Plays:
        """Return plans as they are simulated; ``codes`` has their treatments, ``apart`` whom they are rewritten for."""

        cells = pd.MultiIndex.from_frame(going.cells[CUSTOMER].astype("str"))
        place = cells.get_indexer(pd.MultiIndex.from_frame(self.demand.customers.astype("str")))
        anew = np.append(np.any(list(apart.values()), axis=0), False)[place]
        self.demand.leave(self.engine)
        names, size = list(apart), at_once(self.engine)
        groups = [
            self._group(names[first : first + size], codes, apart, at_work, going)
            for first in range(0, len(names), size)
        ]
        return Plays(like, groups, anew)

    def _group(
        self,
        names: Sequence[str],
        codes: Mapping[str, np.ndarray],
        apart: Mapping[str, np.ndarray],
        at_work: AtWork,
        going: GoingAlong,
    ) -> Group:
        def policy(those: Mapping[str, np.ndarray]) -> Policy | None:
            some = {name: (rows, codes[name][rows]) for name, rows in those.items() if len(rows)}
            return policy_for(some, at_work, going, self.strategy) if some else None

        everybody = np.arange(len(going.cells))
        alone = {name: policy_for({name: (everybody, codes[name])}, at_work, going, self.strategy) for name in names}
        stocked = self.chain.stocks_under(alone) if self.chain else {}
        whole = policy_for({name: (everybody, codes[name]) for name in names}, at_work, going, self.strategy)
        rewritten = policy({name: np.flatnonzero(apart[name]) for name in names})
        others = policy({name: np.flatnonzero(~apart[name]) for name in names})
        return Group(names, whole, rewritten, self._repeated(names, others) if others else None, stocked)

    def _repeated(self, names: Sequence[str], policy: Policy) -> Repeated:
        """Return what comes of one copy of each unit of the customers of a policy of plans."""
        engine, demand = self.engine, self.demand
        units, coming, turn, source = Periods(names, len(demand.days)), None, None, REWRITTEN
        engine.create(
            _UNITS,
            "SELECT line.* REPLACE (line.order_id || '~' AS order_id, line.shipment_id || '~' AS shipment_id), "
            f"whole.unit AS replication FROM {self._lines} AS line JOIN orders_of_units AS whole ON "
            "whole.customer_id = line.customer_id AND whole.channel = line.channel AND whole.order_id = line.order_id",
        )
        rewrite_lines(engine, policy, self.strategy, _UNITS, self._read(policy))
        engine.forget(_UNITS)
        if self.chain:
            coming, source = self.chain.coming(REWRITTEN, units, policy.levers), replace(REWRITTEN, lines=LINES)
            engine.forget(REWRITTEN.lines)
            orders = fetch_frame(engine, f"SELECT _row, order_id FROM {LINES}").set_index("_row")["order_id"]
            turn = pd.factorize(orders.reindex(coming.row).astype("str"), sort=True)[0]
        columns = ", ".join(f"line.{quoted(name)}" for name in sorted(self._kept()))
        kept = f"repeated_lines_{next(_NUMBERS)}"
        engine.create(kept, f"SELECT {columns} FROM {source.lines} AS line")
        every_unit, failed = pd.RangeIndex(len(names) * units.several), None
        if self.chain:
            found = fetch_frame(engine, failing(kept, self.priced.on_time, *KEYS))
            found.index = pd.Index(units.numbers(found))
            failed = found[["lines", "failing"]].reindex(every_unit, fill_value=0.0)
        sums = self._of_units(units, finish(engine, source))
        return Repeated(engine, kept, units, sums, failed, coming, turn)

    def _of_units(self, units: Periods, source: Transactions) -> pd.DataFrame:
        """Return the sums and the cost of one copy of each unit under each plan, a row each; forget the transactions.

        A unit has one customer and channel. There may be a million, so that their costs are priced some after others.
        """
        engine, demand, number = self.engine, self.demand, pd.RangeIndex(len(units.scenarios) * units.several)
        whose = demand.customers.merge(self.segments[[*CUSTOMER, "segment"]], on=CUSTOMER, how="left")
        cell = {name: np.tile(whose[name].fillna(""), len(units.scenarios)) for name in CELL}
        methods, on_time = self.strategy.electronic_methods, self.priced.on_time
        sums = build_customer_sums(engine, methods, on_time, self.costed.filled, source)
        sums.index = pd.Index(units.numbers(sums))
        sums = sums.select_dtypes("float64").reindex(number).fillna(0.0)
        cube, parts = build_cube(engine, of_orders(self.priced.activities), source), list[pd.DataFrame]()
        for relation in (source.lines, *source.finished.values()):
            engine.forget(relation)
        for part in cube.parts(_PRICED_AT_ONCE):
            own = units.numbers(part.cells)
            of_cells: list[np.ndarray] = [own, *(values[own] for values in cell.values())]
            cells = pd.MultiIndex.from_arrays(of_cells, names=["replication", *CELL])
            costs = price(replace(part, cells=part.cells.assign(replication=own)), self.priced.rates)
            parts.append(costs_of(costs, self._segment_of, cells, self.going_shares).droplevel([*CELL]))
        priced = pd.concat(parts).fillna(0.0) if parts else pd.DataFrame(columns=["cost_to_serve", "going_cost"])
        return pd.concat([sums, priced.reindex(number, fill_value=0.0)], axis=1)

    def _read(self, policy: Policy) -> set[str]:
        """Return the columns of lines that are read."""
        return {*self.priced.columns, *(self.chain.columns(policy.levers) if self.chain else ())}

    def _kept(self) -> set[str]:
        """Return the columns of lines that are read of copies."""
        queries = [customer_sums_query(self.strategy.electronic_methods, self.priced.on_time)]
        if self.chain:
            queries.append(failing("lines", self.priced.on_time))
        whole = [each for each in self.priced.activities if each.grain.name == "customer"]
        own = {*KEYS, *CUSTOMER, *(CHANGED | {"_row"} if self.chain else ())}
        return own.union(columns_of_drivers(whole), *map(columns_of_lines, queries))

    @property
    def _segment_of(self) -> pd.DataFrame:
        return self.segments[["customer_id", *CELL]]
