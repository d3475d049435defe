"""Signal or noise: which indicators left what is usual for them, and by what evidence.

**Limits** are those of an individuals chart: mean ± 2.66 mean moving range (Wheeler, Understanding Variation; with
``governance.sigmas`` other than 3 in proportion). They come of the first periods since the last change that was
declared (``governance.changes``) and then stay, so that they do not follow what they are to show. A period without data
is a gap. Where two years show a season, limits are those of the period's place in the year. A ratio of fewer lines or
orders than usual has wider limits (Laney, Improved control charts for attributes, 2002).

**A signal** is what chance does not explain. The newest one to four periods are held against the usual ones (t-tests;
the cells of an indicator lend each other's variances weight: Smyth, Linear models and empirical Bayes methods, 2004),
and a run of seven may rise or fall. Of the series of a level (the unit, segments, channels, cells) so many are signals
that a tenth of them is expected to be false at most (Benjamini and Hochberg, 1995).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import factorial

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import digamma, polygamma
from scipy.stats import betabinom, false_discovery_control
from scipy.stats import f as fisher
from scipy.stats import t as student

from cts_lib.govern.indicators import is_share_of_counted
from cts_lib.measures import ends, of
from cts_lib.names import ALL, CELL, NONE
from cts_lib.params.governance import Governance
from cts_lib.params.period import Period

FALSE_SHARE = 0.1
"""Share of the signals that are expected to be chance, at most."""
LEAST_OBSERVATIONS = 10
"""Lines, customers or orders that a cell needs a period, on average, to be judged."""
SERIES = [*CELL, "kpi"]
_UNIT = 3
_PER_SIGMA = 2.66 / 3
_BASELINE, _TWO_YEARS = 12, 24
"""Periods that limits come of, and months that they span at least."""
LASTING = 4
"""Periods that are held against the usual ones together, at most."""
_WINDOWS, _TREND = tuple(range(1, LASTING + 1)), 7
_SURE_OF_SEASON = 0.99


def judged(kpis: pd.DataFrame, history: pd.DataFrame, period: Period, params: Governance) -> pd.DataFrame:
    """Add lower_limit, upper_limit, signal, evidence, evidence_periods and chance to the period's indicators.

    ``kpis`` has segment, channel, kpi, value and observations; ``history`` the same of other periods. ``chance`` is
    how often chance alone goes as far; null with too short a history.
    """
    past = earlier_values(history, period, params)
    scatter = _Scatter.of(past, kpis, period, params)
    lower, upper = scatter.limits(params)
    least, most = np.array([ends(kpi) for kpi in kpis["kpi"]], dtype="float64").reshape(-1, 2).T
    chance, evidence, periods, is_above = scatter.evidence(params)
    is_signal = _without_chance(chance, scatter.level)
    table = kpis.assign(lower_limit=np.maximum(lower, least), upper_limit=np.minimum(upper, most))
    table["signal"] = np.where(is_signal, np.where(is_above, "above", "below"), NONE)
    table["evidence"] = np.where(is_signal, evidence, NONE)
    table["evidence_periods"] = np.where(is_signal, periods, 0)
    return table.assign(chance=chance)


def earlier_values(history: pd.DataFrame, period: Period, params: Governance) -> pd.DataFrame:
    """Return the earlier periods of the same length since the last declared change, by how far ahead they ``lie``."""
    columns = {"lies": "int64", "value": "float64", "observations": "float64"}
    if history.empty:
        return pd.DataFrame(columns=[*SERIES, *columns]).astype(columns)
    since = max((change.start for change in params.declared if change.start <= period.start), default=date.min)
    lies = {
        text: (one.first_month - period.first_month) // period.months
        for text, one in ((text, period.named(text)) for text in history["period"].unique())
        if one.is_like(period) and one < period and one.start >= since
    }
    table = history[history["period"].isin(lies)]
    known = table["observations"] if "observations" in table else float("nan")
    return table.assign(lies=table["period"].map(lies), observations=known)[[*SERIES, *columns]].astype(columns)


@dataclass(frozen=True)
class _Scatter:
    """A row a period, this one last and gaps too, and a column a series.

    ``values`` are without ``season``, what the season adds to this period's; ``lost`` is how many free values a season
    takes. ``observations`` are null for sums; ``is_enough`` marks the series that rest on enough. ``base`` marks the
    rows before the last that limits come of. ``level`` and ``kind`` number the series' level and indicator in it.
    """

    values: np.ndarray
    observations: np.ndarray
    is_enough: np.ndarray
    base: np.ndarray
    season: np.ndarray
    lost: np.ndarray
    is_share: np.ndarray
    level: np.ndarray
    kind: np.ndarray

    @classmethod
    def of(cls, past: pd.DataFrame, kpis: pd.DataFrame, period: Period, params: Governance) -> _Scatter:
        series = pd.MultiIndex.from_frame(kpis[SERIES])
        rows = range(int(past["lies"].min()) if len(past) else 0, 0)
        earlier = past.drop_duplicates(["lies", *SERIES], keep="last").set_index(["lies", *SERIES])
        values, observations = (
            np.vstack([earlier[name].unstack(SERIES).reindex(index=rows, columns=series), kpis[name]]).astype("float64")
            if len(rows)
            else kpis[name].to_numpy("float64")[None, :]
            for name in ("value", "observations")
        )
        level = 2 * (kpis["segment"] == ALL).to_numpy("int64") + (kpis["channel"] == ALL).to_numpy("int64")
        has_data = np.isfinite(values[:-1]).any(axis=1)
        most = max(_BASELINE, _TWO_YEARS // period.months, params.minimum_history)
        base = has_data & (np.cumsum(has_data) <= most)
        seasons = np.arange(len(values))[::-1] % max(1, 12 // period.months)
        effects, lost = _season(np.where(base[:, None], values[:-1], np.nan), seasons)
        is_share = kpis["kpi"].map(is_share_of_counted).to_numpy(bool)
        is_sum = kpis["kpi"].map(lambda name: of(name).is_sum).to_numpy(bool)
        is_enough = (level == _UNIT) | (_mean(observations) >= LEAST_OBSERVATIONS)
        observations = np.where(is_sum | (observations <= 0), np.nan, observations)
        kind = pd.factorize(pd.MultiIndex.from_arrays([level, kpis["kpi"]]))[0]
        return cls(values - effects[seasons], observations, is_enough, base, effects[0], lost, is_share, level, kind)

    def limits(self, params: Governance) -> tuple[np.ndarray, np.ndarray]:
        """Return the control limits of this period's values, null where too few periods tell them."""
        usual = self._usual(0)
        ranges = _mean(np.abs(np.diff(usual, axis=0))) * _PER_SIGMA
        count = np.isfinite(usual).sum(axis=0)
        width = params.sigmas * np.sqrt(self._now(ranges**2 * (count - 1) / np.maximum(count - 1 - self.lost, 1), 1))
        mean = np.where((count >= params.minimum_history) & self.is_enough, _mean(usual) + self.season, np.nan)
        low, high = np.where(self.is_share, 0.0, -np.inf), np.where(self.is_share, 1.0, np.inf)
        return np.clip(mean - width, low, high), np.clip(mean + width, low, high)

    def evidence(self, params: Governance) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return of each series the chance, what shows most, in how many periods, and whether it is above."""
        shape = (len(_WINDOWS) + 1, self.values.shape[1])
        chances, is_above = np.full(shape, np.nan), np.zeros(shape, bool)
        for place, window in enumerate(_WINDOWS):
            chances[place], is_above[place] = self._shifted(window, params.minimum_history)
        chances[-1], is_above[-1] = self._trend()
        chances[-1] = np.where(np.isfinite(chances[0]), chances[-1], np.nan)
        tested = np.isfinite(chances).sum(axis=0)
        best = np.nanargmin(np.where(np.isfinite(chances), chances, 2.0), axis=0)
        column = np.arange(shape[1])
        chance = np.where(tested > 0, np.minimum(1.0, chances[best, column] * tested), np.nan)
        names = np.array(["point", *["run"] * (len(_WINDOWS) - 1), "trend"])
        return chance, names[best], np.array([*_WINDOWS, _TREND])[best], is_above[best, column]

    def _usual(self, newest: int) -> np.ndarray:
        """Return the values that limits come of, without some of the newest rows."""
        usual = self._of_base(self.values)
        return usual[: len(usual) - newest]

    def _now(self, variance: np.ndarray, window: int) -> np.ndarray:
        """Return the variance of the newest values, which may rest on fewer or more observations than the usual ones.

        A share of lines or customers scatters at least as so many do, however quiet its past was.
        """
        usual, now = (_mean(1 / rows) for rows in (self._of_base(self.observations), self.observations[-window:]))
        with np.errstate(invalid="ignore", divide="ignore"):
            scaled = np.where(np.isfinite(usual) & np.isfinite(now), variance * now / usual, variance)
            return np.where(self.is_share, np.fmax(scaled, self._of_one() * now), scaled)

    def _by_nature(self, window: int, wanted: np.ndarray) -> np.ndarray:
        """Return how often so many lines or customers alone make a share as far from the usual one, where wanted.

        Null for what is no share, or where nobody kept how many the usual one rests on.
        """
        usual, lines = self._usual(window - 1), self._of_base(self.observations)[: len(self.base) - window + 1]
        count, met = np.nansum(lines, axis=0), np.nansum(lines * np.clip(usual, 0, 1), axis=0)
        newest = self.observations[-window:]
        seen = np.round(np.nansum(newest * np.clip(self.values[-window:], 0, 1), axis=0))
        known = np.flatnonzero(wanted & self.is_share & (count > 0) & np.isfinite(newest).all(axis=0))
        tried, met, count, seen = np.nansum(newest, axis=0)[known], met[known], count[known], seen[known]
        drawn = betabinom(np.round(tried).astype("int64"), met + 1, np.maximum(count - met, 0) + 1)
        chance = np.full(len(self.is_share), np.nan)
        chance[known] = np.minimum(2 * np.minimum(drawn.cdf(seen), drawn.sf(seen - 1)), 1.0)
        return chance

    def _of_one(self) -> np.ndarray:
        """Return the variance of one line or customer of a share; where all were alike, one may be otherwise too."""
        share, lines = _mean(self._usual(0)) + self.season, np.nansum(self._of_base(self.observations), axis=0)
        share = np.clip(share, 0, 1)
        likely = np.where(lines > 0, (share * lines + 1) / (lines + 2), share)
        return np.asarray(likely * (1 - likely))

    def _of_base(self, rows: np.ndarray) -> np.ndarray:
        """Return the rows that limits come of, the others null."""
        return np.where(self.base[:, None], rows[:-1], np.nan)

    def _shifted(self, window: int, least: int) -> tuple[np.ndarray, np.ndarray]:
        """Return how often chance alone moves the newest ``window`` values as far, and whether they are above.

        Each of them has to be on the same side by a standard deviation at least, or there is no run.
        """
        usual = self._usual(window - 1)
        count = np.isfinite(usual).sum(axis=0)
        free = count - 1 - self.lost
        is_known = (count >= least) & (free >= 1) & self.is_enough
        mean = _mean(usual)
        squares = np.nansum((usual - mean) ** 2, axis=0)
        variance, free = _lent(np.where(is_known, squares / np.maximum(free, 1), np.nan), free, self._size(), self.kind)
        variance = self._now(variance, window)
        apart = self.values[-window:] - mean
        moved = np.asarray(apart.mean(axis=0))
        with np.errstate(invalid="ignore", divide="ignore"):
            effective = count / (1 + self.lost)
            far = np.abs(moved) / np.sqrt(variance * (1 / window + 1 / effective))
        chance = 2 * student.sf(np.where(np.abs(moved) > 1e-12 * np.abs(mean), far, 0.0), free)
        if window > 1:
            sigma = np.sqrt(variance)
            is_run = (apart >= sigma).all(axis=0) | (apart <= -sigma).all(axis=0)
            chance = np.where(is_run, chance, 1.0)
        is_known &= (squares > 0) | self.is_share  # what never varied says nothing of how much it may
        is_tested = is_known & np.isfinite(apart).all(axis=0) & (len(self.values) > window)
        chance = np.fmax(chance, self._by_nature(window, is_tested))
        return np.where(is_tested, chance, np.nan), np.asarray(moved > 0)

    def _trend(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the chance of so many values in a row that rise or fall: two orders of all that are possible."""
        steps = np.diff(self.values[-_TREND:], axis=0)
        if len(steps) < _TREND - 1:
            nothing = np.full(self.values.shape[1], np.nan)
            return nothing, np.zeros(len(nothing), bool)
        is_above = np.asarray((steps > 0).all(axis=0))
        chance = np.where(is_above | (steps < 0).all(axis=0), 2 / factorial(_TREND), 1.0)
        return np.where(np.isfinite(steps).all(axis=0), chance, np.nan), is_above

    def _size(self) -> np.ndarray:
        """Return a variance that each series' is measured by: of what it counts, or its level squared."""
        size = np.where(self.is_share, self._of_one() * _mean(1 / self._of_base(self.observations)), np.nan)
        size = np.where(np.isfinite(size), size, _mean(self._usual(0)) ** 2)
        return np.where(size > 0, size, np.nan)


def _mean(values: np.ndarray) -> np.ndarray:
    """Return the mean of each column's known values; null without one."""
    known = np.isfinite(values)
    count = known.sum(axis=0)
    return np.asarray(np.where(count > 0, np.where(known, values, 0.0).sum(axis=0) / np.maximum(count, 1), np.nan))


def _season(usual: np.ndarray, seasons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what each season adds to each series, and how many free values that takes: none where none is shown.

    ``seasons`` has the place in the year of each row, and of this period, which is 0.
    """
    count = int(seasons.max()) + 1
    none = np.zeros((count, usual.shape[1]))
    if count < 2:
        return none, np.zeros(usual.shape[1])
    means = np.array([_mean(usual[seasons[:-1] == season]) for season in range(count)])
    times = np.array([np.isfinite(usual[seasons[:-1] == season]).sum(axis=0) for season in range(count)])
    free = times.sum(axis=0) - count
    with np.errstate(invalid="ignore", divide="ignore"):
        between = np.nansum(times * (means - _mean(usual)) ** 2, axis=0) / (count - 1)
        within = np.nansum((usual - means[seasons[:-1]]) ** 2, axis=0) / free
        is_shown = fisher.cdf(between / within, count - 1, np.maximum(free, 1)) > _SURE_OF_SEASON
    apart = [_mean(np.abs(usual[seasons[:-1] == season] - means[season])) for season in range(count)]
    varies = (np.array(apart) > 0).all(axis=0)
    is_shown = is_shown & varies & (times >= 2).all(axis=0)  # nothing but once is no season
    return np.where(is_shown, means - _mean(usual), none), np.where(is_shown, count - 1.0, 0.0)


def _lent(variance: np.ndarray, free: np.ndarray, size: np.ndarray, kind: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return variances and free values after those of the same kind have lent weight (Smyth, 2004, section 6.2)."""
    variance, free = variance.copy(), free.astype("float64")
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log(variance / size) - digamma(free / 2) + np.log(free / 2)
    for one in np.unique(kind):
        of_kind = np.flatnonzero((kind == one) & np.isfinite(logs))
        if len(of_kind) < 3:
            continue
        beyond = float(np.var(logs[of_kind], ddof=1) - polygamma(1, free[of_kind] / 2).mean())
        lent = 2 * _trigamma_inverse(beyond) if beyond > 0 else np.inf
        usual = logs[of_kind].mean() + (digamma(lent / 2) - np.log(lent / 2) if np.isfinite(lent) else 0.0)
        weight = 1 / (1 + free[of_kind] / lent)
        shared = np.exp(usual) * size[of_kind]
        variance[of_kind] = weight * shared + (1 - weight) * variance[of_kind]
        free[of_kind] = free[of_kind] + lent
    return variance, free


def _trigamma_inverse(value: float) -> float:
    """Return the number whose trigamma is ``value``."""
    return float(np.exp(brentq(lambda log: np.log(polygamma(1, np.exp(log))) - np.log(value), -20, 20)))


def _without_chance(chance: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Mark the series of each level that are signals."""
    is_signal = np.zeros(len(chance), bool)
    for one in np.unique(level):
        tested = np.flatnonzero((level == one) & np.isfinite(chance))
        if len(tested):
            is_signal[tested] = false_discovery_control(chance[tested]) <= FALSE_SHARE
    return is_signal
