"""Do the customers still look as they did? Population stability index of each dimension, with what chance alone makes.

With shares p of today and q of the period before in each of B bins, PSI = Σ (p − q) ln(p ÷ q); bins are fifths or
tenths of the period before, or the values of a category. Below 0.1 a dimension is stable, from 0.25 on it has shifted
(N. Siddiqi, Credit Risk Scorecards, 2006). Where nothing moved, PSI ÷ (1/n + 1/m) follows χ² with B − 1 degrees of
freedom (B. Yurdakul and J. Naranjo, Journal of Risk Model Validation 14, 2020): with few customers a PSI of 0.1 is
chance, and is called so.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import chi2

from cts_lib.names import NONE
from cts_lib.segment.dimensions import Dimension, Floats

STABLE, MODERATE, SHIFTED, CHANCE = "stable", "moderate", "shifted", "within chance"
_SOME, _MUCH = 0.1, 0.25
_SURE = 0.95
_LEAST_SHARE = 1e-4
_BINS, _FEW_BINS = 10, 5
_FEW = 500


def psi(now: Floats, before: Floats) -> float:
    """Return the population stability index of two vectors of counts over the same bins.

    >>> round(psi(np.array([30.0, 70.0]), np.array([50.0, 50.0])), 4)
    0.1695
    >>> psi(np.array([5.0, 5.0]), np.array([5.0, 5.0]))
    0.0
    """
    one = np.maximum(now / now.sum(), _LEAST_SHARE)
    other = np.maximum(before / before.sum(), _LEAST_SHARE)
    return float(((one - other) * np.log(one / other)).sum())


def drift(now: pd.DataFrame, before: pd.DataFrame, dimensions: Sequence[Dimension]) -> pd.DataFrame:
    """Return ``segment_drift``: dimension, psi, chance (what a PSI below is no evidence of), verdict."""
    rows = []
    for one in dimensions:
        counts = _of_values(now, before, one) if one.values else _of_numbers(now, before, one)
        if counts is None or len(counts[0]) < 2:
            continue
        index = psi(*counts)
        chance = float(chi2.ppf(_SURE, len(counts[0]) - 1) * (1 / len(now) + 1 / len(before)))
        rows.append((one.name, index, chance, _verdict(index, chance)))
    table = pd.DataFrame(rows, columns=["dimension", "psi", "chance", "verdict"])
    return table.sort_values("psi", ascending=False, kind="stable", ignore_index=True)


def _verdict(index: float, chance: float) -> str:
    if index < _SOME:
        return STABLE
    if index <= chance:
        return CHANCE
    return MODERATE if index < _MUCH else SHIFTED


def _of_values(now: pd.DataFrame, before: pd.DataFrame, one: Dimension) -> tuple[Floats, Floats] | None:
    if one.name not in now or one.name not in before:
        return None
    words = [frame[one.name].astype("str").where(frame[one.name].notna(), NONE) for frame in (now, before)]
    known = sorted(set(words[0]) | set(words[1]))
    counts = np.zeros((2, len(known)))
    for row, each in enumerate(words):
        counts[row] = each.value_counts().reindex(known).fillna(0.0).to_numpy("float64")
    return counts[0], counts[1]


def _of_numbers(now: pd.DataFrame, before: pd.DataFrame, one: Dimension) -> tuple[Floats, Floats] | None:
    if one.name not in now or one.name not in before:
        return None
    bins = _BINS if min(len(now), len(before)) >= _FEW else _FEW_BINS
    values, earlier = one.numbers(now).round(9), one.numbers(before).round(9)
    edges = np.unique(np.quantile(earlier, np.arange(1, bins) / bins))
    counts = np.zeros((2, len(edges) + 1))
    for row, each in enumerate((values, earlier)):
        counts[row] = np.bincount(np.searchsorted(edges, each, side="left"), minlength=len(edges) + 1)
    kept: Floats = counts[:, counts.sum(axis=0) > 0]
    return kept[0], kept[1]
