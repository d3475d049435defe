"""Is demand foretold: each period of the past simulated from those before it, and held against what came.

It is done with the days of the past, at today's prices, for the unit and each channel: segments are made of the newest
period's customers, who are not those that were there to lose.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Self

import numpy as np
import pandas as pd
from scipy.stats import binom
from scipy.stats import t as student

from cts_lib.evaluate.compare import ENDS
from cts_lib.evaluate.indicators import KPIS, moved
from cts_lib.measures import SERVICE, ratios
from cts_lib.names import ALL, CELL, CUSTOMER
from cts_lib.params.period import Period
from cts_lib.simulate.arrivals import Streams
from cts_lib.simulate.common import ENOUGH, Change, Common, season
from cts_lib.simulate.past import SUMS, bounds, earlier, named

REPLICATIONS = 100
WANTED = 0.9
LEAST_CHANCE = 0.05
"""A KPI is not relied on where intervals that hold nine of ten would hold as few with no more than this chance."""
NOTHING = pd.DataFrame(columns=["period", *CELL, "kpi", "low", "high", "observed", "inside", "with_days"]).astype(
    {"inside": "bool", "with_days": "bool"}
)
"""Table ``backtest`` without a past."""
_SHIFTED = ["channel", "kpi", "replication"]


@dataclass(frozen=True)
class Past:
    """Days with orders and events, compact or not: customer_id, channel, day, period, sums; see `simulate.past`."""

    orders: pd.DataFrame
    events: pd.DataFrame

    @property
    def periods(self) -> list[Period]:
        return sorted(self.orders["period"].unique())

    @cached_property
    def kpis(self) -> pd.DataFrame:
        """The indicators of each period, of the unit and each channel: period, channel, kpi, value."""
        periods = self.periods
        sums = _by_channel(self.orders, list(SUMS))
        spent = _by_channel(self.events, ["cost_to_serve"])["cost_to_serve"]
        sums["cost_to_serve"] = sums["cost_to_serve"].add(spent, fill_value=0.0)
        rows = sums.reset_index()
        number = {period: place for place, period in enumerate(periods)}
        places = [number[period] for period in rows.pop("period")]
        table = _kpis(_with_whole(rows.assign(replication=places)))
        period = np.array(periods, dtype=object)[table["replication"].to_numpy("int64")]
        return table.assign(period=period).drop(columns="replication")

    def until(self, period: Period) -> Past:
        """Return the days of the periods before one."""
        return Past(earlier(self.orders, period), earlier(self.events, period))


@dataclass(frozen=True)
class Foretold:
    """What the days of the past tell, without them: each period ``tested``, the ``kpis`` of each, what is ``next``.

    ``next`` has the period to come as `foretold` simulates it, ``target`` that period.
    """

    tested: pd.DataFrame
    kpis: pd.DataFrame
    next: pd.DataFrame
    target: Period
    seed: int

    @classmethod
    def of(cls, past: Past, target: Period, seed: int, simulated: pd.DataFrame | None) -> Self:
        return cls(backtest(past, seed, simulated), past.kpis, foretold(past, target, seed), target, seed)

    def shifts(self, replications: int) -> pd.DataFrame:
        """Return by how much service of the period to come is another than the simulation's; see `service_shifts`."""
        return service_shifts(self.next, self.kpis, self.target, self.seed, replications)


def _by_channel(days: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return the sums of each period and channel, its name as text."""
    sums = days.groupby(["period", "channel"], observed=True)[columns].sum().reset_index()
    return sums.astype({"channel": "str"}).set_index(["period", "channel"])


def backtest(past: Past, seed: int, simulated: pd.DataFrame | None = None) -> pd.DataFrame:
    """Foretell each period that follows another.

    ``simulated`` has the newest one as its days are simulated from the one before: channel, replication, kpi, value, of
    the indicators that days move. Returns table ``backtest``: period, segment, channel, kpi, low, high, observed,
    inside, with_days.
    """
    tables = []
    for before, target in pairwise(past.periods):
        if before != target.previous:
            continue
        known = past.until(target)
        drawn = foretold(known, target, seed)
        shifts, moved_by_days = service_shifts(drawn, past.kpis, target, seed), set[str]()
        if simulated is not None and target == past.periods[-1]:
            moved_by_days = set(simulated["kpi"])
            drawn = pd.concat([drawn[~drawn["kpi"].isin(moved_by_days)], simulated], ignore_index=True)
        drawn = shifted(drawn, shifts)
        observed = past.kpis[past.kpis["period"] == target].rename(columns={"value": "observed"})
        ends = drawn.groupby(["channel", "kpi"])["value"].quantile(np.array(ENDS)).unstack()
        ends.columns = pd.Index(["low", "high"])
        found = ends.reset_index().merge(observed, on=["channel", "kpi"])
        tables.append(found.assign(with_days=found["kpi"].isin(moved_by_days)))
    if not tables:
        return NOTHING
    table = pd.concat(tables, ignore_index=True).dropna(subset=["low", "high", "observed"])
    slack = 1e-9 * table["observed"].abs()
    inside = (table["observed"] >= table["low"] - slack) & (table["observed"] <= table["high"] + slack)
    place = table["kpi"].map({kpi: at for at, kpi in enumerate(KPIS)})
    table = table.assign(inside=inside, segment=ALL, _place=place).sort_values(["period", "channel", "_place"])
    return table.assign(period=table["period"].astype("str"))[list(NOTHING)].reset_index(drop=True)


def foretold(past: Past, target: Period, seed: int, replications: int = REPLICATIONS) -> pd.DataFrame:
    """Simulate a period from those before it: channel, replication, kpi, value."""
    newest = past.periods[-1]
    base = named(past.orders[past.orders["period"] == newest]).reset_index(drop=True)
    events = named(past.events[past.events["period"] == newest]).reset_index(drop=True)
    every = named(past.orders[[*CUSTOMER, "day", "period"]])
    streams = Streams.of(base, *bounds(newest), earlier(every, newest))
    common = Common.of(streams.streams, streams.variation, every, target)
    del every
    names = sorted(set(base["channel"]) | set(events["channel"]))
    of_order, of_event = (pd.Index(names).get_indexer(days["channel"]) for days in (base, events))
    values, spent = base[list(SUMS)].fillna(0.0).to_numpy("float64"), events["cost_to_serve"].to_numpy("float64")
    place = pd.MultiIndex.from_frame(streams.streams[CUSTOMER]).get_indexer(pd.MultiIndex.from_frame(events[CUSTOMER]))
    sums = np.zeros((replications, len(names), len(SUMS)))
    for replication in range(replications):
        random = np.random.default_rng([seed, target.first_month, replication])
        factor = common.draw(random)
        _, unit = streams.draw(random, factor, bounds(target))
        np.add.at(sums[replication], of_order[unit], values[unit])
        often = random.poisson(random.exponential(size=len(spent)) * np.where(place < 0, 1.0, factor[place]))
        np.add.at(sums[replication, :, SUMS.index("cost_to_serve")], of_event, often * spent)
    rows = pd.DataFrame(sums.reshape(-1, len(SUMS)), columns=list(SUMS))
    rows["channel"] = np.tile(names, replications)
    rows["replication"] = np.repeat(np.arange(replications), len(names))
    return _kpis(_with_whole(rows))


def service_shifts(
    drawn: pd.DataFrame, kpis: pd.DataFrame, target: Period, seed: int, replications: int = REPLICATIONS
) -> pd.DataFrame:
    """Return what service of all orders of a channel has in common in a period: channel, kpi, replication, shift.

    It is what service changed from period to period beyond the scatter of the simulated values ``drawn``; where the
    past has too few changes to tell, there is no row. ``kpis`` has the indicators of the past.
    """
    before = kpis[kpis["period"] < target]
    periods = sorted(before["period"].unique())
    served = before[before["kpi"].isin(SERVICE)]
    history = served.pivot(index="period", columns=["channel", "kpi"], values="value").reindex(periods)
    scatter = drawn.groupby(["channel", "kpi"])["value"].var()
    seasons, parts = np.array([season(period) for period in periods[1:]]), []
    for number, (channel, kpi) in enumerate(history.columns.to_frame().itertuples(index=False, name=None)):
        changes = np.diff(history[channel, kpi].to_numpy("float64"))
        known = np.isfinite(changes)
        if known.sum() > ENOUGH and (channel, kpi) in scatter.index:
            chance = float(scatter.loc[[(channel, kpi)]].iloc[0])
            change = Change.of(changes[known], chance, seasons[known], season(target))
            random = np.random.default_rng([seed, target.first_month, number, 2])
            shift = [change.draw(random, sure=0.0) for _ in range(replications)]  # a few days say little of chance
            table = pd.DataFrame({"replication": range(replications), "shift": shift})
            parts.append(table.assign(channel=channel, kpi=kpi))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*_SHIFTED, "shift"])


def shifted(values: pd.DataFrame, shifts: pd.DataFrame) -> pd.DataFrame:
    """Return values with the shifts of their channel, indicator and replication; shares stay within 0 and 1."""
    shift = shifts.set_index(_SHIFTED)["shift"].reindex(pd.MultiIndex.from_frame(values[_SHIFTED]))
    return moved(values, shift.to_numpy("float64"))


def coverage(table: pd.DataFrame) -> pd.DataFrame:
    """Return of each KPI how often its intervals held what came, and whether it may be relied on.

    Figures of one period hang together: what the share of them that was held scatters from period to period says how
    far it may be from nine tenths by chance (a one-sided t-test over periods). One period tells nothing against it.
    Where some periods are held whole and others not at all, that scatter excuses everything: then it counts in how many
    periods all, or half of the figures lay outside. Of a period's figures one in ten does, so that all do in one period
    of ten at most, and half in one of five, however they hang together.

    Columns: kpi, foretold (figures), inside (of them), reliable.
    """
    counts = table.groupby("kpi", sort=False)["inside"].agg(["size", "sum"]).reset_index()
    counts.columns = pd.Index(["kpi", "foretold", "inside"])
    shares = table.groupby(["kpi", "period"])["inside"].mean().groupby("kpi").agg(["mean", "sem", "size"])
    shares = shares.reindex(counts["kpi"])
    least = student.ppf(1 - LEAST_CHANCE, np.maximum(shares["size"] - 1, 1)) * shares["sem"].fillna(np.inf)
    held = (shares["mean"] + least >= WANTED).to_numpy()
    outside = 1 - table.groupby(["kpi", "period"])["inside"].mean()
    for share in (1.0, 0.5):
        missed = outside.ge(share - 1e-9).groupby("kpi").agg(["size", "sum"]).reindex(counts["kpi"])
        chance = binom.sf(missed["sum"].to_numpy() - 1, missed["size"].to_numpy(), (1 - WANTED) / share)
        held = held & (chance > LEAST_CHANCE / 2)
    return counts.assign(reliable=held)


def _with_whole(sums: pd.DataFrame) -> pd.DataFrame:
    whole = sums.drop(columns="channel").groupby("replication", as_index=False).sum().assign(channel=ALL)
    return pd.concat([sums, whole], ignore_index=True)


def _kpis(sums: pd.DataFrame) -> pd.DataFrame:
    profit = sums["net_sales"] - sums["cogs"] - sums["cost_to_serve"]
    table = pd.concat([sums.assign(profit=profit), ratios(sums, SERVICE)], axis=1)
    return table.melt(["channel", "replication"], list(KPIS), "kpi", "value")
