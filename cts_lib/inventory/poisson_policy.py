"""When to order and how much where customers come one by one: the best (r, Q) policy of a Poisson demand, exactly."""

from __future__ import annotations

from typing import NamedTuple

from scipy.special import pdtr, pdtrc


class ReorderPolicy(NamedTuple):
    """Order ``quantity`` units whenever the position falls to ``reorder_point``; ``cost`` in money a time unit."""

    reorder_point: int
    quantity: int
    cost: float


def best_reorder_policy(
    holding_cost: float, stockout_cost: float, order_cost: float, demand: float, lead_time: float
) -> ReorderPolicy:
    """Return the r and Q that cost least: C(r, Q) = (Kλ + Σ G(y)) ÷ Q over y = r + 1 … r + Q.

    G(y) = h E[(y − D)⁺] + p E[(D − y)⁺] is the rate of cost at position y. From its least value on, the cheaper
    neighbour joins as long as it costs less than the mean so far, which is the optimum, for G is convex.

    Symbols: h > 0 money a unit at hand and time unit, p > 0 money a unit backordered and time unit, K money an order, λ
    units a time unit, L time units, D Poisson with mean λL.
    Source: A. Federgruen and Y.-S. Zheng, An efficient algorithm for computing an optimal (r, Q) policy, Operations
    Research 40, 1992. The figures: Snyder and Shen 2019, example 5.8.

    >>> policy = best_reorder_policy(20, 150, 100, 1.5, 2)
    >>> policy.reorder_point, policy.quantity, round(policy.cost, 5)
    (3, 5, 107.92358)
    """
    for name, value in (("holding_cost", holding_cost), ("stockout_cost", stockout_cost)):
        if not value > 0:
            raise ValueError(f"{name} is {value}; without one above 0 no policy is best")
    mean, fractile = demand * lead_time, stockout_cost / (stockout_cost + holding_cost)
    least = int(mean)
    while pdtr(least, mean) < fractile:
        least += 1
    while least > 0 and pdtr(least - 1, mean) >= fractile:
        least -= 1
    low = high = least
    total = order_cost * demand + position_cost(least, holding_cost, stockout_cost, mean)
    while True:
        below, above = (position_cost(y, holding_cost, stockout_cost, mean) for y in (low - 1, high + 1))
        if min(below, above) >= total / (high - low + 1):
            return ReorderPolicy(low - 1, high - low + 1, total / (high - low + 1))
        low, high, total = (low - 1, high, total + below) if below <= above else (low, high + 1, total + above)


def position_cost(position: int, holding_cost: float, stockout_cost: float, mean: float) -> float:
    """Return G(y) = h(y − m) + (h + p) E[(D − y)⁺] with E[(D − y)⁺] = m P(D ≥ y) − y P(D > y).

    Symbols: y the position and m the mean demand of the lead time in units, D Poisson with that mean, h and p money a
    unit and time unit; the result in money a time unit.
    Source: P. H. Zipkin, Foundations of Inventory Management, 2000, chapter 6.

    >>> round(position_cost(4, 20, 150, 3.0), 4)
    74.2907
    """
    missed = mean - position
    if position > 0:
        missed = mean * float(pdtrc(position - 1, mean)) - position * float(pdtrc(position, mean))
    return holding_cost * (position - mean) + (holding_cost + stockout_cost) * missed
