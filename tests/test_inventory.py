"""Formulas of stock: published figures, and what has to hold of any numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import gamma, norm, poisson

from cts_lib.inventory.loss import gamma_loss, normal_loss, normal_shortage, second_normal_loss
from cts_lib.inventory.lot_size import economic_order_quantity
from cts_lib.inventory.newsvendor import newsvendor
from cts_lib.inventory.poisson_policy import best_reorder_policy, position_cost
from cts_lib.inventory.service import (
    cycle_service,
    fill_rate,
    fill_rate_up_to,
    lead_time_demand_sd,
    reorder_point_for,
    safety_stock,
)

LEVELS, MEANS, SPREADS = st.floats(-50, 300), st.floats(1, 100), st.floats(0.1, 40)
COSTS = st.floats(0.05, 50)


@pytest.mark.parametrize(
    ("holding", "stockout", "mean", "sd", "level", "cost"),
    [(0.18, 0.70, 50, 8, 56.604, 1.9976), (2, 18, 120, 10, 132.8155, 35.0997)],
)
def test_the_newsvendors_of_snyder_and_shen(
    holding: float, stockout: float, mean: float, sd: float, level: float, cost: float
) -> None:
    found = newsvendor(holding, stockout, mean, sd)
    assert found.level == pytest.approx(level, abs=1e-4)
    assert found.cost == pytest.approx(cost, abs=1e-4)


def test_the_lot_size_of_snyder_and_shen() -> None:
    found = economic_order_quantity(8, 0.225, 1300)
    assert found.quantity == pytest.approx(304.047, abs=1e-3)
    assert found.cost == pytest.approx(68.4105, abs=1e-4)


def test_the_exact_policy_of_snyder_and_shen() -> None:
    found = best_reorder_policy(20, 150, 100, 1.5, 2)
    assert found[:2] == (3, 5)
    assert found.cost == pytest.approx(107.92358, abs=1e-5)


def test_the_safety_stock_of_stevenson_where_the_lead_time_varies_too() -> None:
    assert safety_stock(1.28, demand_mean=30, demand_sd=3, lead_time=7, lead_time_sd=4) == pytest.approx(154, abs=0.5)


def test_the_reorder_point_of_stevenson_at_three_percent_risk() -> None:
    assert reorder_point_for(0.97, 50, 5) == pytest.approx(59.40, abs=0.005)


def test_the_service_of_chopra_and_meindl() -> None:
    mean, sd = 2 * 2500, lead_time_demand_sd(2500, 500, 2)
    assert cycle_service(6000, mean, sd) == pytest.approx(0.921, abs=5e-4)
    assert fill_rate(6000, 10_000, mean, sd) == pytest.approx(0.9975, abs=5e-5)


@given(st.floats(-6, 6))
def test_losses_are_their_integrals(z: float) -> None:
    assert normal_loss(z) == pytest.approx(quad(norm.sf, z, 12)[0], abs=1e-9)
    assert second_normal_loss(z) == pytest.approx(quad(lambda at: 2 * normal_loss(at), z, 12)[0], abs=1e-8)


@given(st.floats(-30, 30))
def test_what_is_missed_less_what_is_left_over_is_the_gap(z: float) -> None:
    assert normal_loss(z) - normal_loss(-z) == pytest.approx(-z, abs=1e-12)
    assert normal_loss(z) >= 0 <= second_normal_loss(z)


@given(st.floats(0, 300), MEANS, SPREADS)
def test_the_gamma_loss_is_scipys_integral(level: float, mean: float, sd: float) -> None:
    scale = sd**2 / mean
    demand, far = gamma((mean / sd) ** 2, scale=scale), max(level, mean) + 40 * (sd + scale)
    bends = [at for at in (1e-3 * scale, mean, mean + 5 * sd) if level < at < far]
    expected, _ = quad(demand.sf, level, far, limit=400, points=bends)
    assert gamma_loss(level, mean, sd) == pytest.approx(expected, abs=1e-6 * mean, rel=1e-6)


@given(LEVELS, MEANS)
def test_demand_without_variation_misses_the_plain_difference(level: float, mean: float) -> None:
    assert normal_shortage(level, mean, 0) == gamma_loss(level, mean, 0) == max(mean - level, 0)
    assert cycle_service(level, mean, 0) == float(level >= mean)
    assert reorder_point_for(0.99, mean, 0) == mean


@given(LEVELS, MEANS)
def test_a_gamma_demand_of_small_variation_is_nearly_normal(level: float, mean: float) -> None:
    sd = 0.02 * mean
    assert gamma_loss(level, mean, sd) == pytest.approx(float(normal_shortage(level, mean, sd)), abs=0.01 * sd)


@given(COSTS, COSTS, MEANS, SPREADS, st.floats(-3, 3))
def test_no_other_level_costs_a_newsvendor_less(h: float, p: float, mean: float, sd: float, off: float) -> None:
    def cost(level: float) -> float:
        missed = float(normal_shortage(level, mean, sd))
        return h * (level - mean + missed) + p * missed

    best = newsvendor(h, p, mean, sd)
    assert best.cost == pytest.approx(cost(float(best.level)), rel=1e-6, abs=1e-9)
    assert cost(float(best.level) + off * sd) >= best.cost * (1 - 1e-9)


@given(COSTS, COSTS, st.floats(0.1, 1e5), st.floats(0.2, 5))
def test_no_other_lot_size_costs_less(k: float, h: float, demand: float, factor: float) -> None:
    best = economic_order_quantity(k, h, demand)
    other = float(best.quantity) * factor
    assert k * demand / other + h * other / 2 >= best.cost * (1 - 1e-9)


@given(st.floats(0.5, 30), st.floats(0.5, 200), st.floats(0, 150), st.floats(0.05, 4), st.floats(0, 3))
def test_no_policy_of_a_grid_costs_less_than_the_best(h: float, p: float, k: float, demand: float, lead: float) -> None:
    mean, far = demand * lead, 40
    best = best_reorder_policy(h, p, k, demand, lead)
    states = np.arange(far * 3)
    positions = np.arange(-far, far + 1)
    at_hand = np.maximum(positions[:, None] - states, 0) @ poisson.pmf(states, mean)
    rates = h * at_hand + p * (at_hand - positions + mean)  # in another way: what is missing from what is at hand
    sums = np.concatenate([[0.0], np.cumsum(rates)])
    costs = {
        (int(positions[first]) - 1, lot): (k * demand + sums[first + lot] - sums[first]) / lot
        for first in range(len(positions))
        for lot in range(1, len(positions) - first + 1)
    }
    assert best.cost <= min(costs.values()) * (1 + 1e-9) + 1e-9
    if best[:2] in costs:
        assert best.cost == pytest.approx(costs[best[:2]], rel=1e-9, abs=1e-9)


@given(st.floats(0.5, 30), st.floats(0.5, 200), st.floats(0.1, 2000))
def test_a_free_order_is_placed_for_each_unit_at_the_fractile(h: float, p: float, mean: float) -> None:
    found = best_reorder_policy(h, p, 0, mean, 1)
    costs = [position_cost(found.reorder_point + 1 + step, h, p, mean) for step in (-1, 0, 1)]
    assert found.quantity == 1
    assert costs[1] <= min(costs) + 1e-9 * abs(costs[1])


@pytest.mark.parametrize(("holding", "stockout", "name"), [(0, 1, "holding_cost"), (1, 0, "stockout_cost")])
def test_a_policy_needs_both_costs(holding: float, stockout: float, name: str) -> None:
    with pytest.raises(ValueError, match=rf"{name} is 0; without one above 0 no policy is best"):
        best_reorder_policy(holding, stockout, 5, 1, 1)


@given(st.floats(0.001, 0.999), MEANS, SPREADS)
def test_a_reorder_point_gives_the_service_it_is_for(service: float, mean: float, sd: float) -> None:
    assert cycle_service(reorder_point_for(service, mean, sd), mean, sd) == pytest.approx(service)
    z = float(reorder_point_for(service, 0, 1))
    assert mean + safety_stock(z, mean, sd, 1) == pytest.approx(float(reorder_point_for(service, mean, sd)))


@given(LEVELS, st.floats(0, 50), st.floats(0.5, 200), MEANS, SPREADS)
def test_a_higher_reorder_point_never_fills_less(point: float, more: float, lot: float, mean: float, sd: float) -> None:
    low, high = fill_rate([point, point + more], lot, mean, sd)
    assert 0 <= low <= high + 1e-12 <= 1 + 2e-12


@given(st.floats(-50, 200), st.floats(0, 50), st.floats(2, 20), st.floats(0.1, 8), st.floats(0, 6), st.floats(1.5, 8))
def test_a_higher_s_never_fills_less_under_review(
    point: float, more: float, mean: float, sd: float, lead: float, reviews: float
) -> None:
    low, high = (fill_rate_up_to(at, at + reviews * mean, mean, sd, lead, 1) for at in (point, point + more))
    assert 0 <= low <= high + 1e-9 <= 1 + 2e-9


@given(st.floats(-50, 200), st.floats(1, 100), MEANS, SPREADS)
def test_the_share_of_the_time_in_stock_is_the_fill_rate(point: float, lot: float, mean: float, sd: float) -> None:
    in_stock, _ = quad(lambda at: cycle_service(at, mean, sd), point, point + lot, limit=200)
    assert fill_rate(point, lot, mean, sd) == pytest.approx(in_stock / lot, abs=1e-6)


def simulated(low: float, high: float, mean: float, sd: float, lead: int, days: int = 60_000) -> float:
    """Return the share met from stock, day by day: a review each morning, after what has travelled long enough came."""
    demand = np.random.default_rng(11).normal(mean, sd, days)
    arriving = np.zeros(days + lead + 1)
    stock = position = high
    missed = 0.0
    for day, asked in enumerate(demand):
        if position <= low:
            arriving[day + lead] += high - position
            position = high
        stock += arriving[day]
        missed += max(asked - max(stock, 0.0), 0.0)
        stock -= asked
        position -= asked
    return 1 - missed / float(demand.sum())


@pytest.mark.parametrize(
    ("low", "high", "mean", "sd", "lead"),
    [(45, 80, 10, 4, 3), (35, 55, 10, 4, 3), (30, 60, 10, 3, 2), (12, 40, 10, 4, 0), (60, 75, 10, 4, 4)],
)
def test_the_fill_rate_under_review_is_what_a_simulation_finds(
    low: float, high: float, mean: float, sd: float, lead: int
) -> None:
    assert fill_rate_up_to(low, high, mean, sd, lead, 1) == pytest.approx(
        simulated(low, high, mean, sd, lead), abs=0.006
    )


def test_arrays_are_taken_element_by_element() -> None:
    points, spreads = np.array([40.0, 60.0]), np.array([0.0, 7.0])
    both = fill_rate(points, 20, 50, spreads)
    assert both.tolist() == [float(fill_rate(40, 20, 50, 0)), float(fill_rate(60, 20, 50, 7))]
    assert normal_shortage(points, 50, spreads)[0] == 10
    assert newsvendor(1, [1, 9], 50, 5).level.shape == (2,)
