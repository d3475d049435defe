"""What stands behind a customer's cost: ledger rows, flows of support, units of work, drivers."""

from __future__ import annotations

from cts_lib.tables.column import DATE, INTEGER, NUMBER, TEXT, Column
from cts_lib.tables.shared import ACTIVITY, CUSTOMER, RESOURCE
from cts_lib.tables.table import Table

TABLES = (
    Table(
        "ledger_rows",
        "profile",
        "The accepted ledger rows that the resources' cost is the sum of; none where params give the cost.",
        (
            RESOURCE,
            Column("ledger_period", TEXT, "Period of the row."),
            Column("account", TEXT, "Account of the row.", null=True),
            Column("amount", NUMBER, "Its amount.", "money"),
        ),
    ),
    Table(
        "support_flows",
        "profile",
        "What each support department sent to whom.",
        (
            Column("sender", TEXT, "The support department."),
            Column("resource", TEXT, "The resource that received."),
            Column("amount", NUMBER, "What was sent.", "money"),
        ),
    ),
    Table(
        "customer_things",
        "profile",
        "What stands behind the cost of the customer at the end of the whale curve: the costliest orders, lines, "
        "shipments and events of each activity, and the others in one row without keys.",
        (
            *CUSTOMER,
            ACTIVITY,
            Column("per", TEXT, "line, order, shipment, customer or event; null for the others together.", null=True),
            Column("order_id", TEXT, "The order, of an order or a line.", null=True),
            Column("line_no", TEXT, "The line within the order, of a line.", null=True),
            Column("shipment_id", TEXT, "The shipment.", null=True),
            Column("event", TEXT, "What happened, of an event.", null=True),
            Column("event_date", DATE, "Day of the event.", null=True),
            Column("calculation", TEXT, "The equation with its drivers put in.", null=True),
            Column("count", INTEGER, "How many stand in the row.", "count"),
            Column("quantity", NUMBER, "Minutes, driver units or money charged."),
            Column("cost", NUMBER, "What it cost.", "money"),
        ),
    ),
    Table(
        "customer_drivers",
        "profile",
        "What the cost of the customer at the end of the whale curve is made of, by driver.",
        (
            *CUSTOMER,
            ACTIVITY,
            Column("driver", TEXT, "Driver as the equation writes it; 1 is once a thing."),
            Column("quantity", NUMBER, "How much of the driver there was."),
            Column("cost", NUMBER, "What it cost.", "money"),
        ),
    ),
)
