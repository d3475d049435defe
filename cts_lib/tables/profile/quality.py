"""What of the input was rejected or is missing."""

from __future__ import annotations

from cts_lib.tables.column import BOOLEAN, INTEGER, NUMBER, TEXT, Column
from cts_lib.tables.table import Table

TABLES = (
    Table(
        "rejected_rows",
        "profile",
        "Rows that break the contract, at their first fault.",
        (
            Column("table", TEXT, "The input table."),
            Column("row", TEXT, "Key of the row.", null=True),
            Column("column", TEXT, "Column of the fault."),
            Column("value", TEXT, "What stands there.", null=True),
            Column("reason", TEXT, "What is wrong with it."),
            Column("money", NUMBER, "What the row is worth: net_sales or amount.", "money", True),
        ),
    ),
    Table(
        "quality",
        "profile",
        "Rows and money read, accepted and rejected, per input table.",
        (
            Column("table", TEXT, "The input table."),
            Column("given", BOOLEAN, "Whether the unit has this table."),
            Column("read", INTEGER, "Rows of the unit's period.", "count"),
            Column("accepted", INTEGER, "Rows that keep the contract.", "count"),
            Column("rejected", INTEGER, "Rows that break it.", "count"),
            Column("share", NUMBER, "Rejected over read.", "share"),
            Column("money_read", NUMBER, "Money of all rows; null where a table has none.", "money", True),
            Column("money_accepted", NUMBER, "Money of accepted rows.", "money", True),
            Column("money_rejected", NUMBER, "Money of rejected rows.", "money", True),
        ),
    ),
)


MISSING_VALUES = Table(
    "missing_values",
    "profile",
    "Rows of the period without a value, and what the page does instead.",
    (
        Column("table", TEXT, "The input table."),
        Column("column", TEXT, "Its column."),
        Column("rows", INTEGER, "Customers of the period, products with a line, or sold lines.", "count"),
        Column("missing", INTEGER, "Those without a value.", "count"),
        Column("share", NUMBER, "Missing over rows.", "share"),
        Column("consequence", TEXT, "What follows from it."),
    ),
)
