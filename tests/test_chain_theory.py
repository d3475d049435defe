"""The chain with days against what theory says of it: each figure within the interval of its replications.

A day of the chain is a small part of theory's unit of time, for theory knows no days.
"""

from __future__ import annotations

from itertools import combinations, pairwise
from math import factorial

import numpy as np
import pytest
from chains import arrivals, nodes, resources, stock
from scipy.stats import t

from cts_lib.inventory.poisson_policy import best_reorder_policy
from cts_lib.inventory.service import cycle_service, fill_rate
from cts_lib.simulate.chain import Arrivals, Chain
from cts_lib.simulate.flow import flow


def interval(values: np.ndarray, share: float = 0.99) -> tuple[float, float]:
    """Return the interval of the mean of what replications say."""
    mean, error = values.mean(), values.std(ddof=1) / np.sqrt(len(values))
    return tuple(t.interval(share, len(values) - 1, mean, error))


def assert_within(expected: float, values: np.ndarray, precision: float) -> None:
    """Hold the expected value to lie in the interval, which has to be as narrow as the precision asks."""
    low, high = interval(values)
    assert low <= expected <= high
    assert (high - low) / 2 <= precision * expected


def one_by_one(counts: np.ndarray, lead_days: np.ndarray, minutes: np.ndarray | None = None) -> Arrivals:
    """Return orders of a unit each, so many by replication and day; they ask for stream 0 where there is one."""
    day = np.concatenate([np.repeat(np.arange(counts.shape[1]), each) for each in counts])
    same = np.ones(len(day))
    lines = np.column_stack([day, np.arange(len(day)), same * (lead_days.shape[2] - 1), -same, same])
    work = np.zeros((len(day), 0)) if minutes is None else minutes
    return arrivals(lines, work, lead_days, [0, *counts.sum(axis=1).cumsum()])


def test_the_exact_policy_of_snyder_and_shen_costs_what_they_say() -> None:
    holding, stockout, order_cost, demand, lead_time = 20, 150, 100, 1.5, 2
    policy = best_reorder_policy(holding, stockout, order_cost, demand, lead_time)
    assert policy[:2] == (3, 5)
    a_unit, units_of_time, replications, warm_up = 50, 4_000, 20, 50 * 100
    days = a_unit * units_of_time
    counts = np.random.default_rng(1).poisson(demand / a_unit, (replications, days))
    given = one_by_one(counts, np.full((replications, days, 1), lead_time * a_unit))
    rule = stock({"on_hand": 8, "reorder_point": policy.reorder_point, "order_quantity": policy.quantity})
    found = flow(given, Chain(resources(np.zeros((days, 0))), nodes(np.zeros((days, 0))), rule, warm_up))
    owed = found.backorders[:, warm_up:].mean(axis=1)
    orders = found.streams.orders[:, 0] / (units_of_time - warm_up / a_unit)
    assert_within(107.92358, holding * found.streams.on_hand[:, 0] + stockout * owed + order_cost * orders, 0.01)


def test_the_plan_of_wagner_and_whitin_costs_least() -> None:
    """Each run of days that one order serves is a stream of its own; every plan is a choice of such runs."""
    demand, holding, order_cost = [90, 120, 80, 70], 2, 500
    runs = [(first, last) for first in range(4) for last in range(first + 1, 5)]
    asked = sorted((day, place, demand[day]) for place, run in enumerate(runs) for day in range(*run))
    lines = arrivals(
        [(day, number, place, -1, units) for number, (day, place, units) in enumerate(asked)],
        np.zeros((len(asked), 0)),
        np.zeros((1, 4, len(runs))),
    )
    rules = stock(*({"reorder_point": -1, "order_up_to": sum(demand[first + 1 : last])} for first, last in runs))
    found = flow(lines, Chain(resources(np.zeros((4, 0))), nodes(np.zeros((4, 0))), rules))
    assert (found.in_stock == lines.day).all()
    cost = order_cost * found.streams.orders[0] + holding * 4 * found.streams.on_hand[0]
    plans = [(0, *between, 4) for count in range(4) for between in combinations((1, 2, 3), count)]
    costs = {plan: sum(cost[runs.index(run)] for run in pairwise(plan)) for plan in plans}
    assert min(costs.values()) == pytest.approx(1380)
    assert min(costs, key=costs.get) == (0, 2, 4)  # 210 on the first day, 150 on the third


def erlang_c(servers: int, load: float) -> float:
    """Return the chance that all servers of M/M/c are busy; load is what arrives in the time that one takes."""
    last = load**servers / factorial(servers) * servers / (servers - load)
    return last / (sum(load**busy / factorial(busy) for busy in range(servers)) + last)


@pytest.mark.parametrize("servers", [1, 3])
def test_orders_wait_as_long_as_queueing_theory_says(servers: int) -> None:
    """A day is 1/50 of the mean time of service; orders arrive and end half a day after it began, on average."""
    a_unit, days, replications, busy = 50, 300_000, 40, 0.7
    generator = np.random.default_rng(2)
    counts = generator.poisson(busy * servers / a_unit, (replications, days))
    service = generator.exponential(a_unit, counts.sum())
    given = one_by_one(counts, np.zeros((replications, days, 0)), service[:, None])
    desk = resources(np.full((days, 1), float(servers)), order_share=[1 / servers])
    found = flow(given, Chain(desk, nodes(np.zeros((days, 0))), stock()))
    counted = (given.day >= days // 20) & (given.day < days - days // 20)
    waited = (found.processed - given.day + 0.5 - service) / a_unit
    mine = np.repeat(np.arange(replications), np.diff(given.starts))[counted]
    of_replication = np.bincount(mine, waited[counted]) / np.bincount(mine)
    assert_within(erlang_c(servers, servers * busy) / (servers * (1 - busy)), of_replication, 0.05)


def test_an_order_cycle_is_short_as_often_and_by_as_much_as_chopra_and_meindl_say() -> None:
    """A replication is one cycle: demand reaches the reorder point, and two weeks of seven days pass by."""
    weekly, sd, weeks, point, lot, cycles = 2_500, 500, 2, 6_000, 10_000, 40_000
    demand = np.random.default_rng(3).normal(weekly, sd, (cycles, weeks))
    assert demand.min() > 0
    daily = np.column_stack([np.ones(cycles), np.repeat(demand / 7, 7, axis=1)])
    days = daily.shape[1] + 1
    lines = np.zeros((daily.size, 5))
    lines[:, 0] = np.tile(np.arange(days - 1), cycles)
    lines[:, 1], lines[:, 3], lines[:, 4] = np.arange(daily.size), -1, daily.ravel()
    starts = np.arange(cycles + 1) * (days - 1)
    given = arrivals(lines, np.zeros((daily.size, 0)), np.full((cycles, days, 1), days - 1), starts)
    rule = stock({"on_hand": point + 1, "reorder_point": point, "order_quantity": lot})
    found = flow(given, Chain(resources(np.zeros((days, 0))), nodes(np.zeros((days, 0))), rule)).streams
    assert (found.cycles == 1).all() and (found.ordered == lot).all()
    spread = sd * np.sqrt(weeks)
    assert float(cycle_service(point, weeks * weekly, spread)) == pytest.approx(0.921, abs=5e-4)
    assert_within(float(cycle_service(point, weeks * weekly, spread)), 1 - found.short_cycles[:, 0], 0.01)
    assert float(fill_rate(point, lot, weeks * weekly, spread)) == pytest.approx(0.9975, abs=5e-5)
    assert_within(float(fill_rate(point, lot, weeks * weekly, spread)), 1 - found.short[:, 0] / lot, 0.001)
