"""Warehouses with a limit: what they ship is counted by cell, no plan sends more through them, and the page says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_workbook import CUSTOMERS, QUARTER, UNIT, booked, compute, line, make_workbook

from cts_lib.names import CELL
from cts_lib.replay.options import CURRENT
from cts_lib.run import Results

STAGES = ("profile", "segment", "strategy")
MODEL: dict[str, Any] = {
    "resources": {"freight": {}},
    "activities": {"bills": {"resource": "freight", "per": "shipment", "direct": "freight_cost"}},
}
MOVED = {"node": {"settings": {"near": {"to": "near"}}}}


def sent(order: str, customer: str, day: str, **more: Any) -> dict[str, Any]:
    return (
        line(order, customer_id=customer, order_date=day, shipped_date=day, delivered_date=day, promised_date=day)
        | {"warehouse": "far", "ship_mode": "van", "freight_cost": 10, "weight_kg": 1}
        | more
    )


LINES = [
    sent("a1", "c1", "2026-02-02"),
    sent("a1", "c1", "2026-02-02", line_no="2"),
    sent("a2", "c1", "2026-02-03"),
    sent("a3", "c1", "2026-02-03", quantity=-1, net_sales=-10),
    sent("b1", "c2", "2026-02-03"),
]


def planned(folder: Path, near: float | None, far: float | None = 1) -> Results:
    """Plan with so many lines a day of the warehouse that is cheaper, and of today's; both work on two days."""
    lane = {"business_unit": UNIT, "ship_mode": "van", "destination": "ES", "days": 0}
    nodes = [{"warehouse": "near", "capacity_lines_per_day": near}, {"warehouse": "far", "capacity_lines_per_day": far}]
    params = make_workbook(
        folder,
        LINES,
        MODEL,
        customers=[customer | {"country": "ES"} for customer in CUSTOMERS],
        ledger=[booked("freight", 50)],
        lanes=[lane | {"warehouse": "near", "rate_per_shipment": 2}],
        nodes=[{"business_unit": UNIT, **node} for node in nodes],
        strategy={"levers": MOVED},
    )
    return compute(params, QUARTER, STAGES)


def moved(results: Results) -> list[str]:
    """The channels whose customers are served from the cheaper warehouse."""
    strategy = results.all_tables["strategy"]
    return sorted(strategy.loc[strategy["chosen_option"] != CURRENT, "channel"])


def test_each_option_says_how_many_sold_lines_each_limited_warehouse_ships(tmp_path: Path) -> None:
    options = planned(tmp_path, near=9).all_tables["strategy_options"].set_index([*CELL[1:], "option"])
    ships = options[["ships_far", "ships_near"]]
    assert ships.loc[("direct", CURRENT)].tolist() == [3, 0]
    assert ships.loc[("direct", "node: near")].tolist() == [0, 3]
    assert ships.loc[("retail", CURRENT)].tolist() == [1, 0]
    assert ships.loc[("retail", "node: near")].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("near", "chosen"),
    [(0.4, []), (0.5, ["retail"]), (1.5, ["direct"]), (2, ["direct", "retail"]), (None, ["direct", "retail"])],
)
def test_no_plan_sends_more_through_a_warehouse_than_it_can_ship(
    near: float | None, chosen: list[str], tmp_path: Path
) -> None:
    assert moved(planned(tmp_path, near)) == chosen


def test_an_overloaded_warehouse_may_stay_as_full_as_it_is_and_is_named(tmp_path: Path) -> None:
    results = planned(tmp_path, near=0.5)
    nodes = results.all_tables["node_plan"].set_index("warehouse")
    assert nodes.loc["far", ["capacity", "ships_now", "ships_then"]].tolist() == [2, 4, 3]
    assert nodes.loc["near", ["capacity", "ships_now", "ships_then"]].tolist() == [1, 0, 1]
    told = [
        note.values["warehouse"]["number"] for note in results.stages["strategy"].notes if "warehouse" in note.values
    ]
    assert told == [["far"]]


def test_without_limits_there_is_no_plan_of_warehouses(tmp_path: Path) -> None:
    tables = planned(tmp_path, near=None, far=None).all_tables
    assert tables["node_plan"].empty
    assert not [name for name in tables["strategy_options"] if name.startswith("ships_")]
