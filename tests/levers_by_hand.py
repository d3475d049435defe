"""What levers make of a period's transactions, from their rules' words alone: written rows in, plain Python, no SQL.

It reads no code of the workbook, so that a fault in the levers' SQL shows here. Where
the rules leave something open, a comment says `unclear` and what is chosen.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

import pandas as pd
from lanes_by_hand import Row, Ways, groups, total
from lever_kinds_by_hand import DOES, Lever, Place, lowest, reached, save_freight
from stock_by_hand import streams_of

KINDS = (
    *("hand_over", "leave", "rush", "stock", "minimum_order", "rhythm"),
    *("freight_saving", "node", "mode", "order_method", "visibility", "terms"),
)
"""In the order in which they come; `leave` is what `lose` of `terms` does."""
NOBODY = "(none)"


def rewritten(
    tables: dict[str, pd.DataFrame],
    cells: pd.DataFrame,
    strategy: dict[str, Any],
    plan: Mapping[tuple[str, str], dict[str, str]],
    days: int = 90,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the order lines and events as the plan rewrites them, and who goes along.

    ``days`` are those of the period. Numbers come back as floats; the last table has columns lever, setting,
    customer_id and channel.
    """
    written, happened = tables["order_lines"], tables["events"]
    customers = {row["customer_id"]: row for row in rows_of(tables["customers"])}
    ways = Ways(customers, rows_of(tables.get("lanes")), rows_of(tables.get("nodes")))
    today = [started(row) for row in rows_of(written)]
    streams = streams_of(today, rows_of(tables.get("replenishment")), rows_of(tables.get("inventory")), days)
    levers = []
    for name, lever in strategy["levers"].items():
        for (segment, channel), options in plan.items():
            if name in options:
                one = Lever(name, lever, options[name], strategy, ways, streams)
                one.along = going_along(one, today, held(cells, tables["customers"], one.condition, segment, channel))
                levers.append(one)
    lines, brought, gone = apply([dict(row) for row in today], levers, strategy)
    for row in lines:
        # unclear: the margin at risk is that of the line as all levers leave it, fees and prices included
        lost = min(row["_risk"], 1) * max(row["net_sales"] - row["cogs"], 0)
        row["net_sales"] -= lost
        row["gross_sales"] -= lost
    columns = [*written.columns, "lever_cost", "visible", "payment_terms_days"]
    events = [*consumed(rows_of(happened), levers, gone, customers), *brought]
    who = [(one.name, one.setting, *place) for one in levers for place in one.along]
    return (
        framed(lines, list(dict.fromkeys(columns)), written),
        framed(events, list(happened.columns), happened),
        pd.DataFrame(who, columns=["lever", "setting", "customer_id", "channel"]),
    )


def apply(lines: list[Row], levers: list[Lever], strategy: Row) -> tuple[list[Row], list[Row], set[Place]]:
    """Return the lines after every lever, the partners' margins, and the customers that left a channel."""
    brought: list[Row] = []
    gone: set[Place] = set()
    for kind in KINDS:
        if kind == "freight_saving":
            save_freight(lines, strategy["freight_saving"])
        # unclear: a kind's rows of the table (`drop` before `fee`) do not order levers of one kind, the params do
        for lever in levers:
            if kind != lever.kind and not (kind == "leave" and lever.kind == "terms"):
                continue
            mine, others = parted(lines, set(lever.along))
            if kind == "hand_over":
                brought += partner_margins(mine, lever)
                gone |= set(lever.along)
                mine = []
            elif kind == "leave":
                # unclear: the share is of all who go along, also of those whom `hand_over` took before
                leaving = set(lowest(lever, lever.along, lever.at.get("lose", 0), lambda place: place[0]))
                gone |= leaving
                mine = parted(mine, leaving)[1]
            else:
                mine = DOES[kind](mine, lever)
            lines = others + mine
    return lines, brought, gone


def parted(rows: list[Row], places: set[Place]) -> tuple[list[Row], list[Row]]:
    """Return the rows of the customers in these channels, and the others."""
    inside = [row for row in rows if (row["customer_id"], row["channel"]) in places]
    return inside, [row for row in rows if (row["customer_id"], row["channel"]) not in places]


# Whom a lever reaches


def going_along(lever: Lever, today: list[Row], places: set[Place]) -> list[Place]:
    """Return who of a cell's customers goes along, by today's lines."""
    names = {customer for customer, _ in places}
    theirs = [row for row in today if row["customer_id"] in names]
    touched = {(row["customer_id"], row["channel"]) for row in reached(lever, theirs)}
    return lowest(lever, sorted(touched & places), lever.adoption, lambda place: place[0])


def held(cells: pd.DataFrame, customers: pd.DataFrame, condition: str, segment: str, channel: str) -> set[Place]:
    """Return the cell's customers for whom the condition holds; what is neither true nor false is not held."""
    cell = cells[(cells["segment"] == segment) & (cells["channel"] == channel)]
    known = cell.merge(customers.drop(columns=["channel", "segment"], errors="ignore"), on="customer_id", how="left")
    for column in known.select_dtypes("datetime"):
        known[column] = known[column].dt.strftime("%Y-%m-%d")
    connection = sqlite3.connect(":memory:")
    try:
        known.to_sql("known", connection, index=False)
        return set(connection.execute(f"SELECT customer_id, channel FROM known WHERE {condition}"))
    finally:
        connection.close()


# Events


def partner_margins(lines: list[Row], lever: Lever) -> list[Row]:
    """Return what the partner leaves of the margin, an event for a customer and channel."""
    # unclear: an event's amount is money spent, so what a partner brings stands below 0; it is one event dated on the
    # last posting date; a negative margin goes along; none of it is at risk, and no lever's factor falls on it
    brought = []
    for several in groups(lines) if lever.at.get("margin_kept") else []:
        last = max(several, key=lambda row: row["posting_date"])
        margin = total(several, "net_sales") - total(several, "cogs")
        amount = -lever.at["margin_kept"] * margin
        event = {"event_date": last["posting_date"], "event": "partner_margin", "quantity": 1, "minutes": None}
        brought.append({**last, **event, "amount": amount})
    return brought


def consumed(events: list[Row], levers: list[Lever], gone: set[Place], customers: dict[str, Row]) -> list[Row]:
    """Return the events of those who stayed, as the levers of the customer's own channel leave them."""
    left = []
    for event in events:
        own = (event["customer_id"], customers[event["customer_id"]].get("channel") or NOBODY)
        factor = 0.0 if own in gone else 1.0
        for lever in levers:
            if own in lever.along:
                dropped = lever.kind == "rush" and lever.at.get("drop") and event["event"] == "expedite"
                factor *= 0 if dropped else lever.events.get(event["event"], 1)
        if factor:
            amounts = {name: event[name] for name in ("quantity", "minutes", "amount") if event[name] is not None}
            left.append({**event, **{name: amount * factor for name, amount in amounts.items()}})
    return left


# Rows and frames


def rows_of(frame: pd.DataFrame | None) -> list[Row]:
    """Return a table's rows, null as None."""
    if frame is None:
        return []
    names = list(frame.columns)
    cells = zip(*(frame[name].tolist() for name in names), strict=True)
    return [{name: None if pd.isna(cell) else cell for name, cell in zip(names, row, strict=True)} for row in cells]


def started(row: Row) -> Row:
    """Return a line with what the levers write, and what is remembered of today."""
    day = row["shipped_date"] or row["delivered_date"] or row["order_date"]
    new = {"lever_cost": 0.0, "visible": False, "payment_terms_days": None}
    today = {"_day": day, "_order": row["order_id"], "_shipments": frozenset([row["shipment_id"]]), "_risk": 0.0}
    return {**row, **new, **today, "_stock": None}


def holds_numbers(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def framed(rows: list[Row], columns: list[str], like: pd.DataFrame) -> pd.DataFrame:
    """Return rows as a table whose numbers are floats and whose other columns are of the kind that they were."""
    frame = pd.DataFrame({name: pd.Series([row.get(name) for row in rows], dtype=object) for name in columns})
    for name in columns:
        if name in ("lever_cost", "payment_terms_days") or (name in like and holds_numbers(like[name])):
            frame[name] = frame[name].astype(float)
        else:
            frame[name] = frame[name].astype(bool if name == "visible" else like[name].dtype)
    return frame
