"""When orders come: each customer's own rate, regularity and weekdays in each channel, estimated and drawn again.

A stream is a customer in a channel; an arrival is what it ordered on one day. Gaps between arrivals are gamma
distributed with the stream's squared coefficient of variation: 1 is Poisson, below regular, above clustered. They are
measured in days that count by how much is ordered on that weekday, and drawn in days that count by how much the stream
ordered on it: what was ordered on a Tuesday comes again on one, and none of its arrivals more often than another. A
rate that was seen n times is known as well as n arrivals tell: it is drawn anew for each replication (a gamma posterior
as wide as such a count scatters), and so is the weight of each arrival's content (Bayesian bootstrap).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from scipy.stats import chi2

from cts_lib.names import CUSTOMER

WEEK = 7
_FIRST_MONDAY = 4
"""Days from 1970-01-01 to the first Monday."""
OF_THE_CHANNEL = 10.0
"""A stream's regularity counts beside so many gaps of its channel's."""
OWN_DAYS = 0.99
"""How sure it has to be that a stream's weekdays are not its channel's."""
_OF_THE_DAY = 1 / 6
"""Variance that a gap between two days has because their hours are not known."""
_REGULAR, _CLUSTERED = 0.02, 5.0
"""The least and the most variation of gaps that is taken for true."""


def weekday(day: np.ndarray) -> np.ndarray:
    """Return the day of the week, Monday 0, of days counted from 1970-01-01."""
    return (day - _FIRST_MONDAY) % WEEK


def scatter(count: np.ndarray, variation: np.ndarray) -> np.ndarray:
    """Return the variance of a count of gamma renewals: cv²·n + (1 − cv⁴)/6 (Cox, Renewal Theory, 1962, 4.5)."""
    return np.asarray(variation * count) + np.where(count > 0, np.maximum(0.0, 1 - variation**2) / 6, 0.0)


@dataclass(frozen=True)
class Streams:
    """What is known of each stream from its arrivals in days ``[first, last)``.

    ``arrivals`` has one row each, sorted by stream and weekday: stream, weekday, unit (the row of the frame given).
    ``counts`` and ``variation`` (squared, of gaps) have a place a stream, ``pace`` a row of the seven days' weights
    with mean 1, ``begins`` where each weekday's arrivals of each stream begin among all (the end last).
    """

    streams: pd.DataFrame
    first: int
    last: int
    counts: np.ndarray
    variation: np.ndarray
    pace: np.ndarray
    arrivals: pd.DataFrame
    begins: np.ndarray

    @classmethod
    def of(cls, arrivals: pd.DataFrame, first: int, last: int, before: pd.DataFrame | None = None) -> Self:
        """Estimate the streams of arrivals: customer_id, channel, day (from 1970-01-01).

        ``before`` has those of earlier days: they tell how regular a stream is, not how often it orders by now.
        """
        codes = arrivals.groupby(CUSTOMER, sort=True).ngroup().to_numpy()
        streams = arrivals[CUSTOMER].assign(stream=codes).drop_duplicates("stream").sort_values("stream")
        rows = pd.DataFrame({"stream": codes, "day": arrivals["day"].to_numpy("int64"), "unit": np.arange(len(codes))})
        rows["weekday"] = weekday(rows["day"].to_numpy())
        kept = streams[CUSTOMER].reset_index(drop=True)
        channel = kept["channel"].astype("str").to_numpy()
        counts = np.bincount(codes, minlength=len(streams)).astype("float64")
        own = _by_weekday(rows, len(kept))
        variation = _variation(_longer(rows, kept, before), _shared(own, channel), channel)
        rows = rows.sort_values(["stream", "weekday", "day", "unit"], ignore_index=True)
        cells = rows["stream"].to_numpy() * WEEK + rows["weekday"].to_numpy()
        begins = np.searchsorted(cells, np.arange(len(streams) * WEEK + 1))
        pace = _own(own, first, last)
        return cls(kept, first, last, counts, variation, pace, rows[["stream", "weekday", "unit"]], begins)

    def draw(
        self, random: np.random.Generator, factor: np.ndarray, days: tuple[int, int] | None = None, known: bool = False
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return one replication's arrivals: the day of each, and the unit whose content it has.

        ``factor`` is by how much each stream's rate is another than it was; ``days`` are those simulated, by default
        those of the estimate; ``known`` takes the estimated rates for the true ones.
        """
        first, last = days or (self.first, self.last)
        at = np.flatnonzero((factor > 0) & (self.counts > 0))
        shape = 1 / self.variation[at]
        rate = self.counts[at] * factor[at] / (self._paced(at, self.last) - self._paced(at, self.first))
        if not known:
            certain = self.counts[at] ** 2 / scatter(self.counts[at], self.variation[at])
            rate = rate * random.gamma(certain) / certain
        start = self._paced(at, first)
        span = self._paced(at, last) - start
        expected = span * rate
        most = np.ceil(expected + 6 * np.sqrt(expected * np.maximum(self.variation[at], 1)) + 6).astype("int64")
        row = np.repeat(np.arange(len(at)), most)
        opens = np.cumsum(most) - most
        gaps = random.gamma(shape[row]) / (shape * rate)[row]
        gaps[opens] = random.gamma(shape + 1) / (shape * rate) * random.random(len(at))  # the stream runs already
        passed = np.cumsum(gaps)
        passed = passed - np.repeat(passed[opens] - gaps[opens], most)
        kept = passed < span[row]
        stream, when = at[row[kept]], start[row[kept]] + passed[kept]
        of_week = self._weekday(stream, when)
        day = np.asarray(when // WEEK * WEEK + _FIRST_MONDAY + of_week, "int64")
        return day, self.arrivals["unit"].to_numpy()[self._content(random, stream * WEEK + of_week, known)]

    def _paced(self, at: np.ndarray, day: int) -> np.ndarray:
        """Return how much time has passed until a day begins, as the streams count it."""
        weeks, left = divmod(day - _FIRST_MONDAY, WEEK)
        passed: np.ndarray = weeks * WEEK + self.pace[at, :left].sum(axis=1)
        return passed

    def _weekday(self, stream: np.ndarray, when: np.ndarray) -> np.ndarray:
        """Return the day of the week, one on which the stream orders."""
        passed = np.cumsum(self.pace, axis=1)
        last = WEEK - 1 - np.argmax(self.pace[:, ::-1] > 0, axis=1)
        return np.asarray(np.minimum((passed[stream] <= (when % WEEK)[:, None]).sum(axis=1), last[stream]))

    def _content(self, random: np.random.Generator, cell: np.ndarray, known: bool) -> np.ndarray:
        """Return which arrival each is like, of a cell: one of the stream's own of the same weekday."""
        weights = np.ones(len(self.arrivals)) if known else random.exponential(size=len(self.arrivals))
        summed = np.concatenate([[0.0], np.cumsum(weights)])
        begin, end = self.begins[cell], self.begins[cell + 1]
        wanted = summed[begin] + random.random(len(cell)) * (summed[end] - summed[begin])
        return np.asarray(np.clip(np.searchsorted(summed, wanted, side="right") - 1, begin, end - 1))


def _longer(rows: pd.DataFrame, streams: pd.DataFrame, before: pd.DataFrame | None) -> pd.DataFrame:
    """Return stream and day of these arrivals and of those before, of the same streams."""
    if before is None or before.empty:
        return rows
    known = streams.assign(stream=np.arange(len(streams)))
    return pd.concat([before[[*CUSTOMER, "day"]].merge(known, on=CUSTOMER), rows], ignore_index=True)


def _by_weekday(rows: pd.DataFrame, streams: int) -> np.ndarray:
    """Return how many arrivals each stream has on each weekday."""
    found = np.zeros((streams, WEEK))
    np.add.at(found, (rows["stream"].to_numpy(), rows["weekday"].to_numpy()), 1.0)
    return found


def _own(own: np.ndarray, first: int, last: int) -> np.ndarray:
    """Return how much of each stream's week each weekday is, by its arrivals on each of these in ``[first, last)``."""
    often = np.bincount(weekday(np.arange(first, last)), minlength=WEEK)
    on_each = own / np.maximum(often, 1)
    return np.asarray(WEEK * on_each / on_each.sum(axis=1, keepdims=True))


def _shared(own: np.ndarray, channel: np.ndarray) -> np.ndarray:
    """Return how much of each stream's week each weekday is: its channel's, or its own where that differs for sure."""
    codes, names = pd.factorize(channel)
    shared = np.zeros((len(names), WEEK))
    np.add.at(shared, codes, own)
    expected = (shared / shared.sum(axis=1, keepdims=True))[codes]
    counts = own.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.nansum((own - counts * expected) ** 2 / (counts * expected), axis=1)
    is_own = apart > chi2.ppf(OWN_DAYS, WEEK - 1)
    mixed = (own + expected) / (counts + 1)
    return np.asarray(WEEK * np.where(is_own[:, None], mixed, expected))


def _variation(rows: pd.DataFrame, pace: np.ndarray, channel: np.ndarray) -> np.ndarray:
    """Return the squared coefficient of variation of each stream's gaps, drawn to that of its channel."""
    rows = rows.sort_values(["stream", "day"])
    stream, day = rows["stream"].to_numpy("int64"), rows["day"].to_numpy("int64")
    weeks, left = divmod(day - _FIRST_MONDAY, WEEK)
    begun = np.concatenate([np.zeros((len(pace), 1)), np.cumsum(pace, axis=1)], axis=1)
    when = weeks * WEEK + (begun[stream, left] + begun[stream, left + 1]) / 2
    same = stream[1:] == stream[:-1]
    gaps = pd.DataFrame({"stream": stream[1:][same], "gap": np.diff(when)[same]})
    of_stream = gaps.groupby("stream")["gap"].agg(["count", "mean", "var"]).reindex(range(len(channel)))
    free = (of_stream["count"] - 1).clip(lower=0).fillna(0.0).to_numpy()
    true = (of_stream["var"] - _OF_THE_DAY).clip(lower=0.0)
    own = (true / of_stream["mean"] ** 2).fillna(0.0).to_numpy()
    own = own * (1 + np.divide(1.0, free + 1))  # the mean of few gaps is itself uncertain
    codes, names = pd.factorize(channel)
    weight = np.bincount(codes, free, minlength=len(names))
    shared = np.bincount(codes, free * own, minlength=len(names))
    shared = np.where(weight > 0, shared / np.where(weight > 0, weight, 1.0), 1.0)[codes]
    mixed = (free * own + OF_THE_CHANNEL * shared) / (free + OF_THE_CHANNEL)
    return np.asarray(np.clip(mixed, _REGULAR, _CLUSTERED))
