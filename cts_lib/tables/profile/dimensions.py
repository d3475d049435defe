"""Money and service by channel and by any dimension."""

from __future__ import annotations

from cts_lib.tables.column import BOOLEAN, INTEGER, NUMBER, Column
from cts_lib.tables.shared import (
    AVOIDABLE,
    CHANNEL,
    CUSTOMERS,
    DIMENSION_VALUE,
    GROSS_MARGIN,
    NET_SALES,
    ORDERS,
    PROFIT,
    SERVICE,
    SOLD,
    WORTH_KEEPING,
)
from cts_lib.tables.table import Table

TABLES = (
    Table(
        "channel_profit",
        "profile",
        "Money per channel.",
        (
            CHANNEL,
            *SOLD,
            Column("sustaining", NUMBER, "Cost that stays with the channel.", "money"),
            *AVOIDABLE,
            Column("worth_keeping", BOOLEAN, WORTH_KEEPING),
        ),
    ),
    Table(
        "profile",
        "profile",
        "Customers, money and service by every dimension.",
        (
            *DIMENSION_VALUE,
            CUSTOMERS,
            ORDERS,
            NET_SALES,
            GROSS_MARGIN,
            Column(
                "cost_to_serve",
                NUMBER,
                "Null for dimensions of lines and products.",
                "money",
                True,
            ),
            PROFIT.may_be_null(),
            *SERVICE,
        ),
    ),
    Table(
        "lead_times",
        "profile",
        "Sold lines by days from order to delivery.",
        (
            CHANNEL,
            Column("days", INTEGER, "Days from order to delivery.", "days"),
            Column("lines", INTEGER, "Sold lines that took so long.", "count"),
            Column(
                "on_time_lines",
                NUMBER,
                "Those of them that came by the promised day; of a line in parts, the share of it that did.",
                "count",
            ),
        ),
    ),
)
