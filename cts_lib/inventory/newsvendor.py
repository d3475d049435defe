"""How much to have for one period: the newsvendor with normal demand."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from cts_lib.inventory.loss import Floats, normal_density


class BaseStock(NamedTuple):
    """Units to have, and the expected cost of what is left over and of what is missing."""

    level: Floats
    cost: Floats


def newsvendor(holding_cost: ArrayLike, stockout_cost: ArrayLike, mean: ArrayLike, sd: ArrayLike) -> BaseStock:
    """Return S = μ + zσ with Φ(z) = p/(p + h), and its expected cost (h + p)φ(z)σ.

    Symbols: h > 0 money a unit left over, p > 0 money a unit missing, demand normal with mean μ and standard deviation
    σ in units; S in units, the cost in money a period.
    Source: Snyder and Shen 2019, example 4.3.

    >>> [round(float(value), 4) for value in newsvendor(0.18, 0.70, 50, 8)]
    [56.604, 1.9976]
    """
    h, p, mu, sigma = (np.asarray(value, "float64") for value in (holding_cost, stockout_cost, mean, sd))
    z = ndtri(p / (p + h))
    return BaseStock(mu + z * sigma, (h + p) * normal_density(z) * sigma)
