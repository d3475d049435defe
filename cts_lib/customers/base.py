"""The base of every figure per customer and channel: what was sold, and how well it was served, as sums."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from sqlglot import exp

from cts_lib import sql
from cts_lib.engine import Engine, fetch_frame, quoted
from cts_lib.model.drivers import ACTUAL, Transactions, sums_by_customer


def base_query(electronic_methods: Sequence[str], source: Transactions = ACTUAL) -> exp.Select:
    """Return the query of the base, one row a customer and channel (and further keys)."""
    query = sql.load("base", {"lines": source.lines}, electronic_methods=f"|{'|'.join(electronic_methods)}|")
    for key in source.by:
        column = exp.column(key, table="line")
        query = query.select(column).group_by(column)
    return query


def build_base(engine: Engine, electronic_methods: Sequence[str], source: Transactions = ACTUAL) -> pd.DataFrame:
    """Run the base over transactions of the engine, whose orders and shipments are kept."""
    frame = fetch_frame(engine, base_query(electronic_methods, source))
    keys = list(source.cells)
    for grain, relation in source.finished.items():
        listed = ", ".join([*map(quoted, keys), f"units AS {grain}s"])
        counts = fetch_frame(engine, f"SELECT {listed} FROM {sums_by_customer(relation)}")
        frame = frame.merge(counts, on=keys, validate="one_to_one")
    return frame[[*keys, *(name for name in frame.columns if name not in keys)]].sort_values(keys, ignore_index=True)
