"""Who the customers are: how they buy and are served, where they are, and what sets them apart."""

from __future__ import annotations

from cts_lib.tables.column import DATE, INTEGER, NUMBER, TEXT, Column
from cts_lib.tables.shared import (
    CHANNEL_OR_ALL,
    COST_TO_SERVE,
    CUSTOMER,
    CUSTOMER_ID,
    CUSTOMERS,
    DIMENSION_VALUE,
    GROSS_MARGIN,
    NET_SALES,
    ORDERS,
    PROFIT,
    RUSH_SHARE,
    SERVICE,
)
from cts_lib.tables.table import Table

_PERFECT = (
    Column("perfect_lines", NUMBER, "Share of lines on time, in full and not returned.", "share", True),
    Column(
        "perfect_orders",
        NUMBER,
        "Share of orders whose every sold line is perfect and of which nothing came back.",
        "share",
        True,
    ),
)
_PROMISED = Column("promised_days", NUMBER, "Mean days from order to promised day, of sold lines.", "days", True)
_SPREAD = Column("lead_time_spread", NUMBER, "Standard deviation of lead times over lines (of n − 1).", "days", True)
_DISTANCE = Column("distance_km", NUMBER, "Mean distance of a shipment, one way.", "km", True)
_SHIPMENTS = Column("shipments", INTEGER, "Shipments with a sold line.", "count")

TABLES = (
    Table(
        "concentration",
        "profile",
        "How unevenly sales and profit lie on customers: Gini coefficients, the whale curve's peak and end, the sales "
        "of the largest.",
        (
            Column("measure", TEXT, "What is measured."),
            Column("value", NUMBER, "Money, a share or a count; null where the measure is not defined.", null=True),
        ),
    ),
    Table(
        "customer_reasons",
        "profile",
        "What sets the ten customers at each end of the whale curve apart, in the channel that counts most there.",
        (
            Column("side", TEXT, "End of the whale curve: best or worst."),
            CUSTOMER_ID,
            Column("channel", TEXT, "The customer's channel that counts most at that end."),
            Column("channels", INTEGER, "Channels the customer buys in.", "count"),
            Column("place", INTEGER, "Place of the fact, 1 the clearest."),
            Column("fact", TEXT, "Which figure of the customer stands out; `activity`: its costliest one."),
            Column("activity", TEXT, "The costliest activity, where that is the fact.", null=True),
            Column("count", NUMBER, "Shipments that the figure rests on.", "count", True),
            Column("value", NUMBER, "The figure; of an activity its share of the cost to serve.", null=True),
            Column("usual", NUMBER, "The median of the channel.", null=True),
        ),
    ),
    Table(
        "customer_behaviour",
        "profile",
        "How each customer orders in each channel and how it is served.",
        (
            *CUSTOMER,
            ORDERS,
            Column("order_value", NUMBER, "Net sales an order.", "money", True),
            Column("lines_per_order", NUMBER, "Sold lines an order.", "count", True),
            Column("quantity_per_line", NUMBER, "Units a sold line.", "units", True),
            Column("orders_per_month", NUMBER, "Orders a month.", "count"),
            RUSH_SHARE,
            Column("return_share", NUMBER, "Share of lines that are returns or partly came back.", "share", True),
            Column("electronic_share", NUMBER, "Share of lines by `strategy.electronic_methods`.", "share", True),
            _SHIPMENTS,
            Column("shipments_per_order", NUMBER, "Shipments an order.", "count", True),
            Column("drop_size", NUMBER, "Sold units a shipment.", "units", True),
            _DISTANCE,
            Column("products", INTEGER, "Different products bought.", "count"),
            Column("families", INTEGER, "Different product families bought.", "count"),
            Column(
                "top_family_share",
                NUMBER,
                "Share of the largest family in the net sales of all that were bought.",
                "share",
                True,
            ),
            _PROMISED,
            *SERVICE,
            _SPREAD,
            *_PERFECT,
        ),
    ),
    Table(
        "customer_demand",
        "profile",
        "How regular each customer's demand is in each channel, over weeks of a period of up to six months, else "
        "months (Syntetos, Boylan and Croston 2005).",
        (
            *CUSTOMER,
            Column("buckets", INTEGER, "Weeks or months of the period.", "count"),
            Column("active_buckets", INTEGER, "Those with demand.", "count"),
            Column("mean_quantity", NUMBER, "Mean units a bucket.", "units"),
            Column("variation", NUMBER, "Coefficient of variation over all buckets, of n − 1.", null=True),
            Column("demand_interval", NUMBER, "Buckets over active ones (ADI)."),
            Column("squared_variation", NUMBER, "CV² of the demands of active buckets, of n − 1.", null=True),
            Column("demand_class", TEXT, "smooth, erratic, intermittent, lumpy or once."),
        ),
    ),
    Table(
        "monthly_sales",
        "profile",
        "The unit's sales by month, up to 36 that end with the period, from all lines with a readable date and net "
        "sales, returns included.",
        (
            CHANNEL_OR_ALL,
            Column("month", DATE, "First day of the month."),
            Column("lines", NUMBER, "Order lines.", "count"),
            Column("orders", NUMBER, "Orders with a sold line; a return alone is none.", "count"),
            NET_SALES,
            Column("trend", NUMBER, "Trend of net sales; null with fewer than 24 months.", "money", True),
            Column("season", NUMBER, "Season of net sales.", "money", True),
            Column("remainder", NUMBER, "Net sales less trend and season.", "money", True),
        ),
        totals=True,
    ),
    Table(
        "seasonality",
        "profile",
        "How strong trend and season of monthly net sales are; null with fewer than 24 months.",
        (
            CHANNEL_OR_ALL,
            Column("months", INTEGER, "Months that were read.", "months"),
            Column("season_strength", NUMBER, "Strength of the season, 0 to 1.", null=True),
            Column("trend_strength", NUMBER, "Strength of the trend, 0 to 1.", null=True),
            Column(
                "yearly_change",
                NUMBER,
                "The trend's growth a year; null where it begins or ends at 0 or below.",
                "share",
                True,
            ),
            Column("peak_month", NUMBER, "Month of the year where the season is highest, 1 to 12.", null=True),
            Column("peak", NUMBER, "Season of that month over the last year's mean trend.", "share", True),
            Column("trough_month", NUMBER, "Month of the year where the season is lowest, 1 to 12.", null=True),
            Column("trough", NUMBER, "Season of that month over the last year's mean trend.", "share", True),
        ),
        totals=True,
    ),
    Table(
        "service",
        "profile",
        "Service by channel, each share of the lines or orders that can be judged.",
        (
            CHANNEL_OR_ALL,
            Column("lines", INTEGER, "Sold lines.", "count"),
            Column("orders", INTEGER, "Orders with a sold line.", "count"),
            Column("judged_orders", INTEGER, "Orders of which it is known whether they are perfect.", "count"),
            _PROMISED,
            SERVICE[0],
            _SPREAD,
            *SERVICE[1:],
            Column("on_time_orders", NUMBER, "Share of orders that came whole by the promised day.", "share", True),
            Column("in_full_orders", NUMBER, "Share of orders whose every line came in full.", "share", True),
            *_PERFECT,
        ),
        totals=True,
    ),
    Table(
        "places",
        "profile",
        "Where the customers are: a row a city, or a tenth of a degree where none is known.",
        (
            Column("country", TEXT, "Country.", null=True),
            Column("region", TEXT, "Region.", null=True),
            Column("city", TEXT, "City.", null=True),
            Column("latitude", NUMBER, "Mean degrees north of its customers.", "degrees", True),
            Column("longitude", NUMBER, "Mean degrees east of its customers.", "degrees", True),
            CUSTOMERS,
            ORDERS,
            _SHIPMENTS,
            NET_SALES,
            COST_TO_SERVE,
            PROFIT,
            _DISTANCE,
            Column("drops_per_customer", NUMBER, "Shipments a customer.", "count"),
            Column("drops_per_100_km", NUMBER, "100 over the mean distance.", "count", True),
        ),
    ),
    Table(
        "product_mix",
        "profile",
        "Families and handling classes; dimension `(all)` is the unit. The tail are the products of the last 5 % of "
        "sales.",
        (
            *DIMENSION_VALUE,
            Column("products", INTEGER, "Products that were sold.", "count"),
            Column(
                "customers", NUMBER, "Customers with a line, returns included; null beyond 200 values.", "count", True
            ),
            Column("orders", NUMBER, "Orders with a sold line; null beyond 200 values.", "count", True),
            Column("lines", NUMBER, "Order lines.", "count"),
            NET_SALES,
            GROSS_MARGIN,
            Column("lines_per_product", NUMBER, "Lines a product sold.", "count", True),
            Column("tail_products", INTEGER, "Products of the tail that were sold.", "count"),
            Column("tail_line_share", NUMBER, "Share of lines that go to the tail.", "share", True),
            Column("tail_margin", NUMBER, "Gross margin of the tail.", "money"),
            Column("tail_cost", NUMBER, "Cost of the tail's lines and its part of orders and shipments.", "money"),
        ),
        totals=True,
    ),
    Table(
        "cost_effects",
        "profile",
        "What goes with cost to serve on the same sales, by regression; association, not cause.",
        (
            Column("effect", TEXT, "What differs between customers; `(all)` where no regression can be made."),
            Column("value", TEXT, "The value, where the effect is one of a category.", null=True),
            Column("instead_of", TEXT, "The value it is compared with.", null=True),
            Column("step", TEXT, "For which step: twice, one, tenth, ten, points (ten of a share), spread or instead."),
            Column("estimate", NUMBER, "Relative change of cost to serve over net sales for a step.", "share", True),
            Column("low", NUMBER, "Lower end of the central 90 %.", "share", True),
            Column("high", NUMBER, "Upper end of the central 90 %.", "share", True),
            Column("verdict", TEXT, "more, less, cannot tell or left out."),
            Column("reason", TEXT, "Why it was left out.", null=True),
            Column("observations", INTEGER, "Customers (in a channel) of the regression.", "count"),
            Column("r_squared", NUMBER, "Share of the logarithm's scatter that it explains.", "share", True),
            Column("condition", NUMBER, "Condition number of the regression.", null=True),
        ),
    ),
)
