"""Loss functions: how much of a random demand a level of stock is expected to miss."""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincc, ndtr

Floats = NDArray[np.float64]
_FARTHEST = 1e9
"""A level so many standard deviations away from the mean is as if demand did not vary."""


class Standardised(NamedTuple):
    """A level less the mean demand: ``gap`` in units, ``z`` in standard deviations (``scale``), where demand varies."""

    gap: Floats
    varies: NDArray[np.bool_]
    scale: Floats
    z: Floats

    @classmethod
    def of(cls, level: ArrayLike, mean: ArrayLike, sd: ArrayLike) -> Self:
        gap = np.asarray(level, "float64") - np.asarray(mean, "float64")
        sigma = np.asarray(sd, "float64")
        varies = (sigma > 0) & (sigma * _FARTHEST > np.abs(gap))
        scale = np.where(varies, sigma, 1.0)
        return cls(gap, varies, scale, np.where(varies, gap, 0.0) / scale)


def normal_density(z: ArrayLike) -> Floats:
    """Return the density of the standard normal distribution.

    >>> round(float(normal_density(0)), 4)
    0.3989
    """
    density: Floats = np.exp(-np.square(np.asarray(z, "float64")) / 2) / np.sqrt(2 * np.pi)
    return density


def normal_loss(z: ArrayLike) -> Floats:
    """Return the standard normal loss L(z) = E[(Z − z)⁺] = φ(z) − z(1 − Φ(z)).

    Symbols: Z standard normal with density φ and distribution Φ; z and the result in standard deviations.
    Source: E. A. Silver, D. F. Pyke and D. J. Thomas, Inventory and Production Management in Supply Chains, 4th ed.,
    2017, appendix on the normal distribution (there Gᵤ).

    >>> round(float(normal_loss(1.0)), 4)
    0.0833
    """
    values = np.asarray(z, "float64")
    loss: Floats = np.maximum(normal_density(values) - values * ndtr(-values), 0.0)
    return loss


def second_normal_loss(z: ArrayLike) -> Floats:
    """Return J(z) = E[((Z − z)⁺)²] = (1 + z²)(1 − Φ(z)) − zφ(z).

    Symbols: as in `normal_loss`; the result in squared standard deviations. J′(z) = −2 L(z).
    Source: Silver, Pyke and Thomas 2017, as above (there Jᵤ).

    >>> float(second_normal_loss(0))
    0.5
    """
    values = np.asarray(z, "float64")
    loss: Floats = np.maximum((1 + values**2) * ndtr(-values) - values * normal_density(values), 0.0)
    return loss


def normal_shortage(level: ArrayLike, mean: ArrayLike, sd: ArrayLike) -> Floats:
    """Return E[(D − x)⁺] = σ L((x − μ)/σ) of a normal demand; of one without variation max(μ − x, 0).

    Symbols: D demand with mean μ and standard deviation σ, x the level; all in units.
    Source: Silver, Pyke and Thomas 2017, as above.

    >>> round(float(normal_shortage(6000, 5000, 500 * 2**0.5)), 2)  # σ L(√2)
    25.13
    """
    at = Standardised.of(level, mean, sd)
    shortage: Floats = np.where(at.varies, at.scale * normal_loss(at.z), np.maximum(-at.gap, 0.0))
    return shortage


def gamma_loss(level: ArrayLike, mean: ArrayLike, sd: ArrayLike) -> Floats:
    """Return E[(D − x)⁺] = μ(1 − F(x; k + 1)) − x(1 − F(x; k)) of a gamma demand; below 0 it is μ − x.

    Symbols: D demand with mean μ and standard deviation σ, F the gamma distribution of shape k = (μ/σ)² and scale σ²/μ,
    x the level; all in units. Demand without variation misses max(μ − x, 0).
    Source: T. A. Burgin, The gamma distribution and inventory control, Operational Research Quarterly 26, 1975.

    >>> round(float(gamma_loss(2.0, 1.0, 1.0)), 6)  # exponential demand: e⁻²
    0.135335
    """
    x, mu, sigma = (np.asarray(value, "float64") for value in (level, mean, sd))
    varies = Standardised.of(0.0, mu, sigma).varies & (mu > 0)
    mean_demand = np.where(varies, mu, 1.0)
    scale = np.where(varies, sigma**2 / mean_demand, 1.0)
    shape, at = mean_demand / scale, np.maximum(x, 0.0)
    missed = mu * gammaincc(shape + 1, at / scale) - at * gammaincc(shape, at / scale)
    loss: Floats = np.where(varies & (x > 0), np.maximum(missed, 0.0), np.maximum(mu - x, 0.0))
    return loss
