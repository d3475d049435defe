"""The tables of stage evaluate: both strategies simulated."""

from __future__ import annotations

from cts_lib.tables.column import BOOLEAN, INTEGER, NUMBER, TEXT, Column
from cts_lib.tables.shared import CELL_OR_ALL, KPI
from cts_lib.tables.table import Table

_OF_A_KPI = (*CELL_OR_ALL, KPI)

TABLES = (
    Table(
        "evaluation",
        "evaluate",
        "Each indicator over the simulated periods; in the unit of the indicator.",
        (
            *CELL_OR_ALL,
            Column("strategy", TEXT, "current or proposed."),
            KPI,
            Column("mean", NUMBER, "Mean over the simulated periods."),
            Column("low", NUMBER, "Lower end of their central 90 %."),
            Column("high", NUMBER, "Upper end of their central 90 %."),
            Column("replications", INTEGER, "Simulated periods in which the indicator is known.", "count"),
        ),
        totals=True,
    ),
    Table(
        "comparison",
        "evaluate",
        "Proposed against current, paired by simulated period; in the unit of the indicator.",
        (
            *_OF_A_KPI,
            Column("current", NUMBER, "Mean of today's strategy."),
            Column("proposed", NUMBER, "Mean of the proposed strategy."),
            Column("difference", NUMBER, "Mean of proposed less current."),
            Column("low", NUMBER, "Lower end of the difference's central 90 %."),
            Column("high", NUMBER, "Upper end of the difference's central 90 %."),
            Column("verdict", TEXT, "better, worse or no difference."),
        ),
        totals=True,
    ),
    Table(
        "calibration",
        "evaluate",
        "The simulated current strategy against what was observed; in the unit of the indicator.",
        (
            *_OF_A_KPI,
            Column("observed", NUMBER, "What the period had.", null=True),
            Column("simulated", NUMBER, "Mean of the simulated periods.", null=True),
            Column("error", NUMBER, "Simulated less observed, over observed where that is not 0.", null=True),
            Column("accepted", BOOLEAN, "Whether the central 90 % hold the observed, or the error is tolerated."),
        ),
        totals=True,
    ),
)
