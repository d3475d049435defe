"""The tables between stages and out of the workbook, declared once: columns, kinds, and which have total rows.

A stage's tables are held to these declarations before anything is written. Columns here are the least; tables may carry
more. ``business_unit`` and ``period`` come first in every stored table and are not repeated here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaError

from cts_lib.errors import DataError

_MONEY = (
    "gross_sales:float discounts:float net_sales:float cogs:float gross_margin:float cost_to_serve:float profit:float "
    "assumed_cogs:float"
)
_SOLD = f"orders:int lines:int quantity:float {_MONEY}"
_SERVICE = "lead_time_days:float? on_time:float? in_full:float?"
_FIGURES = ["cost_to_serve", "profit", "service_level", "responsiveness", "speed_days", "visibility", "investment"]


@dataclass(frozen=True)
class Table:
    """One output table: its stage, what it tells, its columns (``name:kind``, ``?`` where null may stand)."""

    name: str
    stage: str
    about: str
    columns: str
    totals: bool = False

    @property
    def kinds(self) -> dict[str, tuple[str, bool]]:
        """The kind of each column, and whether it may be null."""
        parts = (word.partition(":") for word in self.columns.split())
        return {name: (kind.rstrip("?"), kind.endswith("?")) for name, _, kind in parts}


TABLES = (
    Table(
        "resources",
        "profile",
        "Where each ledger amount went, and how its capacity was used.",
        "resource:str ledger:float received:float sent:float assigned:float unused:float overdriven:float "
        "sustaining:float unassigned:float difference:float capacity_minutes:float? used_minutes:float? "
        "utilisation:float? rate:float?",
    ),
    Table(
        "activities",
        "profile",
        "What was done how often, and what once costs; price is that of a minute, of a driver's unit, or 1.",
        "activity:str resource:str? per:str basis:str volume:float missing:int driver_quantity:float? minutes:float? "
        "cost:float unit_cost:float? price:float",
    ),
    Table(
        "statement",
        "profile",
        "From sales over customer profit to operating profit, with signs.",
        "line:str amount:float",
    ),
    Table(
        "customer_costs",
        "profile",
        "What each activity cost for each customer and channel.",
        "customer_id:str channel:str activity:str resource:str? volume:float missing:float driver_quantity:float? "
        "minutes:float? cost:float",
    ),
    Table(
        "customer_channel_profit",
        "profile",
        "Money per customer and channel; assumed_cogs is the part of cogs that rests on profile.assumed_gross_margin.",
        f"customer_id:str channel:str {_SOLD}",
    ),
    Table(
        "customer_profit",
        "profile",
        "Money per customer in the order of profit; channel is the one it buys most in.",
        f"customer_id:str name:str? channel:str {_SOLD} profit_low:float? profit_high:float? "
        "probability_unprofitable:float? fragile:bool rank:int cumulative_profit:float avoidable_cost:float? "
        "avoidable_margin:float? worth_keeping:bool",
    ),
    Table(
        "rival_allocations",
        "profile",
        "Cost to serve and profit of each customer by rival methods, and whose sign hangs on the method.",
        "customer_id:str method:str cost_to_serve:float profit:float changes_sign:bool",
    ),
    Table(
        "whale_band",
        "profile",
        "The central 90 % of the whale curve where the model gives spreads; empty where it gives none.",
        "share:float low:float mean:float high:float",
    ),
    Table(
        "assumption_shares",
        "profile",
        "How much of the variance of customers' profit each uncertain assumption makes, over all and fragile ones.",
        "assumption:str variance_share:float fragile_share:float",
    ),
    Table(
        "unit_times",
        "profile",
        "Unit times of the model beside what recorded minutes of events and months of the ledger say, with the central "
        "90 %. term is as the equation writes it (1: once a thing; (all): all terms together, in minutes an event or a "
        "month). verdict: agrees, differs or cannot tell; reason says why not.",
        "activity:str resource:str term:str assumed:float? estimated:float? low:float? high:float? source:str "
        "measured:str observations:int r_squared:float? condition:float? verdict:str reason:str?",
    ),
    Table(
        "channel_profit",
        "profile",
        "Money per channel.",
        f"channel:str {_MONEY} sustaining:float avoidable_cost:float? avoidable_margin:float?",
    ),
    Table(
        "profile",
        "profile",
        "Customers, money and service by every dimension; dimensions of lines and products have no cost to serve.",
        "dimension:str value:str customers:int orders:int net_sales:float gross_margin:float cost_to_serve:float? "
        f"profit:float? {_SERVICE}",
    ),
    Table(
        "lead_times",
        "profile",
        "Sold lines by days from order to delivery.",
        "channel:str days:int lines:int on_time_lines:int",
    ),
    Table(
        "ledger_rows",
        "profile",
        "The accepted ledger rows that the resources' cost is the sum of; none where params give the cost.",
        "resource:str ledger_period:str account:str? amount:float",
    ),
    Table(
        "support_flows",
        "profile",
        "What each support department sent to whom.",
        "sender:str resource:str amount:float",
    ),
    Table(
        "customer_things",
        "profile",
        "What stands behind the cost of the customer at the end of the whale curve: the costliest things of each "
        "activity, their drivers put into the equation, and the others in one row without a name.",
        "customer_id:str channel:str activity:str thing:str? calculation:str? count:int quantity:float cost:float",
    ),
    Table(
        "rejected_rows",
        "profile",
        "Rows that break the contract, at their first fault; row holds the key.",
        "table:str row:str? column:str value:str? reason:str money:float?",
    ),
    Table(
        "quality",
        "profile",
        "Rows and money read, accepted and rejected, per input table.",
        "table:str read:int accepted:int rejected:int share:float money_read:float? money_accepted:float? "
        "money_rejected:float?",
    ),
    Table(
        "segments",
        "segment",
        "The segment of each customer in each channel.",
        "customer_id:str channel:str segment:str value_class:str cost_class:str cluster:int stability:float",
    ),
    Table(
        "segment_matrix",
        "segment",
        "Money and service per segment and channel.",
        "segment:str channel:str customers:int net_sales:float gross_margin:float cost_to_serve:float profit:float "
        f"{_SERVICE}",
        totals=True,
    ),
    Table(
        "segment_rules",
        "segment",
        "How a segment is told: its thresholds, and what behaviour alone tells.",
        "segment:str rule:str coverage:float precision:float",
    ),
    Table(
        "rival_segments",
        "segment",
        "The segment each customer would have by the cost of rival methods, thresholds drawn again.",
        "customer_id:str channel:str method:str segment:str value_class:str cost_class:str changes_class:bool",
    ),
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
        "the period's share; gain is profit less investment, cash_gain counts only cost that leaves the ledger.",
        "segment:str channel:str current_option:str chosen_option:str archetype:str "
        + " ".join(f"{side}_{figure}:float?" for figure in _FIGURES for side in ("current", "chosen"))
        + " gain:float cash_gain:float",
    ),
    Table(
        "strategy_frontier",
        "strategy",
        "The best profit at rising service levels.",
        "point:int service_level:float? profit:float cost_to_serve:float options_changed:int",
    ),
    Table(
        "evaluation",
        "evaluate",
        "Each KPI over the simulated periods.",
        "segment:str channel:str strategy:str kpi:str mean:float low:float high:float replications:int",
        totals=True,
    ),
    Table(
        "comparison",
        "evaluate",
        "Proposed against current, paired by simulated period.",
        "segment:str channel:str kpi:str current:float proposed:float difference:float low:float high:float "
        "verdict:str",
        totals=True,
    ),
    Table(
        "calibration",
        "evaluate",
        "The simulated current strategy against what was observed.",
        "segment:str channel:str kpi:str observed:float? simulated:float? error:float? accepted:bool",
        totals=True,
    ),
    Table(
        "kpis",
        "govern",
        "Indicators against target, the period before and control limits.",
        "segment:str channel:str kpi:str value:float? target:float? status:str previous:float? lower_limit:float? "
        "upper_limit:float? signal:str",
        totals=True,
    ),
    Table(
        "bridge",
        "govern",
        "Why profit changed; the row of totals leads to operating profit.",
        "segment:str channel:str component:str amount:float",
        totals=True,
    ),
    Table(
        "actions",
        "govern",
        "What to do, who, and until when. expected_saving is at full cost, expected_cash in cash; realised_saving is "
        "null and state proposed until somebody follows them up.",
        "action:str segment:str channel:str owner:str due:date expected_saving:float? expected_cash:float? "
        "realised_saving:float? state:str",
        totals=True,
    ),
)
_TYPES = {"str": "str", "float": "float64", "int": "int64", "bool": "bool", "date": "datetime64[s]"}
_BY_NAME = {table.name: table for table in TABLES}


@cache
def _schema(name: str) -> pa.DataFrameSchema:
    columns = {
        column: pa.Column(_TYPES[kind], nullable=nullable) for column, (kind, nullable) in _BY_NAME[name].kinds.items()
    }
    return pa.DataFrameSchema(columns, strict=False, name=name)


def conform(name: str, table: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Return the table with its declared kinds; a column that is missing or cannot have its kind is a DataError."""
    kinds = {column: _TYPES[kind] for column, (kind, _) in _BY_NAME[name].kinds.items() if column in table}
    try:
        typed = table.astype(kinds)
        checked: pd.DataFrame = _schema(name).validate(typed)
    except (SchemaError, ValueError, TypeError) as error:
        raise DataError(f"{unit}, table {name}", str(error).splitlines()[0], "see docs/tables.md") from error
    return checked


def document() -> str:
    """Return docs/tables.md: every table with its columns."""
    parts = [
        "# Tables\n",
        "Under `<out>/<period>/<unit>/tables/`, one Parquet file a table; `business_unit` and `period` come first in "
        "each. Columns here are the least; `?` marks those that may be null. Money is in the unit's currency.\n",
    ]
    for table in TABLES:
        has = "Has total rows: `(all)` in segment or channel." if table.totals else "No total rows."
        rows = [f"| `{name}` | {kind}{'?' if null else ''} |" for name, (kind, null) in table.kinds.items()]
        parts.append(f"## {table.name}\n\nStage {table.stage}. {table.about} {has}\n")
        parts.append("\n".join(["| column | kind |", "| --- | --- |", *rows]) + "\n")
    return "\n".join(parts)
