"""Customers as a table reads them: concentration, order behaviour, demand, products, places."""

from __future__ import annotations

import pandas as pd

from cts_lib.display.pieces import Shown
from cts_lib.display.reader import Reader
from cts_lib.display.table import table
from cts_lib.measures import kind_of, kinds, ratio
from cts_lib.names import without_totals

_BEHAVIOUR = (
    "orders_per_month",
    "order_value",
    "lines_per_order",
    "quantity_per_line",
    "drop_size",
    "rush_share",
    "return_share",
    "electronic_share",
    "products",
)
_CLASSES = ("smooth", "erratic", "intermittent", "lumpy", "once")


def concentration(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show how unevenly sales and profit lie on customers; what is not defined is a dash."""
    written = [reader.measure(value, name) for name, value in zip(frame["measure"], frame["value"], strict=True)]
    note = reader.text(
        "Gini: 0 where all are alike, near 1 where one has all; with losses, of the amounts without their sign. A "
        "dash: not defined, as peak to end where nothing is left."
    )
    shown = pd.DataFrame({"measure": frame["measure"], "value": written})
    title = reader.text("Concentration of sales and profit")
    return table(shown, reader, {"measure": "text", "value": "code"}, title, note=note)


def behaviour(customer_behaviour: pd.DataFrame, reader: Reader) -> Shown:
    """Show how the middle customer of each channel orders, the channel with the most orders first."""
    bought = customer_behaviour[customer_behaviour["orders"] > 0]
    grouped = bought.groupby("channel")
    frame = (
        grouped[list(_BEHAVIOUR)]
        .median()
        .assign(customers=grouped.size(), orders=grouped["orders"].sum())
        .reset_index()
    )
    frame = frame.sort_values("orders", ascending=False, kind="stable")
    title = reader.text("How the middle customer of each channel orders")
    note = reader.text("Medians of the channel's customers; a drop is what one shipment brings, in units.")
    return table(frame, reader, {"channel": "text"} | kinds("customers", *_BEHAVIOUR), title, note=note)


def demand(customer_demand: pd.DataFrame, reader: Reader) -> Shown:
    """Show how many customers have demand of each class, and what share of all they are."""
    counts = customer_demand.groupby("demand_class")
    frame = pd.DataFrame({"customers": counts["customer_id"].nunique(), "variation": counts["variation"].median()})
    frame["demand_interval"], frame["squared_variation"] = (
        counts["demand_interval"].median(),
        counts["squared_variation"].median(),
    )
    frame["share_of_customers"] = frame["customers"] / max(customer_demand["customer_id"].nunique(), 1)
    frame = frame.reindex([name for name in _CLASSES if name in frame.index]).rename_axis("demand_class").reset_index()
    columns = {"demand_class": "text"} | kinds("customers", "share_of_customers")
    columns |= kinds("demand_interval", "variation", "squared_variation")
    note = reader.text(
        "Classes of Syntetos, Boylan and Croston, cut at an interval of 1.32 and a squared variation of 0.49; medians. "
        "Smooth demand can be planned; lumpy demand needs stock or an agreement."
    )
    if not customer_demand["customer_id"].is_unique:
        note += " " + reader.text("A customer of several channels may stand in several classes, and counts in each.")
    return table(frame, reader, columns, reader.text("How regular and how even demand is"), note=note)


def seasons(seasonality: pd.DataFrame, reader: Reader) -> Shown:
    """Show trend and season of each channel's months, where there are 24 of them."""
    months = {name: seasonality[name].map(reader.month, na_action="ignore") for name in ("peak_month", "trough_month")}
    columns = {"channel": "text", "months": "number"} | kinds("trend_strength", "yearly_change", "season_strength")
    columns |= {"peak_month": "code", "peak": "percent"}
    columns |= {"trough_month": "code", "trough": "percent"}
    note = reader.text("Strength from 0 to 1; peak and trough of the last year as a share of its mean trend.")
    if seasonality["season_strength"].isna().all():
        note = reader.text("Fewer than 24 months, or all of them alike, tell no trend and no season.")
    title = reader.text("Trend and season of net sales by channel")
    return table(seasonality.assign(**months), reader, columns, title, note=note)


def product_mix(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show breadth, margin and complexity of each family and handling class."""
    rows = without_totals(frame, "dimension").sort_values(
        ["dimension", "net_sales"], ascending=[True, False], kind="stable"
    )
    rows = rows.assign(margin_share=ratio(rows, "gross_margin_share"))
    columns = {"dimension": "text", "value": "value"} | kinds("products", "customers", "lines", "net_sales")
    columns |= {"margin_share": kind_of("gross_margin_share")}
    columns |= kinds("lines_per_product", "tail_products", "tail_line_share", "tail_margin", "tail_cost")
    note = reader.text(
        "The tail: the products that together make the last 5% of the unit's sales. Its cost: its lines, and its part "
        "of orders and shipments."
    )
    title = reader.text("Products by family and handling")
    if rows.empty and len(frame):
        title = reader.text("The products have neither family nor handling class")
    return table(rows, reader, columns, title, note=note, rows=40, bars=("net_sales",))


def places(frame: pd.DataFrame, reader: Reader, rows: int = 12) -> Shown:
    """Show the places with the largest sales: money, distance and how dense the drops are."""
    names = {name: "text" for name in ("country", "region", "city") if frame[name].nunique() > 1}
    columns = names | kinds("customers", "shipments", "net_sales", "profit")
    columns |= kinds("distance_km", "drops_per_customer", "drops_per_100_km")
    title = reader.text("Places by their sales")
    note = reader.text("Drops are shipments.")
    if frame["distance_km"].notna().any():
        note = reader.text("Distance of a shipment on average, one way; drops are shipments.")
    return table(frame, reader, columns, title, note=note, rows=rows, bars=("profit",))
