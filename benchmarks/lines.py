"""Order lines for the benchmarks: as many as asked for, in one Parquet file, the same for the same number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CHUNK = 1_000_000
CUSTOMERS = 100_000
CHANNELS = np.array(["retail", "wholesale", "e-commerce", "key account", "export", "horeca"])
METHODS = np.array(["edi", "portal", "phone"])


def write_lines(path: Path, lines: int, seed: int = 7) -> None:
    """Write accepted order lines; orders of one to nine lines, customers with a heavy tail."""
    generator = np.random.default_rng(seed)
    writer: pq.ParquetWriter | None = None
    written = orders = 0
    part = path.with_suffix(".part")
    while written < lines:
        size = min(CHUNK, lines - written)
        table, count = _chunk(generator, size, orders)
        writer = writer or pq.ParquetWriter(part, table.schema)
        writer.write_table(table, row_group_size=250_000)
        written, orders = written + size, orders + count
    if writer is not None:
        writer.close()
        part.rename(path)


def _chunk(generator: np.random.Generator, size: int, first_order: int) -> tuple[pa.Table, int]:
    per_order = generator.integers(1, 10, size // 4 + 10)
    order = np.repeat(np.arange(len(per_order)), per_order)[:size]
    starts = np.cumsum(per_order) - per_order
    line = np.arange(size) - starts[order] + 1
    count = int(order[-1]) + 1
    customer = generator.zipf(1.3, count) % CUSTOMERS
    rush = (generator.random(count) < 0.1)[order]
    quantity = generator.integers(1, 50, size).astype("float64")
    price = np.round(generator.gamma(2, 15, size), 2)
    names = (order + first_order).astype(str)
    columns = {
        "order_id": np.char.add("O", names),
        "shipment_id": np.char.add("S", names),
        "line_no": line.astype(str),
        "_line_order": line.astype("float64"),
        "customer_id": np.char.add("C", customer[order].astype(str)),
        "channel": CHANNELS[generator.integers(0, len(CHANNELS), count)][order],
        "quantity": quantity,
        "gross_sales": np.round(quantity * price * 1.1, 2),
        "net_sales": np.round(quantity * price, 2),
        "weight_kg": np.round(quantity * generator.gamma(2, 1, size), 3),
        "volume_m3": np.round(quantity * 0.004, 4),
        "freight_cost": np.round(generator.gamma(2, 2, size), 2),
        "distance_km": np.round(generator.gamma(2, 60, count), 0)[order],
        "priority": np.where(rush, "rush", "standard"),
        "rush": rush.astype("float64"),
        "order_method": METHODS[generator.integers(0, len(METHODS), count)][order],
    }
    return pa.table({name: pa.array(values) for name, values in columns.items()}), count
