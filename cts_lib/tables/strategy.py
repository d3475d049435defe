"""The tables of stage strategy: what each option would yield, and what was chosen."""

from __future__ import annotations

from dataclasses import replace

from cts_lib.tables.column import BOOLEAN, INTEGER, NUMBER, TEXT, Column
from cts_lib.tables.shared import CELL, COST_TO_SERVE
from cts_lib.tables.table import Table

_FIGURES = (
    COST_TO_SERVE,
    Column("profit", NUMBER, "Gross margin less margin at risk and cost to serve.", "money"),
    Column("service_level", NUMBER, "Share of lines with a promise that come by the promised day.", "share", True),
    Column("responsiveness", NUMBER, "Share of lines that come within the agreed lead time.", "share", True),
    Column("speed_days", NUMBER, "Mean days from order to delivery.", "days", True),
    Column("visibility", NUMBER, "Share of lines by electronic order methods.", "share", True),
    Column("investment", NUMBER, "The period's share of the investment.", "money"),
)


def _side(side: str, words: str, figure: Column) -> Column:
    meaning = f"{words}: {figure.meaning[0].lower()}{figure.meaning[1:]}"
    return replace(figure, name=f"{side}_{figure.name}", meaning=meaning, null=True)


TABLES = (
    Table(
        "strategy_options",
        "strategy",
        "What each option would cost and yield.",
        (
            *CELL,
            Column("option", TEXT, "The option; today's is `current`."),
            *_FIGURES,
            Column("allowed", BOOLEAN, "Whether it keeps the limit of service that may be lost."),
            Column("uses_<resource>", NUMBER, "Minutes of the resource, or money where it has no capacity."),
            Column("<lever>", TEXT, "Setting of the lever; `as today` where it changes nothing."),
        ),
    ),
    Table(
        "strategy",
        "strategy",
        "Today's and the chosen option of each segment and channel, all chosen ones at work together.",
        (
            *CELL,
            Column("current_option", TEXT, "Today's option, `current`."),
            Column("chosen_option", TEXT, "The option that was chosen."),
            Column("archetype", TEXT, "What the chosen levers amount to."),
            *(
                _side(side, words, figure)
                for figure in _FIGURES
                for side, words in (("current", "Today"), ("chosen", "Proposed"))
            ),
            Column("promised_lines", NUMBER, "Today's lines with a promise, by which service levels weigh.", "count"),
            Column("gain", NUMBER, "Change of profit less investment.", "money"),
            Column("cash_gain", NUMBER, "The same, counting of cost only what leaves the ledger.", "money"),
            Column("overload_gain", NUMBER, "Unpaid work beyond capacity that is done no more.", "money"),
        ),
    ),
    Table(
        "strategy_frontier",
        "strategy",
        "The best profit at rising service levels.",
        (
            Column("point", INTEGER, "Number of the point."),
            _FIGURES[2],
            _FIGURES[1],
            COST_TO_SERVE,
            Column("options_changed", INTEGER, "Segments and channels that leave today's option.", "count"),
        ),
    ),
)
