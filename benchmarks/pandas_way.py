"""The same answer with pandas, as an analyst writes it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from models import ACTIVITIES, prices

KEYS = ["customer_id", "channel"]


def idiomatic_pandas(path: Path, variant: str) -> pd.DataFrame:
    """Read, group to orders and shipments, group to customers, melt."""
    columns = [*KEYS, "order_id", "shipment_id", "quantity", "net_sales", "weight_kg", "volume_m3"]
    lines = pd.read_parquet(path, columns=[*columns, "freight_cost", "rush"])
    by_order = lines.groupby([*KEYS, "order_id"], as_index=False)
    orders = by_order.agg(lines=("quantity", "size"), rush=("rush", "max"), net_sales=("net_sales", "sum"))
    shipments = lines.groupby([*KEYS, "shipment_id"], as_index=False).agg({"weight_kg": "sum", "freight_cost": "sum"})
    if variant == "linear":
        orders["order_entry"] = 5 + 3 * orders["lines"] + 10 * orders["rush"]
        orders["invoicing"] = 4.0
        shipments["packing"] = 3 + 0.01 * shipments["weight_kg"]
    else:
        orders["order_entry"] = 5 + 3 * orders["lines"] + 8 * (orders["lines"] > 6)
        orders["invoicing"] = 4.0 * (orders["net_sales"] > 500.005)
        shipments["packing"] = 3 + 2 * (-(-(shipments["weight_kg"] + 0.0005) // 100))
    shipments["delivery"], shipments["drops"] = shipments["weight_kg"], 1.0
    shipments["freight"] = shipments["freight_cost"]
    lines["picking"] = 1.5 + 0.2 * lines["quantity"]
    lines["storage"], lines["financing"] = lines["volume_m3"], lines["net_sales"]
    wide = pd.concat(
        [
            orders.groupby(KEYS)[["order_entry", "invoicing"]].sum(),
            lines.groupby(KEYS)[["picking", "storage", "financing"]].sum(),
            shipments.groupby(KEYS)[["packing", "delivery", "drops", "freight"]].sum(),
        ],
        axis=1,
    )
    rates = prices(variant, wide[list(ACTIVITIES)].sum())
    costs = wide.reset_index().melt(KEYS, var_name="activity", value_name="quantity").merge(rates, on="activity")
    costs["cost"] = costs["quantity"] * costs["price"]
    return costs[[*KEYS, "activity", "cost"]]
