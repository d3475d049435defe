"""Where a plan stands at an end of an assumption, by hand: steps of capacity and overtime move with it."""

from __future__ import annotations

import pandas as pd
import pytest

from cts_lib.names import NONE
from cts_lib.params.strategy import Steps
from cts_lib.strategy.choice import Capacity, Limits
from cts_lib.strategy.sensitivity import Doubt
from cts_lib.strategy.stand import COUNTED, End, PricedResource, Stand

STEPS = Steps(minutes=25.0, saves=30.0, costs=20.0, least=-1, most=2, reserve=0.0)
CELL = {"segment": "Core", "channel": "web", "promised_lines": 0.0, "on_time_lines": 0.0, "eligible": True}


def stand(uses: float, full_cost: bool = False) -> Stand:
    """A cell that uses 90 of the desk's 100 minutes today and so many in the plan, which brings 10 of 15 less 5."""
    today = CELL | {"option": "current", "levers": (), "changes": 0.0, "cash": 0.0, "worth": 0.0, "investment": 0.0}
    plan = CELL | {
        "option": "it: on",
        "levers": ("it",),
        "changes": 1.0,
        "cash": 10.0,
        "worth": 10.0,
        "investment": 5.0,
    }
    rows = [pd.DataFrame([today | {"uses_desk": 90.0}]), pd.DataFrame([plan | {"uses_desk": uses}])]
    limits = Limits([Capacity("desk", 100.0, 90.0, STEPS, overload_cost=0.5)], fixed={"it": 2.0})
    return Stand(*rows, limits, {"desk": PricedResource("desk", 2.0, 0.6)}, full_cost)


def at(end: End, uses: float) -> float:
    return COUNTED[end.assumption](stand(uses), end).cash


def test_as_assumed_a_step_is_given_up_or_taken() -> None:
    assert stand(70.0).cash == 10 - 2 + 30
    assert stand(130.0).cash == 10 - 2 - 2 * 20


def test_with_more_demand_today_works_overtime_that_the_plan_saves() -> None:
    # 108 of 100 minutes today, 84 in the plan, too many for a step less: 8 minutes of 0.5; 15 more is 18. Beyond
    # capacity nothing leaves with the work: not the 0.6 of 24 minutes at 2
    assert at(End("demand", NONE, 1.2), 70.0) == pytest.approx(18 - 5 - 2 + 4 - 0.6 * 48)


def test_with_less_demand_the_steps_are_those_that_are_enough_then() -> None:
    # 130 minutes are 91 at seven tenths: no step is needed, and none can be given up
    assert at(End("demand", NONE, 0.7), 130.0) == pytest.approx(0.7 * 15 - 5 - 2)


def test_a_dearer_resource_has_dearer_steps_and_its_work_saves_what_leaves_of_it() -> None:
    # 20 minutes less at 2 are 40, of which 0.6 leave: half as much again is 12; a step saves 45, and two cost 60
    assert at(End("prices", "desk", 1.5), 70.0) == pytest.approx(10 + 12 - 2 + 45)
    assert at(End("prices", "desk", 1.5), 130.0) == pytest.approx(10 - 24 - 2 - 60)


def test_overtime_is_dearer_with_its_resource() -> None:
    dear = COUNTED["prices"](stand(70.0), End("prices", "desk", 1.5)).limits.capacities[0]
    assert dear.overload_cost == 0.75


def test_no_more_than_all_of_a_cost_leaves_with_the_work() -> None:
    assert at(End("variable_share", NONE, 2.0), 70.0) == pytest.approx(10 + 0.4 * 40 - 2 + 30)


def test_an_investment_moves_what_levers_cost_once_too() -> None:
    assert at(End("investment", NONE, 2.0), 70.0) == pytest.approx(10 - 5 - 4 + 30)


def test_at_full_cost_rows_are_worth_all_that_work_costs_and_nothing_of_what_leaves() -> None:
    moved = COUNTED["prices"](stand(70.0, full_cost=True), End("prices", "desk", 1.5)).plan.iloc[0]
    assert (moved["cash"], moved["worth"]) == pytest.approx((10 + 12, 10 + 20))
    moved = COUNTED["variable_share"](stand(70.0, full_cost=True), End("variable_share", NONE, 2.0)).plan.iloc[0]
    assert (moved["cash"], moved["worth"]) == pytest.approx((10 + 16, 10))


def test_cells_that_change_at_an_end_are_those_that_begin_or_cease_to_stay() -> None:
    one, other, third = (frozenset({("Core", name)}) for name in ("web", "shop", "fair"))
    ends = [End("demand", NONE, 0.9), End("demand", NONE, 1.1)]
    for staying, changed in (((frozenset(), one), 1), ((one, one | other | third), 2), ((one, one), 0)):
        table = Doubt(ends, [5.0, 9.0], staying, as_assumed=7.0, base=one).table()
        assert table["cells_changed"].tolist() == [changed]
