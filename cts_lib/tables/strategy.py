"""The tables of stage strategy: what each option would yield, and what was chosen."""

from __future__ import annotations

from cts_lib.tables.table import Table

_FIGURES = ["cost_to_serve", "profit", "service_level", "responsiveness", "speed_days", "visibility", "investment"]
TABLES = (
    Table(
        "strategy_options",
        "strategy",
        "What each option would cost and yield, with one column a lever and one uses_<resource> a resource.",
        "segment:str channel:str option:str cost_to_serve:float profit:float service_level:float? "
        "responsiveness:float? speed_days:float? visibility:float? investment:float allowed:bool",
    ),
    Table(
        "strategy",
        "strategy",
        "Today's and the chosen option of each segment and channel, all chosen ones at work together. investment is "
        "the period's share; gain is profit less investment, cash_gain counts of cost only what leaves the ledger, "
        "overload_gain is work beyond capacity that is done no more, which no ledger row paid for; "
        "promised_lines are today's lines with a promised date, by which service levels weigh.",
        "segment:str channel:str current_option:str chosen_option:str archetype:str "
        + " ".join(f"{side}_{figure}:float?" for figure in _FIGURES for side in ("current", "chosen"))
        + " promised_lines:float gain:float cash_gain:float overload_gain:float",
    ),
    Table(
        "strategy_frontier",
        "strategy",
        "The best profit at rising service levels.",
        "point:int service_level:float? profit:float cost_to_serve:float options_changed:int",
    ),
)
