"""What decisions bring of a step that they spare together."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cts_lib.params.strategy import Steps
from cts_lib.strategy.choice import Capacity
from cts_lib.strategy.step_shares import MOST, step_shares

STEP = Steps(minutes=100.0, saves=60.0, costs=90.0, least=-3, most=2)


def test_those_without_whom_a_step_is_not_spared_share_it_alike_and_who_spares_nothing_has_no_part() -> None:
    desk = Capacity("desk", 1000.0, 1000.0, STEP)
    assert step_shares(desk, 880.0, np.array([30.0, 90.0, 0.0]), 60.0) == pytest.approx([30, 30, 0])


def test_who_spares_a_step_alone_has_more_of_it_than_who_only_could() -> None:
    desk = Capacity("desk", 1000.0, 1000.0, STEP)
    shares = step_shares(desk, 890.0, np.array([100.0, 5.0, 5.0]), 60.0)
    assert shares == pytest.approx([60, 0, 0])
    shares = step_shares(desk, 895.0, np.array([95.0, 5.0, 5.0]), 60.0)  # with the first, either of the others
    assert shares == pytest.approx([40, 10, 10])


def test_overtime_is_shared_by_the_minute_where_all_of_it_is_saved() -> None:
    desk = Capacity("desk", 1000.0, 1100.0, None, 0.5)
    assert step_shares(desk, 1040.0, np.array([40.0, 20.0]), 30.0) == pytest.approx([20, 10])


@given(
    spared=st.lists(st.floats(-300, 300), min_size=1, max_size=5),
    used=st.floats(400, 1300),
    now=st.floats(400, 1300),
    rate=st.floats(0, 2),
)
def test_shares_are_the_mean_over_every_order_and_add_up_to_what_the_steps_bring(
    spared: list[float], used: float, now: float, rate: float
) -> None:
    desk = Capacity("desk", 1000.0, now, STEP, rate)

    def money(work: float) -> float:
        return desk.cash(work, desk.steps_for(work))

    moved = [minutes if abs(minutes) > 0.01 else 0.0 for minutes in spared]
    expected = np.zeros(len(spared))
    orders = list(itertools.permutations(range(len(spared))))
    for order in orders:
        absent = set(order)
        for decision in order:
            before = money(used + sum(moved[each] for each in sorted(absent)))
            absent.remove(decision)
            expected[decision] += money(used + sum(moved[each] for each in sorted(absent))) - before
    shares = step_shares(desk, used, np.array(spared), money(used))
    assert shares == pytest.approx(expected / len(orders), abs=1e-6)
    assert shares.sum() == pytest.approx(money(used) - money(used + sum(moved)), abs=1e-6)


def test_of_many_decisions_those_that_move_most_minutes_share() -> None:
    desk = Capacity("desk", 1000.0, 1000.0, STEP)
    shares = step_shares(desk, 890.0, np.array([10.0] * MOST + [1.0]), 60.0)
    assert shares == pytest.approx([60 / MOST] * MOST + [0.0])
