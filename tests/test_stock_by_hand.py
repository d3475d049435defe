"""Examples of stock worked by hand that hold the levers' second way, and their SQL, which must do the same."""

from __future__ import annotations

from typing import Any

import pytest
from test_levers_by_hand import Worked, in_sql, january

__all__ = ["in_sql"]

HALF_OF_SALES = {"order_id": "o1", "quantity": 20, "cogs": 60.0}
OTHER_HALF = HALF_OF_SALES | {"order_id": "o2", "customer_id": "c2"}
A_UNIT_COSTS_ONE = 365 / (90 * 3)
"""The holding rate by which a unit of cost 3 costs 1 over 90 days."""
RULE: dict[str, Any] = {
    **{"product_id": "p1", "warehouse": "A", "lead_time_days": 0.0, "holding_rate": A_UNIT_COSTS_ONE},
    **dict.fromkeys(["lead_time_sd_days", "order_cost", "review_days"]),
    **dict.fromkeys(["reorder_point", "order_up_to", "order_quantity"]),
}
SURE = {"lead_time_sd_days": 4.5, "reorder_point": 6.0, "order_quantity": 1.0}
"""40 units in 90 days and a lead time of 0 ± 4.5 days: 40 ÷ 90 × 4.5 = 2 is the deviation that stock covers."""


def test_goods_made_to_order_spare_the_stock_and_are_waited_for():
    # 8 beside what is sold until more comes, and half of a cycle of 12: 14 lie there, half of them c1's; 2.5 days are 3
    rule = RULE | {"lead_time_days": 2.5, "reorder_point": 8 + 40 / 90 * 2.5, "order_quantity": 12.0}
    lines = [
        HALF_OF_SALES | {"shipped_date": 6, "delivered_date": 7, "delivered_quantity": 12},
        OTHER_HALF | {"delivered_quantity": None},
        {"line_no": "2", "product_id": "p2", "shipped_date": 6},
    ]
    worked = Worked(lines, {"stock": {"at": {"make_to_order": True}}}, replenishment=[rule])
    assert worked.of("lever_cost") == {"o1/1": pytest.approx(-7), "o2/1": pytest.approx(-7), "o1/2": 0}
    assert [worked.of("shipped_date")[name] for name in ("o1/1", "o1/2")] == [9, 6]
    assert worked.of("shipment_id")["o1/1"] == "stock/20462/o1"  # 9 January 2026
    assert worked.together("shipment_id") == {frozenset([name]) for name in ("o1/1", "o1/2", "o2/1")}
    assert worked.of("delivered_date")["o1/1"] == 10
    assert worked.of("delivered_quantity")["o1/1"] == 20
    assert worked.lines["delivered_quantity"].isna().tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("rule", "at_hand", "spared"),
    [
        ({"reorder_point": 5.0, "order_quantity": 8.0}, [], 5 + 8 / 2),
        ({"reorder_point": 5.0, "order_up_to": 11.0}, [], 5 + 6 / 2),
        ({"order_up_to": 11.0, "order_quantity": 8.0}, [], 3 + 8 / 2),
        ({"order_up_to": 11.0, "review_days": 9.0}, [], 7 + 4 / 2),  # 9 days sell 4
        ({"reorder_point": -5.0, "order_quantity": 8.0}, [], 0 + 8 / 2),
        ({"order_quantity": 8.0}, [9, 13], 11),
        ({"order_cost": 1.5}, [9, 13], 11),  # 10.95 at once, by the square root
        ({"order_quantity": 8.0}, [3], 0),  # less than half a cycle at hand: nobody knows what is kept
        ({"order_up_to": 11.0}, [], 0),  # from where on it orders is not known
        ({}, [], 0),
    ],
)
def test_what_lies_there_is_known_from_the_policy_or_from_what_was_seen(
    rule: dict[str, Any], at_hand: list[float], spared: float
):
    seen = [{"product_id": "p1", "warehouse": "A", "on_hand": on_hand} for on_hand in at_hand]
    worked = Worked(
        [HALF_OF_SALES, OTHER_HALF],
        {"stock": {"at": {"make_to_order": True}}},
        replenishment=[RULE | rule],
        **({"inventory": seen} if seen else {}),
    )
    assert worked.lines["lever_cost"].sum() == pytest.approx(-spared)
    assert worked.who.empty == (spared == 0)


def test_a_lower_service_saves_stock_and_some_lines_do_not_arrive():
    # from 6 units to z(0.5) = 0; missed (n(0) − n(1)) ÷ 1 = 0.7979 − 0.3956 = 0.4023, of 0.0006 before: chance 0.4019;
    # by hash o1 0.247, o2 0.691, o7 0.074
    lines = [HALF_OF_SALES | {"delivered_quantity": 20}, OTHER_HALF | {"delivered_quantity": 12}]
    lines.append(HALF_OF_SALES | {"order_id": "o7", "quantity": 1, "cogs": 3.0, "delivered_quantity": None})
    rule = RULE | SURE | {"lead_time_sd_days": 2 * 90 / 41}
    worked = Worked(lines, {"stock": {"at": {"service_level": 0.5}}}, replenishment=[rule])
    assert worked.of("lever_cost") == pytest.approx({"o1/1": -6 * 20 / 41, "o2/1": -6 * 20 / 41, "o7/1": -6 / 41})
    assert [worked.of("delivered_quantity")[name] for name in ("o1/1", "o2/1")] == [0, 12]
    assert worked.lines["delivered_quantity"].isna().tolist() == [False, False, True]


def test_a_higher_service_costs_stock_and_some_short_lines_arrive():
    # from 0 to z(Φ(0.5)) × 2 = 1 unit: missed 0.7979 − 0.3956 = 0.4023, then 0.3956 − 2 × 0.08332 = 0.2290: chance
    # 0.4308; by hash o1 0.247, o2 0.691
    lines = [HALF_OF_SALES | {"delivered_quantity": 5}, OTHER_HALF | {"delivered_quantity": 12}]
    rule = RULE | SURE | {"reorder_point": 0.0}
    worked = Worked(lines, {"stock": {"at": {"service_level": 0.6914624612740131}}}, replenishment=[rule])
    assert worked.of("lever_cost") == pytest.approx({"o1/1": 0.5, "o2/1": 0.5})
    assert worked.of("delivered_quantity") == {"o1/1": 20, "o2/1": 12}


def test_what_stock_did_not_miss_was_short_for_another_reason():
    lines = [HALF_OF_SALES | {"delivered_quantity": 5}, OTHER_HALF]
    worked = Worked(lines, {"stock": {"at": {"service_level": 0.9999}}}, replenishment=[RULE | {"reorder_point": 6.0}])
    assert worked.of("delivered_quantity")["o1/1"] == 5
    assert worked.of("lever_cost") == pytest.approx({"o1/1": -3, "o2/1": -3})  # nothing varies: none is needed


def test_a_shared_forecast_spares_safety_stock_at_the_service_of_today():
    # over a day as much varies as in one: half the deviation, half of the 6 units; a sure lead time leaves it so
    rule = RULE | {"lead_time_days": 1.0, "reorder_point": 6 + 40 / 90, "order_quantity": 8.0}
    lines = [HALF_OF_SALES, OTHER_HALF, OTHER_HALF | {"order_id": "o3", "warehouse": "B"}]
    at = {"shared_forecast": True, "cv_factor": 0.5, "cost_per_order": 0.25}
    worked = Worked(lines, {"visibility": {"at": at}}, replenishment=[rule])
    assert worked.of("lever_cost") == pytest.approx({"o1/1": -1.25, "o2/1": -1.25, "o3/1": 0.25})


def test_no_stock_is_spared_by_two_shared_forecasts():
    rule = RULE | {"lead_time_days": 1.0, "reorder_point": 6 + 40 / 90, "order_quantity": 8.0}

    def shared(*names: str) -> Worked:
        levers = {name: {"kind": "visibility", "at": {"shared_forecast": True, "cv_factor": 0.5}} for name in names}
        return Worked([HALF_OF_SALES, OTHER_HALF], levers, replenishment=[rule])

    one, both = shared("one").of("lever_cost"), shared("one", "two").of("lever_cost")
    assert one == both == pytest.approx({"o1/1": -1.5, "o2/1": -1.5})


def test_a_shared_forecast_spares_nothing_where_no_stock_is_left():
    rule = RULE | {"lead_time_days": 1.0, "reorder_point": 6 + 40 / 90, "order_quantity": 8.0}
    levers = {
        "visibility": {"at": {"shared_forecast": True, "cv_factor": 0.5}},
        "stock": {"at": {"make_to_order": True}},
        "more": {"kind": "stock", "at": {"service_level": 0.99}},
    }
    worked = Worked([HALF_OF_SALES, OTHER_HALF], levers, replenishment=[rule])
    assert worked.lines["lever_cost"].sum() == pytest.approx(-(6 + 4))
    assert worked.lines["shipped_date"].isna().all()
    assert set(worked.lines["order_date"]) == {january(5)}
