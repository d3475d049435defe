"""A trace in words and tables for the terminal; the figures add up line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cts_lib.costing.trace import Trace
from cts_lib.display import Reader

_Cell = Callable[[Any], str]


def explanation(trace: Trace, title: str, reader: Reader) -> RenderableType:
    """Return what stands behind a customer's cost to serve, level by level, each with its sum."""
    money = {"net_sales": "cents", "gross_margin": "cents", "cost_to_serve": "cents", "profit": "cents"}
    used = {"channel": "text", "activity": "label", "resource": "label", "volume": "count", "quantity": "exact"}
    used |= {"price": "exact", "cost": "cents"}
    behind = {
        "channel": "text",
        "activity": "label",
        "thing": "text",
        "values": "text",
        "quantity": "exact",
        "cost": "cents",
    }
    pools = {"resource": "label", "ledger": "cents", "received": "cents", "capacity_minutes": "count", "rate": "exact"}
    reasons = {"segment": "text", "channel": "text", "activity": "label", "cost": "cents", "at_median": "cents"}
    tables = [
        _table(
            trace.profit, reader.text("What the customer brings"), reader, {"channel": "text", **money}, tuple(money)
        ),
        _table(trace.activities, reader.text("Activities: quantity × price"), reader, used, ("cost",)),
        _equations(trace.activities, reader),
        _table(trace.things, reader.text("The costliest things of each activity"), reader, behind, ("cost",)),
        _table(trace.resources, reader.text("Resources behind the prices"), reader, pools, ()),
        _table(trace.support, reader.text("What support departments sent to them"), reader, _kinds("sender"), ()),
        _table(trace.ledger, reader.text("Ledger rows behind the resources"), reader, _kinds("period", "account"), ()),
        _table(
            trace.reasons.head(8),
            reader.text("Why more or less than the median of its segment"),
            reader,
            reasons | {"difference": "cents"},
            (),
        ),
    ]
    return Group(Text(title, style="bold"), *tables)


def _kinds(*names: str) -> dict[str, str]:
    return {"resource": "label", **dict.fromkeys(names, "text"), "amount": "cents"}


def _equations(activities: pd.DataFrame, reader: Reader) -> Table:
    rows = activities.drop_duplicates("activity")[["activity", "per", "equation"]]
    return _table(rows, reader.text("Equations"), reader, {"activity": "label", "per": "text", "equation": "text"})


def _table(frame: pd.DataFrame, title: str, reader: Reader, columns: dict[str, str], sums: Iterable[str] = ()) -> Table:
    write: dict[str, _Cell] = {
        "text": lambda x: str(x) if isinstance(x, str) else "–",
        "label": reader.label,
        "cents": lambda x: reader.money(x, digits=2),
        "count": reader.number,
        "exact": lambda x: reader.number(x, digits=4 if not 0 < abs(x) < 0.1 else 8),
    }
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, show_footer=bool(tuple(sums)))
    for name, kind in columns.items():
        right = kind not in ("text", "label")
        total = write[kind](frame[name].sum()) if name in sums else ""
        table.add_column(reader.label(name), justify="right" if right else "left", footer=total, overflow="fold")
    for row in frame.to_dict("records"):
        table.add_row(*(Text(write[kind](row[name])) for name, kind in columns.items()))
    return table
