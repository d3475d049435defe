"""How customers order and how they are served: what both the profile and the segments say beside a customer's money.

An order is perfect only if every line of it is: SCOR, *Supply Chain Operations Reference Model*, RL.1.1 (perfect order
fulfilment) with RL.2.1 (in full) and RL.2.2 (on the promised day). Its documents and its condition (RL.2.3, RL.2.4)
are in no canonical table; a later return stands in for the second.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from cts_lib import sql
from cts_lib.engine import Engine, fetch_frame
from cts_lib.measures import SERVICE, is_known, ratio, ratios
from cts_lib.names import CUSTOMER
from cts_lib.params.on_time import OnTime
from cts_lib.params.period import Period

BEHAVIOUR = (
    "orders",
    "order_value",
    "lines_per_order",
    "quantity_per_line",
    "rush_share",
    "return_share",
    "electronic_share",
    "shipments_per_order",
)
_COUNTED = ["shipments", "sold_lines", "sold_quantity"]
_COUNTED += ["rush_lines", "return_lines", "electronic_lines", "priority_lines", "method_lines"]
_OF_A_CUSTOMER = ("promised_days", "perfect_lines", "perfect_orders", "distance_km")
_SHARES = (*SERVICE, *_OF_A_CUSTOMER, "on_time_orders", "in_full_orders")


def behaviour_of(by_channel: pd.DataFrame, customer_sums: pd.DataFrame) -> pd.DataFrame:
    """Return how each customer and channel orders, one row each in the order of ``by_channel``; null without orders."""
    sums = by_channel.merge(customer_sums[[*CUSTOMER, *_COUNTED]], on=CUSTOMER, how="left", validate="one_to_one")
    return ratios(sums.set_axis(by_channel.index), BEHAVIOUR).astype("float64")


def build_service_sums(engine: Engine, on_time: OnTime, filled: Collection[str]) -> pd.DataFrame:
    """Return sums of service by line and by order, and of distance, per customer and channel.

    A component of the perfect order that no line has (no promise, no delivered quantity) is left out of it. Columns are
    those of ``service_sums.sql`` and ``distances.sql``: counts, days, squared days and km, summed.
    """
    has = {"has_promise": float(is_known("on_time", filled)), "has_count": float(is_known("in_full", filled))}
    sums = fetch_frame(engine, sql.load("service_sums", None, **has, **on_time.values))
    distances = fetch_frame(engine, sql.load("distances"))
    sums = sums.merge(distances, on=CUSTOMER, how="left", validate="one_to_one")
    if not is_known("perfect_orders", filled):
        sums[["judged_lines", "judged_orders"]] = 0.0
    numbers = [name for name in sums.columns if name not in CUSTOMER]
    sums[numbers] = sums[numbers].astype("float64").fillna(0.0)
    return sums


def shares(sums: pd.DataFrame) -> pd.DataFrame:
    """Return service, promise, spread and perfect orders of summed rows of `served`; null where unknown.

    ``lead_time_spread`` is the standard deviation of the days from order to delivery over the lines.
    """
    parts = ratios(sums, _SHARES)
    lines = sums["lead_lines"]
    variance = (sums["squared_days"] - sums["lead_days"] ** 2 / lines.where(lines > 0)) / (lines - 1).where(lines > 1)
    parts["lead_time_spread"] = np.sqrt(variance.clip(lower=0))
    return parts


def customer_behaviour(
    by_channel: pd.DataFrame,
    customer_sums: pd.DataFrame,
    service_sums: pd.DataFrame,
    families: pd.DataFrame,
    period: Period,
) -> pd.DataFrame:
    """Return table ``customer_behaviour``: how each customer orders in each channel, and how it is served."""
    frame = pd.concat([by_channel[CUSTOMER], behaviour_of(by_channel, customer_sums)], axis=1)
    frame["orders_per_month"] = frame["orders"] / period.months
    sums = served(by_channel, customer_sums, service_sums)
    frame["shipments"] = sums["shipments"].fillna(0.0)
    frame["drop_size"] = ratio(sums, "drop_size")
    known = shares(sums)
    frame = pd.concat([frame, known[[*SERVICE, "lead_time_spread", *_OF_A_CUSTOMER]]], axis=1)
    frame = frame.merge(breadth(families), on=CUSTOMER, how="left", validate="one_to_one")
    frame[["products", "families"]] = frame[["products", "families"]].fillna(0.0)
    counts = ["orders", "shipments", "products", "families"]
    return frame.astype(dict.fromkeys(counts, "int64"))


def served(by_channel: pd.DataFrame, customer_sums: pd.DataFrame, service_sums: pd.DataFrame) -> pd.DataFrame:
    """Return both kinds of sums in the rows of ``by_channel``; null for who bought nothing."""
    columns = [name for name in customer_sums.columns if name in CUSTOMER or name not in by_channel]
    rows = by_channel[CUSTOMER].merge(customer_sums[columns], on=CUSTOMER, how="left")
    return rows.merge(service_sums, on=CUSTOMER, how="left")


def breadth(families: pd.DataFrame) -> pd.DataFrame:
    """Return how many products and families each customer bought in each channel, and the largest family's share.

    ``families`` has customer_id, channel, family, products (count) and net_sales (money).
    """
    bought = families[families["products"] > 0]
    grouped = bought.assign(net_sales=bought["net_sales"].clip(lower=0)).groupby(CUSTOMER)
    frame = grouped.agg(products=("products", "sum"), families=("family", "size"))
    sums = grouped["net_sales"].agg(["max", "sum"])
    frame["top_family_share"] = (sums["max"] / sums["sum"]).where(sums["sum"] > 0)
    return frame.reset_index()
