"""What warehouses with a limit ship: the lines they can in a period, and those that they ship for each customer."""

from __future__ import annotations

import pandas as pd

from cts_lib.engine import Engine, fetch_frame, fetch_rows, fetch_value, quoted
from cts_lib.model.drivers import Transactions

SHIPS = "ships_"
"""Before a warehouse's name, the column of sold lines that it ships."""
_LIMITED = (
    "SELECT warehouse, MAX(capacity_lines_per_day) AS lines FROM nodes WHERE NOT capacity_lines_per_day IS NULL "
    "GROUP BY warehouse ORDER BY warehouse"
)


def node_capacities(engine: Engine) -> dict[str, float]:
    """Return the lines that each warehouse with a limit can ship in the period.

    It ships so many a day on each day on which lines of the unit are posted.
    """
    days = float(fetch_value(engine, "SELECT COUNT(DISTINCT posting_date) AS n FROM lines"))
    return {str(row["warehouse"]): float(row["lines"]) * days for row in fetch_rows(engine, _LIMITED)}


def shipped_by_node(engine: Engine, source: Transactions) -> pd.DataFrame:
    """Return the sold lines that each warehouse with a limit ships, by customer and channel (and further keys)."""
    limited = [str(row["warehouse"]) for row in fetch_rows(engine, _LIMITED)]
    if not limited:
        return pd.DataFrame(columns=list(source.cells))
    keys = ", ".join(map(quoted, source.cells))
    counted = fetch_frame(
        engine,
        f"SELECT {keys}, warehouse, CAST(COUNT(*) AS DOUBLE) AS lines FROM {source.lines} WHERE quantity > 0 "
        f"GROUP BY {keys}, warehouse",
    )
    wide = counted.pivot_table("lines", list(source.cells), "warehouse", "sum", observed=True)
    return wide.reindex(columns=limited, fill_value=0.0).add_prefix(SHIPS).fillna(0.0).reset_index()
