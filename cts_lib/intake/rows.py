"""Takes a unit's rows of a period in: splits accepted from rejected, fills in every default, counts what came.

Leaves ``customers``, ``products``, ``lines``, ``events``, ``inventory``, ``nodes``, ``lanes``, ``replenishment`` and
``accepted_ledger`` in the engine, typed.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cts_lib import sql
from cts_lib.engine import fetch_row, fetch_values, quote, quoted
from cts_lib.engine.base import Engine, fetch_rows
from cts_lib.errors import DataError, EmptyPeriod
from cts_lib.intake.cells import absent, as_text
from cts_lib.intake.dated import have_data
from cts_lib.intake.doubts import doubts_of
from cts_lib.intake.faults import check_notation, refused
from cts_lib.intake.repeated import share_out
from cts_lib.intake.reserved import refuse_totals
from cts_lib.intake.source import Source
from cts_lib.intake.split import Split, split_rows, sums
from cts_lib.measures import needed
from cts_lib.notes import Note
from cts_lib.params import UnitParams
from cts_lib.params.period import Period, undated
from cts_lib.tables.column import Kind
from cts_lib.tables.contract import Contract
from cts_lib.tables.inputs import DELIVERIES, EVENTS, INPUTS, INVENTORY, LEDGER, ORDER_LINES
from cts_lib.tables.supply import NODES, REPLENISHMENT

_DERIVED = {"business_unit", "posting_date", "gross_sales", "cogs", "channel", "shipment_id", "weight_kg"}
"""Columns of order lines that `sql/lines.sql` fills in or leaves out."""

_RATES = ("rate_per_kg", "rate_per_shipment", "minimum_charge")
_KNOWN_RATES = ", ".join(
    f"CASE WHEN COALESCE({', '.join(_RATES)}) IS NOT NULL THEN COALESCE({name}, 0) END AS {name}" for name in _RATES
)
_LANES = (
    f"SELECT * EXCLUDE (business_unit) REPLACE (COALESCE(weight_from_kg, 0) AS weight_from_kg, {_KNOWN_RATES}) "
    "FROM accepted_lanes"
)
"""Lanes with their defaults: a lane without any rate has a freight that nobody knows, not none."""


@dataclass(frozen=True)
class Intake:
    """What came in: the rejected rows, the counts of every table, and the extra columns with their kinds.

    ``filled`` are the columns that measures need, as ``table.column``, of which a line of the period has a value.
    """

    rejected: pd.DataFrame
    quality: pd.DataFrame
    extras: dict[str, dict[str, Kind]]
    uncovered: list[str]
    assumed_cogs_lines: int
    filled: frozenset[str]
    notes: list[Note]


def take_in(engine: Engine, source: Source, unit: UnitParams, period: Period) -> Intake:
    """Read, check and complete a unit's rows of a period; a DataError says why the unit cannot be costed."""
    split = split_rows(engine, source, unit, period)
    check_notation(split.rejected, source.formats, unit.params.unit.currency)
    _check_counts(engine, unit, period, split)
    assumed = complete_lines(engine, source, unit)
    refuse_totals(engine, split.extras)
    engine.create(
        "events", "SELECT * EXCLUDE (business_unit, quantity), COALESCE(quantity, 1) AS quantity FROM accepted_events"
    )
    for contract in (INVENTORY, NODES, REPLENISHMENT):
        engine.create(contract.name, f"SELECT * EXCLUDE (business_unit) FROM accepted_{contract.name}")
    engine.create("lanes", _LANES)
    accepted = pd.DataFrame([_accepted(engine, contract) for contract in INPUTS])
    quality = split.counts.merge(accepted, on="table", validate="one_to_one")
    uncovered = _longer_only(engine, source, unit.business_unit, period)
    notes = doubts_of(engine, source, unit)
    return Intake(split.rejected, quality, split.extras, uncovered, assumed, _filled(engine), notes)


def complete_lines(engine: Engine, source: Source, unit: UnitParams) -> int:
    """Keep the accepted lines with their defaults as ``lines``; return how many rest on an assumed margin.

    Columns that the source lacks are not stored, nor is the unit's name: the view ``lines`` has them as constants.
    """
    given = {*source.columns.get(ORDER_LINES.name, {}), *source.columns.get(DELIVERIES.name, {})}
    lacking = {
        column.name: absent(column.kind) for column in ORDER_LINES.columns if column.name not in {*given, *_DERIVED}
    }
    accepted = "accepted_order_lines"
    if source.has(DELIVERIES):
        accepted = "delivered_order_lines"
        engine.create(accepted, sql.load("deliveries", None, **unit.params.governance.on_time.values), view=True)
    margin = unit.params.profile.assumed_gross_margin
    complete = sql.load("lines", {"accepted_order_lines": accepted}, assumed_gross_margin=margin).sql("duckdb")
    left_out = f" EXCLUDE ({', '.join(lacking)})" if lacking else ""
    engine.create("kept_lines", f"SELECT *{left_out} FROM ({complete}) AS line")
    share_out(engine, unit)
    if not source.has(DELIVERIES):
        lacking["_on_time_share"] = absent(Kind.NUMBER)
    constants = lacking | {"business_unit": quote(unit.business_unit)}
    listed = "".join(f", {value} AS {quoted(name)}" for name, value in constants.items())
    engine.create("lines", f"SELECT kept_lines.*{listed} FROM kept_lines", view=True)
    lines = fetch_row(
        engine,
        "SELECT COUNT(CASE WHEN cogs IS NULL THEN 1 END) AS missing, "
        "COUNT(CASE WHEN _cogs_source = 'assumed' THEN 1 END) AS assumed FROM lines",
    )
    if lines["missing"]:
        products = fetch_rows(
            engine,
            "SELECT product_id, COUNT(*) AS n FROM lines WHERE cogs IS NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 4",
        )
        first = ", ".join(row["product_id"] for row in products[:3]) + (" …" if len(products) > 3 else "")
        raise DataError(
            "order_lines, cogs",
            f"{lines['missing']} lines have no cost of goods, of products {first}",
            "fill cogs, or products.unit_cost, or set profile.assumed_gross_margin",
        )
    return int(lines["assumed"])


def _filled(engine: Engine) -> frozenset[str]:
    counts = {f"{ORDER_LINES.name}.{name}": f"COUNT({quoted(name)})" for name in needed(ORDER_LINES.name)}
    return frozenset(name for name, count in fetch_values(engine, counts, "lines").items() if count)


def _longer_only(engine: Engine, source: Source, business_unit: str, period: Period) -> list[str]:
    """Resources whose only ledger rows are of a longer period than the run's."""
    if not source.has(LEDGER):
        return []
    if period.calendar is None:
        _check_calendar(engine, business_unit)
    calendars = [period.calendar if period.is_fiscal else None, None if period.is_fiscal else period.calendar]
    longer = [
        Period.containing(period.start, months, calendar)
        for calendar in dict.fromkeys(calendars)
        for months in (3, 6, 12)
        if months > period.months
    ]
    periods = ", ".join(quote(str(item)) for item in longer) or "NULL"
    rows = fetch_rows(
        engine,
        f"SELECT DISTINCT {as_text('resource')} AS resource FROM raw_ledger AS raw WHERE {as_text('business_unit')} = "
        f"{quote(business_unit)} AND {as_text('period')} IN ({periods}) AND {as_text('resource')} NOT IN "
        "(SELECT resource FROM accepted_ledger) ORDER BY 1",
    )
    return [str(row["resource"]) for row in rows]


def _check_calendar(engine: Engine, business_unit: str) -> None:
    """Raise for a ledger row of a fiscal period, where the unit has no fiscal calendar."""
    written = as_text("period")
    rows = fetch_rows(
        engine,
        f"SELECT MIN({written}) AS period FROM raw_ledger AS raw WHERE {as_text('business_unit')} = "
        f"{quote(business_unit)} AND {written} LIKE 'FY%'",
    )
    for problem in undated("ledger, period", rows[0]["period"]):
        raise DataError(problem.where, problem.problem, problem.expected)


def _accepted(engine: Engine, contract: Contract) -> dict[str, object]:
    """Count what was accepted where it is kept."""
    relation = "lines" if contract is ORDER_LINES else f"accepted_{contract.name}"
    kept = sums(engine, contract.money, relation)
    money = (kept["money"] or 0.0) if contract.money else None
    return {"table": contract.name, "accepted": kept["total"], "money_accepted": money}


def _check_counts(engine: Engine, unit: UnitParams, period: Period, split: Split) -> None:
    """Raise where nothing is left to cost, or too much was rejected."""
    traffic = split.counts[split.counts["table"].isin([ORDER_LINES.name, EVENTS.name])]
    nothing = None
    if (traffic["read"] == traffic["rejected"]).all():
        nothing = EmptyPeriod(
            str(period), "no order line and no event", have_data(engine, unit), rejected=split.rejected
        )
    if nothing and not _rejected_in_period(engine):
        raise nothing
    _check_share(split, unit)
    if nothing:
        raise nothing


def _rejected_in_period(engine: Engine) -> bool:
    """Say whether a rejected line is surely of the period; one without a readable date counts in every period."""
    rows = "SELECT 1 FROM rejected_order_lines WHERE COALESCE(posting_date, order_date) IS NOT NULL"
    return bool(fetch_rows(engine, f"{rows} LIMIT 1"))


def _check_share(split: Split, unit: UnitParams) -> None:
    limit = unit.params.quality.max_rejected_share
    worst = split.counts[split.counts["share"] > limit]
    if worst.empty:
        return
    row = worst.sort_values("share", ascending=False).iloc[0]
    raise refused(
        split.rejected[split.rejected["table"] == row["table"]],
        f"{row['rejected']} of {row['read']} rows rejected ({row['share']:.1%})",
        f"at most quality.max_rejected_share = {limit:g}",
    )
