"""The same answer by different means: cost per customer, channel and activity, from accepted lines in a Parquet file.

Each contestant is a function of the file; what it returns is checked to agree with the others.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cts_lib.costing.cube import build_cube, compile_model
from cts_lib.costing.rates import Pools, price, unit_rates
from cts_lib.costing.support import allocate
from cts_lib.engine import DuckDB
from cts_lib.params import CostModel

RATES = {"desk": 0.9, "invoices": 0.8, "warehouse": 0.7, "dock": 0.6}
RESOURCES = ("desk", "invoices", "warehouse", "dock", "trucks", "stops", "cold_store", "carriers", "interest")
MINUTES = 10_000_000.0
MODEL = CostModel.model_validate(
    {
        "resources": {name: {"capacity_minutes": MINUTES} for name in RATES}
        | {name: {} for name in RESOURCES if name not in RATES}
        | {name: {"support": True} for name in ("it", "hr", "facilities")},
        "support": {
            "method": "reciprocal",
            "shares": {
                "it": {"hr": 0.1, "desk": 0.5, "warehouse": 0.4},
                "hr": {"it": 0.2, "dock": 0.8},
                "facilities": {"warehouse": 1.0},
            },
        },
        "activities": {
            "order_entry": {"resource": "desk", "per": "order", "minutes": "5 + 3*lines + 10*rush"},
            "invoicing": {"resource": "invoices", "per": "order", "minutes": "4"},
            "picking": {"resource": "warehouse", "per": "line", "minutes": "1.5 + 0.2*quantity"},
            "packing": {"resource": "dock", "per": "shipment", "minutes": "3 + 0.01*weight_kg"},
            "delivery": {"resource": "trucks", "per": "shipment", "driver": "weight_kg"},
            "drops": {"resource": "stops", "per": "shipment", "driver": "1"},
            "storage": {"resource": "cold_store", "per": "line", "driver": "volume_m3"},
            "freight": {"resource": "carriers", "per": "shipment", "direct": "freight_cost"},
            "financing": {"per": "line", "driver": "net_sales", "rate": 0.01},
        },
    }
)


def pools() -> Pools:
    """The resources' cost after support."""
    costs = dict.fromkeys(MODEL.resources, 1000000.0)
    received, sent = allocate(costs, MODEL.support, {"it", "hr", "facilities"})
    rows = [
        (name, True, costs[name], received[name], sent[name], MINUTES if name in RATES else None)
        for name in MODEL.resources
    ]
    columns = ["resource", "declared", "ledger", "received", "sent", "capacity_minutes"]
    return Pools(pd.DataFrame(rows, columns=columns), [])


def ours(path: Path) -> pd.DataFrame:
    """The workbook's own engine."""
    engine = DuckDB()
    engine.create("lines", f"SELECT * FROM read_parquet('{path}')", view=True)
    engine.create("customers", "SELECT DISTINCT customer_id, '' AS channel, 0 AS new_customer FROM lines")
    engine.create("events", "SELECT customer_id, '' AS event, 0 AS quantity FROM customers WHERE FALSE")
    cube = build_cube(engine, compile_model(MODEL, {}))
    costs = price(cube, unit_rates(MODEL, pools(), cube))
    return costs[["customer_id", "channel", "activity", "cost"]]


def idiomatic_pandas(path: Path) -> pd.DataFrame:
    """What an analyst would write: read, group to orders and shipments, group to customers, melt."""
    columns = ["customer_id", "channel", "order_id", "shipment_id", "quantity", "net_sales", "weight_kg", "volume_m3"]
    lines = pd.read_parquet(path, columns=[*columns, "freight_cost", "rush"])
    keys = ["customer_id", "channel"]
    orders = lines.groupby([*keys, "order_id"], as_index=False).agg(lines=("quantity", "size"), rush=("rush", "max"))
    orders["order_entry"] = 5 + 3 * orders["lines"] + 10 * orders["rush"]
    orders["invoicing"] = 4.0
    sums = {"weight_kg": "sum", "freight_cost": "sum"}
    shipments = lines.groupby([*keys, "shipment_id"], as_index=False).agg(sums)
    shipments["packing"] = 3 + 0.01 * shipments["weight_kg"]
    shipments["delivery"], shipments["drops"] = shipments["weight_kg"], 1.0
    shipments["freight"] = shipments["freight_cost"]
    lines["picking"] = 1.5 + 0.2 * lines["quantity"]
    lines["storage"], lines["financing"] = lines["volume_m3"], lines["net_sales"]
    wide = pd.concat(
        [
            orders.groupby(keys)[["order_entry", "invoicing"]].sum(),
            lines.groupby(keys)[["picking", "storage", "financing"]].sum(),
            shipments.groupby(keys)[["packing", "delivery", "drops", "freight"]].sum(),
        ],
        axis=1,
    ).reset_index()
    cube = wide.melt(keys, var_name="activity", value_name="quantity")
    rates = unit_rates(MODEL, pools(), cube)
    costs = cube.merge(rates, on="activity")
    costs["cost"] = costs["quantity"] * costs["price"]
    return costs[[*keys, "activity", "cost"]]


def scan(path: Path) -> pd.DataFrame:
    """Sums of every column the model needs, without any grouping: no engine can be faster."""
    engine = DuckDB()
    sums = "SUM(quantity), SUM(net_sales), SUM(weight_kg), SUM(volume_m3), SUM(freight_cost), SUM(rush)"
    texts = "MAX(customer_id), MAX(channel), MAX(order_id), MAX(shipment_id)"
    engine.query(f"SELECT {sums}, {texts} FROM read_parquet('{path}')")
    return pd.DataFrame()


CONTESTANTS = {"ours": ours, "pandas": idiomatic_pandas, "scan": scan}
