"""A customer's cost to serve, level by level: what the terminal and the notebook tell alike."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from cts_lib.costing.trace import Trace
from cts_lib.display.pieces import Shown, piece
from cts_lib.display.profile.equation import in_words
from cts_lib.display.reader import Reader
from cts_lib.display.table import table
from cts_lib.names import NONE

_MONEY = dict.fromkeys(("net_sales", "gross_margin", "cost_to_serve", "profit"), "cents")
_EQUATIONS = ("equation", "condition", "calculation")
_ROWS = 100


@dataclass(frozen=True)
class Level:
    """One table of a trace: its columns by kind, those that are summed, and whether a page folds it away."""

    title: str
    frame: pd.DataFrame
    columns: dict[str, str]
    sums: tuple[str, ...] = ()
    folded: bool = True
    note: str = ""


def levels(trace: Trace, reader: Reader) -> Iterator[Level]:
    """Yield the levels of a trace from the customer to the ledger, and why it costs more; none is empty."""
    profit = {"customer_id": "code", "channel": "text"} | _MONEY
    prices = {"price": "rate"} | ({"ledger_price": "rate"} if trace.activities["ledger_price"].notna().any() else {})
    every = [
        Level(reader.text("What the customer brings"), trace.profit, profit, tuple(_MONEY), folded=False),
        Level(
            reader.text("Activities: quantity × price"),
            trace.activities,
            {"channel": "text", "activity": "text", "resource": "text", "volume": "number", "quantity": "exact"}
            | prices
            | {"cost": "cents"},
            ("cost",),
            folded=False,
        ),
        _equations(trace.activities, reader),
        Level(
            reader.text("The costliest things of each activity"),
            trace.work.assign(unit_of_work=[_unit_of_work(row, reader) for row in trace.work.to_dict("records")]),
            {"channel": "text", "activity": "text", "unit_of_work": "code", "calculation": "code", "quantity": "exact"}
            | {"cost": "cents"},
            ("cost",),
        ),
        Level(
            reader.text("Resources behind the prices"),
            trace.resources,
            {"resource": "text", "cost_from": "text", "ledger": "cents", "received": "cents", "sent": "cents"}
            | {"capacity_minutes": "number", "rate": "rate"},
            ("ledger",),
            note=reader.text("A minute costs (ledger + received − sent) ÷ capacity."),
        ),
        Level(
            reader.text("How the price of a driver came about"),
            trace.drivers,
            {"activity": "text", "resource": "text", "resource_cost": "cents", "share": "percent"}
            | {"driver_total": "exact", "price": "rate"},
            note=reader.text("A unit of a driver costs the resource's cost × share ÷ the units of all customers."),
        ),
        Level(
            reader.text("What support departments sent to them"),
            trace.support,
            {"sender": "text", "resource": "text", "amount": "cents"},
            ("amount",),
        ),
        Level(
            reader.text("Ledger rows behind the resources"),
            trace.ledger,
            {"resource": "text", "ledger_period": "code", "account": "text", "amount": "cents"},
            ("amount",),
        ),
        _reasons(trace.reasons, reader),
    ]
    return (level for level in every if len(level.frame))


def explanation(trace: Trace, reader: Reader) -> Shown:
    """Show what stands behind a customer's cost to serve, down to the ledger rows, each level with its sum.

    A page says equations in words and prices in four figures; the terminal tells both as they are.
    """
    every = [_to_read(level, reader) for level in levels(trace, reader)]
    shown, behind = (
        [
            table(level.frame, reader, level.columns, level.title, level.note, rows=_ROWS, sums=level.sums)
            for level in every
            if level.folded == folds
        ]
        for folds in (False, True)
    )
    under = reader.text("Equations, orders, resources and ledger rows behind it")
    summary = "; ".join(f"{level.title} ({len(level.frame)})" for level in every)
    return piece("folded", summary, shown=shown, folded=behind, under=under)


def _to_read(level: Level, reader: Reader) -> Level:
    """Return a level whose equations are told in words, and whose long figures are rounded."""
    told = {
        name: level.frame[name].map(lambda text: in_words(text, reader), na_action="ignore")
        for name in _EQUATIONS
        if name in level.columns
    }
    kinds = {name: "rounded" if kind in ("rate", "exact") else kind for name, kind in level.columns.items()}
    return replace(level, frame=level.frame.assign(**told), columns=kinds | dict.fromkeys(told, "code"))


def _equations(activities: pd.DataFrame, reader: Reader) -> Level:
    rows = activities.drop_duplicates("activity")[["activity", "per", "equation", "condition"]]
    columns = {"activity": "text", "per": "text", "equation": "code"}
    if rows["condition"].notna().any():
        columns["condition"] = "code"
    return Level(reader.text("Equations"), rows, columns)


def _reasons(reasons: pd.DataFrame, reader: Reader) -> Level:
    sums = ("cost", "at_median", "difference")
    columns = {"channel": "text", "activity": "text", "driver": "code", "quantity": "decimal"}
    columns |= {"usual_quantity": "decimal"} | dict.fromkeys(sums, "cents")
    placed = reasons[["channel", "segment", "peers", "customers"]].drop_duplicates()
    peers = "; ".join(_peers(row, reader) for row in placed.to_dict("records"))
    note = reader.text(
        "By the drivers of each activity's equation. {peers}. Usual: the median of a driver for a unit of sales, times "
        "the customer's own sales; without sales nothing is usual.",
        peers=peers,
    )
    rows = reasons.assign(driver=[in_words(driver, reader) for driver in reasons["driver"]])
    title = reader.text("Why more or less than the median of its segment")
    return Level(title, rows, columns, sums, folded=False, note=note)


def _peers(row: dict[Hashable, Any], reader: Reader) -> str:
    """Say whom a customer in a channel is held against."""
    values = {name: reader.word(row[name], name) for name in ("channel", "segment")}
    if row["peers"] == row["segment"]:
        return reader.plural(
            "In {channel} it is of segment {segment} ({count} customer, counted in each channel)",
            "In {channel} it is of segment {segment} ({count} customers, counted in each channel)",
            row["customers"],
            **values,
        )
    if row["peers"] == NONE:
        return reader.text("In {channel} nothing is usual, for there are too few customers", **values)
    return reader.text(
        "In {channel} it is of segment {segment}, which has too few customers for a median: usual is that of all",
        **values,
    )


def _unit_of_work(row: dict[Hashable, Any], reader: Reader) -> str:
    """Return what a person calls a unit of work, or how many others stand in the row."""
    match row["per"]:
        case "event":
            return f"{reader.word(row['event'], 'event')}, {reader.date(row['event_date'])}"
        case "line":
            order, line = reader.word("order", "per"), reader.word_within("line", "per")
            return f"{order} {row['order_id']}, {line} {row['line_no']}"
        case "order" | "shipment" | "customer" as grain:
            return f"{reader.word(grain, 'per')} {row[f'{grain}_id']}"
        case _:
            return reader.plural("{count} other", "{count} others", row["count"])
