"""What customers have in common from period to period, and which of them leave: estimated from the history.

Demand of the next period is today's times a factor of the unit and one of each channel. Their logarithms are normal;
what the history says of them is what its changes from period to period have beyond what chance gives to customers who
order by themselves. That is known the less the fewer changes there are: the scatter, where there is some, is drawn anew
for each replication (scaled inverse chi-squared), and with fewer than `ENOUGH` changes some of `USUAL` are put beside
them. Growth, a return to the usual level and season count where they foretell better than no change does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Self

import numpy as np
import pandas as pd
from scipy.stats import chi2
from scipy.stats import t as student

from cts_lib.names import CUSTOMER
from cts_lib.params.period import Period
from cts_lib.simulate.arrivals import scatter

ENOUGH = 3
USUAL = 0.1
"""Standard deviation of the change in common that is taken where the history says nothing: an assumption."""

SURE = 0.8
"""How sure it has to be that changes scatter by more than chance."""
_FARTHEST = 0.99
"""How much of the changes that are thinkable lie below the largest that is drawn, and above the smallest.

Of few changes the tails are so long that demand would have no mean: one period in thousands would be a thousand times
today's.
"""


@dataclass(frozen=True)
class Change:
    """How much demand changes to the next period, as logarithms.

    ``mean`` is the change to expect and ``scatter`` the variance around it, known from so many ``free`` changes;
    ``chance`` is how much of that variance customers who order by themselves have anyway.
    """

    mean: float
    scatter: float
    free: float
    chance: float

    @classmethod
    def of(cls, changes: np.ndarray, chance: float, seasons: np.ndarray, season: int) -> Self:
        """Estimate from the changes of the past, each with the place in the year of the period it led to."""
        made = len(changes)
        ways = [(0.0, float((changes**2).sum()), float(made), 0.0)]
        if made > ENOUGH:
            levels = np.concatenate([[0.0], np.cumsum(changes)])
            for values, now in ((changes, 0.0), (levels, levels[-1])):  # it grows, or comes back to its level
                mean = float(values.mean())
                ways.append((mean - now, float(((values - mean) ** 2).sum()), len(values) - 1.0, 1 / len(values)))
        same = seasons == season
        left = made - len(np.unique(seasons))
        if same.sum() >= 2 and left >= ENOUGH:
            usual = pd.Series(changes).groupby(seasons).transform("mean").to_numpy()
            squares = float(((changes - usual) ** 2).sum())
            ways.append((float(changes[same].mean()), squares, float(left), float(1 / same.sum())))
        mean, squares, known, more = min(ways, key=lambda way: max(chance, way[1] / max(way[2], 1.0) * (1 + way[3])))
        known = known if len(ways) == 1 else max(1.0, known - 1)  # the way was chosen by the same changes
        assumed = max(0.0, ENOUGH - known)
        squares = squares + assumed * (USUAL**2 + chance)
        free = known + assumed
        return cls(mean, squares / free * (1 + more), free, chance)

    def draw(self, random: np.random.Generator, sure: float = SURE) -> float:
        """Return one period's change; none in common where it is not so ``sure`` that there is more than chance.

        How large the scatter is, is drawn too.
        """
        if self.scatter * self.free <= _by_chance(sure, self.free) * self.chance:
            return self.mean
        variance = self.scatter * self.free / random.chisquare(self.free)
        change = random.standard_normal() * np.sqrt(max(0.0, variance - self.chance))
        farthest = _student(self.free) * np.sqrt(self.scatter)
        return float(self.mean + np.clip(change, -farthest, farthest))


@dataclass(frozen=True)
class Common:
    """What the streams' next period has in common: the unit's change, the channels' own, and who leaves.

    ``place`` is each stream's channel among ``channels``, ``shares`` how much of the demand each channel has;
    ``left`` and ``stayed`` count the streams that left, beyond chance, and those that did not.
    """

    unit: Change
    channels: dict[str, Change]
    shares: np.ndarray
    place: np.ndarray
    left: float
    stayed: float
    periods: int

    @classmethod
    def of(cls, streams: pd.DataFrame, variation: np.ndarray, past: pd.DataFrame, target: Period) -> Self:
        """Estimate from all arrivals of the past: customer_id, channel, period; the newest period is today's.

        ``streams`` are today's, with how much the gaps between their arrivals vary.
        """
        counts = past.groupby([*CUSTOMER, "period"], observed=True).size().unstack("period", fill_value=0)
        counts = counts.sort_index(axis=1)
        periods: list[Period] = sorted(past["period"].unique())
        days = np.array([period.days for period in periods])
        own = pd.Series(variation, pd.MultiIndex.from_frame(streams[CUSTOMER]))
        varies = own.reindex(counts.index).fillna(float(np.average(variation)) if len(variation) else 1.0).to_numpy()
        left, stayed = _leavers(counts.to_numpy(), varies)
        leaving = left / (left + stayed) if left else 0.0
        names = counts.index.get_level_values("channel")
        totals = counts.groupby(names).sum()
        totals = totals[totals.iloc[:, -1] > 0]
        chance = _by_themselves(counts, varies, 2 * leaving)
        follows = np.array([later == earlier.following for earlier, later in pairwise(periods)], dtype=bool)
        seasons = np.array([season(period) for period in periods[1:]], dtype=int)[follows]
        whole = totals.sum().to_numpy("float64")
        shares = (totals.iloc[:, -1] / whole[-1]).to_numpy()
        unit_changes = _changes(whole / days)[follows]
        of_channel = {name: float(chance[name]) for name in totals.index}
        of_unit = float((shares**2 * np.array(list(of_channel.values()))).sum())
        made = {}
        for share, (name, row) in zip(shares, totals.iterrows(), strict=True):
            changes = _changes(row.to_numpy("float64") / days)[follows]
            known = np.isfinite(changes)
            own_chance = of_channel[str(name)] * (1 - 2 * share) + of_unit
            of = (changes - unit_changes)[known], max(0.0, own_chance), seasons[known], season(target)
            made[str(name)] = Change.of(*of)
        unit = Change.of(unit_changes, of_unit, seasons, season(target))
        place = pd.Index(list(made)).get_indexer(pd.Index(streams["channel"].astype("str")))
        return cls(unit, made, shares, place, left, stayed, 1 + int(follows.sum()))

    def draw(self, random: np.random.Generator) -> np.ndarray:
        """Return by how much each stream orders more than today: 0 for one that left, twice as much for one that came.

        As many come as leave, each like one of today's; what is won or lost beyond that is part of the change.
        """
        apart = np.array([change.draw(random) for change in self.channels.values()])
        apart = apart - (self.shares * apart).sum() if len(apart) > 1 else np.zeros(len(apart))
        factor = np.exp(self.unit.draw(random) + apart)[self.place]
        chance, fate = self.leaving(random), random.random(len(factor))
        often: np.ndarray = factor * np.where(fate < chance, 0.0, np.where(fate > 1 - chance, 2.0, 1.0))
        return often

    def leaving(self, random: np.random.Generator) -> float:
        """Return the share of the streams that leaves within a period, drawn from what is known of it."""
        return min(0.5, random.beta(self.left, self.stayed)) if self.left else 0.0


def season(period: Period) -> int:
    """Return the month, from 0, with which a period begins."""
    return period.first_month % 12


@cache
def _by_chance(sure: float, free: float) -> float:
    """Return what chi-squared stays below with this probability; asked anew for each replication."""
    return float(chi2.ppf(sure, free))


@cache
def _student(free: float) -> float:
    """Return below what Student's t stays with the probability of the farthest change."""
    return float(student.ppf(_FARTHEST, free))


def _changes(values: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        changes: np.ndarray = np.diff(np.log(values))
        return changes


def _leavers(counts: np.ndarray, variation: np.ndarray) -> tuple[float, float]:
    """Return how many streams did not come back in the next period, beyond chance, and how many did or had only chance.

    Who came n times stays away by chance with a probability of 2^(-n/cv²).
    """
    here, gone = counts[:, :-1], (counts[:, :-1] > 0) & (counts[:, 1:] == 0)
    seen = here > 0
    by_chance = float(np.where(seen, 2.0 ** (-here / variation[:, None]), 0.0).sum())
    left = max(0.0, float(gone.sum()) - by_chance)
    return left, max(float(seen.sum()) - by_chance - left, 1.0)


def _by_themselves(counts: pd.DataFrame, variation: np.ndarray, turnover: float) -> pd.Series:
    """Return the variance of each channel's change that comes of streams that order, leave and come by themselves."""
    today = counts.iloc[:, -1].to_numpy("float64")
    parts = pd.DataFrame(
        {"varies": 2 * scatter(today, variation) + turnover * today**2, "today": today}, index=counts.index
    )
    sums = parts.groupby("channel").sum()
    return (sums["varies"] / sums["today"] ** 2).replace(np.inf, 0.0).fillna(0.0)
