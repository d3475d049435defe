"""What resources and activities cost, and what each customer leaves."""

from __future__ import annotations

from cts_lib.tables.column import BOOLEAN, INTEGER, NUMBER, TEXT, Column
from cts_lib.tables.shared import (
    ACTIVITY,
    AVOIDABLE,
    COST_TO_SERVE,
    CUSTOMER,
    CUSTOMER_ID,
    GROSS_MARGIN,
    NAME,
    NET_SALES,
    PROFIT,
    QUANTITY,
    RESOURCE,
    SOLD,
    WORTH_KEEPING,
)
from cts_lib.tables.table import Table

_DRIVER_QUANTITY = Column("driver_quantity", NUMBER, "Driver units charged; null where minutes are.", null=True)
_MINUTES = Column("minutes", NUMBER, "Minutes charged; null where a driver or money is.", "minutes", True)

_FAMILY = Column("family", TEXT, "The product family; `(none)` where none is known, or nothing was bought.")
_OF_PRODUCT = (QUANTITY, NET_SALES, Column("cogs", NUMBER, "Cost of goods sold.", "money"))
_LEFT = (*_OF_PRODUCT, GROSS_MARGIN, COST_TO_SERVE, PROFIT)

TABLES = (
    Table(
        "resources",
        "profile",
        "Where each ledger amount went, and how its capacity was used: ledger + received = sent + assigned + unused − "
        "overdriven + sustaining + unassigned.",
        (
            RESOURCE,
            Column("ledger", NUMBER, "Its own cost, from the ledger or from params.", "money"),
            Column("received", NUMBER, "What support departments sent it.", "money"),
            Column("sent", NUMBER, "What it sent on as a support department.", "money"),
            Column("assigned", NUMBER, "What its activities charged to customers.", "money"),
            Column("unused", NUMBER, "Cost of capacity that nobody used.", "money"),
            Column("overdriven", NUMBER, "Charged beyond capacity, which no ledger row paid for.", "money"),
            Column("sustaining", NUMBER, "Stays at the level of the business unit or a channel.", "money"),
            Column(
                "unassigned", NUMBER, "Reached neither a customer nor a level, or is beyond a fixed price.", "money"
            ),
            Column("difference", NUMBER, "What the terms miss of each other.", "money"),
            Column("capacity_minutes", NUMBER, "Practical capacity; null without one.", "minutes", True),
            Column("used_minutes", NUMBER, "Minutes that activities took.", "minutes", True),
            Column("utilisation", NUMBER, "Used minutes over capacity.", "share", True),
            Column("rate", NUMBER, "Cost of a minute of practical capacity.", "money a minute", True),
        ),
    ),
    Table(
        "activities",
        "profile",
        "What was done how often, and what once costs.",
        (
            ACTIVITY,
            RESOURCE.may_be_null(),
            Column("per", TEXT, "What it is done for: line, order, shipment, customer or event:<name>."),
            Column("basis", TEXT, "How it is charged: minutes, driver, rate or direct."),
            Column("volume", NUMBER, "How often it was done; of events the sum of quantity.", "count"),
            Column("missing", INTEGER, "How often a driver lacked a value, so that nothing was charged.", "count"),
            _DRIVER_QUANTITY,
            _MINUTES,
            Column("cost", NUMBER, "What it cost in all.", "money"),
            Column("unit_cost", NUMBER, "Cost over volume; null where it never happened.", "money", True),
            Column("price", NUMBER, "Money of a minute or driver unit; 1 where money is charged directly.", "money"),
            Column(
                "ledger_price",
                NUMBER,
                "What the price would be by the ledger, where params fix it; null where they do not.",
                "money",
                True,
            ),
        ),
    ),
    Table(
        "statement",
        "profile",
        "From sales over customer profit to operating profit.",
        (
            Column("line", TEXT, "Line of the statement, in order."),
            Column("amount", NUMBER, "Its amount; what lowers profit is negative.", "money"),
        ),
    ),
    Table(
        "customer_costs",
        "profile",
        "What each activity cost for each customer and channel.",
        (
            *CUSTOMER,
            ACTIVITY,
            RESOURCE.may_be_null(),
            Column("volume", NUMBER, "How often it was done; of events the sum of quantity.", "count"),
            Column("missing", NUMBER, "How often a driver lacked a value, so that nothing was charged.", "count"),
            _DRIVER_QUANTITY,
            _MINUTES,
            Column("cost", NUMBER, "What it cost.", "money"),
        ),
    ),
    Table("customer_channel_profit", "profile", "Money per customer and channel.", (*CUSTOMER, *SOLD)),
    Table(
        "customer_profit",
        "profile",
        "Money per customer, in the order of profit.",
        (
            CUSTOMER_ID,
            NAME,
            Column("channel", TEXT, "The channel the customer buys most in."),
            *SOLD,
            Column("profit_low", NUMBER, "Lower end of profit's central 90 %; null without spreads.", "money", True),
            Column("profit_high", NUMBER, "Upper end of profit's central 90 %.", "money", True),
            Column("probability_unprofitable", NUMBER, "Share of draws in which profit is below 0.", "share", True),
            Column("fragile", BOOLEAN, "Whether the central 90 % of profit hold 0."),
            Column("rank", INTEGER, "Place by profit, 1 the highest; ties by customer_id."),
            Column("cumulative_profit", NUMBER, "Profit of all customers up to this rank.", "money"),
            *AVOIDABLE,
            Column("worth_keeping", BOOLEAN, WORTH_KEEPING),
        ),
    ),
    Table(
        "family_profit",
        "profile",
        "What each product family leaves of what a customer bought, after what serving it took; a customer and channel "
        "add up to `customer_channel_profit`.",
        (*CUSTOMER, _FAMILY, *_LEFT),
    ),
    Table(
        "product_profit",
        "profile",
        "The same by product; empty unless params ask for it (`profile.product_profit`).",
        (*CUSTOMER, _FAMILY, Column("product_id", TEXT, "The product; `(none)` where nothing was bought."), *_LEFT),
    ),
)
