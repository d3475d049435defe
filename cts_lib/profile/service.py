"""How well each channel is served: promised against actual, on time, in full, and perfect by line and by order."""

from __future__ import annotations

import pandas as pd

from cts_lib.customers.behaviour import served, shares
from cts_lib.names import ALL

_COLUMNS = [
    "promised_days",
    "lead_time_days",
    "lead_time_spread",
    "on_time",
    "in_full",
    "on_time_orders",
    "in_full_orders",
]


def service(by_channel: pd.DataFrame, customer_sums: pd.DataFrame, service_sums: pd.DataFrame) -> pd.DataFrame:
    """Return table ``service``: a row a channel, and ``(all)``."""
    sums = served(by_channel, customer_sums, service_sums).groupby("channel").sum(numeric_only=True)
    sums = pd.concat([sums, sums.sum().to_frame(ALL).T])
    table = shares(sums)[[*_COLUMNS, "perfect_lines", "perfect_orders"]]
    table.insert(0, "judged_orders", sums["judged_orders"].round().astype("int64"))
    table.insert(0, "orders", sums["sold_orders"].round().astype("int64"))
    table.insert(0, "lines", sums["sold_lines"].round().astype("int64"))
    return table.rename_axis("channel").reset_index()
