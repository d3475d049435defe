"""Examples worked by hand that hold the levers' second way, and their SQL, which must do the same.

1 January 2026 is a Thursday, the first day of a week.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import pandas as pd
import pytest
from levers_by_hand import rewritten
from levers_in_sql import Taken, rewritten_both_ways, taken_in

ORDINARY = {
    **{"customer_id": "c1", "channel": "retail", "order_id": "o1", "line_no": "1", "product_id": "p1"},
    **{"order_date": 5, "posting_date": None, "promised_date": None, "shipped_date": None, "delivered_date": None},
    **{"quantity": 1, "net_sales": 100.0, "gross_sales": None, "cogs": 60.0, "delivered_quantity": None},
    **{"returned_quantity": None, "shipment_id": None, "order_method": "phone", "priority": "standard"},
    **{"ship_mode": "air", "warehouse": "A", "distance_km": 20.0, "weight_kg": 10.0, "volume_m3": 0.1},
    **{"freight_cost": 10.0, "_on_time_share": None},
}
DATES = ["order_date", "posting_date", "promised_date", "shipped_date", "delivered_date"]
NUMBERS = ["quantity", "delivered_quantity", "returned_quantity", "net_sales", "gross_sales", "freight_cost"]
NUMBERS += ["_on_time_share"]
CUSTOMERS = pd.DataFrame(
    [
        *(
            {"customer_id": f"c{n}", "channel": "retail", "city": "Vigo", "region": None, "country": "ES"}
            for n in "1234"
        ),
    ]
).assign(tier=["gold", "silver", None, "gold"])
CELLS = pd.DataFrame(
    [
        {"customer_id": f"c{n}", "channel": channel, "segment": "Core"}
        for n in range(1, 5)
        for channel in ("retail", "web")
    ]
)
LANE = {
    **{"warehouse": "A", "destination": "ES", "ship_mode": "road", "days": 2.0, "distance_km": None},
    **{"weight_from_kg": None, "weight_to_kg": None, "rate_per_kg": None, "rate_per_shipment": 10.0},
    "minimum_charge": None,
}


@pytest.fixture(scope="module", autouse=True)
def in_sql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keeps an engine in which each example is rewritten too."""
    with taken_in(tmp_path_factory.mktemp("levers")) as Worked.taken:
        yield


def january(day: int) -> pd.Timestamp:
    return pd.Timestamp(2026, 1, day)


def filled(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line with the defaults of the contract, its days as dates of January."""
    defaults = {"posting_date": "order_date", "gross_sales": "net_sales", "shipment_id": "order_id"}
    line = {**line, **{name: line[other] for name, other in defaults.items() if line[name] is None}}
    dates = {name: january(line[name]) for name in DATES if line[name] is not None}
    return {**line, **dates, "name": f"{line['order_id']}/{line['line_no']}"}


class Worked:
    """The transactions of one plan; a line is found by its `name`, which is today's order and line number."""

    taken: ClassVar[Taken]

    def __init__(
        self,
        lines: list[dict[str, Any]],
        levers: dict[str, dict[str, Any]],
        events: list[dict[str, Any]] | None = None,
        **tables: list[dict[str, Any]],
    ) -> None:
        written = pd.DataFrame([filled({**ORDINARY, **line}) for line in lines])
        written[DATES] = written[DATES].astype("datetime64[us]")
        written[NUMBERS] = written[NUMBERS].astype(float)
        happened = pd.DataFrame(
            events or [], columns=["customer_id", "event_date", "event", "quantity", "minutes", "amount"]
        )
        happened[["quantity", "minutes", "amount"]] = happened[["quantity", "minutes", "amount"]].astype(float)
        more = {name: pd.DataFrame(table).astype(object) for name, table in tables.items()}
        strategy = {
            **{"levers": {name: {"settings": {"on": lever.pop("at")}, **lever} for name, lever in levers.items()}},
            **{"electronic_methods": ["edi", "portal"], "freight_saving": 0.3, "rush_delay_days": 1},
        }
        before = written.copy()
        plan = {("Core", "retail"): dict.fromkeys(levers, "on")}
        given = {"customers": CUSTOMERS, "order_lines": written, "events": happened, **more}
        self.lines, self.events, self.who = rewritten(given, CELLS, strategy, plan)
        pd.testing.assert_frame_equal(written, before)
        self.taken.replaced(given)
        for in_sql, by_hand in rewritten_both_ways(self.taken, given, CELLS, strategy, plan):
            pd.testing.assert_frame_equal(in_sql, by_hand, check_dtype=False)

    def of(self, column: str) -> dict[str, Any]:
        values = self.lines.set_index("name")[column]
        return {name: value.day if isinstance(value, pd.Timestamp) else value for name, value in values.items()}

    def together(self, column: str) -> set[frozenset[str]]:
        """Which lines share an order or shipment."""
        return {frozenset(names) for _, names in self.lines.groupby(["customer_id", "channel", column])["name"]}


def event(customer: str, name: str, **more: Any) -> dict[str, Any]:
    return {"customer_id": customer, "event_date": january(9), "event": name, "quantity": 2.0, "minutes": 10.0, **more}


def test_a_small_customer_goes_to_a_partner_who_leaves_a_share_of_its_margin():
    # c1 sells 120 + 50 over both channels, below 200; its lines in retail bring 40 + 10, of which 0.6 are 30
    lines = [
        {"order_id": "o1"},
        {"order_id": "o4", "order_date": 9, "net_sales": 20, "cogs": 10},
        {"order_id": "o2", "channel": "web", "net_sales": 50},
        {"order_id": "o3", "customer_id": "c2", "net_sales": 200},
    ]
    lever = {"at": {"below": 200, "margin_kept": 0.6}}
    worked = Worked(lines, {"hand_over": lever}, [event("c1", "call", amount=5.0), event("c2", "call", amount=5.0)])
    assert worked.of("net_sales") == {"o2/1": 50, "o3/1": 200}
    assert worked.events[["customer_id", "event", "event_date", "amount"]].values.tolist() == [
        ["c2", "call", january(9), 5],
        ["c1", "partner_margin", january(9), -30],
    ]
    assert worked.who.values.tolist() == [["hand_over", "on", "c1", "retail"]]


def test_who_goes_to_one_partner_is_not_there_for_the_next():
    levers = {
        "near": {"kind": "hand_over", "at": {"below": 200, "margin_kept": 0.6}},
        "far": {"kind": "hand_over", "at": {"below": 300, "margin_kept": 0.2}},
    }
    worked = Worked([{}, {"customer_id": "c2", "net_sales": 260}], levers)
    assert worked.lines.empty
    assert worked.events[["customer_id", "amount"]].values.tolist() == [["c1", -24], ["c2", -40]]


def test_of_those_who_go_along_with_terms_a_share_leaves():
    # by hash c4 (35e1), c3 (a35e), c1 (d3f1), c2 (ee43): 0.75 of 4 go along, 0.5 of 3 is 1.5, so 2 leave
    lines = [{"order_id": f"o{n}", "customer_id": f"c{n}"} for n in range(1, 5)]
    events = [event("c3", "call"), event("c1", "call"), event("c2", "call")]
    worked = Worked(lines, {"terms": {"at": {"price": 0.1, "lose": 0.5}, "adoption": 0.75}}, events)
    assert worked.of("net_sales") == {"o1/1": pytest.approx(110), "o2/1": 100}
    assert worked.who["customer_id"].tolist() == ["c4", "c3", "c1"]
    assert worked.events["customer_id"].tolist() == ["c1", "c2"]


def test_a_dropped_rush_order_waits_and_is_expedited_no_more():
    lines = [
        {"order_id": "o1", "priority": "rush", "shipped_date": 5, "delivered_date": 6, "promised_date": 6},
        {"order_id": "o2", "shipped_date": 5, "delivered_date": 6, "promised_date": 6},
        {"order_id": "o3", "customer_id": "c2", "shipped_date": 5},
    ]
    lever = {"at": {"drop": True}, "promise": "move", "events": {"call": 0.5, "expedite": 0.5}}
    events = [event("c1", "expedite"), event("c1", "call", amount=8.0), event("c2", "expedite")]
    worked = Worked(lines, {"rush": lever}, events)
    assert worked.of("priority") == dict.fromkeys(["o1/1", "o2/1", "o3/1"], "standard")
    assert worked.of("shipped_date") == {"o1/1": 6, "o2/1": 5, "o3/1": 5}
    assert worked.lines.set_index("name").loc["o1/1", ["delivered_date", "promised_date"]].tolist() == [january(7)] * 2
    assert worked.events[["customer_id", "event", "quantity", "minutes"]].values.tolist() == [
        ["c1", "call", 1, 5],
        ["c2", "expedite", 2, 10],
    ]
    assert worked.events["amount"].tolist()[0] == 4


def test_an_order_with_a_rush_line_pays_a_fee_on_its_sold_lines():
    # 8 over net sales of 60 and 20: 6 and 2
    lines = [
        {"line_no": "1", "priority": "rush", "net_sales": 60, "gross_sales": 70},
        {"line_no": "2", "net_sales": 20},
        {"line_no": "3", "net_sales": -10, "quantity": -1},
        {"order_id": "o2", "net_sales": 50},
    ]
    worked = Worked(lines, {"express": {"kind": "rush", "at": {"fee": 8}}}, [event("c1", "expedite")])
    assert worked.of("net_sales") == {"o1/1": 66, "o1/2": 22, "o1/3": -10, "o2/1": 50}
    assert worked.of("gross_sales") == {"o1/1": 76, "o1/2": 22, "o1/3": -10, "o2/1": 50}
    assert worked.events["quantity"].tolist() == [2]  # what pays is expedited as before


def test_small_orders_of_a_week_become_one():
    # Friday 2 and Monday 5 wait for Wednesday 7; two of today's shipments: (10 + 6) × (1 − 0.3 × ½) = 13.6.
    # Delivered 3 + 5 days and 7 + 2 days: the latest is the 9th. The others wait for Wednesday 14 in one order of three
    # shipments; what arrived of o5 is not known of all of it.
    p1 = {"order_id": "o2", "net_sales": 40, "cogs": 20, "priority": "rush", "freight_cost": 6, "distance_km": 30}
    lines = [
        {**p1, "order_date": 4, "shipped_date": 5, "delivered_date": 7, "delivered_quantity": 1, "promised_date": 8},
        {"order_date": 2, "shipped_date": 2, "delivered_date": 3, "quantity": 2, "delivered_quantity": 1}
        | {"promised_date": 9, "order_method": "email"},
        {"order_id": "o3", "net_sales": 250},
        {"order_id": "o4", "order_date": 9},
        {"order_id": "o4", "order_date": 9, "line_no": "2", "quantity": -1, "net_sales": -5},
        {"order_id": "o5", "order_date": 8, "product_id": "p2", "warehouse": "B"},
        {"order_id": "o6", "order_date": 8, "ship_mode": "sea"},
        {"order_id": "o7", "order_date": 9, "product_id": "p2", "warehouse": "B", "delivered_quantity": 1},
    ]
    worked = Worked(lines, {"minimum_order": {"at": {"value": 250, "below": "bundle"}}})
    one = worked.lines.set_index("name").loc["o1/1"]
    assert one[["quantity", "net_sales", "cogs", "delivered_quantity"]].tolist() == [3, 140, 80, 2]
    assert one[["order_date", "promised_date", "shipped_date", "delivered_date"]].tolist() == [
        january(day) for day in (2, 8, 7, 9)
    ]
    assert one[["priority", "order_method", "distance_km"]].tolist() == ["rush", "email", 30]
    assert one["freight_cost"] == pytest.approx(13.6)
    assert worked.together("order_id") == {
        *map(frozenset, (["o1/1"], ["o3/1"], ["o4/1", "o5/1", "o6/1"], ["o4/2"])),
    }
    assert worked.together("shipment_id") == {
        *map(frozenset, (["o1/1"], ["o3/1"], ["o4/1"], ["o5/1"], ["o6/1"], ["o4/2"])),
    }
    assert worked.of("quantity")["o5/1"] == 2
    assert pd.isna(worked.of("delivered_quantity")["o5/1"])
    assert worked.of("posting_date")["o5/1"] == 9
    assert worked.of("freight_cost")["o4/1"] == 10


def test_a_small_order_pays_a_fee_its_returns_taken_off():
    # 80 + 40 − 30 − 5 = 85 is below 100; 15 over 80 and 40: 10 and 5, a rebate pays nothing. One of 100 is not below
    lines = [
        {"line_no": "1", "net_sales": 80},
        {"line_no": "2", "net_sales": 40},
        {"line_no": "3", "net_sales": -30, "quantity": -1},
        {"line_no": "4", "net_sales": -5},
        {"order_id": "o2", "net_sales": 100},
        {"order_id": "o3", "quantity": -1, "net_sales": -20},
    ]
    worked = Worked(lines, {"minimum_order": {"at": {"value": 100, "fee": 15}}})
    assert worked.of("net_sales") == {
        **{"o1/1": 90, "o1/2": 45, "o1/3": -30, "o1/4": -5},
        **{"o2/1": 100, "o3/1": -20},
    }


def test_a_share_of_the_small_orders_is_lost():
    # by hash o1 (1338), o5 (2c5c), o2 (8982), o4 (a70d), o3 (d94c): 0.5 of 5 is 2.5, so 3 with all their lines
    lines = [{"order_id": f"o{n}", "customer_id": f"c{1 + n % 2}"} for n in range(1, 6)]
    lines.append({"order_id": "o5", "customer_id": "c2", "line_no": "2", "quantity": -1, "net_sales": -9})
    worked = Worked(lines, {"minimum_order": {"at": {"value": 200, "lose": 0.5}, "margin_at_risk": 0.5}})
    assert worked.of("net_sales") == {"o3/1": 100, "o4/1": 100}


def test_what_leaves_in_a_window_leaves_on_its_last_day_as_one_shipment():
    # only what moves is at risk: 0.1 × (100 − 60) = 4; two shipments as one: 10 × (1 − 0.3 × ½) = 8.5
    lines = [
        {"order_id": "o1", "shipped_date": 2, "delivered_date": 4, "promised_date": 3},
        {"order_id": "o2", "order_date": 7},
        {"order_id": "o3", "order_date": 2, "shipped_date": 8},
        {"order_id": "o4", "order_date": 2, "quantity": -1, "shipment_id": "o1"},
        {"order_id": "o5", "order_date": 7, "customer_id": "c2"},
    ]
    worked = Worked(lines, {"rhythm": {"at": {"days": 7}, "margin_at_risk": 0.1}})
    assert worked.together("shipment_id") == {
        *map(frozenset, (["o1/1", "o2/1"], ["o3/1"], ["o4/1"], ["o5/1"])),
    }
    assert worked.of("net_sales") == {"o1/1": 96, "o2/1": 100, "o3/1": 96, "o4/1": 100, "o5/1": 100}
    assert worked.of("freight_cost") == {"o1/1": 8.5, "o2/1": 8.5, "o3/1": 10, "o4/1": 10, "o5/1": 10}
    first = worked.lines.set_index("name").loc["o1/1", ["shipped_date", "delivered_date", "promised_date"]]
    assert first.tolist() == [january(7), january(9), january(3)]
    assert worked.of("shipped_date")["o3/1"] == 14
    assert worked.who["customer_id"].tolist() == ["c1"]


def test_what_leaves_waits_for_the_next_of_the_weekdays():
    # Monday 5 waits for Tuesday 6, Friday 9 stays, Saturday 10 waits for Tuesday 13
    lines = [
        {"order_id": "o1", "shipped_date": 5, "promised_date": 6},
        {"order_id": "o2", "shipped_date": 9, "promised_date": 6},
        {"order_id": "o3", "shipped_date": 10, "promised_date": 6},
        {"order_id": "o4", "shipped_date": 10, "promised_date": 6, "warehouse": "B"},
    ]
    worked = Worked(lines, {"rhythm": {"at": {"weekdays": ["tue", "fri"]}, "promise": "move"}})
    assert worked.of("shipped_date") == {"o1/1": 6, "o2/1": 9, "o3/1": 13, "o4/1": 13}
    assert worked.of("promised_date") == {"o1/1": 7, "o2/1": 6, "o3/1": 9, "o4/1": 9}
    assert worked.together("shipment_id") == {frozenset([name]) for name in worked.of("shipment_id")}


def test_another_mode_takes_the_most_specific_lane_and_its_freight():
    # 10 + 30 = 40 kg are outside the band to 40; in the band from 40: max(20, 5 + 0.5 × 40) = 25, by weight 6.25 and
    # 18.75; 2.5 days are 3. The lane to the country is cheaper and less specific. The third order pays the minimum of 3
    # and of two such lanes takes the quicker, not the shorter; it arrives sooner, on a promise that stays
    lanes = [
        LANE | {"rate_per_shipment": 1.0},
        LANE | {"destination": "Vigo", "weight_to_kg": 40.0, "rate_per_shipment": 2.0, "minimum_charge": 3.0},
        LANE | {"destination": "Vigo", "weight_to_kg": 40.0, "rate_per_shipment": 3.0, "days": 4.0, "distance_km": 5.0},
        LANE
        | {"destination": "Vigo", "weight_from_kg": 40.0, "rate_per_shipment": 5.0, "rate_per_kg": 0.5, "days": 2.5}
        | {"minimum_charge": 20.0, "distance_km": 600.0},
    ]
    lines = [
        {"line_no": "1", "shipped_date": 5, "delivered_date": 6, "promised_date": 6},
        {"line_no": "2", "weight_kg": 30, "delivered_date": 6, "promised_date": 6, "ship_mode": "road"},
        {"line_no": "3", "quantity": -1},
        {"order_id": "o2", "ship_mode": "sea"},
        {"order_id": "o3", "shipped_date": 5, "delivered_date": 20, "promised_date": 21},
    ]
    lever = {"at": {"to": "road", "from": "air"}, "promise": "move", "margin_at_risk": 0.1}
    worked = Worked(lines, {"mode": lever}, lanes=lanes)
    assert worked.of("freight_cost") == {"o1/1": 6.25, "o1/2": 18.75, "o1/3": 10, "o2/1": 10, "o3/1": 3}
    assert worked.of("ship_mode") == {"o1/1": "road", "o1/2": "road", "o1/3": "air", "o2/1": "sea", "o3/1": "road"}
    assert worked.of("distance_km") == {"o1/1": 600, "o1/2": 600, "o1/3": 20, "o2/1": 20, "o3/1": 20}
    assert worked.of("net_sales") == {"o1/1": 96, "o1/2": 96, "o1/3": 100, "o2/1": 100, "o3/1": 96}
    assert [worked.of("delivered_date")[name] for name in ("o1/1", "o1/2", "o3/1")] == [8, 6, 7]
    assert [worked.of("promised_date")[name] for name in ("o1/1", "o1/2", "o3/1")] == [8, 6, 21]


@pytest.mark.parametrize(
    ("at", "warehouses"),
    [
        ({"choose": "cheapest"}, ["C", "B", "B"]),  # of 30, 30 and 10; C lacks p2, and B is as good as A
        ({"choose": "nearest"}, ["B", "B", "B"]),  # of 40, 5 and 9 km
        ({"to": "C"}, ["C", "B", "B"]),
    ],
)
def test_another_warehouse_needs_the_products_and_a_lane(at: dict[str, Any], warehouses: list[str]):
    prices = {"A": (30.0, 40.0), "B": (30.0, 5.0), "C": (10.0, 9.0)}
    lanes = [
        LANE | {"warehouse": name, "ship_mode": "air", "rate_per_shipment": freight, "distance_km": distance}
        for name, (freight, distance) in prices.items()
    ]
    nodes = [{"warehouse": name, "product_id": "p1" if name == "C" else None} for name in "ABC"]
    lines = [
        {"order_id": "o1"},
        {"order_id": "o2", "line_no": "1", "warehouse": "B"},
        {"order_id": "o2", "line_no": "2", "warehouse": "B", "product_id": "p2"},
    ]
    worked = Worked(lines, {"node": {"at": at}}, lanes=lanes, nodes=nodes)
    assert list(worked.of("warehouse").values()) == warehouses


def test_a_share_of_the_orders_by_phone_comes_in_by_the_portal():
    # by phone o1, o2 and o5; by hash o5 (850a), o2 (90f0), o1 (f79e): 0.5 of 3 is 1.5, so 2
    methods = {"o1": "phone", "o2": "phone", "o3": "edi", "o4": None, "o5": "phone"}
    lines = [{"order_id": order, "order_method": method} for order, method in methods.items()]
    lines.append({"order_id": "o5", "line_no": "2", "quantity": -1, "net_sales": -100})
    lever = {"at": {"to": "portal", "share": 0.5}, "margin_at_risk": 0.01}
    worked = Worked(lines, {"order_method": lever})
    assert [name for name, method in worked.of("order_method").items() if method == "portal"] == [
        "o2/1",
        "o5/1",
        "o5/2",
    ]
    assert worked.of("net_sales") == dict.fromkeys(["o1/1", "o3/1", "o4/1"], 100) | dict.fromkeys(
        ["o2/1", "o5/1"], pytest.approx(99.6)
    ) | {"o5/2": -100}


def test_an_order_comes_in_by_the_method_of_its_first_line_by_number():
    lines = [
        {"order_id": order, "line_no": number, "order_method": method}
        for order, methods in {"o1": {"2": "edi", "10": "phone"}, "o2": {"2": "phone", "10": "edi"}}.items()
        for number, method in methods.items()
    ]
    worked = Worked(lines, {"order_method": {"at": {"to": "portal"}}})
    assert worked.of("order_method") == {"o1/2": "edi", "o1/10": "phone", "o2/2": "portal", "o2/10": "portal"}


def test_those_of_the_lowest_hash_are_seen_and_each_order_costs():
    # by hash c1 (07de), c2 (0daa), c4 (3a8e), c3 (c26c): half of 3 is 1.5, so 2, where `for` leaves c3's null out
    lines = [{"order_id": f"o{n}", "customer_id": f"c{n}"} for n in range(1, 5)]
    lines += [{"line_no": "2"}, {"line_no": "3", "quantity": -1}]
    lever = {"at": {"cost_per_order": 3}, "adoption": 0.5, "for": "tier <> 'lead' AND segment = 'Core'"}
    worked = Worked(lines, {"visibility": lever})
    assert worked.of("lever_cost") == {"o1/1": 1.5, "o2/1": 3, "o3/1": 0, "o4/1": 0, "o1/2": 1.5, "o1/3": 0}
    assert [name for name, seen in worked.of("visible").items() if seen] == ["o1/1", "o2/1", "o1/2"]


def test_terms_change_the_price_then_give_the_discount_then_add_the_fees():
    # 80 + 20 at 1.1 are 110: the discount leaves 79.2 + 19.8; 54 at 1.1 are 59.4, without. The order's fee of 6
    # is 4.8 + 1.2, the drop's of 4 falls on the first line alone, and 1 + 3 on 19.8 and 59.4
    lines = [
        {"line_no": "1", "net_sales": 80, "shipment_id": "s1"},
        {"line_no": "2", "net_sales": 20, "shipment_id": "s2"},
        {"order_id": "o2", "net_sales": 54, "shipment_id": "s2"},
        {"order_id": "o3", "net_sales": -10, "quantity": -1},
    ]
    at = {"price": 0.1, "discount": {"from": 110, "share": 0.1}, "fee_per_order": 6, "fee_per_drop": 4}
    worked = Worked(lines, {"terms": {"at": {**at, "payment_terms_days": 60}}})
    assert worked.of("net_sales") == pytest.approx({"o1/1": 88, "o1/2": 22, "o2/1": 68.4, "o3/1": -10})
    assert worked.of("gross_sales") == pytest.approx({"o1/1": 96.8, "o1/2": 24.2, "o2/1": 68.4, "o3/1": -10})
    assert set(worked.of("payment_terms_days").values()) == {60}


def test_shares_of_margin_at_risk_add_up_to_the_margin_at_most():
    # 0.3 + 0.4 of 40 are 28; with the third all is lost, of a margin below 0 nothing. Of calls a half of a half is left
    lines = [{"order_id": "o1", "priority": "rush"}, {"order_id": "o2"}, {"order_id": "o3", "net_sales": 50}]
    levers = {
        "seen": {"kind": "visibility", "at": {}, "margin_at_risk": 0.3, "events": {"call": 0.5}},
        "shown": {"kind": "visibility", "at": {}, "margin_at_risk": 0.4, "events": {"call": 0.5}},
        "rush": {"at": {"drop": True}, "margin_at_risk": 0.4},
    }
    worked = Worked(lines, levers, [event("c1", "call")])
    assert worked.of("net_sales") == {"o1/1": 60, "o2/1": pytest.approx(72), "o3/1": 50}
    assert worked.events["minutes"].tolist() == [2.5]


def test_bundled_orders_join_the_rhythm():
    # o1 and o2 wait for Wednesday 7, then with o3 of Monday 5 for Friday 9: three shipments as one, 1 − 0.3 × ⅔ = 0.8
    lines = [
        {"order_id": "o1", "order_date": 2, "shipped_date": 2},
        {"order_id": "o2", "shipped_date": 5, "product_id": "p2"},
        {"order_id": "o3", "shipped_date": 5, "net_sales": 400},
    ]
    levers = {
        "rhythm": {"at": {"weekdays": ["fri"]}},
        "minimum_order": {"at": {"value": 200, "below": "bundle"}},
    }
    worked = Worked(lines, levers)
    assert worked.of("shipped_date") == {"o1/1": 9, "o2/1": 9, "o3/1": 9}
    assert worked.of("freight_cost") == pytest.approx({"o1/1": 8, "o2/1": 8, "o3/1": 8})
    assert worked.together("order_id") == {frozenset(["o1/1", "o2/1"]), frozenset(["o3/1"])}
    assert worked.together("shipment_id") == {frozenset(worked.of("order_id"))}


def test_a_lane_carries_the_weight_that_the_rhythm_put_together():
    # 10 + 30 kg leave on Wednesday 7 as one: 40 × 0.5 = 20, by weight; no saving on top. They arrive on the 9th
    lines = [
        {"order_id": "o1", "order_date": 2, "shipped_date": 2, "delivered_date": 3},
        {"order_id": "o2", "shipped_date": 6, "delivered_date": 7, "weight_kg": 30},
    ]
    heavy = LANE | {"weight_from_kg": 40.0, "rate_per_shipment": None, "rate_per_kg": 0.5}
    levers = {"mode": {"at": {"to": "road"}}, "rhythm": {"at": {"days": 7}}}
    worked = Worked(lines, levers, lanes=[LANE, heavy | {"destination": "c1"}])
    assert worked.of("freight_cost") == {"o1/1": 5, "o2/1": 15}
    assert worked.of("delivered_date") == {"o1/1": 9, "o2/1": 9}
    assert worked.who.values.tolist() == [["mode", "on", "c1", "retail"], ["rhythm", "on", "c1", "retail"]]


def test_a_cell_without_a_plan_stays_as_today():
    worked = Worked([{"order_id": "o1", "channel": "web"}], {"terms": {"at": {"price": 0.1}}}, [event("c1", "call")])
    assert worked.of("net_sales") == {"o1/1": 100}
    assert worked.who.empty
    assert worked.events["quantity"].tolist() == [2]


def test_what_came_in_parts_is_judged_by_its_dates_once_a_lever_moves_it():
    # o1 leaves on Wednesday 7, the last day of its week, and keeps the 0.4 that came in time; o2 waits for it
    lines = [
        {"order_id": name, "shipped_date": day, "delivered_date": 8, "promised_date": 8, "_on_time_share": 0.4}
        for name, day in (("o1", 7), ("o2", 6))
    ]
    worked = Worked(lines, {"rhythm": {"at": {"days": 7}}})
    assert worked.of("_on_time_share")["o1/1"] == 0.4
    assert pd.isna(worked.of("_on_time_share")["o2/1"])
    sent = Worked(lines, {"mode": {"at": {"to": "sea"}}}, lanes=[LANE | {"ship_mode": "sea"}])
    assert sent.lines["_on_time_share"].isna().all()
