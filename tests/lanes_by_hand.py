"""Which lane a shipment takes, and what it makes of its lines, by hand: part of the levers' second way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

Row = dict[str, Any]
DESTINATIONS = ("customer_id", "city", "region", "country")


@dataclass
class Ways:
    """The customers, and the ways goods can go to them."""

    customers: dict[str, Row]
    lanes: list[Row]
    nodes: list[Row]


@dataclass
class Lane:
    """A lane of a shipment, and what the shipment costs on it."""

    row: Row
    freight: float


@dataclass
class Move:
    """The sold lines of a shipment, and the lane that it changes to."""

    sold: list[Row]
    lane: Lane


def whole(number: float, times: int = 1) -> int:
    """Return the nearest whole number, halves up: of the number as it is written, so that 0.145 of 100 is 15."""
    # unclear: whether 0.145 is meant as written or as the double just below it
    return int((Decimal(str(number)) * times).quantize(Decimal(1), ROUND_HALF_UP))


def total(rows: Iterable[Row], column: str) -> float:
    """Return a sum, a null as nothing, without the last digits' noise, so that 0.1 + 0.2 is not above 0.3."""
    return round(float(sum(row[column] or 0 for row in rows)), 9)


def groups(rows: Iterable[Row], *columns: str) -> list[list[Row]]:
    """Return the rows that share the columns within a customer and channel; nulls are alike."""
    found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(row[column] for column in ("customer_id", "channel", *columns))].append(row)
    return list(found.values())


def by_line_number(row: Row) -> tuple[Any, ...]:
    return int(row["line_no"]), row["order_id"]


def lane_of(ways: Ways, sold: list[Row], warehouse: str | None, mode: str | None) -> Lane | None:
    """Return the lane that counts for a shipment: of the most specific destination the cheapest, then the quickest."""
    customer = ways.customers[sold[0]["customer_id"]]
    weight = total(sold, "weight_kg")
    fitting = []
    for lane in ways.lanes:
        low, high = lane.get("weight_from_kg") or 0, lane.get("weight_to_kg")
        if lane["warehouse"] != warehouse or lane["ship_mode"] != mode or weight < low:
            continue
        if high is not None and weight >= high:
            continue
        levels = [level for level, column in enumerate(DESTINATIONS) if customer.get(column) == lane["destination"]]
        if not levels:
            continue
        freight = (lane.get("rate_per_shipment") or 0) + (lane.get("rate_per_kg") or 0) * weight
        freight = round(max(lane.get("minimum_charge") or 0, freight), 9)
        # unclear: which of two lanes counts that differ in their distance alone; here the shorter
        distance = float("inf") if lane.get("distance_km") is None else lane["distance_km"]
        fitting.append((levels[0], freight, lane["days"], distance, lane))
    if not fitting:
        return None
    _, freight, _, _, lane = min(fitting, key=lambda found: found[:4])
    return Lane(lane, freight)


def allowed(ways: Ways, sold: list[Row]) -> list[str]:
    """Return the warehouses that hold every product of the shipment, by name."""
    # unclear: without a table of nodes no warehouse is known to hold anything
    rows: dict[str, set[str | None]] = defaultdict(set)
    for node in ways.nodes:
        rows[node["warehouse"]].add(node.get("product_id"))
    return sorted(name for name, held in rows.items() if None in held or {row["product_id"] for row in sold} <= held)


def moves(kind: str, setting: Row, rows: Iterable[Row], ways: Ways) -> list[Move]:
    """Return the shipments that `mode` or `node` sends another way."""
    found = []
    for sold in groups((row for row in rows if row["quantity"] > 0), "shipment_id"):
        first = min(sold, key=by_line_number)
        choose = other_mode if kind == "mode" else other_node
        lane = choose(setting, sold, first["warehouse"], first["ship_mode"], ways)
        if lane is not None:
            found.append(Move(sold, lane))
    return found


def other_mode(setting: Row, sold: list[Row], warehouse: str | None, mode: str | None, ways: Ways) -> Lane | None:
    # unclear: a shipment whose mode is not known is not known to go by another one, and stays
    if mode is None or mode == setting["to"] or setting.get("from", mode) != mode:
        return None
    return lane_of(ways, sold, warehouse, setting["to"])


def other_node(setting: Row, sold: list[Row], warehouse: str | None, mode: str | None, ways: Ways) -> Lane | None:
    # unclear: a shipment whose warehouse is not known stays
    if warehouse is None:
        return None
    lanes = {name: lane_of(ways, sold, name, mode) for name in allowed(ways, sold)}
    if "to" in setting:
        # unclear: a named warehouse too needs a lane, for the freight would not be known without one
        return lanes.get(setting["to"]) if setting["to"] != warehouse else None
    # unclear: today's warehouse is measured by its lane, not by the freight paid, whether or not `nodes` allows it;
    # without a lane (or, for the nearest, without the lane's distance) any warehouse that has one is better
    lanes[warehouse] = lane_of(ways, sold, warehouse, mode)
    marks = {}
    for name, lane in lanes.items():
        mark = (
            None if lane is None else lane.freight if setting["choose"] == "cheapest" else lane.row.get("distance_km")
        )
        if mark is not None:
            marks[name] = mark
    best = min(marks, key=lambda name: (marks[name], name != warehouse, name), default=warehouse)
    return None if best == warehouse else lanes[best]


def send(move: Move, promise: str) -> None:
    """Send a shipment's sold lines by the lane."""
    lane = move.lane.row
    weight = total(move.sold, "weight_kg")
    for row in move.sold:
        share = (row["weight_kg"] or 0) / weight if weight else 1 / len(move.sold)
        row |= {
            "warehouse": lane["warehouse"],
            "ship_mode": lane["ship_mode"],
            "freight_cost": move.lane.freight * share,
            "_on_time_share": None,
        }
        if lane.get("distance_km") is not None:
            row["distance_km"] = lane["distance_km"]
        if row["shipped_date"] is None or row["delivered_date"] is None:
            continue
        before = row["delivered_date"]
        row["delivered_date"] = row["shipped_date"] + pd.Timedelta(days=whole(lane["days"]))
        # unclear: the wait of a line that has not arrived today is not known, and its promise stays
        if promise == "move" and row["promised_date"] is not None and before is not None:
            row["promised_date"] += max(row["delivered_date"] - before, pd.Timedelta(0))
