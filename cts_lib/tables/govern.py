"""The tables of stage govern: indicators, why profit changed, and actions."""

from __future__ import annotations

from cts_lib.tables.column import DATE, INTEGER, NUMBER, TEXT, Column
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
            Column(
                "value",
                NUMBER,
                "The period's value; null where it is not known, as capacity and stock of a part of the unit.",
                null=True,
            ),
            Column("standard_error", NUMBER, "How much it scatters by chance within the period.", null=True),
            Column("observations", NUMBER, "Lines, orders or customers of a share of them, orders of anything else."),
            Column("target", NUMBER, "Target of the unit, a segment or a channel; null without one.", null=True),
            Column("status", TEXT, "met, near (missed within its tolerance), missed or `(none)`."),
            Column("previous", NUMBER, "Value of what is compared with (`governance.compare`).", null=True),
            Column("lower_limit", NUMBER, "Lower control limit; null with too short a history.", null=True),
            Column("upper_limit", NUMBER, "Upper control limit.", null=True),
            Column("signal", TEXT, "below or above what is usual beyond chance, or `(none)`."),
            Column("evidence", TEXT, "Of a signal: point (this period), run (the newest ones), trend, or `(none)`."),
            Column("evidence_periods", INTEGER, "So many periods show it; 0 without a signal."),
            Column("chance", NUMBER, "How often chance alone goes as far; null with too short a history.", null=True),
        ),
        totals=True,
    ),
    Table(
        "kpi_tree",
        "govern",
        "From operating profit down to activities, capacity and drivers, with service beside; of the unit. Money "
        "carries the sign with which it enters operating profit: what stands below a node adds up to it.",
        (
            Column("node", TEXT, "The node by its way from the root."),
            Column("parent", TEXT, "The node above it; null of the roots operating_profit and service.", null=True),
            Column("level", INTEGER, "So many nodes are above it."),
            Column(
                "measure",
                TEXT,
                "A line of the statement; carried (what customers carry of a resource), activity; volume, unit_cost, "
                "capacity_minutes, used_minutes or rate of what is above; or an indicator of service.",
            ),
            Column("subject", TEXT, "The activity or resource that it is of; `(none)` of the unit."),
            Column(
                "value",
                NUMBER,
                "The period's value, money with its sign; null of the root of service, and of what one costs where "
                "there was none.",
                null=True,
            ),
            Column("previous", NUMBER, "Value of the period compared with; null without one.", null=True),
            Column("contribution", NUMBER, "Change of operating profit through it; null of service.", "money", True),
        ),
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
        "What to do, who, until when, and what it brought: the actions that people keep, then what else is proposed.",
        (
            Column("id", TEXT, "The action's id in the unit's file, or the one that a proposal would get there."),
            Column(
                "action",
                TEXT,
                "An option of the strategy, `relieve`, `keep`, `bring_to_target`, or people's own words.",
            ),
            Column(
                "subject", TEXT, "Resource to relieve or keep, or indicator to bring to target; `(none)` for an option."
            ),
            *CELL_OR_ALL,
            Column("customer_id", TEXT, "The customer it is for; `(none)` where it is for all of the cell."),
            Column("owner", TEXT, "Who is to do it; `(none)` where params name nobody."),
            Column("due", DATE, "Day by which it is to be done; null where the file names none.", null=True),
            Column("since", TEXT, "The first period in which it works; `(none)` where the file names none."),
            Column("expected_saving", NUMBER, "Gain at full cost, a period, that was promised.", "money", True),
            Column("expected_cash", NUMBER, "Gain in cash, a period, that was promised.", "money", True),
            Column(
                "realised_saving",
                NUMBER,
                "Profit that it brought, a period since `since`, against customers without it; null where that "
                "cannot be told.",
                "money",
                True,
            ),
            Column("realised_low", NUMBER, "Lower end of its central 90 %.", "money", True),
            Column("realised_high", NUMBER, "Upper end of its central 90 %.", "money", True),
            Column(
                "verdict",
                TEXT,
                "better or worse where the interval leaves out 0, no difference where it holds 0; `(none)` where "
                "nothing is told.",
            ),
            Column("state", TEXT, "proposed, agreed, running, done or dropped."),
        ),
        totals=True,
    ),
)
