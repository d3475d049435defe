"""What each kind of lever does to the lines of those who go along, by hand: part of the levers' second way.

A line is a dict; `_day` is the day on which it leaves, `_order` the id of today's order, `_shipments` today's
shipments, `_risk` the share of margin at risk, `_stock` the standard deviations of demand that a lever made its stock
cover.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from hashlib import md5
from typing import Any, TypeVar

import pandas as pd
from lanes_by_hand import Row, Ways, by_line_number, groups, moves, send, total, whole
from stock_by_hand import Key, Stream, restock, spared

Thing = TypeVar("Thing")
Place = tuple[str, str]
"""A customer in a channel."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK = 7
AMOUNTS = (
    *("quantity", "net_sales", "gross_sales", "cogs", "delivered_quantity", "returned_quantity"),
    *("weight_kg", "volume_m3", "freight_cost"),
)
DAY = pd.Timedelta(days=1)


class Lever:
    """A lever in one cell: its setting there, and who goes along with it."""

    def __init__(
        self, name: str, written: Row, setting: str, strategy: Row, ways: Ways, streams: dict[Key, Stream]
    ) -> None:
        self.name, self.setting, self.strategy, self.ways, self.streams = name, setting, strategy, ways, streams
        self.kind = written.get("kind", name)
        self.at: Row = written["settings"][setting]
        self.condition: str = written.get("for") or "TRUE"
        self.adoption = written.get("adoption", 1)
        self.promise = written.get("promise", "keep")
        self.risk = written.get("margin_at_risk") or 0
        self.events: Row = written.get("events") or {}
        self.along: list[Place] = []


def reached(lever: Lever, rows: list[Row]) -> list[Row]:
    """Return the lines that a lever changes, of today's or of what the levers before it left."""
    at, sold = lever.at, [row for row in rows if row["quantity"] > 0]
    match lever.kind:
        case "hand_over":
            sales: dict[str, list[Row]] = defaultdict(list)
            for row in rows:
                sales[row["customer_id"]].append(row)
            return [row for row in rows if total(sales[row["customer_id"]], "net_sales") < at["below"]]
        case "rush":
            return [row for row in rows if row["priority"] == "rush"]
        case "minimum_order":
            return [row for order in small_orders(rows, at) for row in order if row["quantity"] > 0]
        case "stock":
            return [row for row in sold if stream_of(row, lever) and row["_stock"] is None]
        case "rhythm":
            return [row for row in sold if leaves_on(row["_day"], at) != row["_day"]]
        case "node" | "mode":
            return [row for move in moves(lever.kind, at, rows, lever.ways) for row in move.sold]
        case "order_method":
            return [row for order in manual_orders(rows, lever) for row in order]
        case "visibility" | "terms":
            # unclear: terms reach every sold line, also where no order is large enough for the discount
            return sold
    raise NotImplementedError(f"lever {lever.name}: nothing is known of the kind {lever.kind}")


def stream_of(row: Row, lever: Lever) -> Stream | None:
    return lever.streams.get((row["product_id"], row["warehouse"]))


def small_orders(rows: list[Row], at: Row) -> list[list[Row]]:
    # unclear: net sales are those that the levers before left, so with the fee of a rush order
    orders = [order for order in groups(rows, "order_id") if total(order, "net_sales") < at["value"]]
    return [order for order in orders if any(row["quantity"] > 0 for row in order)]


def manual_orders(rows: list[Row], lever: Lever) -> list[list[Row]]:
    # unclear: an order's method is its lowest line's; an order that comes in by `to` already would not be changed
    known = [*lever.strategy["electronic_methods"], lever.at["to"], None]
    return [order for order in groups(rows, "order_id") if min(order, key=by_line_number)["order_method"] not in known]


def lowest(lever: Lever, things: Iterable[Thing], share: float, name: Callable[[Thing], str]) -> list[Thing]:
    """Return a share of the things: those with the lowest hash of lever and name."""
    # unclear: one order id of two customers has one hash; then the customers' own order decides
    by_hash = sorted(
        things,
        key=lambda thing: (md5(f"{lever.name}/{name(thing)}".encode(), usedforsecurity=False).hexdigest(), thing),
    )
    return by_hash[: whole(share, len(by_hash))]


def rush(rows: list[Row], lever: Lever) -> list[Row]:
    # unclear: a fee touches the rush lines, though all sold lines of the order bear it
    touched = at_risk(reached(lever, rows), lever)
    if lever.at.get("drop"):
        for row in touched:
            row["priority"] = "standard"
            leave(row, row["_day"] + lever.strategy["rush_delay_days"] * DAY, lever)
    else:
        for order in groups(rows, "order_id"):
            if any(row["priority"] == "rush" for row in order):
                charge(order, lever.at["fee"])
    return rows


def stock(rows: list[Row], lever: Lever) -> list[Row]:
    for row in at_risk(reached(lever, rows), lever):
        if stream := stream_of(row, lever):
            wait = restock(row, stream, lever.at, lever.name)
            leave(row, row["_day"] + wait * DAY, lever)
            if wait:
                day = (row["_day"] - pd.Timestamp("1970-01-01")).days
                row["shipment_id"] = f"{lever.name}/{day}/{row['shipment_id']}"
    return rows


def minimum_order(rows: list[Row], lever: Lever) -> list[Row]:
    small = small_orders(rows, lever.at)
    if "lose" in lever.at:
        # unclear: of the small orders that are left nothing is at risk
        lost = {id(row) for order in chosen(small, lever, lever.at["lose"]) for row in order}
        return [row for row in rows if id(row) not in lost]
    touched = sorted(at_risk(reached(lever, rows), lever), key=by_date)
    if lever.at.get("below") != "bundle":
        for order in small:
            charge(order, lever.at["fee"])
        return rows
    for row in touched:
        leave(row, leaves_on(row["_day"], {"days": WEEK}), lever)
    # unclear: a return in a small order stays an order of its own, under today's id
    waiting = {id(row) for row in touched}
    merged = []
    for week in groups(touched, "_day"):
        for shipment in groups(week, "warehouse", "ship_mode"):
            for alike in groups(shipment, "product_id"):
                row = as_one(alike)
                number = (row["_day"] - pd.Timestamp("1970-01-01")).days // WEEK
                row["order_id"] = f"{lever.name}/{number}/{row['customer_id']}/{row['channel']}"
                row["shipment_id"] = f"{row['order_id']}/{row['warehouse'] or ''}/{row['ship_mode'] or ''}"
                merged.append(row)
    for order in groups(merged, "order_id"):
        for number, row in enumerate(sorted(order, key=by_date), start=1):
            row["line_no"] = str(number)
    return [row for row in rows if id(row) not in waiting] + merged


def by_date(row: Row) -> tuple[Any, ...]:
    return row["order_date"], row["_order"], int(row["line_no"])


def as_one(rows: list[Row]) -> Row:
    """Return lines of one product, warehouse and mode as one line."""
    one = dict(min(rows, key=by_date))
    for column in AMOUNTS:
        one[column] = over(sum, rows, column)
    # unclear: what arrived of a line is not known where it is not known of a part of it
    if any(row["delivered_quantity"] is None for row in rows):
        one["delivered_quantity"] = None
    # unclear: where levers before moved promises, the earliest is of the moved ones
    for column in ("order_date", "promised_date"):
        one[column] = over(min, rows, column)
    for column in ("posting_date", "shipped_date", "delivered_date", "distance_km"):
        one[column] = over(max, rows, column)
    one["_on_time_share"] = None
    if any(row["priority"] == "rush" for row in rows):
        one["priority"] = "rush"
    one["_shipments"] = frozenset().union(*(row["_shipments"] for row in rows))
    # unclear: where levers before touched some of the lines only, as much money is at risk as of the lines apart
    margins = [max(row["net_sales"] - row["cogs"], 0) for row in rows]
    weights = margins if sum(margins) > 0 else [1] * len(rows)
    one["_risk"] = sum(min(row["_risk"], 1) * weight for row, weight in zip(rows, weights, strict=True)) / sum(weights)
    return one


def rhythm(rows: list[Row], lever: Lever) -> list[Row]:
    at_risk(reached(lever, rows), lever)
    # unclear: what leaves on the right day already joins the shipment too, though the lever does not touch it;
    # and a shipment from two warehouses becomes two
    for row in rows:
        if row["quantity"] > 0:
            leave(row, leaves_on(row["_day"], lever.at), lever)
            day, way = (row["_day"] - pd.Timestamp("1970-01-01")).days, (row["warehouse"] or "", row["ship_mode"] or "")
            row["shipment_id"] = "/".join([lever.name, str(day), row["customer_id"], row["channel"], *way])
    return rows


def leaves_on(day: pd.Timestamp, at: Row) -> pd.Timestamp:
    """Return the last day of the day's window, or the next of the weekdays."""
    if "weekdays" in at:
        return next(day + n * DAY for n in range(WEEK) if WEEKDAYS[(day + n * DAY).weekday()] in at["weekdays"])
    number = (day - pd.Timestamp("1970-01-01")).days
    return day + (at["days"] - 1 - number % at["days"]) * DAY


def leave(row: Row, day: pd.Timestamp, lever: Lever) -> None:
    """Make a line leave on that day."""
    # unclear: a line with neither date waits too, for the levers after this one and for its promise
    wait = day - row["_day"]
    row["_day"] = day
    for column in ("shipped_date", "delivered_date", *(["promised_date"] if lever.promise == "move" else [])):
        if row[column] is not None:
            row[column] += wait
    if wait:
        row["_on_time_share"] = None  # which of its parts came in time says nothing of other days


def save_freight(lines: list[Row], saving: float) -> None:
    """Let the freight of shipments fall into which several of today's went."""
    for shipment in groups(lines, "shipment_id"):
        merged = len(frozenset().union(*(row["_shipments"] for row in shipment)))
        for row in shipment:
            if row["freight_cost"] is not None:
                row["freight_cost"] *= 1 - saving * (1 - 1 / merged)


def another_way(rows: list[Row], lever: Lever) -> list[Row]:
    for move in moves(lever.kind, lever.at, rows, lever.ways):
        send(move, lever.promise)
        at_risk(move.sold, lever)
    return rows


def order_method(rows: list[Row], lever: Lever) -> list[Row]:
    for order in chosen(manual_orders(rows, lever), lever, lever.at.get("share", 1)):
        for row in at_risk(order, lever):
            row["order_method"] = lever.at["to"]
    return rows


def visibility(rows: list[Row], lever: Lever) -> list[Row]:
    for order in groups(at_risk(reached(lever, rows), lever), "order_id"):
        for row in order:
            row["visible"] = True
            row["lever_cost"] += (lever.at.get("cost_per_order") or 0) / len(order)
            if lever.at.get("shared_forecast") and not row.get("shares_a_forecast"):
                row["shares_a_forecast"] = True  # what one spares no other can
                if stream := stream_of(row, lever):
                    row["lever_cost"] -= spared(row, stream, lever.at["cv_factor"])
    return rows


def terms(rows: list[Row], lever: Lever) -> list[Row]:
    at, sold = lever.at, at_risk(reached(lever, rows), lever)
    for row in sold:
        row["net_sales"] *= 1 + at.get("price", 0)
        row["gross_sales"] *= 1 + at.get("price", 0)
    if at.get("discount"):
        # unclear: an order's net sales are those at the new price, returns included, as in `minimum_order`
        for order in groups(rows, "order_id"):
            if total(order, "net_sales") >= at["discount"]["from"]:
                for row in order:
                    row["net_sales"] *= 1 - (at["discount"]["share"] if row["quantity"] > 0 else 0)
    # unclear: both fees are shared by the net sales before either
    before = {id(row): row["net_sales"] for row in sold}
    for column, fee in (("order_id", at.get("fee_per_order")), ("shipment_id", at.get("fee_per_drop"))):
        for several in groups(sold, column):
            charge(several, fee or 0, before)
    if at.get("payment_terms_days") is not None:
        for row in rows:
            row["payment_terms_days"] = at["payment_terms_days"]
    return rows


DOES: dict[str, Callable[[list[Row], Lever], list[Row]]] = {
    "rush": rush,
    "stock": stock,
    "minimum_order": minimum_order,
    "rhythm": rhythm,
    "node": another_way,
    "mode": another_way,
    "order_method": order_method,
    "visibility": visibility,
    "terms": terms,
}


def at_risk(touched: list[Row], lever: Lever) -> list[Row]:
    for row in touched:
        row["_risk"] += lever.risk
    return touched


def charge(rows: list[Row], fee: float, sales: dict[int, float] | None = None) -> None:
    """Add a fee to the sold lines of an order or shipment in proportion to their net sales."""
    sold = [row for row in rows if row["quantity"] > 0]
    values = [max(sales[id(row)] if sales else row["net_sales"], 0) for row in sold]
    for row, value in zip(sold, values, strict=True):
        part = fee * (value / sum(values) if sum(values) > 0 else 1 / len(sold))
        row["net_sales"] += part
        row["gross_sales"] += part


def chosen(orders: list[list[Row]], lever: Lever, share: float) -> list[list[Row]]:
    """Return a share of the orders."""
    # unclear: the id of an order of bundled ones; here it is its first line's of today
    by_name = {
        (min(order, key=by_date)["_order"], order[0]["customer_id"], order[0]["order_id"]): order for order in orders
    }
    return [by_name[name] for name in lowest(lever, by_name, share, lambda name: name[0])]


def over(of: Callable[[list[Any]], Any], rows: list[Row], column: str) -> Any:
    """Return the sum, least or greatest of the known values."""
    known = [row[column] for row in rows if row[column] is not None]
    return of(known) if known else None
