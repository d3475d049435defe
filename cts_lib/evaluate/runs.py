"""Simulated periods of a unit under plans: drawn once, rewritten by each plan's policy, priced by the cost engine.

What comes of orders that no lever lets wait for each other is counted (`repeated`); the others are rewritten in each.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count

import numpy as np
import pandas as pd

from cts_lib import sql
from cts_lib.costing.costed import Costed
from cts_lib.costing.rates import price
from cts_lib.cube.cube import build_cube
from cts_lib.customers.sums import customer_sums_query, sums_of_lines
from cts_lib.engine import Engine, fetch_frame, quoted
from cts_lib.evaluate.arrived import LINES, Periods, together
from cts_lib.evaluate.calls import Calls, failing
from cts_lib.evaluate.cells import costs_of, in_cells, sums_of
from cts_lib.evaluate.chain import UNWAITED, Down, UnitChain
from cts_lib.evaluate.indicators import RUN
from cts_lib.evaluate.repeated import CHANGED, WAITS, Repeated, counted, every, of_orders, repeatable
from cts_lib.evaluate.told import Told
from cts_lib.model.compiled import columns_of_drivers, columns_of_lines
from cts_lib.model.drivers import Transactions
from cts_lib.names import ALL, CELL, CUSTOMER
from cts_lib.params import Strategy
from cts_lib.replay.options import placed_levers
from cts_lib.replay.outcome import at_once, outcome_of
from cts_lib.replay.policy import AtWork, Cells, Policy, policy_for
from cts_lib.replay.pricing import Pricing
from cts_lib.replay.rewrite import KEYS, REWRITTEN, rewrite_events, rewrite_lines
from cts_lib.replay.whom import GoingAlong
from cts_lib.simulate.chain import Floats, Stock
from cts_lib.simulate.days import Setup, pass_through
from cts_lib.simulate.draws import Demand, Draws, Surge, later

_UNITS, _AFTER, _EVERYBODY = "lines_of_units", "lines_after_days", "lines_of_everybody"
_NUMBERS = count()
_NO_WAITS = pd.DataFrame({"row": [0], "days": [0], "filled": [0.0]}).iloc[:0]


@dataclass(frozen=True)
class Plays:
    """Plans as they are simulated together; ``like`` names for each the first that does the same.

    ``policy`` is of everybody; ``rewritten`` of those whose orders are rewritten in each replication, whose units are
    marked in ``anew``; ``repeated`` is what comes of a copy of each unit of the others. ``stocked`` has the rules of
    stock that are not today's, with the cycles.
    """

    like: Mapping[str, str]
    policy: Policy
    rewritten: Policy | None
    anew: np.ndarray
    repeated: Repeated | None
    stocked: Mapping[str, tuple[Stock, Floats]]

    @property
    def names(self) -> list[str]:
        """Those that differ."""
        return list(dict.fromkeys(self.like.values()))

    def forget(self) -> None:
        """Forget what the engine holds of them."""
        if self.repeated:
            self.repeated.forget()


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

    def plays(self, plans: Mapping[str, Cells], going: GoingAlong) -> Plays:
        """Return plans as they are simulated, for all runs of them; who asks has to make them forget."""
        at_work = AtWork(going, placed_levers(self.strategy))
        codes = {name: at_work.codes(cells) for name, cells in plans.items()}
        like = self._like(codes)
        apart = {name: self._apart(at_work, codes[name]) for name in dict.fromkeys(like.values())}
        return self._plays(like, codes, apart, at_work, going)

    def runs(
        self,
        plays: Plays,
        replications: range,
        known: bool = False,
        surge: Surge | None = None,
        gone: Sequence[str] = (),
        down: Down | None = None,
        told: Told | None = None,
    ) -> pd.DataFrame:
        """Return sums by strategy, replication, segment and channel, with rows for the whole unit; nothing sold is 0.

        ``known`` repeats the period itself: its rates, without what could be otherwise next time; ``gone`` are
        customers who are left out, ``down`` is a warehouse that is; ``told`` takes what the chain tells.
        """
        setups = self._setups(plays, down)
        parts, size = list[pd.DataFrame](), at_once(self.engine, len(plays.names))
        for first in range(replications.start, replications.stop, size):
            some = range(first, min(first + size, replications.stop))
            draws = Draws.of(self.demand, some, self.seed, known, surge).without(self.demand, gone)
            source = draws.leave(self.engine, self.demand, self._lines, plays.anew)
            parts += self._played(plays, setups, draws, source, told)
            draws.forget(self.engine)
        runs = pd.concat(parts, ignore_index=True)
        found = [runs[runs["strategy"] == other].assign(strategy=name) for name, other in plays.like.items()]
        return pd.concat(found, ignore_index=True)

    def leave(
        self, plan: str, cells: Cells, going: GoingAlong, replication: int, columns: Collection[str]
    ) -> Transactions:
        """Leave one replication under a plan in the engine, its lines with these columns, and say where."""
        at_work, everybody = AtWork(going, placed_levers(self.strategy)), np.ones(len(going.cells), bool)
        plays = self._plays({plan: plan}, {plan: at_work.codes(cells)}, {plan: everybody}, at_work, going)
        draws = Draws.of(self.demand, range(replication, replication + 1), self.seed, known=False, surge=None)
        source = draws.leave(self.engine, self.demand, self._lines, plays.anew)
        rewrite_events(self.engine, plays.policy, source)
        left, _ = self._after_days(plays, self._setups(plays, None), draws, source, columns, None)
        return left

    def _setups(self, plays: Plays, down: Down | None) -> dict[str, Setup]:
        """Return the chain under each plan, if there is one."""
        if self.chain is None:
            return {}
        return {
            name: self.chain.setup_under(plays.stocked.get(name), self.steps.get(name, {}), down)
            for name in plays.names
        }

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

        def policy(those: Mapping[str, np.ndarray]) -> Policy | None:
            some = {name: (rows, codes[name][rows]) for name, rows in those.items() if len(rows)}
            return policy_for(some, at_work, going, self.strategy) if some else None

        everybody = np.arange(len(going.cells))
        alone = {name: policy_for({name: (everybody, codes[name])}, at_work, going, self.strategy) for name in apart}
        stocked = self.chain.stocks_under(alone) if self.chain else {}
        whole = policy_for({name: (everybody, codes[name]) for name in apart}, at_work, going, self.strategy)
        rewritten = policy({name: np.flatnonzero(own) for name, own in apart.items()})
        others = policy({name: np.flatnonzero(~own) for name, own in apart.items()})
        cells = pd.MultiIndex.from_frame(going.cells[CUSTOMER].astype("str"))
        place = cells.get_indexer(pd.MultiIndex.from_frame(self.demand.customers.astype("str")))
        anew = np.append(np.any(list(apart.values()), axis=0), False)[place]
        self.demand.leave(self.engine)
        repeated = self._repeated(list(apart), others) if others else None
        return Plays(like, whole, rewritten, anew, repeated, stocked)

    def _repeated(self, names: Sequence[str], policy: Policy) -> Repeated:
        """Return what comes of one copy of each unit of the customers of a policy of plans."""
        engine, demand = self.engine, self.demand
        units, coming, turn, source = Periods(names, len(demand.days)), None, None, REWRITTEN
        engine.create(
            _UNITS,
            f"SELECT line.*, whole.unit AS replication FROM {self._lines} AS line JOIN orders_of_units AS whole ON "
            "whole.customer_id = line.customer_id AND whole.channel = line.channel AND whole.order_id = line.order_id",
        )
        rewrite_lines(engine, policy, self.strategy, _UNITS, self._read(policy))
        engine.forget(_UNITS)
        if self.chain:
            coming, source = self.chain.coming(REWRITTEN, units, policy.levers), replace(REWRITTEN, lines=LINES)
            engine.forget(REWRITTEN.lines)
            orders = fetch_frame(engine, f"SELECT _row, order_id || '~' AS name FROM {LINES}").set_index("_row")["name"]
            turn = pd.factorize(orders.reindex(coming.row).astype("str"), sort=True)[0]
        columns = ", ".join(f"line.{quoted(name)}" for name in sorted(self._kept()))
        kept = f"repeated_lines_{next(_NUMBERS)}"
        engine.create(kept, f"SELECT {columns} FROM {source.lines} AS line")
        every_unit, failed = pd.RangeIndex(len(names) * units.several), None
        if self.chain:
            found = fetch_frame(engine, failing(kept, self.priced.on_time, *KEYS))
            found.index = pd.Index(units.numbers(found))
            failed = found[["lines", "failing"]].reindex(every_unit, fill_value=0.0)
        outcome = outcome_of(engine, self._of_orders, self.costed, self.strategy, source)
        costs, sums = (
            frame.assign(replication=units.numbers(frame)) for frame in (outcome.costs, outcome.customer_sums)
        )
        whose = demand.customers.merge(self.segments[[*CUSTOMER, "segment"]], on=CUSTOMER, how="left")
        names_of = (np.tile(whose[name].fillna(""), len(names)) for name in CELL)
        cells = pd.MultiIndex.from_arrays([every_unit, *names_of], names=["replication", *CELL])
        values = sums_of(sums, costs, self._segment_of, cells, self.going_shares).set_axis(every_unit)
        return Repeated(engine, kept, units, values, failed, coming, turn)

    def _played(
        self, plays: Plays, setups: Mapping[str, Setup], draws: Draws, source: Transactions, told: Told | None
    ) -> list[pd.DataFrame]:
        """Return the sums of each plan over some replications; ``source`` has lines to rewrite, and events."""
        engine, cells, repeated = self.engine, every(draws.replications, self._cells), plays.repeated
        rewrite_events(engine, plays.policy, source)
        columns = self._read(plays.rewritten) if plays.rewritten else ()
        rewritten, waited = self._after_days(plays, setups, draws, source, columns, told)
        costs = self._costs_of_everybody(plays, rewritten)
        anew = outcome_of(engine, self._of_orders, self.costed, self.strategy, rewritten) if plays.rewritten else None
        served = [self._served(lines) for lines in waited] if waited else []
        engine.forget(rewritten.events)
        found = list[pd.DataFrame]()
        for name in plays.names:
            sums = costs_of(_of(costs, name), self._segment_of, cells, self.going_shares)
            parts = list[pd.DataFrame]()
            if anew:
                own = _of(anew.customer_sums, name), _of(anew.costs, name)
                parts.append(sums_of(*own, self._segment_of, cells, self.going_shares))
            if repeated:
                parts.append(counted(draws, repeated.periods.of(repeated.sums, name), self._cell_of, self._cells))
            if waited:
                before, after = (in_cells(_of(each, name), self._segment_of, cells) for each in served)
                parts.append(after - before)
            for part in parts:
                sums = sums.add(part, fill_value=0.0)
            rows = sums.fillna(0.0).reset_index().assign(strategy=name)
            whole = rows.groupby(RUN, as_index=False).sum(numeric_only=True).assign(segment=ALL, channel=ALL)
            found += [rows, whole]
        return found

    def _after_days(
        self,
        plays: Plays,
        setups: Mapping[str, Setup],
        draws: Draws,
        source: Transactions,
        columns: Collection[str],
        told: Told | None,
    ) -> tuple[Transactions, tuple[str, str] | None]:
        """Leave what is rewritten, its lines with these columns, as it comes out of the chain, and say where.

        Beside it stands where copies of other lines are that wait or are cut, before and after that.
        """
        engine, chain, levers = self.engine, self.chain, plays.rewritten.levers if plays.rewritten else []
        if plays.rewritten:
            read = {*columns, *(chain.columns(levers) if chain else ())}
            rewrite_lines(engine, plays.rewritten, self.strategy, source.lines, read)
        if chain is None:
            return REWRITTEN, None
        periods = Periods(plays.names, draws.replications.stop)
        busy, anew = (
            chain.busy(REWRITTEN, periods),
            chain.coming(REWRITTEN, periods, levers) if plays.rewritten else None,
        )
        engine.forget(REWRITTEN.lines)
        waits, copied = list[pd.DataFrame](), list[pd.DataFrame]()
        for name, setup in setups.items():
            for replication in draws.replications:
                period = periods.number(name, replication)
                copies = plays.repeated.copies(draws, name, replication) if plays.repeated else None
                comes = together([*([copies] if copies else []), *([anew.of(period)] if anew else [])])
                if not len(comes.row):
                    continue
                minutes = busy.get(period, 0.0) + chain.steady
                passed = pass_through(setup, comes.lines, comes.work, minutes, replication)
                if told is not None:
                    told.take(name, setup, passed, comes.slack)
                waiting = (passed.wait > 0) | (passed.filled < comes.lines.quantity)
                is_copy = np.arange(len(comes.row)) < (len(copies.row) if copies else 0)
                left = pd.DataFrame({"row": comes.row, "days": passed.wait, "filled": passed.filled})
                waits.append(left[waiting & ~is_copy])
                copied.append(left[waiting & is_copy].assign(replication=replication))
        if anew:
            engine.register(WAITS, pd.concat(waits or [_NO_WAITS]).rename(columns={"row": "_row"}))
            engine.create(_AFTER, sql.load("lines_after_days", {"transactions": LINES}))
            for relation in (LINES, WAITS):
                engine.forget(relation)
        waited = plays.repeated.waited(pd.concat(copied)) if plays.repeated and copied else None
        after = replace(REWRITTEN, lines=_AFTER)
        if self.calls and self.calls.effects:
            events = self.calls.after(REWRITTEN.events, self._failing(plays, draws, waited))
            after = replace(after, events=events)
        return after, waited

    def _failing(self, plays: Plays, draws: Draws, waited: tuple[str, str] | None) -> pd.DataFrame:
        """Return by plan, replication and customer_id the sold lines, and the failing ones, that the chain leaves."""

        def found(lines: str) -> pd.DataFrame:
            return fetch_frame(self.engine, failing(lines, self.priced.on_time, *KEYS))

        parts = [found(_AFTER)] if plays.rewritten else []
        if plays.repeated and plays.repeated.failing is not None:
            whose, names = pd.factorize(self.demand.customers["customer_id"])
            customers = pd.Index(names, name="customer_id")
            for name in plays.names:
                sums = plays.repeated.periods.of(plays.repeated.failing, name)
                parts.append(counted(draws, sums, whose, customers).reset_index().assign(scenario=name))
        if waited:
            before, after = (found(lines) for lines in waited)
            parts += [after, before.assign(lines=-before["lines"], failing=-before["failing"])]
        texts = {"scenario": "str", "customer_id": "str"}
        together = pd.concat([part.astype(texts) for part in parts])
        sums = together.groupby([*KEYS, "customer_id"], as_index=False)[["lines", "failing"]].sum()
        return sums[sums["lines"] > 0]

    def _costs_of_everybody(self, plays: Plays, rewritten: Transactions) -> pd.DataFrame:
        """Return what events cost, and what customers take by themselves."""
        whole = [each for each in self.priced.activities if each.grain.name == "customer"]
        activities = [*whole, *(each for each in self.priced.activities if each.grain.name == "event")]
        if whole:
            names = sorted({*KEYS, *CUSTOMER, *columns_of_drivers(whole)})
            copied = {name: f"line.{name} || '~' || draw.copy" for name in ("order_id", "shipment_id")}
            copied |= later(self.demand.period) | {"replication": "draw.replication"}
            parts = list[str]()
            if plays.repeated:
                listed = (f"{copied.get(name, f'line.{quoted(name)}')} AS {quoted(name)}" for name in names)
                lines = f"{plays.repeated.lines} AS line JOIN order_draws AS draw ON draw.unit = line.replication"
                parts.append(f"SELECT {', '.join(listed)} FROM {lines}")
            if plays.rewritten:
                parts.append(f"SELECT {', '.join(map(quoted, names))} FROM {rewritten.lines}")
            self.engine.create(_EVERYBODY, " UNION ALL ".join(parts))
        cube = build_cube(self.engine, activities, replace(rewritten, lines=_EVERYBODY))
        self.engine.forget(_EVERYBODY)
        return price(cube, self.priced.rates)

    def _served(self, lines: str) -> pd.DataFrame:
        source = Transactions(lines, by=KEYS)
        methods, on_time = self.strategy.electronic_methods, self.priced.on_time
        return sums_of_lines(self.engine, methods, on_time, self.costed.filled, source)

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
    def _of_orders(self) -> Pricing:
        return replace(self.priced, activities=of_orders(self.priced.activities))

    @property
    def _segment_of(self) -> pd.DataFrame:
        return self.segments[["customer_id", *CELL]]

    @cached_property
    def _cells(self) -> pd.MultiIndex:
        return pd.MultiIndex.from_frame(self.segments[CELL].drop_duplicates().sort_values(CELL))

    @cached_property
    def _cell_of(self) -> np.ndarray:
        """Where among the cells each unit is."""
        whose = self.demand.customers.merge(self.segments[[*CUSTOMER, "segment"]], on=CUSTOMER, how="left")
        return np.asarray(self._cells.get_indexer(pd.MultiIndex.from_frame(whose[CELL])))


def _of(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    return frame[frame["scenario"] == name]
