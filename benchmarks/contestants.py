"""Who is measured: each is a function of the lines' Parquet file and the variant that returns customer, channel,
activity and cost; the bare scan returns no cost. A contestant's libraries are imported only in its own process.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

OURS, BEST, OTHER, PANDAS, SCAN = "ours", "SQL by hand", "SQL by hand, other shape", "pandas", "scan"
BY_HAND = (BEST, OTHER)
"""The hand-written queries of the same answer, exact as ours."""
CONTESTANTS = {
    OURS: "workbook:ours",
    BEST: "handwritten:best",
    "SQL by hand, plain doubles": "handwritten:plain_doubles",
    OTHER: "handwritten:other_shape",
    "SQL textbook, plain doubles": "handwritten:textbook",
    "Polars streaming": "polars_way:polars_streaming",
    PANDAS: "pandas_way:idiomatic_pandas",
    SCAN: "handwritten:scan",
}


def contestant(name: str) -> Callable[[Path, str], object]:
    """Return a contestant's function, with its libraries imported."""
    module, function = CONTESTANTS[name].split(":")
    found: Callable[[Path, str], object] = getattr(importlib.import_module(module), function)
    return found


def answer(costs: object) -> pa.Table:
    """Return key and cost: the total of each activity and of each customer, sorted by key."""
    table = pa.table(costs)
    if "cost" not in table.column_names:
        return pa.table({"key": pa.array([], "string"), "cost": pa.array([], "float64")})
    parts = []
    for name in ("activity", "customer_id"):
        keys = table[name].cast("string") if pa.types.is_dictionary(table[name].type) else table[name]
        totals = pa.table({"key": keys, "cost": table["cost"]}).group_by("key").aggregate([("cost", "sum")])
        parts.append(pa.table({"key": totals["key"].cast("string"), "cost": totals["cost_sum"]}))
    return pa.concat_tables(parts).sort_by("key")
