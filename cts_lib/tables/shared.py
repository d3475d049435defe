"""Columns that several output tables share."""

from __future__ import annotations

from cts_lib.tables.column import INTEGER, NUMBER, TEXT, Column

KEYS = (
    Column("business_unit", TEXT, "The business unit."),
    Column("period", TEXT, "The period of the run, as in 2026-Q3."),
)
CUSTOMER_ID = Column("customer_id", TEXT, "The customer.")
NAME = Column("name", TEXT, "The customer's name.", null=True)
CHANNEL = Column("channel", TEXT, "The channel; `(none)` where none is known.")
SEGMENT = Column("segment", TEXT, "The segment.")
CUSTOMER = (CUSTOMER_ID, CHANNEL)
CELL = (SEGMENT, CHANNEL)
CELL_OR_ALL = (
    Column("segment", TEXT, "The segment; `(all)` in a total."),
    Column("channel", TEXT, "The channel; `(all)` in a total."),
)
CHANNEL_OR_ALL = CELL_OR_ALL[1]
ACTIVITY = Column("activity", TEXT, "The activity of the cost model.")
RESOURCE = Column("resource", TEXT, "The resource of the cost model.")
KPI = Column("kpi", TEXT, "The indicator.")
CUSTOMERS = Column("customers", INTEGER, "Customers.", "count")
ORDERS = Column("orders", INTEGER, "Orders with a sold line; a return alone is none.", "count")
LINES = Column("lines", INTEGER, "Order lines, returns included.", "count")
QUANTITY = Column("quantity", NUMBER, "Units sold less units returned.", "units")
NET_SALES = Column("net_sales", NUMBER, "Sales after discounts, less returns.", "money")
GROSS_MARGIN = Column("gross_margin", NUMBER, "Net sales less cost of goods.", "money")
COST_TO_SERVE = Column("cost_to_serve", NUMBER, "What all activities cost.", "money")
PROFIT = Column("profit", NUMBER, "Gross margin less cost to serve.", "money")
RESULT = (NET_SALES, GROSS_MARGIN, COST_TO_SERVE, PROFIT)
MONEY = (
    Column("gross_sales", NUMBER, "Sales before discounts.", "money"),
    Column("discounts", NUMBER, "Gross sales less net sales.", "money"),
    NET_SALES,
    Column("cogs", NUMBER, "Cost of goods sold.", "money"),
    GROSS_MARGIN,
    COST_TO_SERVE,
    PROFIT,
    Column("assumed_cogs", NUMBER, "The part of cogs that rests on `profile.assumed_gross_margin`.", "money"),
)
SOLD = (ORDERS, LINES, QUANTITY, *MONEY)
AVOIDABLE = (
    Column("avoidable_cost", NUMBER, "Cost that would go with it; null without any `variable_share`.", "money", True),
    Column("avoidable_margin", NUMBER, "Gross margin less avoidable cost.", "money", True),
)
WORTH_KEEPING = "Whether it makes a loss, but brings more margin than the cost that would go with it."
SERVICE = (
    Column("lead_time_days", NUMBER, "Mean days from order to delivery, of sold lines.", "days", True),
    Column(
        "on_time",
        NUMBER,
        "Share of sold lines with a promise that came in its window (`governance.on_time`).",
        "share",
        True,
    ),
    Column(
        "in_full",
        NUMBER,
        "Share of sold lines with a delivered quantity that is in full (`governance.on_time`).",
        "share",
        True,
    ),
)
RUSH_SHARE = Column("rush_share", NUMBER, "Share of lines that are rush.", "share", True)
DIMENSION_VALUE = (
    Column("dimension", TEXT, "The dimension."),
    Column("value", TEXT, "Its value; `(none)` where none is known."),
)
