"""What the chain with days refuses: figures that no chain can have, by name, and arrays that do not fit together."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from chains import arrivals, nodes, resources, stock

from cts_lib.errors import DataError, Problems
from cts_lib.simulate.chain import Arrivals, Chain
from cts_lib.simulate.flow import flow


def plain(**changes: Any) -> tuple[Arrivals, Chain]:
    """One line of one order through everything, on three days, but for what is changed."""
    enough = {"capacity": np.full((3, 1), 9.0), "overtime": None, "order_share": None, "picks": np.full((3, 1), 9.0)}
    enough["rule"] = {"on_hand": 1, "reorder_point": 0, "order_up_to": 1}
    *desk, picks, rule = (changes.get(name, value) for name, value in enough.items())
    lines = arrivals([(0, 0, 0, 0, 1)], [[1.0]], np.ones((1, 3, 1)))
    of_lines = {name: value for name, value in changes.items() if name not in enough}
    return replace(lines, **of_lines), Chain(resources(*desk), nodes(picks), stock(enough["rule"] | rule))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"rule": {"reorder_point": 4}},
            "stream stream0: reorder_point 4 above order_up_to 1; at most as high is right",
        ),
        ({"rule": {"reorder_point": np.nan}}, "stream stream0: reorder_point nan; a number of units is right"),
        ({"rule": {"on_hand": -2}}, "stream stream0: on_hand -2; 0 or more is right"),
        ({"rule": {"order_quantity": -1}}, "stream stream0: order_quantity -1; 0 or more is right"),
        ({"rule": {"review_days": -1}}, "stream stream0: review_days -1; 0 or more is right"),
        (
            {"capacity": np.zeros((3, 1))},
            "resource desk0: capacity 0 on every day, and 1 minutes of work; without",
        ),
        ({"picks": np.zeros((3, 1))}, "node node0: capacity 0 on every day, and 1 lines to pick; without"),
        ({"capacity": np.array([[1.0], [-3], [1]])}, "resource desk0, day 1: capacity -3; 0 or more is right"),
        ({"overtime": [-0.1]}, "resource desk0: overtime -0.1; a share of capacity, 0 or more, is right"),
        ({"order_share": [0.0]}, "resource desk0: order_share 0; above 0, and 1 at most, is right"),
        ({"quantity": np.array([-5.0])}, "line 0: quantity -5; above 0 is right"),
        ({"minutes": np.array([[-1.0]])}, "resource desk0, order 0: -1 minutes; 0 or more is right"),
        ({"lead_days": np.full((1, 3, 1), -1)}, "stream stream0, day 0: a lead time of -1 days; 0 or more is right"),
    ],
)
def test_what_no_chain_can_have_is_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError, match=f"^{re.escape(said)}"):
        flow(*plain(**changes))


def test_several_faults_are_told_together() -> None:
    with pytest.raises(Problems, match=r"line 0: quantity 0; above 0 is right\nnode node0: capacity 0"):
        flow(*plain(quantity=np.zeros(1), picks=np.zeros((3, 1))))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"quantity": np.ones(2)}, r"quantity is \(2,\); \(1,\) is right"),
        ({"lead_days": np.ones((1, 2, 1))}, r"lead_days is \(1, 2, 1\); \(1, 3, 1\) is right"),
        ({"stream": np.array([3])}, "stream goes from 3 to 3; from -1 to 0 is right"),
        ({"day": np.array([3])}, "day goes from 3 to 3; from 0 to 2 is right"),
        ({"order": np.array([1]), "minutes": np.ones((2, 1))}, "order has to count up from 0"),
        ({"starts": np.array([0, 2])}, "it has to rise from 0 to 1"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        flow(*plain(**changes))


def test_days_that_fall_are_refused() -> None:
    lines = arrivals([(1, 0, 0, 0, 1), (0, 1, 0, 0, 1)], np.ones((2, 1)), np.ones((1, 3, 1)))
    with pytest.raises(ValueError, match="day has to rise within a replication"):
        flow(lines, plain()[1])
