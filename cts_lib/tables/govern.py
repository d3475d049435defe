"""The tables of stage govern: indicators, why profit changed, and actions."""

from __future__ import annotations

from cts_lib.tables.column import DATE, NUMBER, TEXT, Column
from cts_lib.tables.shared import CELL_OR_ALL, KPI
from cts_lib.tables.table import Table

TABLES = (
    Table(
        "kpis",
        "govern",
        "Indicators against target, the period before and control limits; in the unit of the indicator.",
        (
            *CELL_OR_ALL,
            KPI,
            Column("value", NUMBER, "The period's value; null where it is not known.", null=True),
            Column("target", NUMBER, "Target of the unit; null without one.", null=True),
            Column("status", TEXT, "met, missed or `(none)`."),
            Column("previous", NUMBER, "Value of the period before.", null=True),
            Column("lower_limit", NUMBER, "Lower control limit; null with too short a history.", null=True),
            Column("upper_limit", NUMBER, "Upper control limit.", null=True),
            Column("signal", TEXT, "below or above the limits, or `(none)`."),
        ),
        totals=True,
    ),
    Table(
        "bridge",
        "govern",
        "Why profit changed; the row of totals leads to operating profit.",
        (
            *CELL_OR_ALL,
            Column("component", TEXT, "price, volume, mix, goods, efficiency, rate, capacity, customers or other."),
            Column("amount", NUMBER, "Change of profit by it.", "money"),
        ),
        totals=True,
    ),
    Table(
        "bridge_details",
        "govern",
        "What the components of the bridge's row of totals are made of.",
        (
            Column("component", TEXT, "The component of the bridge."),
            Column(
                "cause",
                TEXT,
                "sales or goods (what is sold), work (what serving took), customers, families, products, begun or "
                "ended (what shifted, of mix), cost or use (of a resource), won or lost.",
            ),
            Column("subject", TEXT, "The family, product, activity or resource; `(none)` where it is all of them."),
            Column("amount", NUMBER, "Change of operating profit by it.", "money"),
        ),
    ),
    Table(
        "actions",
        "govern",
        "What to do, who, and until when.",
        (
            Column("action", TEXT, "An option of the strategy, `relieve` or `bring_to_target`."),
            Column("subject", TEXT, "Resource to relieve or indicator to bring to target; `(none)` for an option."),
            *CELL_OR_ALL,
            Column("owner", TEXT, "Who is to do it; `(none)` where params name nobody."),
            Column("due", DATE, "Day by which it is to be done."),
            Column("expected_saving", NUMBER, "Gain at full cost, a period.", "money", True),
            Column("expected_cash", NUMBER, "Gain in cash, a period.", "money", True),
            Column("realised_saving", NUMBER, "What it brought; null until somebody follows it up.", "money", True),
            Column("state", TEXT, "`proposed` until somebody follows it up."),
        ),
        totals=True,
    ),
)
