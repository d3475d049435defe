"""The tables of stage evaluate: both strategies simulated."""

from __future__ import annotations

from cts_lib.tables.column import BOOLEAN, INTEGER, NUMBER, TEXT, Column
from cts_lib.tables.shared import CELL_OR_ALL, KPI
from cts_lib.tables.table import Table

_SCENARIO = Column("scenario", TEXT, "`base`, or a scenario of the params.")
_RELIABLE = Column("reliable", BOOLEAN, "Whether the simulation repeated this indicator and foretold it in the past.")
_OF_PLANS = "current, proposed, one_option (the best single one for all), or `without` one of the two least decisions."

TABLES = (
    Table(
        "evaluation",
        "evaluate",
        "Each indicator over the simulated periods; in the unit of the indicator.",
        (
            *CELL_OR_ALL,
            Column("strategy", TEXT, _OF_PLANS),
            _SCENARIO,
            KPI,
            Column("mean", NUMBER, "Mean over the simulated periods."),
            Column("low", NUMBER, "Lower end of the central 90 %, of a next period or of the mean."),
            Column("high", NUMBER, "Upper end of it."),
            Column("replications", INTEGER, "Simulated periods in which the indicator is known.", "count"),
            _RELIABLE,
        ),
        totals=True,
    ),
    Table(
        "comparison",
        "evaluate",
        "Proposed against current, paired by simulated period; in the unit of the indicator.",
        (
            *CELL_OR_ALL,
            _SCENARIO,
            KPI,
            Column("current", NUMBER, "Mean of today's strategy."),
            Column("proposed", NUMBER, "Mean of the proposed strategy."),
            Column("difference", NUMBER, "Mean of proposed less current."),
            Column("low", NUMBER, "Lower end of the difference's central 90 %."),
            Column("high", NUMBER, "Upper end of the difference's central 90 %."),
            Column("likely", NUMBER, "Share of the simulated periods in which proposed is better.", "share"),
            Column("verdict", TEXT, "better, worse or no difference, on average, at this number of replications."),
            _RELIABLE,
        ),
        totals=True,
    ),
    Table(
        "payback",
        "evaluate",
        "Whether the proposal pays: its cash of a year like a simulated period, against what it takes to introduce it.",
        (
            Column("cash_a_year", NUMBER, "Mean cash a year, less what levers cost every year.", "money"),
            Column("low", NUMBER, "Lower end of its central 90 %, of a next period or of the mean.", "money"),
            Column("high", NUMBER, "Upper end of its central 90 %.", "money"),
            Column("outlay", NUMBER, "What it takes before it works.", "money"),
            Column("likely", NUMBER, "Share of the simulated periods in which a year's cash pays it.", "share"),
        ),
    ),
    Table(
        "contributions",
        "evaluate",
        "What each decision adds to the unit's simulated profit: the proposal less the proposal without it, each less "
        "the period's share of what it takes to introduce.",
        (
            Column("lever", TEXT, "The lever."),
            Column("setting", TEXT, "Its setting."),
            Column("difference", NUMBER, "Mean of what it adds in the period.", "money"),
            Column("low", NUMBER, "Lower end of its central 90 %, of a next period or of the mean.", "money"),
            Column("high", NUMBER, "Upper end of its central 90 %.", "money"),
            Column("replications", INTEGER, "Simulated periods.", "count"),
        ),
    ),
    Table(
        "conditions",
        "evaluate",
        "What the plan holds only without: scenarios in which it is worse on time than today's strategy in the same "
        "scenario by more than `strategy.max_service_loss` beyond what it loses without it, and more than replications "
        "may miss by, or does not recover where that does; with the decision that hangs on it.",
        (
            Column("scenario", TEXT, "The scenario of the params."),
            Column("adoption", NUMBER, "Share of those who would go along that do in it; 1: all.", "share"),
            Column("measure", TEXT, "`on_time` (share of lines), or `recovery` (days, as in `worst_weeks`)."),
            Column("current", NUMBER, "What today's strategy comes to in it."),
            Column("proposed", NUMBER, "What the plan comes to; null: not within the period.", null=True),
            Column("place", TEXT, "The resource or warehouse where more work waits than today; `(none)`: nowhere."),
            Column("behind", NUMBER, "Days of work that wait at most under the plan.", "days"),
            Column("lever", TEXT, "The lever whose decision frees most of that place; `(none)`: no decision does."),
            Column("setting", TEXT, "Its setting."),
        ),
    ),
    Table(
        "kept_capacity",
        "evaluate",
        "Lines on time if the plan keeps what it gives up of a resource, where that is missed: much work waits there "
        "in the simulated period to come, or the plan holds only without a scenario in which it is full.",
        (
            Column("scenario", TEXT, "`base`, or the scenario of the params."),
            Column("resource", TEXT, "The resource whose capacity is kept; other steps are as the plan has them."),
            Column("steps", INTEGER, "Steps of it that the plan gives up; below 0.", "count"),
            Column("saves", NUMBER, "What giving them up brings in the period, and keeping them costs.", "money"),
            Column("proposed", NUMBER, "Share of the lines on time under the plan, as in `comparison`.", "share"),
            Column("kept", NUMBER, "The same with the capacity kept.", "share"),
            Column("difference", NUMBER, "Mean of what keeping it adds.", "share"),
            Column("low", NUMBER, "Lower end of its central 90 %, of a next period or of the mean.", "share"),
            Column("high", NUMBER, "Upper end of its central 90 %.", "share"),
            Column("verdict", TEXT, "`better`, `worse` or `no difference`, of keeping it."),
            Column("replications", INTEGER, "Simulated periods.", "count"),
        ),
    ),
    Table(
        "calibration",
        "evaluate",
        "The period simulated at its own rates, against what was observed; in the unit of the indicator.",
        (
            *CELL_OR_ALL,
            KPI,
            Column("observed", NUMBER, "What the period had.", null=True),
            Column("simulated", NUMBER, "Mean of the simulated periods.", null=True),
            Column("error", NUMBER, "Simulated less observed, over observed where that is not 0.", null=True),
            Column("accepted", BOOLEAN, "Whether the error is tolerated, or may come of few replications."),
        ),
        totals=True,
    ),
    Table(
        "backtest",
        "evaluate",
        "Each earlier period as those before it foretold it, at today's prices; in the unit of the indicator.",
        (
            Column("period", TEXT, "The period that was foretold."),
            *CELL_OR_ALL,
            KPI,
            Column("low", NUMBER, "Lower end of the central 90 % that was foretold."),
            Column("high", NUMBER, "Upper end of it."),
            Column("observed", NUMBER, "What came."),
            Column("inside", BOOLEAN, "Whether it lay in between."),
            Column("with_days", BOOLEAN, "Whether its days were simulated, as those of the newest period are."),
        ),
        totals=True,
    ),
    Table(
        "chain_days",
        "evaluate",
        "The simulated chain day by day, in the unit of the measure; no row where nothing of it is known.",
        (
            Column("strategy", TEXT, "current, proposed, or another simulated plan."),
            _SCENARIO,
            Column(
                "measure",
                TEXT,
                "backlog and overtime (minutes of a resource), overtime_cost (money), waiting (lines at a warehouse), "
                "behind (days of work of a resource or warehouse that wait), on_hand and owed (units of all stock), "
                "on_time (share of the lines ordered in the seven days that end with it).",
            ),
            Column("place", TEXT, "The resource or warehouse; empty for the unit."),
            Column("day", INTEGER, "Day of the period, from 1.", "count"),
            Column("mean", NUMBER, "Mean over the simulated periods, at the end of the day."),
            Column("median", NUMBER, "Half of them have less."),
            Column("low", NUMBER, "Lower end of the central 90 %."),
            Column("high", NUMBER, "Upper end of it."),
        ),
    ),
    Table(
        "worst_weeks",
        "evaluate",
        "How each strategy holds in each scenario, day by day, over the simulated periods that all scenarios have; no "
        "row where nothing of a scenario's days is simulated.",
        (
            Column("strategy", TEXT, "current, proposed, or another simulated plan."),
            _SCENARIO,
            Column("day", INTEGER, "Last day of the seven whose lines are on time least, from 1.", "count"),
            Column("on_time", NUMBER, "Share of their lines that is, on average.", "share"),
            Column("behind", NUMBER, "Days of work that wait at most at any resource or warehouse.", "days"),
            Column("behind_at", TEXT, "Where; `(none)` where nothing waits."),
            Column("fill_rate", NUMBER, "Share of the units asked for that was there on the day.", "share", null=True),
            Column(
                "recovery",
                NUMBER,
                "Days from the scenario's last until lines are on time as without it, but for a point (0.01) of those "
                "of seven days; null: not within the period, it has no last day, or nothing that lines wait for is "
                "simulated.",
                "count",
                null=True,
            ),
        ),
    ),
    Table(
        "chain_stocks",
        "evaluate",
        "The simulated stock of each product and warehouse with a rule, over the simulated periods.",
        (
            Column("strategy", TEXT, "current, proposed, or another simulated plan."),
            _SCENARIO,
            Column("product_id", TEXT, "The product."),
            Column("warehouse", TEXT, "The warehouse."),
            Column("on_hand", NUMBER, "Mean units at hand at the end of a day.", "units"),
            Column("asked", NUMBER, "Units asked for in a period.", "units"),
            Column("fill_rate", NUMBER, "Share of them that was there on the day.", "share", null=True),
            Column("cycle_service", NUMBER, "Share of replenishment cycles without a stock-out.", "share", null=True),
            Column("orders", NUMBER, "Replenishment orders in a period.", "count"),
        ),
    ),
    Table(
        "tuned_stock",
        "evaluate",
        "Stock rules of the proposal (today's where it changes nothing) tuned on the simulation, over simulated "
        "periods that the search has not seen; no row where no stock is simulated or no `holding_rate` known.",
        (
            Column("product_id", TEXT, "The product."),
            Column("warehouse", TEXT, "The warehouse."),
            Column("reorder_point", NUMBER, "Where it is ordered by the strategy's own rule.", "units", null=True),
            Column("order_quantity", NUMBER, "What is ordered at once by it.", "units", null=True),
            Column("order_up_to", NUMBER, "Or up to where.", "units", null=True),
            Column("tuned_reorder_point", NUMBER, "Where it is ordered by the tuned rule.", "units", null=True),
            Column("tuned_order_quantity", NUMBER, "What is ordered at once by it.", "units", null=True),
            Column("tuned_order_up_to", NUMBER, "Or up to where.", "units", null=True),
            Column("on_hand", NUMBER, "Mean units at hand under the own rule.", "units"),
            Column("tuned_on_hand", NUMBER, "Mean units at hand under the tuned rule.", "units"),
            Column("fill_rate", NUMBER, "Share of the units that was there on the day.", "share", null=True),
            Column("tuned_fill_rate", NUMBER, "The same under the tuned rule.", "share", null=True),
            Column("cost", NUMBER, "Holding, ordering, and what is lost or late, of a period.", "money"),
            Column("tuned_cost", NUMBER, "The same under the tuned rule.", "money"),
            Column("saving", NUMBER, "Mean cost less that of the tuned rule.", "money"),
            Column("low", NUMBER, "Lower end of its central 90 %, of a next period or of the mean.", "money"),
            Column("high", NUMBER, "Upper end of it.", "money"),
            Column("verdict", TEXT, "Of the tuned rule: better, worse or no difference, on average."),
        ),
        totals=True,
    ),
)
