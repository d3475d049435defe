"""What is sold: families and handling classes by sales, margin, breadth, and how much of the work is the tail."""

from __future__ import annotations

import pandas as pd

from cts_lib import sql
from cts_lib.engine import Engine, fetch_frame
from cts_lib.names import ALL, NONE

DIMENSIONS = ("family", "handling_class")
TAIL_COLUMNS = ("tail_products", "tail_line_share", "tail_margin", "tail_cost")
TAIL = 0.05
"""The products that together make the last twentieth of the sales are the tail."""


def product_mix(engine: Engine, by_dimension: pd.DataFrame, by_channel: pd.DataFrame) -> pd.DataFrame:
    """Return table ``product_mix``: a row for each family and handling class, and ``(all)`` in dimension ``(all)``.

    ``products`` were sold at least once; ``lines_per_product`` are the lines over these; ``tail_products`` belong to
    the tail of the unit, ``tail_line_share`` is their share of the row's lines, ``tail_margin`` what they leave before
    and ``tail_cost`` what their lines, orders and shipments cost.
    """
    sold = fetch_frame(engine, sql.load("products"))
    order = sold.sort_values(["net_sales", "product_id"], ascending=[False, True])
    before = (
        (order["net_sales"].clip(lower=0).cumsum() - order["net_sales"].clip(lower=0))
        .groupby(order["net_sales"])
        .transform("min")
    )  # products that sell the same are all in the tail, or none
    total = order["net_sales"].clip(lower=0).sum()
    sold["in_tail"] = (before >= (1 - TAIL) * total).reindex(sold.index) & (total > 0)
    parts = [_by(sold.assign(value=ALL), ALL)]
    parts += [_by(sold.assign(value=sold[name]), name) for name in DIMENSIONS if set(sold[name]) - {NONE}]
    table = pd.concat(parts, ignore_index=True)
    bought = by_channel[by_channel["lines"] > 0]
    whole = {"customers": bought["customer_id"].nunique(), "orders": bought["orders"].sum()}
    of_lines = by_dimension[by_dimension["cost_to_serve"].isna()]  # a customer's column may have the same name
    of_lines = of_lines.replace({"dimension": {f"line_{name}": name for name in DIMENSIONS}})
    known = pd.concat([pd.DataFrame([{"dimension": ALL, "value": ALL} | whole]), of_lines], ignore_index=True)[
        ["dimension", "value", "customers", "orders"]
    ]
    table = table.merge(known, on=["dimension", "value"], how="left", validate="one_to_one")
    columns = ["dimension", "value", "products", "customers", "orders", "lines", "net_sales", "gross_margin"]
    return table[[*columns, "lines_per_product", *TAIL_COLUMNS]]


def _by(sold: pd.DataFrame, dimension: str) -> pd.DataFrame:
    tail = sold["in_tail"]
    sold = sold.assign(
        products=(sold["sold_lines"] > 0).astype("int64"),
        tail_products=(tail & (sold["sold_lines"] > 0)).astype("int64"),
        tail_lines=sold["lines"].where(tail, 0.0),
        tail_margin=sold["gross_margin"].where(tail, 0.0),
        tail_cost=sold["cost"].where(tail, 0.0),
    )
    sums = ["products", "lines", "net_sales", "gross_margin", "tail_products", "tail_lines", "tail_margin", "tail_cost"]
    table = sold.groupby("value", sort=True)[sums].sum().reset_index()
    table["lines_per_product"] = table["lines"] / table["products"].where(table["products"] > 0)
    table["tail_line_share"] = table["tail_lines"] / table["lines"].where(table["lines"] > 0)
    return table.assign(dimension=dimension)
