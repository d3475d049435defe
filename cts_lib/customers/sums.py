"""The sums behind every figure per customer and channel: what was sold, and how well it was served."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd
from sqlglot import exp

from cts_lib import sql
from cts_lib.customers.nodes import SHIPS, shipped_by_node
from cts_lib.engine import Engine, fetch_frame, quoted
from cts_lib.measures import unknown
from cts_lib.model.drivers import ACTUAL, Transactions, sums_by_customer
from cts_lib.params.on_time import OnTime


def customer_sums_query(
    electronic_methods: Sequence[str], on_time: OnTime, source: Transactions = ACTUAL
) -> exp.Select:
    """Return the query of these sums, one row a customer and channel (and further keys)."""
    methods = f"|{'|'.join(electronic_methods)}|"
    query = sql.load("customer_sums", {"lines": source.lines}, electronic_methods=methods, **on_time.values)
    for key in source.by:
        column = exp.column(key, table="line")
        query = query.select(column, copy=False).group_by(column, copy=False)
    return query


def sums_of_lines(
    engine: Engine,
    electronic_methods: Sequence[str],
    on_time: OnTime,
    filled: Collection[str],
    source: Transactions = ACTUAL,
) -> pd.DataFrame:
    """Return the sums of lines of the engine.

    ``filled`` are the columns that the intake found filled; measures that need others are over a whole of 0. Lines of
    which the priority or the order method would be known are all of them: one without, where others have one, is
    neither rush nor electronic.
    """
    frame = fetch_frame(engine, customer_sums_query(electronic_methods, on_time, source))
    frame["priority_lines"] = frame["method_lines"] = frame["lines"]
    for measure in unknown(filled):
        if measure.whole in frame:
            frame[measure.whole] = 0.0
    return frame


def build_customer_sums(
    engine: Engine,
    electronic_methods: Sequence[str],
    on_time: OnTime,
    filled: Collection[str],
    source: Transactions = ACTUAL,
) -> pd.DataFrame:
    """Return the sums of transactions of the engine, whose orders and shipments are kept.

    Orders and shipments are those that carry something: a return alone is neither. Of warehouses with a limit,
    ``ships_<warehouse>`` counts the sold lines that each ships. For the rest see `sums_of_lines`.
    """
    frame = sums_of_lines(engine, electronic_methods, on_time, filled, source)
    keys = list(source.cells)
    for grain, relation in source.finished.items():
        listed = ", ".join([*map(quoted, keys), f"carrying AS {grain}s"])
        counts = fetch_frame(engine, f"SELECT {listed} FROM {sums_by_customer(relation)}")
        frame = frame.merge(counts, on=keys, validate="one_to_one")
    frame = frame.merge(shipped_by_node(engine, source), on=keys, how="left", validate="one_to_one")
    shipped = [name for name in frame.columns if name.startswith(SHIPS)]
    frame[shipped] = frame[shipped].fillna(0.0)
    return frame[[*keys, *(name for name in frame.columns if name not in keys)]].sort_values(keys, ignore_index=True)
