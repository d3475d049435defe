"""The same answer in DuckDB's SQL by hand: the best that was found, the same with plainer means, and a textbook's.

The best is a wide cube, one row a customer and channel with a column for each sum, priced and turned at the end. Orders
and shipments are counted on their first line; where an equation needs them finished, orders and shipments are grouped
once each and carry the other sums along. Numbers are summed as whole cents, grams and litres, which doubles hold
exactly up to 9·10¹⁵: the same to the bit in any order of rows and on any number of threads.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from models import ACTIVITIES, prices

from cts_lib.engine import DuckDB

KEYS = "customer_id, channel"
DECIMALS = {"quantity": 0, "net_sales": 2, "weight_kg": 3, "volume_m3": 4, "freight_cost": 2}
MARKS = {
    "orders": "SUM(_first_of_order)",
    "shipments": "SUM(_first_of_shipment)",
    "rush": "SUM(_first_of_order * rush)",
}
DISTINCT = {
    "orders": "COUNT(DISTINCT order_id)",
    "shipments": "COUNT(DISTINCT shipment_id)",
    "rush": "COUNT(DISTINCT CASE WHEN rush = 1 THEN order_id END)",
}
QUANTITIES = {
    "order_entry": "5 * orders + 3 * lines + 10 * rush",
    "invoicing": "4 * orders",
    "picking": "1.5 * lines + 0.2 * quantity",
    "packing": "3 * shipments + 0.01 * weight_kg",
    "delivery": "weight_kg",
    "drops": "shipments",
    "storage": "volume_m3",
    "freight": "freight_cost",
    "financing": "net_sales",
}
FINISHED = QUANTITIES | {
    "order_entry": "5 * orders + 3 * lines + extra",
    "invoicing": "invoicing",
    "packing": "3 * shipments + 2 * steps",
}


def best(path: Path, variant: str) -> pa.Table:
    """The best that was found by hand."""
    return _linear(path, MARKS) if variant == "linear" else _carried(path)


def plain_doubles(path: Path, variant: str) -> pa.Table:
    """The same with doubles summed as they come: what exactness costs."""
    return _linear(path, MARKS, exact=False) if variant == "linear" else _carried(path, exact=False)


def other_shape(path: Path, variant: str) -> pa.Table:
    """Orders and shipments told apart by DISTINCT; where they are needed finished, three passes that are joined."""
    return _linear(path, DISTINCT) if variant == "linear" else _three_passes(path)


def textbook(path: Path, variant: str) -> pa.Table:
    """Orders and shipments grouped, then one long table of activities, grouped again and joined with the rates."""
    engine = DuckDB()
    engine.create("lines", _read(path), view=True)
    linear = variant == "linear"
    quantities = {
        "order_entry": (
            "orders",
            f"5 + 3 * lines + {'10 * rush' if linear else 'CASE WHEN lines > 6 THEN 8 ELSE 0 END'}",
        ),
        "invoicing": ("orders", "4" if linear else "CASE WHEN net_sales > 500.005 THEN 4 ELSE 0 END"),
        "picking": ("lines", "1.5 + 0.2 * quantity"),
        "packing": ("shipments", "3 + 0.01 * weight_kg" if linear else "3 + 2 * CEIL((weight_kg + 0.0005) / 100)"),
        "delivery": ("shipments", "weight_kg"),
        "drops": ("shipments", "1"),
        "storage": ("lines", "volume_m3"),
        "freight": ("shipments", "freight_cost"),
        "financing": ("lines", "net_sales"),
    }
    activities = " UNION ALL ".join(
        f"SELECT {KEYS}, '{name}' AS activity, CAST({quantity} AS DOUBLE) AS quantity FROM {relation}"
        for name, (relation, quantity) in quantities.items()
    )
    order = "COUNT(*) AS lines, MAX(rush) AS rush, SUM(net_sales) AS net_sales"
    shipment = "SUM(weight_kg) AS weight_kg, SUM(freight_cost) AS freight_cost"
    engine.create(
        "quantities",
        f"WITH orders AS (SELECT {KEYS}, order_id, {order} FROM lines GROUP BY ALL), "
        f"shipments AS (SELECT {KEYS}, shipment_id, {shipment} FROM lines GROUP BY ALL), "
        f"activities AS ({activities}) "
        f"SELECT {KEYS}, activity, SUM(quantity) AS quantity FROM activities GROUP BY ALL",
    )
    found = engine.query("SELECT activity, SUM(quantity) AS total FROM quantities GROUP BY activity").to_pylist()
    totals = {row["activity"]: row["total"] for row in found}
    engine.register("rates", prices(variant, [totals[name] for name in ACTIVITIES]))
    return engine.query(
        f"SELECT {KEYS}, activity, quantity * price AS cost FROM quantities JOIN rates USING (activity)"
    )


def scan(path: Path, variant: str) -> pa.Table:
    """Read every column that the model needs, without any grouping: no engine can be faster."""
    texts = "customer_id channel" if variant == "linear" else "customer_id channel order_id shipment_id"
    numbers = [*DECIMALS, *(["rush", "_first_of_order", "_first_of_shipment"] if variant == "linear" else [])]
    read = [f"SUM({name})" for name in numbers] + [f"MAX({name})" for name in texts.split()]
    return DuckDB().query(f"SELECT {', '.join(read)} FROM ({_read(path)}) AS lines")


def _read(path: Path) -> str:
    return f"SELECT * FROM read_parquet('{path}')"


def _summed(column: str, exact: bool) -> str:
    """Sum a column as whole numbers of its last decimal."""
    return f"SUM(ROUND({column} * 1e{DECIMALS[column]}))" if exact and DECIMALS[column] else f"SUM({column})"


def _unit(column: str, exact: bool) -> str:
    """Return what divides such a sum into the column's own unit."""
    return f" / 1e{DECIMALS[column]}" if exact and DECIMALS[column] else ""


def _linear(path: Path, counts: dict[str, str], exact: bool = True) -> pa.Table:
    sums = [f"{_summed(name, exact)}{_unit(name, exact)} AS {name}" for name in DECIMALS]
    counted = [f"CAST({count} AS DOUBLE) AS {name}" for name, count in (counts | {"lines": "COUNT(*)"}).items()]
    cells = f"SELECT {KEYS}, {', '.join(counted + sums)} FROM ({_read(path)}) AS lines GROUP BY ALL"
    return _priced("linear", QUANTITIES, [cells])


def _carried(path: Path, exact: bool = True) -> pa.Table:
    """Orders carry every sum but the weight, which shipments carry."""
    orders = _grouped(path, "order_id", ["quantity", "net_sales", "volume_m3", "freight_cost"], exact)
    return _priced("finished", FINISHED, [orders, _grouped(path, "shipment_id", ["weight_kg"], exact)])


def _three_passes(path: Path) -> pa.Table:
    """Sums over lines apart from orders and shipments."""
    names = ("quantity", "volume_m3", "freight_cost")
    sums = ", ".join(f"{_summed(name, True)}{_unit(name, True)} AS {name}" for name in names)
    lines = f"SELECT {KEYS}, {sums} FROM ({_read(path)}) AS lines GROUP BY ALL"
    orders = _grouped(path, "order_id", ["net_sales"], True)
    return _priced("finished", FINISHED, [lines, orders, _grouped(path, "shipment_id", ["weight_kg"], True)])


def _grouped(path: Path, key: str, carried: list[str], exact: bool) -> str:
    """Group the lines to orders or shipments, and those to cells with what their equations say."""
    sums = ", ".join(f"{_summed(name, exact)} AS {name}" for name in carried)
    things = (
        f"SELECT {KEYS}, {key}, CAST(COUNT(*) AS DOUBLE) AS lines, {sums} FROM ({_read(path)}) AS lines GROUP BY ALL"
    )
    if key == "order_id":
        least = f"500.005{' * 1e2' if exact else ''}"
        own = (
            "COUNT(*) AS orders, SUM(lines) AS lines, COUNT(CASE WHEN lines > 6 THEN 1 END) * 8 AS extra, "
            f"COUNT(CASE WHEN net_sales > {least} THEN 1 END) * 4 AS invoicing"
        )
    else:
        own = f"COUNT(*) AS shipments, SUM(CEIL((weight_kg{_unit('weight_kg', exact)} + 0.0005) / 100)) AS steps"
    totals = ", ".join(f"SUM({name}){_unit(name, exact)} AS {name}" for name in carried)
    return f"SELECT {KEYS}, {own}, {totals} FROM ({things}) AS things GROUP BY ALL"


def _priced(variant: str, quantities: dict[str, str], parts: list[str]) -> pa.Table:
    """Join the parts to one row a cell, price it by the totals, and turn it to one row an activity."""
    engine = DuckDB()
    joined = f"({parts[0]}) AS first" + "".join(
        f" JOIN ({part}) AS part_{place} USING ({KEYS})" for place, part in enumerate(parts[1:])
    )
    columns = ", ".join(f"CAST({quantity} AS DOUBLE) AS {name}" for name, quantity in quantities.items())
    engine.create("cube", f"SELECT {KEYS}, {columns} FROM {joined}")
    totals = ", ".join(f"CAST(SUM(CAST({name} AS DECIMAL(38, 6))) AS DOUBLE)" for name in ACTIVITIES)
    found = engine.query(f"SELECT {totals} FROM cube")
    rates = prices(variant, [column[0].as_py() for column in found.columns])
    costs = ", ".join(
        f"{name} * CAST({price!r} AS DOUBLE)" for name, price in zip(rates["activity"], rates["price"], strict=True)
    )
    names = ", ".join(f"'{name}'" for name in ACTIVITIES)
    return engine.query(f"SELECT {KEYS}, UNNEST([{names}]) AS activity, UNNEST([{costs}]) AS cost FROM cube")
