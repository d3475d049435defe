"""Takes a unit's rows of a period in: splits accepted from rejected, fills in every default, counts what came.

Leaves ``customers``, ``products``, ``lines``, ``events``, ``inventory`` and ``accepted_ledger`` in the engine, typed.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cts_lib import sql
from cts_lib.engine import quote, quoted
from cts_lib.engine.base import Engine, fetch_rows
from cts_lib.errors import DataError, EmptyPeriod
from cts_lib.intake.cells import Cell, absent, as_text
from cts_lib.intake.reserved import refuse_totals
from cts_lib.intake.source import Source
from cts_lib.intake.split import Split, split_rows, sums
from cts_lib.measures import needed
from cts_lib.params import UnitParams
from cts_lib.params.period import Period
from cts_lib.tables.column import Kind
from cts_lib.tables.inputs import CUSTOMERS, EVENTS, INPUTS, LEDGER, ORDER_LINES, Contract

_DERIVED = {"business_unit", "posting_date", "gross_sales", "cogs", "channel", "shipment_id", "weight_kg"}
"""Columns of order lines that `sql/lines.sql` fills in or leaves out."""


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


def take_in(engine: Engine, source: Source, unit: UnitParams, period: Period) -> Intake:
    """Read, check and complete a unit's rows of a period; a DataError says why the unit cannot be costed."""
    split = split_rows(engine, source, unit.business_unit, period)
    _check_counts(engine, unit, period, split)
    assumed = complete_lines(engine, source, unit)
    refuse_totals(engine, split.extras)
    engine.create(
        "events", "SELECT * EXCLUDE (business_unit, quantity), COALESCE(quantity, 1) AS quantity FROM accepted_events"
    )
    engine.create("inventory", "SELECT * EXCLUDE (business_unit) FROM accepted_inventory")
    accepted = pd.DataFrame([_accepted(engine, contract) for contract in INPUTS])
    quality = split.counts.merge(accepted, on="table", validate="one_to_one")
    uncovered = _longer_only(engine, source, unit.business_unit, period)
    return Intake(split.rejected, quality, split.extras, uncovered, assumed, _filled(engine))


def complete_lines(engine: Engine, source: Source, unit: UnitParams) -> int:
    """Keep the accepted lines with their defaults as ``lines``; return how many rest on an assumed margin.

    Columns that the source lacks are not stored: the view ``lines`` has them as nulls.
    """
    given = source.columns.get(ORDER_LINES.name, {})
    lacking = [column for column in ORDER_LINES.columns if column.name not in {*given, *_DERIVED}]
    complete = sql.load("lines", assumed_gross_margin=unit.params.profile.assumed_gross_margin).sql("duckdb")
    left_out = f" EXCLUDE ({', '.join(column.name for column in lacking)})" if lacking else ""
    engine.create("kept_lines", f"SELECT *{left_out} FROM ({complete}) AS line")
    nulls = "".join(f", {absent(column.kind)} AS {quoted(column.name)}" for column in lacking)
    engine.create("lines", f"SELECT kept_lines.*{nulls} FROM kept_lines", view=True)
    lines = fetch_rows(
        engine,
        "SELECT COUNT(CASE WHEN cogs IS NULL THEN 1 END) AS missing, "
        "COUNT(CASE WHEN _cogs_source = 'assumed' THEN 1 END) AS assumed FROM lines",
    )[0]
    if lines["missing"]:
        raise DataError(
            "order_lines, cogs",
            f"{lines['missing']} lines have no cost of goods",
            "fill cogs, or products.unit_cost, or set profile.assumed_gross_margin",
        )
    return int(lines["assumed"])


def _filled(engine: Engine) -> frozenset[str]:
    customers = "(SELECT * FROM customers WHERE customer_id IN (SELECT customer_id FROM lines)) AS customer"
    filled = set()
    for table, relation in ((ORDER_LINES.name, "lines"), (CUSTOMERS.name, customers)):
        columns = needed(table)
        counts = ", ".join(f"COUNT({quoted(name)}) AS c{place}" for place, name in enumerate(columns))
        found = fetch_rows(engine, f"SELECT {counts} FROM {relation}")[0]
        filled |= {f"{table}.{name}" for place, name in enumerate(columns) if found[f"c{place}"]}
    return frozenset(filled)


def _longer_only(engine: Engine, source: Source, business_unit: str, period: Period) -> list[str]:
    """Resources whose only ledger rows are of a longer period than the run's."""
    if not source.has(LEDGER):
        return []
    longer = [
        Period(period.first_month - period.first_month % months, months)
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


def _accepted(engine: Engine, contract: Contract) -> dict[str, object]:
    """Count what was accepted where it is kept."""
    relation = {"order_lines": "lines", "ledger": "accepted_ledger"}.get(contract.name, contract.name)
    kept = sums(engine, contract.money, relation)
    money = (kept["money"] or 0.0) if contract.money else None
    return {"table": contract.name, "accepted": kept["total"], "money_accepted": money}


def _check_counts(engine: Engine, unit: UnitParams, period: Period, split: Split) -> None:
    """Raise where nothing is left to cost, or too much was rejected."""
    traffic = split.counts[split.counts["table"].isin([ORDER_LINES.name, EVENTS.name])]
    nothing = None
    if (traffic["read"] == traffic["rejected"]).all():
        nothing = EmptyPeriod(str(period), "no order line and no event", have_data(engine, unit))
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
    reasons = split.rejected[split.rejected["table"] == row["table"]].value_counts(["column", "reason"])
    column, reason = reasons.index[0]
    raise DataError(
        f"{row['table']}, {column}",
        f"{row['rejected']} of {row['read']} rows rejected ({row['share']:.1%}), most often {reason}",
        f"at most quality.max_rejected_share = {limit:g}",
    )


def have_data(engine: Engine, unit: UnitParams) -> str:
    """Say which quarters of a unit have order lines."""
    frame = fetch_rows(
        engine,
        f"SELECT DISTINCT CAST(EXTRACT(YEAR FROM day) AS BIGINT) AS year, "
        f"CAST(EXTRACT(QUARTER FROM day) AS BIGINT) AS quarter FROM ({order_days(engine)}) AS days WHERE "
        f"business_unit = {quote(unit.business_unit)} AND day IS NOT NULL ORDER BY 1, 2",
    )
    if not frame:
        of_unit = f"({order_days(engine)}) AS days WHERE business_unit = {quote(unit.business_unit)}"
        if undated := fetch_rows(engine, f"SELECT COUNT(*) AS n FROM {of_unit}")[0]["n"]:
            return f"none of its {undated:,} order lines has a date that can be read"
        return f"no order line at all has business_unit {unit.business_unit!r}"
    quarters = [f"{row['year']}-Q{row['quarter']}" for row in frame]
    shown = quarters if len(quarters) <= 8 else [quarters[0], "…", quarters[-1]]
    return f"order lines exist in {', '.join(shown)}"


def order_days(engine: Engine) -> str:
    """Return the SELECT of every raw order line's unit and deciding day."""
    return f"SELECT {_unit_and_day(engine.columns('raw_order_lines'))} FROM raw_order_lines AS raw"


def _unit_and_day(types: dict[str, str]) -> str:
    days = [Cell(name, types[name]).value(Kind.DATE) for name in ORDER_LINES.dates if name in types]
    return f"{as_text('business_unit')} AS business_unit, COALESCE({', '.join(days)}, NULL) AS day"


def dated_lines(engine: Engine) -> str:
    """Return the SELECT of every raw order line's unit, deciding day, order, customer, channel and net sales, typed."""
    types = engine.columns("raw_order_lines")
    kinds = dict.fromkeys(("order_id", "customer_id", "channel"), Kind.TEXT) | {"net_sales": Kind.NUMBER}
    values = [
        f"{Cell(name, types[name]).value(kind) if name in types else absent(kind)} AS {name}"
        for name, kind in kinds.items()
    ]
    return f"SELECT {', '.join(values)}, {_unit_and_day(types)} FROM raw_order_lines AS raw"
