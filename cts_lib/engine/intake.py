"""Splits a unit's raw rows of a period into accepted and rejected, inside the engine, as the contracts say.

Leaves ``customers``, ``products``, ``lines``, ``events``, ``inventory`` and ``accepted_ledger`` in the engine:
typed, with every default of the contract filled in. A row is rejected at its first fault: its values in the
order of the contract's columns, then its references, then its key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlglot import exp

from cts_lib import sql
from cts_lib.contracts import (
    BROKEN,
    CUSTOMERS,
    EVENTS,
    LEDGER,
    ORDER_LINES,
    PRODUCTS,
    TABLES,
    Contract,
    Kind,
    Reason,
)
from cts_lib.engine.base import Engine, fetch_frame, fetch_rows
from cts_lib.engine.source import Source
from cts_lib.errors import DataError
from cts_lib.params import UnitParams
from cts_lib.period import Period

_SEPARATOR = "\x1f"
_SIGNED = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_WHOLE = (*_SIGNED, *(f"U{name}" for name in _SIGNED))
_TEXTS = ("VARCHAR", "TEXT")
_NUMERIC = (*_WHOLE, "BOOLEAN", "FLOAT", "DOUBLE", "DECIMAL")
_UNKNOWN = {"customer_id": Reason.UNKNOWN_CUSTOMER, "product_id": Reason.UNKNOWN_PRODUCT}
_KNOWN_BY = {"customer_id": "customers", "product_id": "products"}
NONE = "(none)"
_KEPT = "SELECT * EXCLUDE (_place) FROM placed_{} WHERE _fault IS NULL AND _place = 1"


@dataclass(frozen=True)
class Intake:
    """What came in: the rejected rows, the counts of every table, and the extra columns with their kinds."""

    rejected: pd.DataFrame
    quality: pd.DataFrame
    extras: dict[str, dict[str, Kind]]
    uncovered: list[str]
    assumed_cogs_lines: int


def take_in(engine: Engine, source: Source, unit: UnitParams, period: Period) -> Intake:
    """Read, check and complete a unit's rows of a period; a DataError says why the unit cannot be costed."""
    rejected, quality, extras = [], [], {}
    for contract in TABLES:
        extras[contract.name] = _extras(engine, source, contract)
        _split(engine, source, contract, extras[contract.name], unit.business_unit, period)
        rows = _rejected(engine, contract)
        rejected.append(rows)
        quality.append(_read(engine, contract, rows))
        if contract in (CUSTOMERS, PRODUCTS):
            _complete_dimension(engine, contract, period)
    counts = pd.DataFrame(quality)
    nothing = _nothing(engine, unit, period, counts)
    if nothing and not _rejected_in_period(engine):
        raise nothing
    _check_share(counts, pd.concat(rejected), unit)
    if nothing:
        raise nothing
    assumed = _complete_lines(engine, unit, extras)
    engine.create(
        "events",
        'SELECT * EXCLUDE (business_unit, _fault, quantity), COALESCE(quantity, 1) AS quantity FROM "accepted_events"',
    )
    engine.create("inventory", 'SELECT * EXCLUDE (business_unit, _fault) FROM "accepted_inventory"')
    accepted = pd.DataFrame([_accepted(engine, contract) for contract in TABLES])
    quality_table = counts.merge(accepted, on="table", validate="one_to_one")
    uncovered = _longer_only(engine, source, unit.business_unit, period)
    return Intake(pd.concat(rejected, ignore_index=True), quality_table, extras, uncovered, assumed)


def _column(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql("duckdb")


def _text(name: str) -> str:
    return f"NULLIF(CAST({_column(name)} AS VARCHAR), '')"


def _filled(name: str, sql_type: str) -> str:
    """Say whether a cell holds something; an empty text holds nothing."""
    return f"{_text(name) if sql_type in _TEXTS else _column(name)} IS NOT NULL"


def _typed(name: str, kind: Kind, sql_type: str | None) -> str:
    """Cast a raw column; what cannot be cast becomes null and is told apart from an empty cell by the fault."""
    if sql_type is None:
        return f"CAST(NULL AS {'DOUBLE' if kind is Kind.NUMBER else 'DATE' if kind is Kind.DATE else 'VARCHAR'})"
    if kind is Kind.NUMBER:
        if sql_type == "BOOLEAN":
            return (
                f"CASE WHEN {_column(name)} THEN CAST(1 AS DOUBLE) WHEN NOT {_column(name)} THEN CAST(0 AS DOUBLE) END"
            )
        if sql_type.startswith(_NUMERIC):
            value = f"CAST({_column(name)} AS DOUBLE)"
        else:
            value = f"CASE WHEN STRPOS({_text(name)}, '_') = 0 THEN TRY_CAST({_text(name)} AS DOUBLE) END"
        finite = f"ABS({value}) < CAST('Infinity' AS DOUBLE)"
        return value if sql_type.startswith(_WHOLE) else f"CASE WHEN {finite} THEN {value} END"
    if kind is Kind.DATE:
        is_date = sql_type == "DATE" or sql_type.startswith("TIMESTAMP")
        value = f"CAST({_column(name)} AS DATE)" if is_date else f"TRY_CAST({_text(name)} AS DATE)"
        return f"CASE WHEN {value} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN {value} END"
    if kind is Kind.PERIOD:
        pattern = r"^[0-9]{4}(-(H[12]|Q[1-4]|0[1-9]|1[0-2]))?$"
        return f"CASE WHEN REGEXP_MATCHES({_text(name)}, '{pattern}') THEN {_text(name)} END"
    return _text(name)


def _fault(column: str, reason: Reason, value: str = "''") -> str:
    return f"'{column}{_SEPARATOR}{reason.value}{_SEPARATOR}' || {value}"


def _split(
    engine: Engine, source: Source, contract: Contract, extras: dict[str, Kind], business_unit: str, period: Period
) -> None:
    """Leave ``typed_<table>`` (all rows, each with its fault or null), ``accepted_`` and ``rejected_<table>``.

    Only what is rejected is copied; of repeated keys, only the rows that have one are put in order.
    """
    types = source.columns.get(contract.name, {})
    typed = {column.name: _typed(column.name, column.kind, types.get(column.name)) for column in contract.columns}
    faults = []
    for column in contract.columns:
        if column.name not in types:
            continue
        if column.required:
            missing = f"NOT {_filled(column.name, types[column.name])}"
            faults.append(f"CASE WHEN {missing} THEN {_fault(column.name, Reason.MISSING)} END")
        if column.kind in BROKEN and not (column.kind is Kind.NUMBER and types[column.name].startswith(_WHOLE)):
            fault = _fault(column.name, BROKEN[column.kind], _text(column.name))
            filled = _filled(column.name, types[column.name])
            faults.append(f"CASE WHEN {filled} AND {typed[column.name]} IS NULL THEN {fault} END")
    columns = [f"{value} AS {_column(name)}" for name, value in typed.items()]
    columns += [
        f"{_extra_number(name, types[name]) if kind is Kind.NUMBER else _text(name)} AS {_column(name)}"
        for name, kind in extras.items()
    ]
    first_fault = f"COALESCE({', '.join(faults)})" if len(faults) > 1 else (faults or ["CAST(NULL AS VARCHAR)"])[0]
    origin = f"raw_{contract.name}" if source.has(contract) else "(SELECT 1 AS nothing WHERE FALSE) AS nothing"
    belongs = _belongs(contract, types, business_unit, period)
    rows = f"SELECT {', '.join(columns)}, {first_fault} AS _fault FROM {origin} WHERE {belongs}"
    unknown = [
        f"CASE WHEN {_KNOWN_BY[name]}.{name} IS NULL THEN {_fault(name, _UNKNOWN[name], f'typed.{name}')} END"
        for name in contract.references
    ]
    if unknown:
        joins = "".join(
            f" LEFT JOIN {_KNOWN_BY[name]} ON {_KNOWN_BY[name]}.{name} = typed.{name}" for name in contract.references
        )
        rows = (
            f"SELECT typed.* EXCLUDE (_fault), COALESCE(typed._fault, {', '.join(unknown)}) AS _fault "
            f"FROM ({rows}) AS typed{joins}"
        )
    engine.create(f"typed_{contract.name}", rows, view=True)
    accepted = f"SELECT * FROM typed_{contract.name} AS typed WHERE _fault IS NULL"
    rejected = f"SELECT * FROM typed_{contract.name} WHERE _fault IS NOT NULL"
    surplus = _place_repeated(engine, contract, list(extras)) if contract.key else None
    if surplus:
        accepted += f" AND NOT {_is_repeated(contract)} UNION ALL {_KEPT.format(contract.name)}"
        rejected += f" UNION ALL {surplus}"
    engine.create(f"accepted_{contract.name}", accepted, view=True)
    engine.create(f"rejected_{contract.name}", rejected)


def _belongs(contract: Contract, types: dict[str, str], business_unit: str, period: Period) -> str:
    """Say which raw rows are the unit's rows of the period; one that does not tell counts in each."""
    if not types:
        return "FALSE"
    conditions = []
    if contract.has_unit:
        conditions.append(f"COALESCE({_text('business_unit')}, {_quote(business_unit)}) = {_quote(business_unit)}")
    if contract.dates:
        inside = "CASE"
        for name in contract.dates:
            if name in types:
                value = _typed(name, Kind.DATE, types[name])
                within = f"{value} >= DATE '{period.start}' AND {value} < DATE '{period.end}'"
                inside += f" WHEN {_filled(name, types[name])} THEN {value} IS NULL OR ({within})"
        conditions.append(f"{inside} ELSE TRUE END")
    if contract is LEDGER:
        value = _typed("period", Kind.PERIOD, "VARCHAR")
        conditions.append(f"({value} IS NULL OR {value} IN ({_names(_inside(period))}))")
    return " AND ".join(conditions) or "TRUE"


def _quote(text: str) -> str:
    return exp.Literal.string(text).sql("duckdb")


def _names(periods: list[Period]) -> str:
    return ", ".join(_quote(str(period)) for period in periods) or "NULL"


def _inside(period: Period) -> list[Period]:
    return [
        Period(first, months)
        for months in (1, 3, 6, 12)
        for first in range(period.first_month, period.first_month + period.months)
        if first % months == 0 and first + months <= period.first_month + period.months
    ]


def _longer_only(engine: Engine, source: Source, business_unit: str, period: Period) -> list[str]:
    """Resources whose only ledger rows are of a longer period than the run's."""
    if not source.has(LEDGER):
        return []
    longer = [
        Period(period.first_month - period.first_month % months, months)
        for months in (3, 6, 12)
        if months > period.months
    ]
    rows = fetch_rows(
        engine,
        f"SELECT DISTINCT {_text('resource')} AS resource FROM raw_ledger WHERE {_text('business_unit')} = "
        f"{_quote(business_unit)} AND {_text('period')} IN ({_names(longer)}) AND {_text('resource')} NOT IN "
        "(SELECT resource FROM accepted_ledger) ORDER BY 1",
    )
    return [str(row["resource"]) for row in rows]


def _is_repeated(contract: Contract) -> str:
    """Say whether a typed row has a key that another has too; an empty part of a key is like another."""
    alike = " AND ".join(
        f"repeated.{name} = typed.{name}"
        if column is not None and column.required
        else f"COALESCE(repeated.{name}, '') = COALESCE(typed.{name}, '')"
        for name, column in ((name, contract.column(name)) for name in contract.key)
    )
    return f"EXISTS (SELECT 1 FROM repeated_{contract.name} AS repeated WHERE {alike})"


def _place_repeated(engine: Engine, contract: Contract, extras: list[str]) -> str | None:
    """Put the sound rows of each repeated key in the order of all columns; return the SELECT of those after the first.

    None where no key is repeated.
    """
    keys = ", ".join(contract.key)
    repeated = f"SELECT {keys} FROM typed_{contract.name} GROUP BY {keys} HAVING COUNT(*) > 1"
    engine.create(f"repeated_{contract.name}", repeated)
    if not fetch_rows(engine, f"SELECT 1 AS one FROM repeated_{contract.name} LIMIT 1"):
        return None
    order = ", ".join([column.name for column in contract.columns] + [_column(name) for name in sorted(extras)])
    engine.create(
        f"placed_{contract.name}",
        f"SELECT typed.*, ROW_NUMBER() OVER (PARTITION BY {keys}, _fault IS NULL ORDER BY {order}) AS _place "
        f"FROM typed_{contract.name} AS typed WHERE {_is_repeated(contract)}",
    )
    label = " || ' / ' || ".join(f"COALESCE(CAST({name} AS VARCHAR), '{NONE}')" for name in contract.key)
    fault = _fault(contract.key[-1], Reason.REPEATED_KEY, label)
    return (
        f"SELECT * EXCLUDE (_fault, _place), {fault} AS _fault FROM placed_{contract.name} "
        "WHERE _fault IS NULL AND _place > 1"
    )


def _rejected(engine: Engine, contract: Contract) -> pd.DataFrame:
    names = contract.key or tuple(column.name for column in contract.columns if column.required)
    shown = [name for name in names if name != "business_unit"]
    label = " || ' / ' || ".join(f"COALESCE(CAST({name} AS VARCHAR), '{NONE}')" for name in shown)
    frame = fetch_frame(
        engine,
        f'SELECT \'{contract.name}\' AS "table", {label} AS "row", _fault, {contract.money or "CAST(NULL AS DOUBLE)"} '
        f'AS money FROM rejected_{contract.name} ORDER BY "row", _fault, money',
    )
    parts = frame["_fault"].astype("str").str.split(_SEPARATOR, n=2, expand=True).reindex(columns=range(3))
    frame["column"], frame["reason"], frame["value"] = parts[0], parts[1], parts[2]
    return frame[["table", "row", "column", "value", "reason", "money"]]


def _read(engine: Engine, contract: Contract, rejected: pd.DataFrame) -> dict[str, object]:
    """Count what was read and rejected of a table, in rows and in money."""
    total = _sums(engine, contract, f"typed_{contract.name}")
    return {
        "table": contract.name,
        "read": total["total"],
        "rejected": len(rejected),
        "share": len(rejected) / total["total"] if total["total"] else 0.0,
        "money_read": total["money"] if contract.money else None,
        "money_rejected": rejected["money"].sum() if contract.money else None,
    }


def _accepted(engine: Engine, contract: Contract) -> dict[str, object]:
    """Count what was accepted where it is kept."""
    relation = {"order_lines": "lines", "ledger": "accepted_ledger"}.get(contract.name, contract.name)
    kept = _sums(engine, contract, relation)
    money = (kept["money"] or 0.0) if contract.money else None
    return {"table": contract.name, "accepted": kept["total"], "money_accepted": money}


def _sums(engine: Engine, contract: Contract, relation: str) -> dict[str, Any]:
    money = f"SUM(CAST({contract.money} AS DECIMAL(38, 6)))" if contract.money else "COUNT(NULL)"
    return fetch_rows(engine, f"SELECT COUNT(*) AS total, CAST({money} AS DOUBLE) AS money FROM {relation}")[0]


def _extra_number(name: str, sql_type: str) -> str:
    """Read a column beyond the contract as a number; true and false are 1 and 0, also as text."""
    written = f"CASE LOWER({_text(name)}) WHEN 'true' THEN CAST(1 AS DOUBLE) WHEN 'false' THEN CAST(0 AS DOUBLE) END"
    return f"COALESCE({_typed(name, Kind.NUMBER, sql_type)}, {written})"


def _extras(engine: Engine, source: Source, contract: Contract) -> dict[str, Kind]:
    """Columns beyond the contract: numbers if every value is one, else text."""
    types = source.columns.get(contract.name, {})
    names = [name for name in types if contract.column(name) is None]
    unsure = [name for name in names if not types[name].startswith(_NUMERIC)]
    kinds = dict.fromkeys(names, Kind.NUMBER)
    if unsure:
        checks = ", ".join(
            f"COUNT({_text(name)}) = COUNT({_extra_number(name, types[name])}) AS c{place}"
            for place, name in enumerate(unsure)
        )
        answers = fetch_rows(engine, f"SELECT {checks} FROM raw_{contract.name}")[0]
        kinds |= {name: Kind.NUMBER if answers[f"c{place}"] else Kind.TEXT for place, name in enumerate(unsure)}
    return kinds


def _complete_dimension(engine: Engine, contract: Contract, period: Period) -> None:
    select = f"SELECT * EXCLUDE (_fault) FROM accepted_{contract.name}"
    if contract is CUSTOMERS:
        joined = f"customer_since >= DATE '{period.start}' AND customer_since < DATE '{period.end}'"
        select = (
            f"SELECT * EXCLUDE (_fault) REPLACE (COALESCE(channel, '{NONE}') AS channel), "
            f"CASE WHEN {joined} THEN CAST(1 AS DOUBLE) ELSE CAST(0 AS DOUBLE) END AS new_customer "
            "FROM accepted_customers"
        )
    engine.create(contract.name, select)


def _complete_lines(engine: Engine, unit: UnitParams, extras: dict[str, dict[str, Kind]]) -> int:
    margin = unit.params.profile.assumed_gross_margin
    engine.create("lines", sql.load("lines", assumed_gross_margin=margin))
    missing = fetch_rows(
        engine,
        "SELECT COUNT(CASE WHEN cogs IS NULL THEN 1 END) AS missing, "
        "COUNT(CASE WHEN _cogs_source = 'assumed' THEN 1 END) AS assumed FROM lines",
    )[0]
    if missing["missing"]:
        raise DataError(
            f"{unit.name}, order_lines, cogs",
            f"{missing['missing']} lines have no cost of goods",
            "fill cogs, or products.unit_cost, or set profile.assumed_gross_margin",
        )
    return int(missing["assumed"])


def _nothing(engine: Engine, unit: UnitParams, period: Period, counts: pd.DataFrame) -> DataError | None:
    """Return the error of a period without an accepted line or event."""
    left = (counts["read"] - counts["rejected"])[counts["table"].isin([ORDER_LINES.name, EVENTS.name])]
    if left.any():
        return None
    return DataError(f"{unit.name}, {period}", "no order line and no event", have_data(engine, unit))


def _rejected_in_period(engine: Engine) -> bool:
    """Say whether a rejected line is surely of the period; one without a readable date counts in every period."""
    rows = "SELECT 1 FROM rejected_order_lines WHERE COALESCE(posting_date, order_date) IS NOT NULL"
    return bool(fetch_rows(engine, f"{rows} LIMIT 1"))


def have_data(engine: Engine, unit: UnitParams) -> str:
    """Say which quarters of a unit have order lines."""
    days = order_days(engine)
    frame = fetch_rows(
        engine,
        f"SELECT DISTINCT CAST(EXTRACT(YEAR FROM day) AS BIGINT) AS year, "
        f"CAST(EXTRACT(QUARTER FROM day) AS BIGINT) AS quarter FROM ({days}) AS days WHERE "
        f"business_unit = {_quote(unit.business_unit)} AND day IS NOT NULL ORDER BY 1, 2",
    )
    if not frame:
        return f"no row at all has business_unit {unit.business_unit!r}"
    quarters = [f"{row['year']}-Q{row['quarter']}" for row in frame]
    shown = quarters if len(quarters) <= 8 else [quarters[0], "…", quarters[-1]]
    return f"order lines exist in {', '.join(shown)}"


def extra_kinds(engine: Engine, source: Source) -> dict[str, dict[str, Kind]]:
    """Return the columns beyond the contract of every table, with their kinds."""
    return {contract.name: _extras(engine, source, contract) for contract in TABLES}


def newest_day(engine: Engine, unit: UnitParams) -> date | None:
    """Return the newest posting date of a unit's order lines."""
    found = fetch_rows(
        engine,
        f"SELECT MAX(day) AS day FROM ({order_days(engine)}) AS days "
        f"WHERE business_unit = {_quote(unit.business_unit)}",
    )
    day: date | None = found[0]["day"]
    return day


def order_days(engine: Engine) -> str:
    """Return the SELECT of every raw order line's unit and deciding day."""
    types = engine.columns("raw_order_lines")
    days = [_typed(name, Kind.DATE, types[name]) for name in ORDER_LINES.dates if name in types]
    day = f"COALESCE({', '.join(days)}, NULL)"
    return f"SELECT {_text('business_unit')} AS business_unit, {day} AS day FROM raw_order_lines"


def dated_lines(engine: Engine) -> str:
    """Return the SELECT of every raw order line's unit, deciding day, order, customer, channel and net sales, typed."""
    types = engine.columns("raw_order_lines")
    days = [_typed(name, Kind.DATE, types[name]) for name in ORDER_LINES.dates if name in types]
    texts = [
        f"{_typed(name, Kind.TEXT, types.get(name))} AS {name}"
        for name in ("business_unit", "order_id", "customer_id", "channel")
    ]
    sales = _typed("net_sales", Kind.NUMBER, types.get("net_sales"))
    day = f"COALESCE({', '.join(days)}, NULL)"
    return f"SELECT {', '.join(texts)}, {day} AS day, {sales} AS net_sales FROM raw_order_lines"


def _check_share(quality: pd.DataFrame, rejected: pd.DataFrame, unit: UnitParams) -> None:
    limit = unit.params.quality.max_rejected_share
    worst = quality[quality["share"] > limit]
    if worst.empty:
        return
    row = worst.sort_values("share", ascending=False).iloc[0]
    reasons = rejected[rejected["table"] == row["table"]].value_counts(["column", "reason"])
    column, reason = reasons.index[0]
    raise DataError(
        f"{unit.name}, {row['table']}, {column}",
        f"{row['rejected']} of {row['read']} rows rejected ({row['share']:.1%}), most often {reason}",
        f"at most quality.max_rejected_share = {limit:g}",
    )
