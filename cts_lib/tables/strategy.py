"""The tables of stage strategy: what each option would yield, and what was chosen."""

from __future__ import annotations

from dataclasses import replace

from cts_lib.tables.column import BOOLEAN, DATE, INTEGER, NUMBER, TEXT, Column
from cts_lib.tables.shared import AVOIDABLE, CELL, COST_TO_SERVE, CUSTOMER, NET_SALES, PROFIT, WORTH_KEEPING
from cts_lib.tables.table import Table

_PROFIT = Column("profit", NUMBER, "Gross margin less cost to serve.", "money")
_CASH = Column("cash", NUMBER, "Change of margin and fees, less cost that leaves the ledger, less investment.", "money")
_SERVICE_LEVEL = Column(
    "service_level", NUMBER, "Share of lines with a promise that come by the promised day.", "share", True
)
_FIGURES = (
    COST_TO_SERVE,
    _PROFIT,
    _CASH,
    Column("investment", NUMBER, "The period's share of what the customers who go along take.", "money"),
    _SERVICE_LEVEL,
    Column("in_full", NUMBER, "Share of lines delivered in full.", "share", True),
    Column("responsiveness", NUMBER, "Share of a surge that resources' slack and stock can serve.", "share", True),
    Column("speed_days", NUMBER, "Mean days from order to delivery.", "days", True),
    Column("speed_p95_days", NUMBER, "Days within which 95 % of the lines arrive.", "days", True),
    Column("visibility", NUMBER, "Share of lines whose state the customer can see.", "share", True),
)
_REACHED = Column("customers_reached", NUMBER, "Customers who go along with a lever.", "count")


def _side(side: str, words: str, figure: Column) -> Column:
    meaning = f"{words}: {figure.meaning[0].lower()}{figure.meaning[1:]}"
    return replace(figure, name=f"{side}_{figure.name}", meaning=meaning, null=True)


_AVOIDABLE_MARGIN = AVOIDABLE[1]
_OF_CUSTOMER = (NET_SALES, COST_TO_SERVE, PROFIT, _AVOIDABLE_MARGIN)

TABLES = (
    Table(
        "strategy_options",
        "strategy",
        "What each option would cost and yield.",
        (
            *CELL,
            Column("option", TEXT, "The option; today's is `current`."),
            _REACHED,
            *_FIGURES,
            Column("allowed", BOOLEAN, "Whether it keeps what is asked of service."),
            Column("reason", TEXT, "The element of service for which it is not allowed; else `(none)`."),
            Column("uses_<resource>", NUMBER, "Minutes of the resource, or money where it has no capacity."),
            Column("ships_<warehouse>", NUMBER, "Sold lines that a warehouse with a limit ships.", "count"),
            Column(
                "<lever>",
                TEXT,
                "Setting of the lever, `as today` where it changes nothing; `lever_<lever>` where that is a column.",
            ),
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
            _REACHED,
            *(
                _side(side, words, figure)
                for figure in _FIGURES
                for side, words in (("current", "Today"), ("chosen", "Proposed"))
            ),
            Column("promised_lines", NUMBER, "Today's lines with a promise, by which service levels weigh.", "count"),
            Column("gain", NUMBER, "Change of profit less investment, at full cost.", "money"),
            Column("cash_gain", NUMBER, "The same, counting of cost only what leaves the ledger.", "money"),
            Column(
                "demand_variation",
                NUMBER,
                "Coefficient of variation of what the cell orders a week (a month, where the period has over six).",
                null=True,
            ),
            Column(
                "supply_variation",
                NUMBER,
                "Standard deviation ÷ mean of the days of replenishment, mean over its lines by quantity.",
                null=True,
            ),
            Column(
                "archetype",
                TEXT,
                "The supply chain that suits it, by Lee: `efficient`, `responsive`, `risk-hedging` or `agile`; demand "
                "is uncertain where `demand_variation`, supply where 1 − `chosen_service_level` or `supply_variation` "
                "is above its threshold (`strategy.archetypes`); null where a side is not known.",
                null=True,
            ),
            Column("second_option", TEXT, "The option that the plan would lose least with in this cell.", null=True),
            Column("second_behind", NUMBER, "What the plan would lose with it.", "money", True),
            Column("cheapest_option", TEXT, "The option that costs least to serve."),
            Column("cheapest_behind", NUMBER, "What the plan would lose with it; null: it may not.", "money", True),
            Column(
                "cheapest_reason",
                TEXT,
                "Why that is not chosen: the element of service that it breaks, `worth_less`, `min_gain` or `limits`; "
                "`(none)`: it is.",
            ),
        ),
    ),
    Table(
        "strategy_frontier",
        "strategy",
        "The best plan at rising service levels, where an option that has more lines on time than today's need not "
        "gain `min_gain`.",
        (
            Column("point", INTEGER, "Number of the point."),
            replace(_SERVICE_LEVEL, meaning="Share of the lines then promised that come by the promised day."),
            _PROFIT,
            Column("cash", NUMBER, "What the plan changes cash by, with steps of capacity and investment.", "money"),
            COST_TO_SERVE,
            Column("options_changed", INTEGER, "Segments and channels that leave today's option.", "count"),
        ),
    ),
    Table(
        "service_prices",
        "strategy",
        "What another point of lines on time costs in each segment that promises days, of plans that "
        "`strategy_frontier` allows.",
        (
            Column("segment", TEXT, "The segment."),
            replace(_SERVICE_LEVEL, meaning="Share of its promised lines that come in time under the plan."),
            Column(
                "cash_of_point", NUMBER, "Cash that the best plan with a point more lacks; null: none.", "money", True
            ),
        ),
    ),
    Table(
        "strategy_sensitivity",
        "strategy",
        "What the plan changes cash by where an assumption goes to its low and its high end "
        "(`strategy.sensitivity`), all else as assumed; what moves it most first, what moves nothing left out.",
        (
            Column("assumption", TEXT, "The assumption, as in `strategy.sensitivity`."),
            Column("resource", TEXT, "The resource whose price is moved; else `(none)`."),
            Column("low", NUMBER, "Low end, as a multiple of what is assumed; of `leave` a share.", "count"),
            Column("high", NUMBER, "High end, likewise.", "count"),
            Column("cash_gain_low", NUMBER, "What the plan changes cash by at the low end.", "money", True),
            Column("cash_gain_high", NUMBER, "The same at the high end; null: no steps are enough.", "money", True),
            Column("cells_changed", INTEGER, "Cells that had better stay as today, at the end where most do.", "count"),
        ),
    ),
    Table(
        "strategy_pairs",
        "strategy",
        "What the plan changes cash by where two assumptions are at an end at once, what leaves least first: of the "
        "ends that alone take cash from it, the eight pairs that take most if each takes what it takes alone.",
        (
            Column("assumption", TEXT, "The one assumption, as in `strategy.sensitivity`."),
            Column("resource", TEXT, "The resource whose price is moved; else `(none)`."),
            Column("end", NUMBER, "Where it is, as a multiple of what is assumed; of `leave` a share.", "count"),
            Column("with_assumption", TEXT, "The other assumption."),
            Column("with_resource", TEXT, "The resource whose price is moved; else `(none)`."),
            Column("with_end", NUMBER, "Where that is, likewise.", "count"),
            Column("cash_gain", NUMBER, "What the plan changes cash by; null: no steps are enough.", "money", True),
            Column("cells_changed", INTEGER, "Cells that had better stay as today there.", "count"),
        ),
    ),
    Table(
        "capacity_plan",
        "strategy",
        "What the resources of minutes can do and do, today and under the plan.",
        (
            Column("resource", TEXT, "The resource."),
            Column("capacity_now", NUMBER, "Practical capacity.", "minutes"),
            Column("used_now", NUMBER, "Used today.", "minutes"),
            Column("used_then", NUMBER, "Used under the plan.", "minutes"),
            Column("steps", INTEGER, "Steps added, or given up below 0.", "count"),
            Column("capacity_then", NUMBER, "Practical capacity after the steps.", "minutes"),
            Column("cash", NUMBER, "What the steps and the overtime saved bring.", "money"),
            Column("hour_worth", NUMBER, "What an hour of 1 % more capacity is worth, on average.", "money", True),
        ),
    ),
    Table(
        "node_plan",
        "strategy",
        "What the warehouses with a limit of lines a day can ship and do, today and under the plan.",
        (
            Column("warehouse", TEXT, "The warehouse."),
            Column("capacity", NUMBER, "Lines a day on each day of the period on which lines were posted.", "count"),
            Column("ships_now", NUMBER, "Sold lines that it ships today.", "count"),
            Column("ships_then", NUMBER, "Sold lines that it ships under the plan.", "count"),
        ),
    ),
    Table(
        "decisions",
        "strategy",
        "The plan as decisions: cells that get the same setting of a lever are one. What one brings is what the plan "
        "would lose without it, so these need not add up to the plan; of steps of capacity and overtime, which several "
        "may spare together, its share.",
        (
            Column("decision", INTEGER, "Its place, by cash."),
            Column("lever", TEXT, "The lever."),
            Column("setting", TEXT, "Its setting."),
            Column("segment", TEXT, "The segment it is for; `(all)` where it is for several."),
            Column("channel", TEXT, "The channel; `(all)` where it is for several."),
            Column("cells", INTEGER, "Segments in channels that get it.", "count"),
            Column("small", BOOLEAN, "Whether it brings less than `strategy.min_gain.money`."),
            Column("resource", TEXT, "The resource whose work it changes by most money; else `(none)`."),
            _REACHED,
            Column("orders_reached", NUMBER, "Orders of these customers in the period.", "count"),
            Column("gain", NUMBER, "Profit less investment in the period, at full cost.", "money"),
            Column("cash_gain", NUMBER, "The same in cash.", "money"),
            Column("gain_a_year", NUMBER, "Gain of a year like the period, at full cost.", "money"),
            Column("cash_a_year", NUMBER, "The same in cash.", "money"),
            Column("upkeep", NUMBER, "What the lever costs the period once it is in the plan.", "money"),
            Column("investment", NUMBER, "What it takes before it works.", "money"),
            Column("payback_years", NUMBER, "Years until its cash pays the investment; null: never.", "count", True),
            Column("service_level", NUMBER, "Change of the unit's share of lines on time.", "share", True),
            Column("in_full", NUMBER, "Change of the share of lines in full.", "share", True),
            Column("speed_days", NUMBER, "Change of the mean days from order to delivery.", "days", True),
            Column("visibility", NUMBER, "Change of the share of lines that customers can follow.", "share", True),
            Column("responsiveness", NUMBER, "Change of the share of a surge that is served.", "share", True),
            Column(
                "owner",
                TEXT,
                "Who is to do it: the lever's `owner`, else that of `resource`, else of `governance.owners` for its "
                "segment or channel; `(none)` where params name nobody.",
            ),
            Column(
                "due",
                DATE,
                "By which day: the lever's `due`, else by `governance.action_days`, else the end of the next period.",
            ),
            Column(
                "sure",
                NUMBER,
                "Share of its cells whose option is better than today's at both ends of every assumption of "
                "`strategy.sensitivity`; null where no end moves anything; `as_given` is not asked.",
                "share",
                True,
            ),
            Column(
                "hangs_on",
                TEXT,
                "The assumption at whose end most of its cells had better stay as today; `(none)`: none of them.",
            ),
            Column(
                "ends",
                INTEGER,
                "Ends of assumptions that move the plan's cash; its cells were asked at each.",
                "count",
            ),
            Column(
                "as_given",
                TEXT,
                "The assumptions it rests on that no end moves, for params say 0, nothing, or not to; with a comma "
                "between them; `(none)`: none.",
            ),
        ),
        totals=True,
    ),
    Table(
        "customer_plan",
        "strategy",
        "What the plan makes of each customer in a channel, if it goes along with all that it is asked and stays: at "
        "today's rates, before investment.",
        (
            *CUSTOMER,
            Column("segment", TEXT, "Its segment in the channel."),
            Column("option", TEXT, "The plan's levers that change anything of it; `current`: none."),
            Column("asks", TEXT, "Of these what it has to agree to; `current`: nothing."),
            Column("handed_over", BOOLEAN, "Whether the plan hands it over to a partner."),
            *(_side("current", "Today", column) for column in _OF_CUSTOMER),
            *(_side("chosen", "In the plan", column) for column in _OF_CUSTOMER),
        ),
    ),
    Table(
        "customer_terms",
        "strategy",
        "What would make a customer worth it: of those who make 90 % of the loss, the smallest change of each term "
        "alone that brings profit to 0 and to `strategy.target_margin`.",
        (
            *CUSTOMER,
            NET_SALES,
            PROFIT,
            *AVOIDABLE,
            Column("worth_keeping", BOOLEAN, WORTH_KEEPING),
            Column("costliest", TEXT, "The activity that makes most of its cost to serve.", null=True),
            Column("costliest_share", NUMBER, "The part of its cost to serve that this activity is.", "share", True),
            Column(
                "term",
                TEXT,
                "`fee_per_order`, `fee_per_drop`, `minimum_order` (orders below it wait for the week), `price`, "
                "`rhythm` or `order_method`.",
            ),
            Column("aim", TEXT, "`zero` or `margin`: where profit must come to."),
            Column("target", NUMBER, "The profit that is needed; of a margin, on net sales with the term.", "money"),
            Column("setting", TEXT, "Today's: `0`, `none`, or the order method of most orders."),
            Column(
                "needed",
                TEXT,
                "What is needed: money of a fee or a minimum order, share of a price, days of a rhythm, the method; "
                "null where nothing does.",
                null=True,
            ),
            Column("needed_number", NUMBER, "The same as a number; null of an order method.", null=True),
            Column("net_sales_then", NUMBER, "Net sales with it.", "money", True),
            Column(
                "profit_then",
                NUMBER,
                "Profit with it; where no value of what was tried does, that of the best.",
                "money",
                True,
            ),
            Column("possible", BOOLEAN, "Whether the term alone can do it."),
            Column("easiest", BOOLEAN, "Whether it is the term that asks least of the customer's money."),
            Column("realistic", BOOLEAN, "Whether it asks at most `strategy.most_asked` of its net sales."),
            *(
                _side("chosen", "In the plan, if it goes along", column)
                for column in (NET_SALES, PROFIT, _AVOIDABLE_MARGIN)
            ),
            Column("asks", TEXT, "What the plan asks of it, as an option; `current`: nothing."),
            Column("handed_over", BOOLEAN, "Whether the plan hands it over to a partner."),
            Column(
                "chosen_needed",
                NUMBER,
                "The fee or price that is needed on top of the plan; null where the plan ends the loss or leaves it as "
                "it is, hands the customer over or takes a share of its orders, and where nothing does.",
                null=True,
            ),
            Column("chosen_net_sales_then", NUMBER, "Net sales in the plan with it.", "money", True),
            Column("chosen_easiest", BOOLEAN, "Whether on top of the plan it asks least of the customer's money."),
            Column("chosen_realistic", BOOLEAN, "Whether it asks at most `strategy.most_asked` of its net sales."),
            Column("strategic", BOOLEAN, "Whether it is marked as strategic, and so never let go."),
            Column(
                "worth_leaving",
                BOOLEAN,
                "Whether leaving the customer would save `strategy.min_gain.money` or more, today and in the plan, and "
                "it is not marked as strategic.",
            ),
        ),
    ),
)
