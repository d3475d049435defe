"""The same answer with Polars in its streaming engine."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from models import ACTIVITIES, prices

KEYS = ["customer_id", "channel"]


def polars_streaming(path: Path, variant: str) -> pl.DataFrame:
    """A wide cube as in the best SQL: orders are counted on their first line, or grouped where needed finished."""
    lines = pl.scan_parquet(path)
    cells = _linear(lines) if variant == "linear" else _finished(lines)
    cube = cells.collect(engine="streaming")
    rates = prices(variant, cube.select(pl.sum(*ACTIVITIES)).row(0))
    priced = cube.with_columns(
        pl.col(name) * price for name, price in zip(rates["activity"], rates["price"], strict=True)
    )
    return priced.unpivot(ACTIVITIES, index=KEYS, variable_name="activity", value_name="cost")


def _linear(lines: pl.LazyFrame) -> pl.LazyFrame:
    orders, shipments = pl.sum("_first_of_order"), pl.sum("_first_of_shipment")
    rush = (pl.col("_first_of_order") * pl.col("rush")).sum()
    return lines.group_by(KEYS).agg(
        order_entry=5 * orders + 3 * pl.len() + 10 * rush,
        invoicing=4 * orders,
        picking=1.5 * pl.len() + 0.2 * pl.sum("quantity"),
        packing=3 * shipments + 0.01 * pl.sum("weight_kg"),
        delivery=pl.sum("weight_kg"),
        drops=shipments,
        storage=pl.sum("volume_m3"),
        freight=pl.sum("freight_cost"),
        financing=pl.sum("net_sales"),
    )


def _finished(lines: pl.LazyFrame) -> pl.LazyFrame:
    carried = ("quantity", "net_sales", "volume_m3", "freight_cost")
    orders = lines.group_by([*KEYS, "order_id"]).agg(pl.sum(*carried), lines=pl.len())
    shipments = lines.group_by([*KEYS, "shipment_id"]).agg(pl.sum("weight_kg"))
    by_order = orders.group_by(KEYS).agg(
        order_entry=5.0 * pl.len() + 3 * pl.sum("lines") + 8 * (pl.col("lines") > 6).sum(),
        invoicing=4.0 * (pl.col("net_sales") > 500.005).sum(),
        picking=1.5 * pl.sum("lines") + 0.2 * pl.sum("quantity"),
        storage=pl.sum("volume_m3"),
        freight=pl.sum("freight_cost"),
        financing=pl.sum("net_sales"),
    )
    by_shipment = shipments.group_by(KEYS).agg(
        packing=3.0 * pl.len() + 2 * ((pl.col("weight_kg") + 0.0005) / 100).ceil().sum(),
        delivery=pl.sum("weight_kg"),
        drops=pl.len().cast(pl.Float64),
    )
    return by_order.join(by_shipment, on=KEYS)
