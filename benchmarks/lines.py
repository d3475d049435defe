"""Order lines for the benchmarks: as many as asked for, in one Parquet file, the same for the same number.

They are accepted lines as the intake leaves them: typed, complete, an order's lines together, and two marks that are 1
on exactly one line of each order and of each shipment of a customer and channel.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

CHUNK = 1_000_000
CUSTOMERS = 100_000
PARCEL = 5
"""Lines beyond these go with a second shipment of their order."""
CHANNELS = pa.array(["retail", "wholesale", "e-commerce", "key account", "export", "horeca"])
METHODS = pa.array(["edi", "portal", "phone"])


def numbered(prefix: str, numbers: np.ndarray) -> pa.Array:
    """Return names such as O17."""
    return pc.binary_join_element_wise(prefix, pa.array(numbers).cast("string"), "")


def write_lines(path: Path, lines: int, seed: int = 7) -> None:
    """Write accepted order lines; orders of one to nine lines, customers with a heavy tail."""
    write_tables(path, draw(lines, seed))


def write_tables(path: Path, tables: Iterator[pa.Table]) -> None:
    """Write tables of one schema one after the other; the file appears when it is whole."""
    part, first = path.with_suffix(".part"), next(tables)
    with pq.ParquetWriter(part, first.schema) as writer:
        for table in (first, *tables):
            writer.write_table(table, row_group_size=250_000)
    part.rename(path)


def draw(lines: int, seed: int) -> Iterator[pa.Table]:
    """Yield the lines in chunks; no order stands in two of them."""
    generator = np.random.default_rng(seed)
    drawn = orders = 0
    while drawn < lines:
        table, count = _chunk(generator, min(CHUNK, lines - drawn), orders)
        yield table
        drawn, orders = drawn + len(table), orders + count


def _chunk(generator: np.random.Generator, size: int, first_order: int) -> tuple[pa.Table, int]:
    per_order = generator.integers(1, 10, size // 4 + 10)
    order = np.repeat(np.arange(len(per_order)), per_order)[:size]
    starts = np.cumsum(per_order) - per_order
    line = np.arange(size) - starts[order] + 1
    count = int(order[-1]) + 1
    often = generator.zipf(1.3, count) % CUSTOMERS
    customer = np.where(generator.random(count) < 0.2, generator.integers(0, CUSTOMERS, count), often)
    elsewhere = np.where(generator.random(count) < 0.1, generator.integers(1, len(CHANNELS), count), 0)
    rush = generator.random(count) < 0.1
    method = generator.integers(0, len(METHODS), count)
    distance = np.round(generator.gamma(2, 60, count), 0)
    quantity = generator.integers(1, 50, size).astype("float64")
    price = np.round(generator.gamma(2, 15, size), 2)
    columns = {
        "order_id": numbered("O", order + first_order),
        "shipment_id": numbered("S", 2 * (order + first_order) + (line > PARCEL)),
        "line_no": pa.array(line).cast("string"),
        "_line_order": line.astype("float64"),
        "customer_id": numbered("C", customer[order]),
        "channel": CHANNELS.take(pa.array(((customer + elsewhere) % len(CHANNELS))[order])),
        "quantity": quantity,
        "gross_sales": np.round(quantity * price * 1.1, 2),
        "net_sales": np.round(quantity * price, 2),
        "weight_kg": np.round(quantity * generator.gamma(2, 1, size), 3),
        "volume_m3": np.round(quantity * 0.004, 4),
        "freight_cost": np.round(generator.gamma(2, 2, size), 2),
        "distance_km": distance[order],
        "priority": np.where(rush, "rush", "standard")[order],
        "rush": rush.astype("float64")[order],
        "order_method": METHODS.take(pa.array(method[order])),
        "_first_of_order": (line == 1).astype("float64"),
        "_first_of_shipment": ((line == 1) | (line == PARCEL + 1)).astype("float64"),
    }
    return pa.table(columns), count
