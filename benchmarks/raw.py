"""Raw tables of the same lines, as a source would have them: with faults for the intake to find."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from lines import CUSTOMERS, draw, numbered, write_tables

from cts_lib.tables.contract import Reason

PRODUCTS = 5_000
UNIT = "bench"
EVERY = 1_000
"""Of so many lines one has each fault."""
FAULTS = {
    Reason.MISSING: 100,
    Reason.NOT_A_NUMBER: 200,
    Reason.NOT_A_DATE: 300,
    Reason.UNKNOWN_CUSTOMER: 400,
    Reason.UNKNOWN_PRODUCT: 500,
    Reason.REPEATED_KEY: 600,
}
"""At which place among those lines."""
_KEPT = (
    "order_id shipment_id line_no customer_id channel quantity gross_sales net_sales weight_kg volume_m3 freight_cost "
    "priority order_method"
)


def write_raw(folder: Path, lines: int, seed: int = 7) -> None:
    """Write customers, products and order_lines: dates and numbers are typed but for one text column of each."""
    folder.mkdir()
    generator = np.random.default_rng(seed)
    customers = numbered("C", np.arange(CUSTOMERS))
    since = np.datetime64("2015-01-01") + generator.integers(0, 4_000, CUSTOMERS)
    write_tables(folder / "customers.parquet", iter([pa.table({"customer_id": customers, "customer_since": since})]))
    cost = np.round(generator.gamma(2, 8, PRODUCTS), 2)
    products = pa.table({"product_id": numbered("P", np.arange(PRODUCTS)), "unit_cost": cost})
    write_tables(folder / "products.parquet", iter([products]))
    write_tables(folder / "order_lines.parquet", _faulty(draw(lines, seed), generator))


def planted(lines: int) -> int:
    """Return how many of so many lines have a fault."""
    return sum(math.ceil((lines - place) / EVERY) for place in FAULTS.values() if place < lines)


def _faulty(chunks: Iterator[pa.Table], generator: np.random.Generator) -> Iterator[pa.Table]:
    for lines in chunks:
        size = len(lines)
        place = np.arange(size) % EVERY
        is_faulty = {reason: pa.array(place == at) for reason, at in FAULTS.items()}
        day = np.datetime64("2026-01-01") + generator.integers(0, 365, size)
        columns = {name: lines[name].combine_chunks() for name in _KEPT.split()}
        columns |= {
            "business_unit": pa.array([UNIT]).take(pa.array(np.zeros(size, dtype="int8"))),
            "product_id": numbered("P", generator.integers(0, PRODUCTS, size)),
            "order_date": pa.array(day),
            "promised_date": pa.array(day + 3).cast("string"),
            "distance_km": lines["distance_km"].combine_chunks().cast("string"),
        }
        wrong: dict[Reason, tuple[str, str | float | None]] = {
            Reason.MISSING: ("quantity", None),
            Reason.NOT_A_NUMBER: ("distance_km", "far"),
            Reason.NOT_A_DATE: ("promised_date", "2026-02-30"),
            Reason.UNKNOWN_CUSTOMER: ("customer_id", "nobody"),
            Reason.UNKNOWN_PRODUCT: ("product_id", "nothing"),
        }
        for reason, (name, value) in wrong.items():
            columns[name] = pc.if_else(is_faulty[reason], pa.scalar(value, columns[name].type), columns[name])
        for name in ("order_id", "line_no"):  # the key of the line before
            before = columns[name].take(pa.array(np.maximum(np.arange(size) - 1, 0)))
            columns[name] = pc.if_else(is_faulty[Reason.REPEATED_KEY], before, columns[name])
        yield pa.table(columns)
