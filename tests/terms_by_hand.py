"""What a customer brings under a term tried by hand: part of the second way of `customer_terms`.

Lines are rewritten by `levers_by_hand` and priced here in plain Python by the interface alone; of fees and prices the
least that does is found by bisection.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import pandas as pd
from lanes_by_hand import Ways, by_line_number, groups
from lever_kinds_by_hand import Lever
from levers_by_hand import apply, rows_of, started

HOME = {"c0": "direct", "c1": "retail", "c2": "direct", "c3": "retail"}
"""The own channel of each customer."""
DATES = ["order_date", "posting_date", "promised_date", "shipped_date", "delivered_date"]
GRAINS = {"fee_per_order": 0.01, "fee_per_drop": 0.01, "price": 0.0001}
"""What is paid, and in which steps it is told."""
LITTLE = 80.003
"""Orders below it cost more; no sum of cents is as much."""
ELECTRONIC = ["edi", "portal"]
Row = dict[str, Any]
Place = tuple[str, str]
"""A customer in a channel."""


def model_of(drawn: Row) -> Row:
    """Return the cost model in the words of params."""
    manual = f"CASE WHEN order_method IN ('portal', 'edi') THEN 0 ELSE {drawn['manual']} END"
    small = f"CASE WHEN net_sales < {LITTLE} THEN 1 ELSE 0 END"
    activities = {
        "entry": {"resource": "desk", "per": "order", "minutes": f"{drawn['entry']} + 2*lines + {manual}"},
        "small": {"per": "order", "driver": small, "rate": drawn["small"]},
        "picking": {"resource": "desk", "per": "line", "minutes": f"{drawn['pick']}"},
        "drops": {"resource": "trucks", "per": "shipment", "driver": "1"},
        "freight": {"per": "shipment", "direct": "freight_cost"},
        "credit": {"per": "line", "driver": "net_sales", "rate": drawn["credit"]},
        "care": {"per": "customer", "driver": "orders", "rate": drawn["care"]},
        "calls": {"per": "event:call", "driver": "quantity", "rate": 11},
    }
    goes = {"desk": drawn["desk_goes"], "trucks": drawn["trucks_go"]}
    resources = {name: {} if share is None else {"variable_share": share} for name, share in goes.items()}
    resources["desk"]["capacity_minutes"] = 1000
    return {"resources": resources, "activities": activities}


class Books:
    """The period by hand: what the lines and calls of a customer in a channel cost at today's prices."""

    def __init__(self, drawn: Row, lines: list[Row], calls: Counter[str]) -> None:
        self.drawn, self.calls = drawn, calls
        frame = pd.DataFrame([{"promised_date": None, "delivered_date": None} | each for each in lines])
        frame = frame.assign(posting_date=frame["order_date"], gross_sales=frame["net_sales"], delivered_quantity=None)
        frame[DATES] = frame[DATES].apply(pd.to_datetime)
        for name in ("returned_quantity", "weight_kg", "volume_m3", "distance_km", "ship_mode", "priority"):
            frame[name] = None
        for name in ("quantity", "net_sales", "gross_sales", "cogs", "freight_cost"):
            frame[name] = frame[name].astype(float)
        frame = frame.astype({"order_method": object}).replace({"order_method": {"": None}})
        shipments = len(list(groups(rows_of(frame), "shipment_id")))
        self.today: dict[Place, list[Row]] = defaultdict(list)
        for each in rows_of(frame):
            self.today[each["customer_id"], each["channel"]].append(started(each))
        self.prices = {"desk": 900 / 1000, "trucks": drawn["drop"] / max(shipments, 1)}

    def costs(self, lines: list[Row], customer: str, channel: str) -> dict[str, float]:
        """Return what each activity costs of a customer in a channel; calls and care come to its own channel."""
        orders, drops = list(groups(lines, "order_id")), list(groups(lines, "shipment_id"))
        first = [min(order, key=by_line_number)["order_method"] for order in orders]
        manual = self.drawn["manual"] * sum(method not in ELECTRONIC for method in first)
        desk = self.drawn["entry"] * len(orders) + 2 * len(lines) + manual
        at_home = channel == HOME[customer]
        other = [
            each for place, rows in self.today.items() if place[0] == customer and place[1] != channel for each in rows
        ]
        elsewhere = len(list(groups(other, "order_id")))
        return {
            "entry": desk * self.prices["desk"],
            "small": self.drawn["small"] * sum(sum(each["net_sales"] for each in order) < LITTLE for order in orders),
            "picking": self.drawn["pick"] * len(lines) * self.prices["desk"],
            "drops": len(drops) * self.prices["trucks"],
            "freight": sum(each["freight_cost"] for each in lines),
            "credit": self.drawn["credit"] * sum(each["net_sales"] for each in lines),
            "care": self.drawn["care"] * (len(orders) + elsewhere) if at_home else 0.0,
            "calls": 11.0 * self.calls[customer] if at_home else 0.0,
        }

    def outcome(self, place: Place, strategy: Row, kind: str = "", **setting: Any) -> tuple[float, float]:
        """Return net sales and profit of a customer in a channel under one lever, or none."""
        rows = [dict(each) for each in self.today[place]]
        if kind and rows:
            usual = {"electronic_methods": ELECTRONIC, "freight_saving": strategy["freight_saving"]}
            lever = Lever(kind, {"settings": {"one": setting}}, "one", usual, Ways({}, [], []), {})
            lever.along = [place]
            rows = apply(rows, [lever], usual)[0]
        net, cogs = (sum(each[name] for each in rows) for name in ("net_sales", "cogs"))
        return net, net - cogs - sum(self.costs(rows, *place).values())


class Wanted:
    """What a term has to do for a customer: bring profit to a share of its net sales."""

    def __init__(self, books: Books, place: Place, strategy: Row, share: float) -> None:
        self.books, self.place, self.strategy, self.share = books, place, strategy, share
        self.net = books.outcome(place, strategy)[0]

    def beyond(self, kind: str, **setting: Any) -> float:
        net, profit = self.books.outcome(self.place, self.strategy, kind, **setting)
        return profit - self.share * max(net, 0.0)

    def smallest(self, values: list[Any], kind: str, setting: Callable[[Any], Row]) -> Any:
        """Return the first value that does; None where none does."""
        return next((value for value in values if self.beyond(kind, **setting(value)) >= -1e-6), None)

    def paid(self, term: str) -> tuple[float, float] | None:
        """Return the least fee or price that does and at most doubles sales, exactly, and the grain it is told in."""
        less, more = (self.books.outcome(self.place, self.strategy, "terms", **{term: each})[0] for each in (0.0, 1.0))
        if self.net <= 0 or more <= less:
            return None
        low, high = 0.0, self.net / (more - less)
        if self.beyond("terms", **{term: high}) < 0:
            return None
        while high - low > 1e-9 * max(1.0, high):
            middle = (low + high) / 2
            low, high = (low, middle) if self.beyond("terms", **{term: middle}) >= 0 else (middle, high)
        grain, slope = GRAINS[term], (1 - self.share - self.books.drawn["credit"]) * (more - less)
        while grain * slope > 0.5:
            grain /= 10
        return high, grain


def losing(profits: dict[Place, float]) -> list[Place]:
    """Return those who make nine tenths of the loss, the largest first."""
    ranked = sorted((profit, place) for place, profit in profits.items() if profit < -0.005)
    loss, listed, before = sum(profit for profit, _ in ranked), [], 0.0
    for profit, place in ranked:
        if before > 0.9 * loss + 1e-9 or not listed:
            listed.append(place)
        before += profit
    return listed
