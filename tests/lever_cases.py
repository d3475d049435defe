"""Generated transactions, levers and plans: what the levers' two ways are held against each other on."""

from __future__ import annotations

import random
from typing import Any

import pandas as pd
from hypothesis import strategies as st
from small_workbook import event

Rows = list[dict[str, Any]]
CHANNELS = ("direct", "retail")
CUSTOMERS: Rows = [
    {"customer_id": f"c{n}", "channel": channel, "city": city, "region": "north", "country": "ES", "tier": tier}
    for n, channel, city, tier in (
        *((1, "direct", "Vigo", "gold"), (2, "retail", "Lugo", "silver"), (3, "retail", "Vigo", "")),
        *((4, "direct", "", "gold"), (5, "retail", "Lugo", "silver")),
    )
]
PRODUCTS: Rows = [
    {"product_id": name, "family": "goods", "unit_weight_kg": weight} for name, weight in (("p1", 1.5), ("p2", ""))
]
CELLS = {"c1": "Core", "c2": "Core", "c3": "Small", "c4": "Small", "c5": "Core"}
"""The segment of each customer, in both channels."""
LANES: Rows = [
    {"business_unit": "north", "warehouse": warehouse, "ship_mode": mode, "destination": destination} | more
    for warehouse, mode, destination, more in (
        ("A", "road", "ES", {"days": 2, "rate_per_kg": 0.4, "minimum_charge": 5, "distance_km": 300}),
        ("A", "road", "Vigo", {"days": 1.5, "rate_per_shipment": 4, "weight_to_kg": 20, "distance_km": 30}),
        ("A", "road", "Vigo", {"days": 1, "rate_per_shipment": 9, "weight_from_kg": 20}),
        ("A", "air", "c2", {"days": 1, "rate_per_kg": 2.5}),
        ("B", "road", "north", {"days": 3, "rate_per_kg": 0.2, "rate_per_shipment": 2, "distance_km": 80}),
        ("B", "road", "Lugo", {"days": 3, "rate_per_kg": 0.2, "rate_per_shipment": 2, "distance_km": 20}),
        ("B", "air", "ES", {"days": 0, "rate_per_shipment": 30, "distance_km": 500}),
    )
]
NODES: Rows = [
    {"business_unit": "north", "warehouse": "A"},
    {"business_unit": "north", "warehouse": "B", "product_id": "p1"},
]
REPLENISHMENT: Rows = [
    {"business_unit": "north", "product_id": product, "warehouse": warehouse, "holding_rate": 0.25} | more
    for product, warehouse, more in (
        ("p1", "A", {"lead_time_days": 2.5, "lead_time_sd_days": 1, "reorder_point": 4, "order_quantity": 2}),
        ("p1", "B", {"lead_time_days": 1, "review_days": 7, "order_up_to": 9}),
        ("p2", "A", {"lead_time_days": 4, "order_cost": 2}),
        ("p2", "B", {"lead_time_days": 0, "order_up_to": 30}),
    )
]
"""Streams by a reorder point, by a level, by what is at hand, and one whose stock of today is not known."""
INVENTORY: Rows = [
    {"business_unit": "north", "product_id": "p2", "warehouse": "A", "date": f"2026-0{month}-01", "on_hand": on_hand}
    for month, on_hand in ((1, 8), (2, 5.5), (3, 12))
]
_DAYS = [f"2026-02-{day:02}" for day in (2, 3, 4, 5, 9, 11, 19)]


def _pool(size: int, seed: int) -> Rows:
    """Return order lines of every shape, the same for a seed; a case is some of them."""
    some = random.Random(seed)  # noqa: S311
    rows = []
    for _ in range(size):
        start = some.randrange(len(_DAYS))
        dates = sorted(some.choice(_DAYS[start:]) for _ in range(2))
        shipped, delivered = (some.choice([day, day, day, ""]) for day in dates)
        rows.append(
            {
                "order_id": some.choice(["o1", "o2", "o3", "o4"]),
                "customer_id": some.choice(list(CELLS)),
                "channel": some.choice(CHANNELS),
                "product_id": some.choice(["p1", "p1", "p2"]),
                "order_date": _DAYS[start],
                "shipped_date": shipped,
                "delivered_date": delivered,
                "promised_date": some.choice(["", *_DAYS[start:]]),
                "quantity": some.choice([1, 3, 10, -2]),
                "delivered_quantity": some.choice(["", 1, 10]),
                "net_sales": some.randrange(-2000, 30_000) / 100,
                "cogs": some.randrange(20_000) / 100,
                "warehouse": some.choice(["A", "A", "B", ""]),
                "ship_mode": some.choice(["road", "air", "van", ""]),
                "order_method": some.choice(["phone", "email", "edi", ""]),
                "priority": some.choice(["rush", "standard", ""]),
                "freight_cost": some.choice(["", 3.3, 12.5]),
                "distance_km": some.choice(["", 12, 70]),
                "weight_kg": some.choice(["", "", 0, 7.25, 40]),
            }
        )
    return rows


LINES = _pool(300, seed=1)
EVENTS: Rows = [
    {"event": event, "customer_id": customer, "quantity": quantity, "minutes": minutes, "amount": amount}
    for customer in CELLS
    for event, quantity, minutes, amount in (("expedite", "", 15, ""), ("call", 2, "", 8.5), ("call", "", "", ""))
]
COMPARED = [
    *("customer_id", "channel", "order_id", "line_no", "product_id", "shipment_id", "order_method", "priority"),
    *("warehouse", "ship_mode", "order_date", "posting_date", "shipped_date", "delivered_date", "promised_date"),
    *("quantity", "delivered_quantity", "net_sales", "gross_sales", "cogs", "weight_kg", "freight_cost", "distance_km"),
    *("lever_cost", "_on_time_share"),
]
KEY = ["customer_id", "channel", "order_id", "line_no", "product_id"]
EVENT = ["customer_id", "event", "event_date", "quantity", "minutes", "amount"]
_PART = st.sampled_from([0.25, 0.5, 0.7])
SETTINGS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "hand_over": st.fixed_dictionaries(
        {"below": st.sampled_from([80, 250]), "margin_kept": st.sampled_from([0.0, 0.6])}
    ),
    "rush": st.sampled_from([{"drop": True}, {"fee": 15.0}]),
    "minimum_order": st.builds(dict, value=st.sampled_from([60, 150, 400]), below=st.just("bundle"))
    | st.builds(dict, value=st.sampled_from([60, 150]), fee=st.just(25.0))
    | st.builds(dict, value=st.just(150), lose=_PART),
    "stock": st.builds(dict, service_level=st.sampled_from([0.5, 0.8, 0.98])) | st.just({"make_to_order": True}),
    "rhythm": st.builds(dict, days=st.integers(2, 15))
    | st.builds(dict, weekdays=st.lists(st.sampled_from(["mon", "tue", "thu", "sun"]), min_size=1, unique=True)),
    "node": st.sampled_from([{"to": "B"}, {"to": "A"}, {"choose": "cheapest"}, {"choose": "nearest"}]),
    "mode": st.sampled_from([{"to": "road"}, {"to": "air"}, {"to": "road", "from": "air"}]),
    "order_method": st.builds(
        dict, to=st.sampled_from(["portal", "edi", "phone"]), share=st.sampled_from([0.3, 0.5, 1.0])
    ),
    "visibility": st.builds(dict, cost_per_order=st.sampled_from([0.0, 1.5]))
    | st.builds(dict, shared_forecast=st.just(True), cv_factor=st.sampled_from([0.4, 1.0])),
    "terms": st.builds(dict, price=st.just(0.02), lose=st.sampled_from([0.0, 0.5]))
    | st.builds(dict, fee_per_order=st.just(4.0), fee_per_drop=st.just(6.0))
    | st.builds(dict, discount=st.just({"from": 200, "share": 0.05}), payment_terms_days=st.just(60.0)),
}


ALL_KINDS: dict[str, Any] = {
    "hand over": {
        "kind": "hand_over",
        "settings": {"one": {"below": 9000, "margin_kept": 0.6}, "two": {"below": 9000}},
        "adoption": 0.5,
    },
    "rush": {"kind": "rush", "settings": {"one": {"drop": True}, "two": {"fee": 15}}, "margin_at_risk": 0.01},
    "stock": {"kind": "stock", "settings": {"one": {"service_level": 0.98}, "two": {"make_to_order": True}}},
    "small orders": {
        "kind": "minimum_order",
        "settings": {"one": {"value": 400, "below": "bundle"}, "two": {"value": 150, "lose": 0.5}},
    },
    "smaller orders": {"kind": "minimum_order", "settings": {"one": {"value": 60, "fee": 25}}, "adoption": 0.5},
    "rhythm": {
        "kind": "rhythm",
        "settings": {"one": {"days": 5}, "two": {"weekdays": ["mon", "thu"]}},
        "promise": "move",
        "events": {"call": 0.5},
    },
    "node": {"kind": "node", "settings": {"one": {"choose": "cheapest"}, "two": {"to": "B"}}},
    "mode": {"kind": "mode", "settings": {"one": {"to": "road", "from": "air"}, "two": {"to": "air"}}},
    "portal": {"kind": "order_method", "settings": {"one": {"to": "portal", "share": 0.5}, "two": {"to": "edi"}}},
    "tracking": {
        "kind": "visibility",
        "settings": {"one": {"cost_per_order": 1.5, "shared_forecast": True, "cv_factor": 0.6}},
        "for": "tier <> 'silver'",
    },
    "terms": {
        "kind": "terms",
        "settings": {
            "one": {"price": 0.02, "fee_per_drop": 6, "lose": 0.3},
            "two": {"discount": {"from": 200, "share": 0.05}, "fee_per_order": 4, "payment_terms_days": 60},
        },
    },
}
"""A lever of each kind, with most of what it may be set to."""


@st.composite
def levers(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """One lever of a kind, with one or two settings."""
    names = ("one", "two")[: draw(st.integers(1, 2))]
    lever: dict[str, Any] = {"kind": kind, "settings": {name: draw(SETTINGS[kind]) for name in names}}
    optional = {
        "adoption": st.sampled_from([0.5, 0.7]),
        "promise": st.just("move"),
        "margin_at_risk": st.sampled_from([0.01, 0.2]),
        "events": st.sampled_from([{"call": 0.5}, {"call": 0}]),
        "for": st.sampled_from(
            ["tier <> 'silver'", "segment = 'Core' AND channel = 'retail'", "tier = 'gold' OR city = 'Lugo'"]
        ),
    }
    return lever | {key: draw(value) for key, value in optional.items() if draw(st.booleans())}


@st.composite
def strategies(draw: st.DrawFn) -> dict[str, Any]:
    """A strategy of one to three levers of any kinds."""
    kinds = draw(st.lists(st.sampled_from(list(SETTINGS)), min_size=1, max_size=3))
    return {
        "levers": {f"lever {at}": draw(levers(kind)) for at, kind in enumerate(kinds)},
        "electronic_methods": ["edi", "portal"],
        "freight_saving": draw(st.sampled_from([0.0, 0.3])),
        "rush_delay_days": draw(st.integers(0, 2)),
    }


@st.composite
def plans(draw: st.DrawFn, strategy: dict[str, Any]) -> dict[tuple[str, str], dict[str, str]]:
    """Settings of some levers for some cells."""
    cells = [(segment, channel) for segment in ("Core", "Small") for channel in CHANNELS]
    plan = {}
    for cell in draw(st.lists(st.sampled_from(cells), min_size=3, unique=True)):
        chosen = {
            name: draw(st.sampled_from(list(lever["settings"])))
            for name, lever in strategy["levers"].items()
            if draw(st.integers(0, 3))
        }
        plan[cell] = chosen
    return plan


def cells_of(lines: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Everybody who has a line or an event, with a segment."""
    home = {row["customer_id"]: row["channel"] for row in CUSTOMERS}
    places = set(lines[["customer_id", "channel"]].itertuples(index=False, name=None))
    places |= {(name, home[name]) for name in events["customer_id"]}
    return pd.DataFrame(
        [(*place, CELLS[place[0]]) for place in sorted(places)], columns=["customer_id", "channel", "segment"]
    )


def beside_lines() -> dict[str, Rows]:
    """The tables beside customers and lines, as a workbook is made of them."""
    return {
        "products": PRODUCTS,
        "events": [event(**{"name": each["event"]} | each) for each in EVENTS],
        "lanes": LANES,
        "nodes": NODES,
        "replenishment": REPLENISHMENT,
        "inventory": INVENTORY,
    }


def comparable(frame: pd.DataFrame, columns: list[str], key: list[str]) -> pd.DataFrame:
    """Return rows in one order, dates as text and numbers to nine digits."""
    shown = frame.reindex(columns=columns)
    for name in columns:
        if name.endswith("_date"):
            shown[name] = pd.to_datetime(shown[name]).dt.strftime("%Y-%m-%d")
        elif shown[name].dtype.kind in "fiu":
            shown[name] = shown[name].astype("float64").round(7) + 0.0
        else:
            shown[name] = shown[name].astype("object").where(shown[name].notna(), None)
    return shown.sort_values([*key, *columns], ignore_index=True)
