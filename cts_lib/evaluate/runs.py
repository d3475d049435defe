"""Simulated periods of a unit under plans: drawn once, rewritten by each plan's policy, priced by the cost engine.

What comes of orders that no lever lets wait for each other is counted (`repeated`); the others are rewritten in each.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import pandas as pd

from cts_lib import sql
from cts_lib.costing.rates import price
from cts_lib.cube.cube import build_cube
from cts_lib.customers.sums import sums_of_lines
from cts_lib.engine import fetch_frame, quoted
from cts_lib.evaluate.arrived import LINES, Periods, together
from cts_lib.evaluate.calls import failing
from cts_lib.evaluate.cells import costs_of, in_cells, sums_of
from cts_lib.evaluate.chain import Down
from cts_lib.evaluate.chain_record import ChainRecord
from cts_lib.evaluate.indicators import RUN
from cts_lib.evaluate.plays import Ground, Group, Plays
from cts_lib.evaluate.repeated import WAITS, counted, every, of_orders
from cts_lib.model.compiled import columns_of_drivers
from cts_lib.model.drivers import Transactions
from cts_lib.names import ALL, CELL, CUSTOMER
from cts_lib.replay.options import placed_levers
from cts_lib.replay.outcome import at_once, outcome_of
from cts_lib.replay.policy import AtWork, Cells
from cts_lib.replay.pricing import Pricing
from cts_lib.replay.rewrite import KEYS, REWRITTEN, rewrite_events, rewrite_lines
from cts_lib.replay.whom import GoingAlong
from cts_lib.simulate.days import Setup, pass_through
from cts_lib.simulate.draws import Draws, Surge, later

_AFTER, _EVERYBODY = "lines_after_days", "lines_of_everybody"
_NO_WAITS = pd.DataFrame({"row": [0], "days": [0], "filled": [0.0]}).iloc[:0]


class Simulator(Ground):
    """What simulates plans."""

    def runs(
        self,
        plays: Plays,
        replications: range,
        known: bool = False,
        surge: Surge | None = None,
        gone: Sequence[str] = (),
        down: Down | None = None,
        record: ChainRecord | None = None,
    ) -> pd.DataFrame:
        """Return sums by strategy, replication, segment and channel, with rows for the whole unit; nothing sold is 0.

        ``known`` repeats the period itself: its rates, without what could be otherwise next time; ``gone`` are
        customers who are left out, ``down`` is a warehouse that is; ``record`` takes what the chain tells.
        """
        parts, most = list[pd.DataFrame](), max(len(group.names) for group in plays.groups)
        size = at_once(self.engine, most)
        for first in range(replications.start, replications.stop, size):
            some = range(first, min(first + size, replications.stop))
            draws = Draws.of(self.demand, some, self.seed, known, surge).without(self.demand, gone)
            source = draws.leave(self.engine, self.demand, self._lines, plays.anew)
            for group in plays.groups:
                parts += self._played(group, self._setups(group, down), draws, source, record)
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
        (group,) = plays.groups
        rewrite_events(self.engine, group.policy, source)
        left, _ = self._after_days(group, self._setups(group, None), draws, source, columns, None)
        return left

    def _setups(self, group: Group, down: Down | None) -> dict[str, Setup]:
        """Return the chain under each plan, if there is one."""
        if self.chain is None:
            return {}
        return {
            name: self.chain.setup_under(group.stocked.get(name), self.steps.get(name, {}), down)
            for name in group.names
        }

    def _played(
        self, group: Group, setups: Mapping[str, Setup], draws: Draws, source: Transactions, record: ChainRecord | None
    ) -> list[pd.DataFrame]:
        """Return the sums of each plan over some replications; ``source`` has lines to rewrite, and events."""
        engine, cells, repeated = self.engine, every(draws.replications, self._cells), group.repeated
        rewrite_events(engine, group.policy, source)
        columns = self._read(group.rewritten) if group.rewritten else ()
        rewritten, waited = self._after_days(group, setups, draws, source, columns, record)
        costs = self._costs_of_everybody(group, rewritten)
        anew = outcome_of(engine, self._of_orders, self.costed, self.strategy, rewritten) if group.rewritten else None
        served = [self._served(lines) for lines in waited] if waited else []
        engine.forget(rewritten.events)
        found = list[pd.DataFrame]()
        for name in group.names:
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
        group: Group,
        setups: Mapping[str, Setup],
        draws: Draws,
        source: Transactions,
        columns: Collection[str],
        record: ChainRecord | None,
    ) -> tuple[Transactions, tuple[str, str] | None]:
        """Leave what is rewritten, its lines with these columns, as it comes out of the chain, and say where.

        Beside it stands where copies of other lines are that wait or are cut, before and after that.
        """
        engine, chain, levers = self.engine, self.chain, group.rewritten.levers if group.rewritten else []
        if group.rewritten:
            read = {*columns, *(chain.columns(levers) if chain else ())}
            rewrite_lines(engine, group.rewritten, self.strategy, source.lines, read)
        if chain is None:
            return REWRITTEN, None
        periods = Periods(group.names, draws.replications.stop)
        busy, anew = (
            chain.busy(REWRITTEN, periods),
            chain.coming(REWRITTEN, periods, levers) if group.rewritten else None,
        )
        engine.forget(REWRITTEN.lines)
        waits, copied = list[pd.DataFrame](), list[pd.DataFrame]()
        for name, setup in setups.items():
            for replication in draws.replications:
                period = periods.number(name, replication)
                copies = group.repeated.copies(draws, name, replication) if group.repeated else None
                comes = together([*([copies] if copies else []), *([anew.of(period)] if anew else [])])
                if not len(comes.row):
                    continue
                minutes = busy.get(period, 0.0) + chain.steady
                passed = pass_through(setup, comes.lines, comes.work, minutes, replication)
                if record is not None:
                    record.take(name, setup, passed, comes.slack)
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
        waited = group.repeated.waited(pd.concat(copied)) if group.repeated and copied else None
        after = replace(REWRITTEN, lines=_AFTER)
        if self.calls and self.calls.effects:
            events = self.calls.after(REWRITTEN.events, self._failing(group, draws, waited))
            after = replace(after, events=events)
        return after, waited

    def _failing(self, group: Group, draws: Draws, waited: tuple[str, str] | None) -> pd.DataFrame:
        """Return by plan, replication and customer_id the sold lines, and the failing ones, that the chain leaves."""

        def found(lines: str) -> pd.DataFrame:
            return fetch_frame(self.engine, failing(lines, self.priced.on_time, *KEYS))

        parts = [found(_AFTER)] if group.rewritten else []
        if group.repeated and group.repeated.failing is not None:
            whose, names = pd.factorize(self.demand.customers["customer_id"])
            customers = pd.Index(names, name="customer_id")
            for name in group.names:
                sums = group.repeated.periods.of(group.repeated.failing, name)
                parts.append(counted(draws, sums, whose, customers).reset_index().assign(scenario=name))
        if waited:
            before, after = (found(lines) for lines in waited)
            parts += [after, before.assign(lines=-before["lines"], failing=-before["failing"])]
        texts = {"scenario": "str", "customer_id": "str"}
        together = pd.concat([part.astype(texts) for part in parts])
        sums = together.groupby([*KEYS, "customer_id"], as_index=False)[["lines", "failing"]].sum()
        return sums[sums["lines"] > 0]

    def _costs_of_everybody(self, group: Group, rewritten: Transactions) -> pd.DataFrame:
        """Return what events cost, and what customers take by themselves."""
        whole = [each for each in self.priced.activities if each.grain.name == "customer"]
        activities = [*whole, *(each for each in self.priced.activities if each.grain.name == "event")]
        if whole:
            names = sorted({*KEYS, *CUSTOMER, *columns_of_drivers(whole)})
            copied = {name: f"line.{name} || draw.copy" for name in ("order_id", "shipment_id")}
            copied |= later(self.demand.period) | {"replication": "draw.replication"}
            parts = list[str]()
            if group.repeated:
                listed = (f"{copied.get(name, f'line.{quoted(name)}')} AS {quoted(name)}" for name in names)
                lines = f"{group.repeated.lines} AS line JOIN order_draws AS draw ON draw.unit = line.replication"
                parts.append(f"SELECT {', '.join(listed)} FROM {lines}")
            if group.rewritten:
                parts.append(f"SELECT {', '.join(map(quoted, names))} FROM {rewritten.lines}")
            self.engine.create(_EVERYBODY, " UNION ALL ".join(parts))
        cube = build_cube(self.engine, activities, replace(rewritten, lines=_EVERYBODY))
        self.engine.forget(_EVERYBODY)
        return price(cube, self.priced.rates)

    def _served(self, lines: str) -> pd.DataFrame:
        source = Transactions(lines, by=KEYS)
        methods, on_time = self.strategy.electronic_methods, self.priced.on_time
        return sums_of_lines(self.engine, methods, on_time, self.costed.filled, source)

    @property
    def _of_orders(self) -> Pricing:
        return replace(self.priced, activities=of_orders(self.priced.activities))

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
