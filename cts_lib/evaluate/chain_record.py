"""What the chain with days tells beside lines: its days and its stock, of every strategy and scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from cts_lib.evaluate.compare import ENDS
from cts_lib.evaluate.tuned import Tuning
from cts_lib.params.on_time import OnTime
from cts_lib.replay.streams import STREAM
from cts_lib.simulate.days import Passed, Setup

WEEK = 7
BACKLOG, BEHIND, OVERTIME, OVERTIME_COST, WAITING, ON_HAND, OWED, ON_TIME = (
    "backlog",
    "behind",
    "overtime",
    "overtime_cost",
    "waiting",
    "on_hand",
    "owed",
    "on_time",
)
KEYS = ["strategy", "scenario"]


@dataclass
class ChainRecord:
    """Collects what each replication tells of a scenario, by strategy: figures by day and measure, and sums by stream.

    ``prices`` are those of a minute beyond capacity, by resource; ``on_time`` is the window of promises; ``tuning``
    keeps what is asked of stock.
    """

    scenario: str
    streams: pd.DataFrame = field(default_factory=pd.DataFrame)
    prices: Mapping[str, float] = field(default_factory=dict)
    on_time: OnTime = field(default_factory=OnTime)
    days: dict[str, list[np.ndarray]] = field(default_factory=dict)
    stocks: dict[str, list[np.ndarray]] = field(default_factory=dict)
    measures: list[tuple[str, str]] = field(default_factory=list)
    tuning: Tuning | None = None

    def take(self, strategy: str, setup: Setup, passed: Passed, slack: np.ndarray) -> None:
        """Keep what a replication tells; ``slack`` are the days to its lines' promises."""
        flow, period = passed.flow, setup.calendar.period
        if self.tuning:
            self.tuning.take(strategy, setup, passed)
        limited = np.isfinite(setup.nodes.picks[period]).any(axis=0) if len(setup.nodes.names) else np.zeros(0, bool)
        figures = {(BACKLOG, name): flow.backlog[0, period, at] for at, name in enumerate(setup.resources.names)}
        for at, name in enumerate(setup.resources.names):
            figures[BEHIND, name] = figures[BACKLOG, name] / _a_day(setup.resources.capacity[period, at])
            if setup.resources.overtime[at]:
                figures[OVERTIME, name] = flow.overtime_minutes[0, period, at]
                figures[OVERTIME_COST, name] = figures[OVERTIME, name] * self.prices[name]
        for at in np.flatnonzero(limited).tolist():
            name = setup.nodes.names[at]
            figures[WAITING, name] = flow.queue[0, period, at]
            figures[BEHIND, name] = figures[WAITING, name] / _a_day(setup.nodes.picks[period, at])
        if len(setup.stock.names):
            figures |= {(ON_HAND, ""): flow.on_hand[0, period], (OWED, ""): flow.backorders[0, period]}
        figures[ON_TIME, ""] = _on_time(setup, passed, slack, self.on_time)
        self.measures = list(figures)
        self.days.setdefault(strategy, []).append(np.stack(list(figures.values())))
        arrivals, sums, count = passed.arrivals, passed.flow.streams, len(setup.stock.names)
        counted = (arrivals.stream >= 0) & (arrivals.day >= setup.calendar.margin)
        asked = np.bincount(arrivals.stream[counted], arrivals.quantity[counted], minlength=count)
        part = setup.calendar.days / (setup.calendar.length - setup.calendar.margin)
        rows = [sums.on_hand, asked * part, sums.short * part, sums.orders * part, sums.cycles, sums.short_cycles]
        self.stocks.setdefault(strategy, []).append(np.stack([np.broadcast_to(row, (1, count))[0] for row in rows]))

    def day_table(self, replications: int | None = None) -> pd.DataFrame:
        """Return the rows of table ``chain_days``, of the first replications or of all."""
        parts = []
        for strategy, several in self.days.items():
            values = np.stack(several[:replications])
            known = ~np.isnan(values)
            counts = known.sum(axis=0)
            mean = np.where(known, values, 0.0).sum(axis=0) / np.maximum(counts, 1)
            low, median, high = np.quantile(np.where(known, values, mean), [ENDS[0], 0.5, ENDS[1]], axis=0)
            for at, (measure, place) in enumerate(self.measures):
                day = np.flatnonzero(counts[at] > 0)
                found = {"mean": mean, "median": median, "low": low, "high": high}
                figures = {name: of_days[at, day] for name, of_days in found.items()}
                of_measure = {"strategy": strategy, "scenario": self.scenario, "measure": measure, "place": place}
                parts.append(pd.DataFrame({"day": day + 1, **figures}).assign(**of_measure))
        columns = [*KEYS, "measure", "place", "day", "mean", "median", "low", "high"]
        return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)

    def stock_table(self, replications: int | None = None) -> pd.DataFrame:
        """Return the rows of table ``chain_stocks``, of the first replications or of all."""
        parts = []
        for strategy, several in self.stocks.items():
            on_hand, asked, short, orders, cycles, short_cycles = np.mean(several[:replications], axis=0)
            table = self.streams[STREAM].assign(
                strategy=strategy,
                scenario=self.scenario,
                on_hand=on_hand,
                asked=asked,
                fill_rate=1 - np.divide(short, asked, out=np.full(len(asked), np.nan), where=asked > 0),
                cycle_service=1 - np.divide(short_cycles, cycles, out=np.full(len(asked), np.nan), where=cycles > 0),
                orders=orders,
            )
            parts.append(table)
        columns = [*KEYS, *STREAM, "on_hand", "asked", "fill_rate", "cycle_service", "orders"]
        return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def days_of(records: Sequence[ChainRecord], replications: int | None = None) -> pd.DataFrame:
    """Return table ``chain_days`` of all scenarios, of the first replications or of all."""
    return pd.concat([each.day_table(replications) for each in records], ignore_index=True)


def stocks_of(records: Sequence[ChainRecord], replications: int | None = None) -> pd.DataFrame:
    """Return table ``chain_stocks`` likewise."""
    return pd.concat([each.stock_table(replications) for each in records], ignore_index=True)


def _a_day(capacity: np.ndarray) -> float:
    """Return what is done on a day on which anything can be."""
    return float(capacity[capacity > 0].mean()) if (capacity > 0).any() else np.inf


def _on_time(setup: Setup, passed: Passed, slack: np.ndarray, window: OnTime) -> np.ndarray:
    """Return by day the share of lines on time among those that came in the seven days that end with it."""
    own = ~np.isnan(slack)
    day = setup.calendar.placed(passed.day)[own]
    kept = day < setup.calendar.days
    after = (passed.wait[own] - slack[own])[kept]
    on_time = (after >= window.values["earliest"]) & (after <= window.values["latest"])
    lines, met = (np.bincount(day[kept], weights, setup.calendar.days) for weights in (None, on_time))
    weeks = [np.convolve(each, np.ones(WEEK))[: setup.calendar.days] for each in (lines, met)]
    share = np.divide(weeks[1], weeks[0], out=np.full(setup.calendar.days, np.nan), where=weeks[0] > 0)
    return np.asarray(share)
