"""The units of work behind one customer's cost: the orders, lines, shipments and events that cost most.

They are rows of the transactions, and come from the engine: one query for each grain tells what all its activities took
of each unit of work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import sqlglot
from sqlglot import exp

from cts_lib.cube.cube import AT_ONCE
from cts_lib.engine import Engine, fetch_frame
from cts_lib.engine.quoting import quote, readable
from cts_lib.model.compiled import CompiledActivity
from cts_lib.model.drivers import units_of_work

_KEYS: dict[str, tuple[str, ...]] = {
    "line": ("order_id", "line_no"),
    "order": ("order_id",),
    "shipment": ("shipment_id",),
    "event": ("event", "event_date"),
    "customer": (),
}
"""What tells the units of work of a grain apart, beside the customer and channel."""
_EVERY_KEY = ("order_id", "line_no", "shipment_id", "event", "event_date")
_COLUMNS = ("customer_id", "channel", "activity", "per", *_EVERY_KEY, "calculation", "count", "quantity", "cost")
_Shown = dict[str, Any]
"""A row of `customer_things`, by column."""


def customer_things(
    engine: Engine, activities: list[CompiledActivity], prices: pd.DataFrame, customer_id: str | None, most: int = 3
) -> pd.DataFrame:
    """Return the units of work behind a customer's cost, from the period that the engine holds.

    Parameters
    ----------
    prices : DataFrame
        activity, price.
    most : int
        How many units of each activity and channel are shown; the others stand in one row without keys.

    Returns
    -------
    DataFrame
        Table ``customer_things``: customer_id, channel, activity, per (the grain), the keys of the grain (order_id,
        line_no, shipment_id, event, event_date; the others null), calculation (the equation with its drivers' values
        put in), count, quantity (minutes, driver units or money), cost (money).
    """
    price = dict(zip(prices["activity"], prices["price"].astype("float64"), strict=True))
    by_grain = dict[str, list[CompiledActivity]]()
    for item in activities if customer_id else []:
        by_grain.setdefault(item.activity.grain, []).append(item)
    found = dict[str, list[_Shown]]()
    for grain, items in by_grain.items():
        for start in range(0, len(items), AT_ONCE):
            some = items[start : start + AT_ONCE]
            work = _Work(fetch_frame(engine, _work_query(some, str(customer_id))), _KEYS[grain])
            found |= {item.name: work.shown(place, item, price[item.name], most) for place, item in enumerate(some)}
    rows = [row for item in activities for row in found.get(item.name, ())]
    texts = [name for name in ("per", *_EVERY_KEY, "calculation") if name != "event_date"]
    units = pd.DataFrame(rows, columns=list(_COLUMNS)).assign(customer_id=customer_id)
    return units.astype(dict.fromkeys(texts, "str") | {"event_date": "datetime64[s]"}) if rows else units


def _work_query(activities: list[CompiledActivity], customer_id: str) -> str:
    """Return the SELECT of a customer's units of work of one grain, with the value of each activity that happened."""
    drivers = {driver for item in activities for driver in item.drivers}
    units = units_of_work(activities[0].grain, drivers | {"customer_id", *_KEYS[activities[0].activity.grain]})
    values = [
        f"{item.happened} AS _happened_{place}, CASE WHEN {item.happened} THEN {item.value} END AS _value_{place}"
        for place, item in enumerate(activities)
    ]
    return f"SELECT work.*, {', '.join(values)} FROM ({units}) AS work WHERE customer_id = {quote(customer_id)}"


class _Work:
    """A customer's units of work of one grain, and which of them an activity cost most."""

    def __init__(self, rows: pd.DataFrame, keys: Sequence[str]) -> None:
        self._rows, self._keys = rows, keys
        self._channels = sorted(rows["channel"].unique())
        self._channel = pd.Index(self._channels).get_indexer(rows["channel"])
        self._told = dict[str, list[object]]()
        self._places = dict[str, np.ndarray]()

    def shown(self, place: int, item: CompiledActivity, price: float, most: int) -> list[_Shown]:
        """Return the costliest units of an activity and the sum of the others, channel by channel."""
        value = self._rows[f"_value_{place}"].fillna(0.0).to_numpy("float64")
        cost = value * price
        drivers = sorted(item.quantity.drivers & set(self._rows))
        order = list(dict.fromkeys([*self._keys, *drivers]))
        rows = np.lexsort([*(self._order(name) for name in reversed(order)), -cost])
        rows = rows[self._rows[f"_happened_{place}"].to_numpy("bool")[rows]]
        channels, shown = self._channel[rows], list[_Shown]()
        for channel in np.unique(channels):
            own = rows[channels == channel]
            for row in own[:most]:
                told = put_in(item.quantity.text, {name: self._values(name)[row] for name in drivers})
                by_key = {name: self._values(name)[row] for name in self._keys}
                shown.append({**by_key, "per": item.activity.grain, "calculation": told, "count": 1})
                shown[-1] |= {"quantity": value[row], "cost": cost[row]}
            if len(others := own[most:]):
                sums = {"quantity": float(value[others].sum()), "cost": float(cost[others].sum())}
                shown.append({"count": len(others), **sums})
            for each in shown[-min(len(own), most + 1) :]:
                each |= {"channel": self._channels[channel], "activity": item.name}
        return shown

    def _values(self, name: str) -> list[object]:
        if name not in self._told:
            self._told[name] = self._rows[name].tolist()
        return self._told[name]

    def _order(self, name: str) -> np.ndarray:
        """Return the place of each row by a column; without a value it is the last."""
        if name not in self._places:
            codes, values = pd.factorize(self._rows[name], sort=True)
            self._places[name] = np.where(codes < 0, len(values), codes)
        return self._places[name]


def put_in(equation: str, drivers: Mapping[str, object]) -> str:
    """Return an equation with its drivers' values in place of their names.

    >>> put_in("5 + 3*lines + 15*new_customer", {"lines": 4.0, "new_customer": 0.0})
    '5 + 3 * 4 + 15 * 0'
    """
    values = {name.lower(): value for name, value in drivers.items()}

    def value_of(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and node.name.lower() in values:
            return readable(values[node.name.lower()])
        return node

    return _parsed(equation).transform(value_of).sql("duckdb")


@lru_cache(maxsize=4096)
def _parsed(equation: str) -> exp.Expr:
    return sqlglot.parse_one(equation, dialect="duckdb")
