"""Safety stock and reorder points for a service, and the service that reorder points give, with normal demand."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from cts_lib.inventory.loss import Floats, Standardised, normal_shortage, second_normal_loss


def lead_time_demand_sd(
    demand_mean: ArrayLike, demand_sd: ArrayLike, lead_time: ArrayLike, lead_time_sd: ArrayLike = 0.0
) -> Floats:
    """Return √(Lσ² + d²σ_L²), the standard deviation of demand over a lead time that varies by itself.

    Symbols: d and σ mean and standard deviation of demand in units a time unit, L and σ_L those of the lead time in
    time units; the result in units.
    Source: Silver, Pyke and Thomas 2017, chapter 6.

    >>> round(float(lead_time_demand_sd(30, 3, 7, 4)), 2)
    120.26
    """
    d, sigma, length, spread = (
        np.asarray(value, "float64") for value in (demand_mean, demand_sd, lead_time, lead_time_sd)
    )
    sd: Floats = np.sqrt(length * sigma**2 + (d * spread) ** 2)
    return sd


def safety_stock(
    z: ArrayLike, demand_mean: ArrayLike, demand_sd: ArrayLike, lead_time: ArrayLike, lead_time_sd: ArrayLike = 0.0
) -> Floats:
    """Return z√(Lσ² + d²σ_L²).

    Symbols: z standard deviations of the demand over the lead time to be covered, the others as in
    `lead_time_demand_sd`; the result in units.
    Source: W. J. Stevenson, Operations Management, chapter on inventory management.

    >>> round(float(safety_stock(1.28, 30, 3, 7, 4)))
    154
    """
    stock: Floats = np.asarray(z, "float64") * lead_time_demand_sd(demand_mean, demand_sd, lead_time, lead_time_sd)
    return stock


def reorder_point_for(service: ArrayLike, mean: ArrayLike, sd: ArrayLike) -> Floats:
    """Return R = μ + σΦ⁻¹(α), at which the share α of the order cycles sees no stockout.

    Symbols: α between 0 and 1, demand over the lead time with mean μ and standard deviation σ; R, μ and σ in units.
    Source: Stevenson, as above.

    >>> round(float(reorder_point_for(0.97, 50, 5)), 2)
    59.4
    """
    mu, sigma = np.asarray(mean, "float64"), np.asarray(sd, "float64")
    point: Floats = mu + np.where(sigma > 0, sigma * ndtri(np.asarray(service, "float64")), 0.0)
    return point


def cycle_service(reorder_point: ArrayLike, mean: ArrayLike, sd: ArrayLike) -> Floats:
    """Return Φ((R − μ)/σ), the share of order cycles without a stockout; without variation 1 where R ≥ μ, else 0.

    Symbols: R the reorder point, demand over the lead time with mean μ and standard deviation σ; all in units.
    Source: S. Chopra and P. Meindl, Supply Chain Management, chapter on safety inventory.

    >>> round(float(cycle_service(6000, 2 * 2500, 500 * 2**0.5)), 3)
    0.921
    """
    at = Standardised.of(reorder_point, mean, sd)
    share: Floats = np.where(at.varies, ndtr(at.z), at.gap >= 0)
    return share


def fill_rate(reorder_point: ArrayLike, quantity: ArrayLike, mean: ArrayLike, sd: ArrayLike) -> Floats:
    """Return 1 − (n(R) − n(R + Q)) ÷ Q, the share of demand met from stock under (R, Q) with continuous review.

    Symbols: R the reorder point and Q > 0 the order quantity, n(x) the expected shortage at level x of the demand over
    the lead time, which has mean μ and standard deviation σ; all in units. Demand comes in small amounts, so that the
    position is anywhere between R and R + Q alike; n(R + Q) is what was missing before the order came.
    Source: S. Axsäter, Inventory Control, 3rd ed., 2015, chapter 5. The figures: Chopra and Meindl, as above.

    >>> round(float(fill_rate(6000, 10000, 2 * 2500, 500 * 2**0.5)), 4)
    0.9975
    """
    point, lot = np.asarray(reorder_point, "float64"), np.asarray(quantity, "float64")
    missed = normal_shortage(point, mean, sd) - normal_shortage(point + lot, mean, sd)
    share: Floats = np.clip(1 - missed / lot, 0.0, 1.0)
    return share


def fill_rate_up_to(
    reorder_point: ArrayLike,
    order_up_to: ArrayLike,
    demand_mean: ArrayLike,
    demand_sd: ArrayLike,
    lead_time: ArrayLike,
    review: ArrayLike,
) -> Floats:
    """Return the share of demand met from stock under (s, S) reviewed every T.

    1 − (σ²J(k) − σ₀²J(k₀)) ÷ (2μ(S − s + (τ² + μ²)/2μ)), where J is `second_normal_loss`, μ and τ are mean and standard
    deviation of demand over T, k = (s − mean)/σ is of the demand over L + T, and k₀ and σ₀ of that over L. The fraction
    in the denominator is by how much orders come late, for the position is below s when a review finds it. Holds where
    S − s is at least some one and a half times the demand of a review.

    Symbols: s and S in units, demand in units a time unit with standard deviation, L ≥ 0 and T > 0 in time units.
    Source: H. C. Tijms and H. Groenevelt, Simple approximations for the reorder point in periodic and continuous review
    (s, S) inventory systems with service level constraints, European Journal of Operational Research 17, 1984.

    >>> round(float(fill_rate_up_to(45, 80, 10, 4, 3, 1)), 4)  # 0.9873 by simulation too
    0.9873
    """
    low, high, d, sigma, length, between = (
        np.asarray(value, "float64")
        for value in (reorder_point, order_up_to, demand_mean, demand_sd, lead_time, review)
    )
    mu, variance = d * between, sigma**2 * between
    late = (variance + mu**2) / (2 * mu)
    missed = _squared_shortage(low, d, sigma, length + between) - _squared_shortage(low, d, sigma, length)
    share: Floats = np.clip(1 - missed / (2 * mu * (high - low + late)), 0.0, 1.0)
    return share


def _squared_shortage(level: Floats, demand_mean: Floats, demand_sd: Floats, time: Floats) -> Floats:
    """Return E[((D − x)⁺)²] of the normal demand D of so much time."""
    at = Standardised.of(level, demand_mean * time, demand_sd * np.sqrt(time))
    missed: Floats = np.where(at.varies, at.scale**2 * second_normal_loss(at.z), np.maximum(-at.gap, 0.0) ** 2)
    return missed
