"""Customers as a table reads them: concentration, order behaviour, demand, products, places."""

from __future__ import annotations

import pandas as pd

from cts_lib.display.reader import Reader
from cts_lib.display.table import Shown, table
from cts_lib.names import without_totals

_KINDS = {
    "gini_net_sales": "decimal",
    "gini_profit": "decimal",
    "share_of_customers_at_peak": "percent",
    "peak_profit": "money",
    "end_profit": "money",
    "peak_to_end": "percent",
    "erosion": "money",
    "unprofitable_customers": "number",
    "sales_of_top_10": "percent",
    "sales_of_top_20": "percent",
}
_BEHAVIOUR = {
    "customers": "number",
    "orders_per_month": "decimal",
    "order_value": "money",
    "lines_per_order": "decimal",
    "quantity_per_line": "decimal",
    "drop_size": "decimal",
    "rush_share": "percent",
    "return_share": "percent",
    "electronic_share": "percent",
    "products": "number",
}
_CLASSES = ("smooth", "erratic", "intermittent", "lumpy", "once")


def concentration(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show how unevenly sales and profit lie on customers; what is not defined is a dash."""
    written = [
        reader.write(value, _KINDS[measure]) for measure, value in zip(frame["measure"], frame["value"], strict=True)
    ]
    note = reader.text(
        "Gini: 0 where all are alike, near 1 where one has all; with losses, of the amounts without their sign. A "
        "dash: not defined, as peak to end where nothing is left."
    )
    shown = pd.DataFrame({"measure": frame["measure"], "value": written})
    title = reader.text("Concentration of sales and profit")
    return table(shown, reader, {"measure": "label", "value": "code"}, title, note=note)


def behaviour(customer_behaviour: pd.DataFrame, reader: Reader) -> Shown:
    """Show how the middle customer of each channel orders, the channel with the most orders first."""
    bought = customer_behaviour[customer_behaviour["orders"] > 0]
    names = [name for name in _BEHAVIOUR if name != "customers"]
    grouped = bought.groupby("channel")
    frame = grouped[names].median().assign(customers=grouped.size(), orders=grouped["orders"].sum()).reset_index()
    frame = frame.sort_values("orders", ascending=False, kind="stable")
    title = reader.text("How the middle customer of each channel orders")
    note = reader.text("Medians of the channel's customers; a drop is what one shipment brings, in units.")
    return table(frame, reader, {"channel": "text"} | _BEHAVIOUR, title, note=note)


def demand(customer_demand: pd.DataFrame, reader: Reader) -> Shown:
    """Show how many customers have demand of each class, and what share of all they are."""
    counts = customer_demand.groupby("demand_class")
    frame = pd.DataFrame({"customers": counts.size(), "variation": counts["variation"].median()})
    frame["demand_interval"], frame["squared_variation"] = (
        counts["demand_interval"].median(),
        counts["squared_variation"].median(),
    )
    frame["share_of_customers"] = frame["customers"] / max(len(customer_demand), 1)
    frame = frame.reindex([name for name in _CLASSES if name in frame.index]).rename_axis("demand_class").reset_index()
    columns = {"demand_class": "label", "customers": "number", "share_of_customers": "percent"}
    columns |= {"demand_interval": "decimal", "variation": "decimal", "squared_variation": "decimal"}
    note = reader.text(
        "Classes of Syntetos, Boylan and Croston, cut at an interval of 1.32 and a squared variation of 0.49; medians. "
        "Smooth demand can be planned; lumpy demand needs stock or an agreement."
    )
    return table(frame, reader, columns, reader.text("How regular and how even demand is"), note=note)


def seasons(seasonality: pd.DataFrame, reader: Reader) -> Shown:
    """Show trend and season of each channel's months, where there are 24 of them."""
    months = {name: seasonality[name].map(reader.month, na_action="ignore") for name in ("peak_month", "trough_month")}
    columns = {"channel": "text", "months": "number", "trend_strength": "decimal", "yearly_change": "percent"}
    columns |= {"season_strength": "decimal", "peak_month": "code", "peak": "percent"}
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
    rows = rows.assign(margin_share=rows["gross_margin"] / rows["net_sales"].where(rows["net_sales"] > 0))
    columns = {"dimension": "label", "value": "text", "products": "number", "customers": "number"}
    columns |= {"lines": "number", "net_sales": "money", "margin_share": "percent", "lines_per_product": "number"}
    columns |= {"tail_products": "number", "tail_line_share": "percent"}
    note = reader.text("The tail: the products that together make the last 5% of the unit's sales.")
    title = reader.text("Products by family and handling")
    if rows.empty and len(frame):
        title = reader.text("The products have neither family nor handling class")
    return table(rows, reader, columns, title, note=note, rows=40, bars=("net_sales",))


def places(frame: pd.DataFrame, reader: Reader, rows: int = 12) -> Shown:
    """Show the places with the largest sales: money, distance and how dense the drops are."""
    names = {name: "text" for name in ("country", "region", "city") if frame[name].nunique() > 1}
    columns = names | {"customers": "number", "shipments": "number", "net_sales": "money", "profit": "money"}
    columns |= {"distance_km": "number", "drops_per_customer": "decimal", "drops_per_100_km": "decimal"}
    title = reader.text("Places by their sales")
    note = reader.text("Drops are shipments.")
    if frame["distance_km"].notna().any():
        note = reader.text("Distance of a shipment on average, one way; drops are shipments.")
    return table(frame, reader, columns, title, note=note, rows=rows, bars=("profit",))
