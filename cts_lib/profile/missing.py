"""What the data leave open, column by column, and what of the page rests on it."""

from __future__ import annotations

import pandas as pd

from cts_lib.cube.linear import bounds
from cts_lib.engine import Engine, count_rows, fetch_values, quoted
from cts_lib.model.compiled import CompiledActivity
from cts_lib.model.drivers import ACTUAL, SUMS, of_line
from cts_lib.names import NONE

_CONSEQUENCES = {
    "customers": {
        "channel": "one channel for all of them",
        "customer_type": "not told by this trait",
        "size_class": "not told by this trait",
        "industry": "not told by this trait",
        "country": "not found in a place",
        "region": "not found in a place",
        "city": "not found in a place",
        "latitude": "not on the map",
        "longitude": "not on the map",
        "customer_since": "no time as a customer",
        "agreed_lead_time_days": "held to the promised date instead",
        "payment_terms_days": "no cost of financing or collection",
    },
    "products": {"family": "not told by this trait", "handling_class": "no handling of their own"},
    "lines": {
        "order_method": "counted as not electronic",
        "priority": "counted as not rush",
        "promised_date": "not judged on time",
        "delivered_date": "the shipping date stands in",
        "delivered_quantity": "not judged in full",
        "ship_mode": "not told by this trait",
        "warehouse": "not told by this trait",
        "distance_km": "no distance to share out by",
        "weight_kg": "no weight to share out by",
        "volume_m3": "no volume to share out by",
        "freight_cost": "no freight of its own",
    },
}
_UNKNOWN = {"order_method": "electronic lines unknown", "priority": "rush orders unknown"}
"""Consequences where no line at all has a value."""
_SUMMED_BY = {name: ", ".join(ACTUAL.keys(name)) for name in ("order", "shipment")} | {"customer": "customer_id"}


def missing_values(engine: Engine, customers: pd.DataFrame, by_channel: pd.DataFrame) -> pd.DataFrame:
    """Return table ``missing_values``: the rows of the period without each column that the page reads.

    A customer without a channel is one that has neither its own nor one in its lines.
    """
    bought = "(SELECT * FROM products WHERE product_id IN (SELECT product_id FROM lines)) AS product"
    filled = {"customers": _known(customers, by_channel), "products": _count(engine, "products", bought)}
    filled["lines"] = _count(engine, "lines", "(SELECT * FROM lines WHERE quantity > 0) AS line")
    rows = [
        {
            "table": "order_lines" if table == "lines" else table,
            "column": column,
            "rows": known["_rows"],
            "missing": known["_rows"] - known[column],
            "consequence": consequence if known[column] else _UNKNOWN.get(column, consequence),
        }
        for table, known in filled.items()
        for column, consequence in _CONSEQUENCES[table].items()
    ]
    frame = pd.DataFrame(rows)
    frame["share"] = (frame["missing"] / frame["rows"].where(frame["rows"] > 0)).fillna(0.0)
    return frame[["table", "column", "rows", "missing", "share", "consequence"]]


def partly_known(engine: Engine, activities: list[CompiledActivity]) -> list[tuple[str, str, int]]:
    """Return activity, driver and count where orders, shipments or customers sum a driver that some lines lack.

    Where all lines of one lack it, the activity's value is null, and it counts as missing there.
    """
    summed = [
        (item.name, item.grain.name, driver)
        for item in activities
        for driver in sorted(item.drivers & set(SUMS))
        if item.grain.name in _SUMMED_BY
    ]
    lines = bounds(engine, "lines", {driver: of_line(driver) for _, _, driver in summed})
    counts = dict[tuple[str, str], int]()
    for _, grain, driver in summed:
        if not lines[driver].whole and (grain, driver) not in counts:
            known = f"COUNT({quoted(driver)})"
            partly = (
                f"SELECT 1 AS one FROM lines GROUP BY {_SUMMED_BY[grain]} HAVING {known} > 0 AND {known} < COUNT(*)"
            )
            counts[grain, driver] = count_rows(engine, f"({partly}) AS partly")
    return [(name, driver, counts[grain, driver]) for name, grain, driver in summed if counts.get((grain, driver))]


def _known(customers: pd.DataFrame, by_channel: pd.DataFrame) -> dict[str, int]:
    channel = len(customers) - by_channel.loc[by_channel["channel"] == NONE, "customer_id"].nunique()
    counts = {name: int(customers[name].notna().sum()) for name in _CONSEQUENCES["customers"]}
    return counts | {"_rows": len(customers), "channel": channel}


def _count(engine: Engine, table: str, relation: str) -> dict[str, int]:
    counts = {name: f"COUNT({quoted(name)})" for name in _CONSEQUENCES[table]}
    return fetch_values(engine, counts | {"_rows": "COUNT(*)"}, relation)


def mixed_attributes(engine: Engine, activities: list[CompiledActivity]) -> list[tuple[str, str, int]]:
    """Count the orders and shipments whose lines differ in an attribute that an equation reads there: grain, driver."""
    found = []
    for name, key in (("order", "order_id"), ("shipment", "shipment_id")):
        items = [item for item in activities if item.grain.name == name]
        for driver in sorted({driver for item in items for driver in item.drivers}):
            if items[0].grain.drivers[driver].aggregation != "first":
                continue
            column = quoted(driver)
            mixed = (
                f"SELECT 1 FROM lines GROUP BY customer_id, channel, {key} HAVING "
                f"COUNT(DISTINCT {column}) + MAX(CASE WHEN {column} IS NULL THEN 1 ELSE 0 END) > 1"
            )
            count = count_rows(engine, f"({mixed}) AS mixed")
            if count:
                found.append((name, driver, count))
    return found
