"""The KPI tree as it is read: nodes below each other, moved in by their level."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd

from cts_lib.display.pieces import Shown, folded
from cts_lib.display.reader import Reader
from cts_lib.display.table import table
from cts_lib.measures import change_as_written, kind_of
from cts_lib.names import NONE

_STEP = "\u2007\u2007"
"""What moves a node in by a level: spaces that a page keeps, and at which no line ends."""
_TOP = 1
"""The tree in sight ends with this level."""
_READ_AS = {"volume": "orders", "unit_cost": "order_value", "rate": "order_value"}
_READ_AS |= {"capacity_minutes": "orders", "used_minutes": "orders"}
"""The indicator as which a driver is written; service is written as what it is, any other node as money."""
_SERVICE = "service"


def kpi_tree(tree: pd.DataFrame, reader: Reader) -> Shown:
    """Show what operating profit is made of, with service beside."""
    note = reader.text(
        "Money carries the sign with which it enters operating profit: what stands below a line adds up to it, and so "
        "does its change."
    )
    shown = tree[tree["level"] <= _TOP]
    columns = {"node": "code", "value": "indicator", "change": "change"}
    title = reader.text("Operating profit and service")
    return _shown(shown, reader, columns, title, note)


def kpi_tree_details(tree: pd.DataFrame, reader: Reader) -> Shown:
    """Show the tree down to resources, activities and drivers, behind its summary."""
    note = reader.text(
        "Below an activity stand its volume and what one costs, below capacity its size, its use and its rate: each "
        "contributes what the amount above it changes by as it moves, one after the other."
    )
    money = tree[~tree["node"].str.startswith(_SERVICE)]
    columns = {"node": "code", "value": "indicator", "change": "change", "contribution": "money"}
    shown = _shown(money, reader, columns, reader.text("Down to activities, capacity and drivers"), note)
    return folded(shown) if len(money) else shown


def _shown(tree: pd.DataFrame, reader: Reader, columns: dict[str, str], title: str, note: str) -> Shown:
    kpi = tree["measure"].where(tree["parent"] == _SERVICE, tree["measure"].map(_READ_AS)).fillna("profit")
    sides = zip(tree["value"], tree["previous"], kpi, strict=True)
    shown = tree.assign(
        node=[_STEP * int(row["level"]) + _name(row, reader) for row in tree.to_dict("records")],
        kpi=kpi,
        change=[change_as_written(before, now, kind_of(name)) for now, before, name in sides],
    )
    return table(shown, reader, columns, title, note, bars=(list(columns)[-1],), rows=len(shown))


def _name(row: dict[Hashable, Any], reader: Reader) -> str:
    """Return the words for a node: the activity or resource that it is of, or what it measures."""
    measure = str(row["measure"])
    if measure == "carried" and row["subject"] == NONE:
        return reader.label("outside_ledger")
    if measure in _READ_AS or row["subject"] == NONE:
        return reader.label(measure)
    return reader.word(row["subject"], "activity" if measure == "activity" else "resource")
