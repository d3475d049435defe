"""What an option is worth, and whether it may be chosen, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from cts_lib.params import CostModel, Strategy
from cts_lib.replay.whom import GoingAlong
from cts_lib.strategy.cells import Books
from cts_lib.strategy.judge import judged

MODEL = CostModel.model_validate(
    {
        "resources": {"desk": {"capacity_minutes": 100, "overload_cost": 0.5}},
        "activities": {"entry": {"resource": "desk", "per": "order", "minutes": "1"}},
    }
)
TODAY = {
    **{"segment": "Core", "channel": "web", "option": "current", "margin": 100.0, "going_cost": 40.0},
    **{"investment": 0.0, "net_profit": 50.0, "net_sales": 1000.0, "sold_lines": 200.0, "uses_desk": 120.0},
    **{"service_level": 0.9, "speed_days": 3.0, "visibility": 0.0},
}
OPTION = TODAY | {
    **{"option": "it: on", "margin": 95.0, "going_cost": 25.0, "investment": 2.0, "net_profit": 46.0},
    **{"net_sales": 980.0, "sold_lines": 150.0, "uses_desk": 100.0},
}
"""Brings 95 − 100 + 40 − 25 − 2 = 8 in cash, −4 at full cost, and spares 20 minutes."""


def judge(option: dict[str, Any], today: dict[str, Any] = TODAY, used: float = 120.0, **strategy: Any) -> pd.Series:
    """Return the judged option of a cell, where so many minutes of the desk's 100 are used by all."""
    resources = pd.DataFrame({"resource": ["desk"], "capacity_minutes": [100.0], "used_minutes": [used]})
    nobody = GoingAlong(pd.DataFrame(columns=["customer_id", "channel", "segment"]), {}, {})
    given = {"min_gain": {"money": 0, "share_of_sales": 0}} | strategy
    books = Books(MODEL, Strategy.model_validate({"levers": {}} | given), [], nobody, {}, resources, 0.25)
    return judged(pd.DataFrame([today, option]), pd.DataFrame([today]), books).iloc[1]


@pytest.mark.parametrize(("objective", "worth"), [("cash", 8.0), ("full_cost", -4.0)])
def test_an_option_is_worth_what_the_plan_aims_at(objective: str, worth: float) -> None:
    found = judge(OPTION, objective=objective)
    assert (found["cash"], found["worth"]) == pytest.approx((8, worth))


def test_points_on_time_and_days_sooner_are_worth_what_params_say_for_each_line_of_today() -> None:
    served = OPTION | {"service_level": 0.92, "speed_days": 2.5}
    values = {"service_level": 0.03, "speed_days": 0.1}
    assert judge(served, values=values)["worth"] == pytest.approx(8 + 200 * (2 * 0.03 + 0.5 * 0.1))
    assert judge(served, values=values, objective="full_cost")["worth"] == pytest.approx(-4 + 22)
    unknown = served | {"service_level": np.nan, "speed_days": np.nan}
    assert judge(unknown, values=values)["worth"] == pytest.approx(8)


@pytest.mark.parametrize(
    ("used", "steps", "most"),
    [
        (120.0, {}, 8 + 20 * 0.5),  # overtime
        (99.0, {}, 8),  # there is none
        (99.0, {"saves": 20, "least": -1}, 8 + 20 * 0.8),  # 20 for 25 minutes
        (120.0, {"saves": 20, "least": -1}, 8 + 20 * 0.8),
        (120.0, {"saves": 5, "least": -1}, 8 + 20 * 0.5),
        (99.0, {"saves": 20, "least": 0}, 8),  # none can be given up
    ],
)
def test_a_change_gains_enough_with_the_most_that_its_minutes_can_bring(
    used: float, steps: dict[str, float], most: float
) -> None:
    more = {"capacity_steps": {"desk": {"minutes": 25, "costs": 1} | steps}} if steps else {}
    assert judge(OPTION, used=used, min_gain={"money": most, "share_of_sales": 0}, **more)["eligible"]
    found = judge(OPTION, used=used, min_gain={"money": most + 0.5, "share_of_sales": 0}, **more)
    assert not found["eligible"] and found["allowed"]
    assert found["short"] == pytest.approx({"strategy.min_gain.money": 0.5})


def test_what_is_asked_of_sales_is_asked_of_those_of_today() -> None:
    assert judge(OPTION, used=99.0, min_gain={"money": 0, "share_of_sales": 0.008})["eligible"]
    assert not judge(OPTION, used=99.0, min_gain={"money": 0, "share_of_sales": 0.0081})["eligible"]


def test_where_lateness_is_not_known_nothing_may_be_slower() -> None:
    unknown = TODAY | {"service_level": np.nan}
    slower, sooner = (OPTION | {"service_level": np.nan, "speed_days": days} for days in (3.1, 2.9))
    assert judge(slower, unknown)[["allowed", "reason"]].tolist() == [False, "speed_days"]
    assert judge(sooner, unknown)["allowed"]
    assert judge(OPTION | {"speed_days": 3.1})["allowed"], "where it is known, lateness tells"


def test_no_more_lines_may_be_late_than_params_allow() -> None:
    assert judge(OPTION | {"service_level": 0.88}, max_service_loss=0.02)["allowed"]
    found = judge(OPTION | {"service_level": 0.879}, max_service_loss=0.02)
    assert found[["allowed", "reason"]].tolist() == [False, "service_level"]
    assert found["short"] == pytest.approx({"strategy.max_service_loss": 0.001})
