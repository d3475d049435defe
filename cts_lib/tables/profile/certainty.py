"""How sure costs and verdicts are: rival methods, spreads, measured unit times."""

from __future__ import annotations

from cts_lib.tables.column import BOOLEAN, INTEGER, NUMBER, TEXT, Column
from cts_lib.tables.shared import COST_TO_SERVE, CUSTOMER_ID, PROFIT, RESOURCE
from cts_lib.tables.table import Table

TABLES = (
    Table(
        "rival_allocations",
        "profile",
        "Cost to serve and profit of each customer by rival methods, and whose sign hangs on the method.",
        (
            CUSTOMER_ID,
            Column("method", TEXT, "How cost is shared out; `this model` is the cost model's own way."),
            COST_TO_SERVE,
            PROFIT,
            Column("changes_sign", BOOLEAN, "Whether the customer's profit has the other sign than by this model."),
        ),
    ),
    Table(
        "whale_band",
        "profile",
        "The whale curve where the model gives spreads; empty where it gives none.",
        (
            Column("share", NUMBER, "Share of the customers, the most profitable of each draw first.", "share"),
            Column("low", NUMBER, "Lower end of the central 90 % of their profit.", "money"),
            Column("mean", NUMBER, "Mean of their profit.", "money"),
            Column("high", NUMBER, "Upper end of the central 90 % of their profit.", "money"),
        ),
    ),
    Table(
        "assumption_shares",
        "profile",
        "How much of the variance of customers' profit each uncertain assumption makes.",
        (
            Column("assumption", TEXT, "An activity's equation or a resource's capacity."),
            Column("variance_share", NUMBER, "Its share, the mean over all customers.", "share"),
            Column("fragile_share", NUMBER, "Its share, the mean over fragile customers.", "share"),
        ),
    ),
    Table(
        "unit_times",
        "profile",
        "Unit times of the model beside what recorded minutes of events and months of the ledger say.",
        (
            Column("activity", TEXT, "The activity; `(all)` for all activities of the resource."),
            RESOURCE,
            Column("term", TEXT, "Term as the equation writes it; 1: once each; (all): all, per event or month."),
            Column("assumed", NUMBER, "What the model says.", "minutes", True),
            Column("estimated", NUMBER, "What the data say.", "minutes", True),
            Column("low", NUMBER, "Lower end of the estimate's central 90 %.", "minutes", True),
            Column("high", NUMBER, "Upper end of the estimate's central 90 %.", "minutes", True),
            Column("source", TEXT, "Where the estimate comes from: events.minutes or ledger months."),
            Column("measured", TEXT, "What was recorded there: minutes or money."),
            Column("observations", INTEGER, "Events or months that were read.", "count"),
            Column("r_squared", NUMBER, "Share of the scatter that the terms explain.", "share", True),
            Column(
                "condition",
                NUMBER,
                "Condition number; a high one cannot tell terms apart.",
                null=True,
            ),
            Column("verdict", TEXT, "agrees, differs or cannot tell."),
            Column("reason", TEXT, "Why nothing can be said, or what speaks against the fit.", null=True),
        ),
    ),
)
