"""The canonical tables that go in."""

from __future__ import annotations

from cts_lib.tables.column import DATE, NUMBER, PERIOD, TEXT, Column
from cts_lib.tables.contract import PRODUCT, UNIT, Contract
from cts_lib.tables.supply import LANES, NODES, REPLENISHMENT

_CUSTOMER = Column("customer_id", TEXT, "The customer, as in table customers.")

CUSTOMERS = Contract(
    "customers",
    "Whom the units sell to. Any other column is kept: a dimension of profile and segments, and a driver.",
    (
        Column("customer_id", TEXT, "The customer; leading zeros are kept."),
        Column("name", TEXT, "What the customer is called in reports.", null=True),
        Column("customer_type", TEXT, "Kind of customer.", null=True),
        Column("channel", TEXT, "Channel of lines that name none, and of events.", default="(none)"),
        Column("country", TEXT, "Country.", null=True),
        Column("region", TEXT, "Region in the country.", null=True),
        Column("city", TEXT, "City.", null=True),
        Column("latitude", NUMBER, "Degrees north.", "degrees", null=True),
        Column("longitude", NUMBER, "Degrees east.", "degrees", null=True),
        Column("size_class", TEXT, "Size class.", null=True),
        Column("industry", TEXT, "Industry.", null=True),
        Column("customer_since", DATE, "First day as a customer; within the period, the customer is new.", null=True),
        Column("agreed_lead_time_days", NUMBER, "Lead time agreed with the customer.", "days", null=True),
        Column("payment_terms_days", NUMBER, "Days until an invoice is due.", "days", null=True),
    ),
    key=("customer_id",),
    required=True,
)
PRODUCTS = Contract(
    "products",
    "What the units sell. Any other column is kept, and may stand in expressions.",
    (
        Column("product_id", TEXT, "The product; leading zeros are kept."),
        Column("name", TEXT, "What the product is called.", null=True),
        Column("family", TEXT, "Product family.", null=True),
        Column("handling_class", TEXT, "How the product is handled, as chilled or bulky.", null=True),
        Column("unit_weight_kg", NUMBER, "Weight of one unit.", "kg", null=True),
        Column("unit_volume_m3", NUMBER, "Volume of one unit.", "m³", null=True),
        Column("unit_cost", NUMBER, "Cost of goods of one unit.", "money", null=True),
    ),
    key=("product_id",),
    required=True,
)
ORDER_LINES = Contract(
    "order_lines",
    "What was ordered and how it was delivered; a line of negative quantity is a return. Any other column is kept, and "
    "may stand in expressions.",
    (
        UNIT,
        Column("order_id", TEXT, "The order; an order is counted per customer and channel."),
        Column("line_no", TEXT, "The line within the order."),
        _CUSTOMER,
        PRODUCT,
        Column("order_date", DATE, "Day of the order."),
        Column("quantity", NUMBER, "Units ordered; negative for a return.", "units"),
        Column("net_sales", NUMBER, "Sales after discounts.", "money"),
        Column("posting_date", DATE, "Day that decides the line's period.", default="order_date"),
        Column("gross_sales", NUMBER, "Sales before discounts.", "money", default="net_sales"),
        Column(
            "cogs",
            NUMBER,
            "Cost of goods.",
            "money",
            default="quantity × unit_cost, else net_sales × (1 − profile.assumed_gross_margin)",
        ),
        Column("channel", TEXT, "Channel the order came through.", default="the customer's"),
        Column("order_method", TEXT, "How the order came in, as phone, email, portal or edi.", null=True),
        Column("priority", TEXT, "`rush` marks a line that goes first.", null=True),
        Column("promised_date", DATE, "Day promised to the customer.", null=True),
        Column("shipped_date", DATE, "Day the line left.", null=True),
        Column(
            "delivered_date",
            DATE,
            "Day the line arrived; where empty, lead times take the shipped day.",
            null=True,
        ),
        Column("delivered_quantity", NUMBER, "Units that arrived.", "units", null=True),
        Column("returned_quantity", NUMBER, "Units sent back.", "units", default="−quantity of a return"),
        Column("shipment_id", TEXT, "The shipment; counted per customer and channel.", default="order_id"),
        Column("ship_mode", TEXT, "How the shipment travelled.", null=True),
        Column("warehouse", TEXT, "Where the shipment left from.", null=True),
        Column("distance_km", NUMBER, "Distance of the shipment, one way.", "km", null=True),
        Column("weight_kg", NUMBER, "Weight of the line.", "kg", default="quantity × unit_weight_kg"),
        Column("volume_m3", NUMBER, "Volume of the line.", "m³", null=True),
        Column("freight_cost", NUMBER, "Freight paid for the line.", "money", null=True),
    ),
    key=("business_unit", "order_id", "line_no"),
    required=True,
    money="net_sales",
    dates=("posting_date", "order_date"),
    references=("customer_id", "product_id"),
)
EVENTS = Contract(
    "events",
    "What a customer consumes outside orders.",
    (
        UNIT,
        _CUSTOMER,
        Column("event_date", DATE, "Day of the event."),
        Column("event", TEXT, "What happened, as sales_visit, service_call or expedite."),
        Column("quantity", NUMBER, "How many of them.", "count", default="1"),
        Column("minutes", NUMBER, "Minutes that were recorded.", "minutes", null=True),
        Column("amount", NUMBER, "Money spent on that customer.", "money", null=True),
    ),
    money="amount",
    dates=("event_date",),
    references=("customer_id",),
)
LEDGER = Contract(
    "ledger",
    "What the resources cost. Rows of periods inside the run's are summed.",
    (
        UNIT,
        Column("period", PERIOD, "Period that the amount is of, as 2026, 2026-Q3, 2026-07 or FY2026-P07."),
        Column("resource", TEXT, "The resource, as the cost model names it."),
        Column("amount", NUMBER, "The amount booked.", "money"),
        Column("account", TEXT, "The account it is booked on.", null=True),
    ),
    money="amount",
)
INVENTORY = Contract(
    "inventory",
    "Stock at hand at the end of a day.",
    (
        UNIT,
        PRODUCT,
        Column("date", DATE, "The day."),
        Column("warehouse", TEXT, "Where the stock lies.", null=True),
        Column("on_hand", NUMBER, "Units at hand.", "units"),
    ),
    key=("business_unit", "product_id", "warehouse", "date"),
    dates=("date",),
    references=("product_id",),
)
DELIVERIES = Contract(
    "deliveries",
    "The parts in which a line arrives. A line that has rows here takes from them what was delivered, the last day, "
    "and the share of its quantity that came by the promised day.",
    (
        UNIT,
        Column("order_id", TEXT, "The order, as in order_lines."),
        Column("line_no", TEXT, "The line within the order."),
        Column("delivered_date", DATE, "Day on which the part arrived."),
        Column("delivered_quantity", NUMBER, "Units that arrived.", "units"),
        Column("shipped_date", DATE, "Day on which the part left.", null=True),
        Column(
            "shipment_id", TEXT, "Shipment of the part; the line takes the last where it names none itself.", null=True
        ),
    ),
)
EXCHANGE_RATES = Contract(
    "exchange_rates",
    "What other currencies are worth. A row of order_lines, events, ledger, lanes, nodes or replenishment whose extra "
    "column `currency` is not the unit's is converted by the newest rate not after its day (posting date, event date, "
    "last day of its period; of the last three the last day of the run's).",
    (
        Column("currency", TEXT, "The currency, as three letters."),
        Column("date", DATE, "First day of the rate."),
        Column("rate", NUMBER, "Units of the unit's currency for one of it.", "money"),
    ),
    key=("currency", "date"),
)
INPUTS = (
    CUSTOMERS,
    PRODUCTS,
    ORDER_LINES,
    EVENTS,
    LEDGER,
    INVENTORY,
    DELIVERIES,
    EXCHANGE_RATES,
    NODES,
    LANES,
    REPLENISHMENT,
)
"""In the order in which they are read: one that refers to another comes after it."""
