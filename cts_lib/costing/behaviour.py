"""How customers order: what both the profile and the segments say of a customer beside its money."""

from __future__ import annotations

import pandas as pd


def behaviour_of(by_channel: pd.DataFrame, base: pd.DataFrame) -> pd.DataFrame:
    """Return how each customer and channel orders, one row each in the order of ``by_channel``."""
    extra = ["shipments", "rush_lines", "return_lines", "electronic_lines", "sold_lines"]
    rows = by_channel.merge(base[["customer_id", "channel", *extra]], on=["customer_id", "channel"], how="left").fillna(
        0.0
    )
    orders, lines = rows["orders"].clip(lower=1), rows["lines"].clip(lower=1)
    return pd.DataFrame(
        {
            "orders": rows["orders"].astype("float64"),
            "order_value": rows["net_sales"].clip(lower=0) / orders,
            "lines_per_order": rows["lines"] / orders,
            "quantity_per_line": rows["quantity"].clip(lower=0) / lines,
            "rush_share": rows["rush_lines"] / lines,
            "return_share": rows["return_lines"] / lines,
            "electronic_share": rows["electronic_lines"] / lines,
            "shipments_per_order": rows["shipments"] / orders,
        },
        index=by_channel.index,
    )
