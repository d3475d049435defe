"""What each decision of a small plan brings, takes and changes, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from cts_lib.names import ALL
from cts_lib.params import CostModel, Strategy
from cts_lib.params.period import Period
from cts_lib.replay.options import placed_levers, read_option
from cts_lib.replay.policy import Cells
from cts_lib.replay.whom import GoingAlong
from cts_lib.strategy.cells import Books
from cts_lib.strategy.choice import Limits
from cts_lib.strategy.decisions import decisions

CHOSEN = {
    ("Core", "web"): read_option("portal: half + fee: a"),
    ("Core", "shop"): read_option("portal: all + fee: a"),
    ("Small", "web"): read_option("fee: a"),
}
PORTAL = {
    "kind": "order_method",
    "settings": {"half": {"to": "web", "share": 0.5}, "all": {"to": "web"}},
    "investment": {"once": 60, "per_customer": 9},
}
LEVERS = {"portal": PORTAL, "fee": {"kind": "terms", "settings": {"a": {"fee_per_order": 1}}}}
WHO = pd.DataFrame(
    [("c1", "web", "Core"), ("c2", "shop", "Core"), ("c2", "web", "Core"), ("c3", "web", "Small")],
    columns=["customer_id", "channel", "segment"],
)
ALONG = {("portal", "half"): [1, 1, 1, 0], ("portal", "all"): [1, 1, 1, 0], ("fee", "a"): [1, 1, 1, 1]}
ORDERS = pd.Series([5.0, 2.0, 3.0, 7.0])
PLAN: dict[str, list[float]] = {
    **{"net_profit": [100, 50, 30], "cash": [60, 20, 10], "uses_desk": [50, 30, 20], "uses_dock": [60, 30, 10]},
    **{"on_time_lines": [9, 5, 10], "promised_lines": [10, 10, 20], "sold_lines": [10, 30, 5]},
    **{"responsiveness": [0.5, 1.0, np.nan], "full_lines": [1, 1, 1], "counted_lines": [1, 1, 2]},
    **{
        "lead_days": [20, 30, 50],
        "lead_lines": [10, 20, 20],
        "followed_lines": [0, 0, 5],
        "followable_lines": [10] * 3,
    },
}
WITHOUT: list[dict[str, list[float]]] = [
    # the portal for half: 10 minutes at 2 more at the desk, 15 at 1 more at the dock
    PLAN
    | {"net_profit": [70, 50, 30], "cash": [40, 20, 10], "uses_desk": [60, 30, 20], "uses_dock": [75, 30, 10]}
    | {"on_time_lines": [10, 10, 10], "responsiveness": [0.1, 1.0, np.nan]},
    PLAN | {"net_profit": [96, 50, 26], "cash": [57, 20, 7]},
    PLAN | {"net_profit": [100, 45, 30], "cash": [60, 18, 10]},
]


def decided(objective: str = "cash") -> pd.DataFrame:
    strategy = Strategy.model_validate({"levers": LEVERS, "objective": objective, "min_gain": {"money": 7}})
    along = {choice: np.array(those, dtype=bool) for choice, those in ALONG.items()}
    going = GoingAlong(WHO, along, {choice: ~those for choice, those in along.items()})
    model = CostModel.model_validate({"resources": {}, "activities": {}})
    books = Books(model, strategy, placed_levers(strategy), going, {}, pd.DataFrame(), 0.25 / 3)

    def replayed(plans: dict[str, Cells]) -> pd.DataFrame:
        assert [sum("portal" in option.settings for option in plan.values()) for plan in plans.values()] == [1, 2, 1]
        return pd.concat([pd.DataFrame(WITHOUT[int(name)]).assign(plan=name) for name in plans])

    prices, limits, quarter = {"desk": 2.0, "dock": 1.0}, Limits(fixed={"portal": 4.0}), Period.parse("2026-Q1")
    found = decisions(CHOSEN, pd.DataFrame(PLAN), books, limits, {}, prices, ORDERS, quarter, replayed)
    assert found["decision"].tolist() == [1, 2, 3]
    return found.set_index(["lever", "setting"])


def of(name: str) -> dict[Any, Any]:
    return dict(decided()[name].items())


def test_a_decision_brings_what_the_plan_would_lose_and_its_lever_goes_only_with_the_last_of_its_settings() -> None:
    assert of("gain") == {("portal", "half"): 30, ("fee", "a"): 8, ("portal", "all"): 5}
    assert of("cash_gain") == {("portal", "half"): 20, ("fee", "a"): 6, ("portal", "all"): 2}
    assert of("cash_a_year") == {("portal", "half"): 80, ("fee", "a"): 24, ("portal", "all"): 8}
    assert of("upkeep") == {("portal", "half"): 4, ("fee", "a"): 0, ("portal", "all"): 0}


@pytest.mark.parametrize(("objective", "small"), [("cash", [False, True, True]), ("full_cost", [False, False, True])])
def test_a_decision_is_small_that_brings_less_than_asked_of_what_is_aimed_at(objective: str, small: list[bool]) -> None:
    assert decided(objective)["small"].tolist() == small


def test_whom_it_reaches_counts_once_and_each_row_of_them_is_paid_for() -> None:
    found = decided()
    assert found["customers_reached"].tolist() == [2, 3, 1]
    assert found["orders_reached"].tolist() == [8, 17, 2]
    assert found["investment"].tolist() == [60 + 2 * 9, 0, 60 + 9]
    assert found["cells"].tolist() == [1, 3, 1]
    assert found[["segment", "channel"]].to_numpy().tolist() == [["Core", "web"], [ALL, ALL], ["Core", "shop"]]


def test_it_is_paid_back_by_what_it_brings_a_year_before_its_own_share() -> None:
    half, fee, whole = decided()["payback_years"]
    assert half == pytest.approx(78 / (4 * (20 + 78 * 0.25 / 3)))
    assert fee == 0
    assert whole == pytest.approx(69 / (4 * (2 + 69 * 0.25 / 3)))


def test_it_changes_service_of_all_lines_and_most_money_of_a_resource() -> None:
    half = decided().loc[("portal", "half")]
    assert half["resource"] == "desk"
    assert half["service_level"] == pytest.approx(24 / 40 - 30 / 40)
    assert half["responsiveness"] == pytest.approx((0.5 * 10 + 30) / 40 - (0.1 * 10 + 30) / 40)
    assert half[["in_full", "speed_days", "visibility"]].tolist() == [0, 0, 0]
