"""Simulated strategies held against each other: intervals, and verdicts that bear how many of them are looked at."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from scipy.stats import t as student

from cts_lib.measures import sign
from cts_lib.names import CELL
from cts_lib.replay.options import CURRENT, PROPOSED

Horizon = Literal["next_period", "mean"]
ENDS = (0.05, 0.95)
DOUBT = 0.05
"""The chance that any verdict of a table speaks of a difference where there is none."""


def summary(drawn: pd.DataFrame, keys: list[str], horizon: Horizon, value: str = "value") -> pd.DataFrame:
    """Return mean, low, high and replications of values: of a period to come, or of the mean of many."""
    grouped = drawn.groupby(keys, sort=True)[value]
    table = pd.DataFrame({"mean": grouped.mean(), "replications": grouped.count()})
    if horizon == "mean":
        half = half_width(grouped.std(), table["replications"])
        table["low"], table["high"] = table["mean"] - half, table["mean"] + half
    else:
        table["low"], table["high"] = (grouped.quantile(end) for end in ENDS)
    table = table[table["replications"] > 0]
    return table[["mean", "low", "high", "replications"]].reset_index()


def interval(values: pd.Series, horizon: Horizon) -> tuple[float, float, float]:
    """Return mean, low and high of values, as `summary` does."""
    one = summary(pd.DataFrame({"of": 0, "value": values}), ["of"], horizon).iloc[0]
    return float(one["mean"]), float(one["low"]), float(one["high"])


def half_width(spread: pd.Series, count: pd.Series) -> pd.Series:
    """Return half the 90 % interval of a mean of so many values."""
    factor = student.ppf(ENDS[1], np.maximum(count - 1, 1))
    half: pd.Series = spread.fillna(0.0) * factor / np.sqrt(count)
    return half


def compare(drawn: pd.DataFrame, horizon: Horizon) -> pd.DataFrame:
    """Pair today's strategy and the proposed one replication by replication; one scenario.

    ``likely`` is the share of replications in which the proposed one is better. The verdict is on the mean difference;
    the chances of being wrong are corrected by Holm's method for all that the table looks at.
    """
    keys = [*CELL, "kpi"]
    wide = drawn[drawn["strategy"].isin([CURRENT, PROPOSED])]
    wide = wide.pivot(index=[*keys, "replication"], columns="strategy", values="value").reset_index()
    wide["difference"] = wide[PROPOSED] - wide[CURRENT]
    wide = wide.dropna(subset=["difference"])
    wide["better"] = (wide["difference"] * wide["kpi"].map(sign) > 0).astype("float64")
    grouped = wide.groupby(keys, sort=True)
    table = grouped[[CURRENT, PROPOSED]].mean().reset_index()
    spread = summary(wide, keys, horizon, "difference").rename(columns={"mean": "difference"})
    table = table.merge(spread[[*keys, "difference", "low", "high"]], on=keys)
    table["likely"] = grouped["better"].mean().to_numpy()
    largest = table[[CURRENT, PROPOSED]].abs().max(axis=1).to_numpy()
    side = table["kpi"].map(sign).to_numpy("float64")
    difference = table["difference"].to_numpy("float64")
    spreads = grouped["difference"].std().to_numpy()
    table["verdict"] = verdicts(difference, largest, side, spreads, grouped.size().to_numpy())
    return table


def verdicts(
    difference: np.ndarray, largest: np.ndarray, side: np.ndarray, spread: np.ndarray, count: np.ndarray
) -> np.ndarray:
    """Return better, worse or no difference for means of so many differences that scatter so much.

    ``largest`` is how large their figures are, ``side`` 1 where more is better, -1 where less is.
    """
    error = np.nan_to_num(spread) / np.sqrt(count)
    moved = np.abs(difference) > 1e-9 * np.maximum(largest, 1e-9)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.abs(difference) / error
    chance = np.where(moved, 2 * student.sf(np.where(moved, ratio, 0.0), np.maximum(count - 1, 1)), 1.0)
    sure = by_holm(chance, DOUBT)
    good = difference * side
    return np.where(sure & (good > 0), "better", np.where(sure & (good < 0), "worse", "no difference"))


def by_holm(chances: np.ndarray, doubt: float) -> np.ndarray:
    """Tell which findings stand though many were looked at: so that any is by chance has the chance ``doubt`` at most.

    The rarest is held against doubt over their number, each after it against doubt over those left, up to the first
    that fails (S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6,
    1979). statsmodels has it too, and collects garbage at each call, which takes longer than all else here.

    >>> by_holm(np.array([0.01, 0.04, 0.03, 0.005]), 0.05).tolist()
    [True, False, False, True]
    """
    order = np.argsort(chances, kind="stable")
    fails = chances[order] > doubt / np.arange(len(chances), 0, -1)
    stand = np.zeros(len(chances), dtype=bool)
    stand[order] = ~np.maximum.accumulate(fails)
    return stand
