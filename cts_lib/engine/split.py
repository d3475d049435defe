"""Splits a unit's raw rows of a period into accepted and rejected, inside the engine, as the contracts say.

Leaves ``accepted_<table>`` (a view: nothing that is accepted is copied) and ``rejected_<table>``, typed. A row is
rejected at its first fault: its values in the order of the contract's columns, then its references, then its key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cts_lib.contracts import BROKEN, CUSTOMERS, LEDGER, ORDER_LINES, PRODUCTS, TABLES, Column, Contract, Kind, Reason
from cts_lib.engine.base import Engine, fetch_frame, fetch_rows
from cts_lib.engine.cells import NUMERIC, Cell, absent, as_text, quote, quoted
from cts_lib.engine.source import Source
from cts_lib.period import Period

NONE = "(none)"
_SEPARATOR = "\x1f"
_UNKNOWN = {"customer_id": Reason.UNKNOWN_CUSTOMER, "product_id": Reason.UNKNOWN_PRODUCT}
_KNOWN_BY = {"customer_id": "customers", "product_id": "products"}
_BITS = 48
"""Line numbers are told apart by as many bits."""


@dataclass(frozen=True)
class Split:
    """The rejected rows, what was read and rejected of each table, and its extra columns with their kinds."""

    rejected: pd.DataFrame
    counts: pd.DataFrame
    extras: dict[str, dict[str, Kind]]


@dataclass(frozen=True)
class _Raw:
    """A raw table: its contract, the cells it has, its columns beyond the contract, and which rows are the unit's."""

    contract: Contract
    cells: Mapping[str, Cell]
    extras: Mapping[str, Kind]
    belongs: str

    @property
    def origin(self) -> str:
        return f"raw_{self.contract.name} AS raw" if self.cells else "(SELECT 1 AS nothing WHERE FALSE) AS raw"

    def value(self, column: Column) -> str:
        """Return a column of the contract, typed."""
        return self.cells[column.name].value(column.kind) if column.name in self.cells else absent(column.kind)

    @property
    def values(self) -> dict[str, str]:
        """All columns, typed, by name."""
        own = {column.name: self.value(column) for column in self.contract.columns}
        return own | {
            name: self.cells[name].extra_number() if kind is Kind.NUMBER else as_text(name)
            for name, kind in self.extras.items()
        }

    @property
    def known(self) -> dict[str, str]:
        """The columns that refer to another table, with that table's own column."""
        return {name: f"{_KNOWN_BY[name]}.{name}" for name in self.contract.references if name in self.cells}

    @property
    def sound(self) -> list[str]:
        """What is true of a row that keeps the contract."""
        given = [(column, self.cells[column.name]) for column in self.contract.columns if column.name in self.cells]
        own = [f"({condition})" for column, cell in given if (condition := cell.is_sound(column))]
        return own + [f"{place} IS NOT NULL" for place in self.known.values()]

    @property
    def faults(self) -> list[tuple[str, str]]:
        """What is true of a row that breaks it, in the order in which it is told, with the words."""
        found = []
        for column in self.contract.columns:
            cell = self.cells.get(column.name)
            for condition, is_missing in cell.faults(column) if cell else []:
                reason = Reason.MISSING if is_missing else BROKEN[column.kind]
                found.append((condition, _fault(column.name, reason, "''" if is_missing else as_text(column.name))))
        return found + [
            (f"{place} IS NULL", _fault(name, _UNKNOWN[name], as_text(name))) for name, place in self.known.items()
        ]


def split_rows(engine: Engine, source: Source, business_unit: str, period: Period) -> Split:
    """Split every table; leave ``customers`` and ``products`` complete, for others refer to them."""
    rejected, counts, extras = [], [], extra_kinds(engine, source)
    for contract in TABLES:
        cells = {name: Cell(name, sql_type) for name, sql_type in source.columns.get(contract.name, {}).items()}
        raw = _Raw(contract, cells, extras[contract.name], _belongs(contract, cells, business_unit, period))
        _split(engine, raw)
        rows = _rejected(engine, contract)
        rejected.append(rows)
        counts.append(_counted(engine, raw, rows))
        if contract in (CUSTOMERS, PRODUCTS):
            _complete(engine, contract, period)
    return Split(pd.concat(rejected, ignore_index=True), pd.DataFrame(counts), extras)


def extra_kinds(engine: Engine, source: Source) -> dict[str, dict[str, Kind]]:
    """Return the columns beyond the contract of every table: numbers if every value is one, else text."""
    return {contract.name: _extras(engine, source, contract) for contract in TABLES}


def sums(engine: Engine, money: str | None, relation: str) -> dict[str, Any]:
    """Return how many rows a relation has, and their money."""
    summed = f"SUM(CAST({money} AS DECIMAL(38, 6)))" if money else "COUNT(NULL)"
    return fetch_rows(engine, f"SELECT COUNT(*) AS total, CAST({summed} AS DOUBLE) AS money FROM {relation}")[0]


def periods_inside(period: Period) -> list[Period]:
    """Return the periods of which a ledger row counts: all that lie inside, and the period itself."""
    return [
        Period(first, months)
        for months in (1, 3, 6, 12)
        for first in range(period.first_month, period.first_month + period.months)
        if first % months == 0 and first + months <= period.first_month + period.months
    ]


def _split(engine: Engine, raw: _Raw) -> None:
    """Leave ``typed_<table>`` (all rows, with their faults), ``accepted_`` and ``rejected_<table>``.

    Only what is rejected is copied. Where a key is repeated, all rows of its order, customer or product are put in
    order and copied too.
    """
    name = raw.contract.name
    engine.create(f"typed_{name}", _typed(raw, raw.origin), view=True)
    accepted = f"SELECT * EXCLUDE (_is_sound, _fault) FROM typed_{name} WHERE _is_sound"
    rejected = f"SELECT * EXCLUDE (_is_sound) FROM typed_{name} WHERE _is_sound IS NOT TRUE"
    repeated = _place_repeated(engine, raw) if raw.contract.key else None
    if repeated:
        placed = f"FROM placed_{name} WHERE _place"
        accepted += f" AND NOT {repeated} UNION ALL SELECT * EXCLUDE (_is_sound, _fault, _place) {placed} = 1"
        fault = _fault(raw.contract.key[-1], Reason.REPEATED_KEY, _label(raw.contract.key))
        rejected += f" UNION ALL SELECT * EXCLUDE (_is_sound, _fault, _place), {fault} AS _fault {placed} > 1"
    engine.create(f"accepted_{name}", accepted, view=True)
    engine.create(f"rejected_{name}", rejected)


def _typed(raw: _Raw, origin: str) -> str:
    """Return the SELECT of rows as the contract types them, each with whether it is sound and its first fault."""
    columns = ", ".join(f"{value} AS {quoted(name)}" for name, value in raw.values.items())
    joins = "".join(f" LEFT JOIN {_KNOWN_BY[name]} ON {place} = {as_text(name)}" for name, place in raw.known.items())
    return (
        f"SELECT {columns}, {' AND '.join(raw.sound) or 'TRUE'} AS _is_sound, {_first(raw.faults)} AS _fault "
        f"FROM {origin}{joins} WHERE {raw.belongs}"
    )


def _fault(column: str, reason: Reason, value: str) -> str:
    return f"'{column}{_SEPARATOR}{reason.value}{_SEPARATOR}' || {value}"


def _first(faults: list[tuple[str, str]]) -> str:
    """Return the words of the first condition that is true."""
    if not faults:
        return "CAST(NULL AS VARCHAR)"
    return f"CASE {' '.join(f'WHEN {condition} THEN {words}' for condition, words in faults)} END"


def _label(names: Sequence[str]) -> str:
    return " || ' / ' || ".join(f"COALESCE(CAST({name} AS VARCHAR), '{NONE}')" for name in names)


def _belongs(contract: Contract, cells: Mapping[str, Cell], business_unit: str, period: Period) -> str:
    """Say which raw rows are the unit's rows of the period; one that does not tell counts in each."""
    if not cells:
        return "FALSE"
    conditions = []
    if contract.has_unit:
        conditions.append(f"COALESCE({as_text('business_unit')}, {quote(business_unit)}) = {quote(business_unit)}")
    if contract.dates:
        inside = "CASE"
        for cell in (cells[name] for name in contract.dates if name in cells):
            day = cell.value(Kind.DATE)
            within = f"{day} >= DATE '{period.start}' AND {day} < DATE '{period.end}'"
            inside += f" WHEN {cell.filled} THEN {day} IS NULL OR ({within})"
        conditions.append(f"{inside} ELSE TRUE END")
    if contract is LEDGER:
        value = cells["period"].value(Kind.PERIOD)
        named = ", ".join(quote(str(inside)) for inside in periods_inside(period))
        conditions.append(f"({value} IS NULL OR {value} IN ({named}))")
    return " AND ".join(conditions) or "TRUE"


def _place_repeated(engine: Engine, raw: _Raw) -> str | None:
    """Put the rows of whatever has a repeated key in the order of all columns; return the condition of its rows.

    None where no key is repeated. An empty part of a key is like another.
    """
    name, keys = raw.contract.name, ", ".join(raw.contract.key)
    owner = next(key for key in raw.contract.key if key != "business_unit")
    origin = _suspects(engine, raw) if raw.contract is ORDER_LINES else raw.origin
    sound = f"FROM ({_typed(raw, origin)}) AS typed WHERE _is_sound"
    repeated = f"SELECT {owner} {sound} GROUP BY {keys} HAVING COUNT(*) > 1"
    engine.create(f"repeated_{name}", f"SELECT DISTINCT {owner} FROM ({repeated}) AS repeated")
    if not fetch_rows(engine, f"SELECT 1 AS one FROM repeated_{name} LIMIT 1"):
        return None
    among_them = f"{owner} IN (SELECT {owner} FROM repeated_{name})"
    order = ", ".join([*(column.name for column in raw.contract.columns), *map(quoted, sorted(raw.extras))])
    engine.create(
        f"placed_{name}",
        f"SELECT *, ROW_NUMBER() OVER (PARTITION BY {keys} ORDER BY {order}) AS _place {sound} AND {among_them}",
    )
    return among_them


def _suspects(engine: Engine, raw: _Raw) -> str:
    """Keep the raw lines of orders that may have a repeated line number, and of all that have one; say where.

    A line's number sets one of 48 bits. Where the sum of an order's bits is also their union, no bit was set twice
    and no number stands twice: one grouping by order instead of a dearer one by order and line.
    """
    number = f"ABS(TRY_CAST({as_text('line_no')} AS DOUBLE))"
    bit = f"CAST(1 AS BIGINT) << CAST(CASE WHEN {number} < 1e15 THEN FLOOR({number}) % {_BITS} ELSE 0 END AS INTEGER)"
    engine.create(
        "suspect_orders",
        f"SELECT order_id FROM (SELECT {as_text('order_id')} AS order_id, {bit} AS bit FROM {raw.origin} "
        f"WHERE {raw.belongs}) AS line GROUP BY order_id HAVING SUM(bit) <> BIT_OR(bit)",
    )
    is_suspect = f"{as_text('order_id')} IN (SELECT order_id FROM suspect_orders)"
    engine.create("suspect_lines", f"SELECT raw.* FROM {raw.origin} WHERE {raw.belongs} AND {is_suspect}")
    return "suspect_lines AS raw"


def _rejected(engine: Engine, contract: Contract) -> pd.DataFrame:
    names = contract.key or tuple(column.name for column in contract.columns if column.required)
    label = _label([name for name in names if name != "business_unit"])
    frame = fetch_frame(
        engine,
        f'SELECT \'{contract.name}\' AS "table", {label} AS "row", _fault, {contract.money or "CAST(NULL AS DOUBLE)"} '
        f'AS money FROM rejected_{contract.name} ORDER BY "row", _fault, money',
    )
    parts = frame["_fault"].astype("str").str.split(_SEPARATOR, n=2, expand=True).reindex(columns=range(3))
    frame["column"], frame["reason"], frame["value"] = parts[0], parts[1], parts[2]
    return frame[["table", "row", "column", "value", "reason", "money"]]


def _counted(engine: Engine, raw: _Raw, rejected: pd.DataFrame) -> dict[str, object]:
    """Count what was read and rejected of a table, in rows and in money."""
    money = raw.contract.column(raw.contract.money) if raw.contract.money else None
    read = sums(engine, raw.value(money) if money else None, f"{raw.origin} WHERE {raw.belongs}")
    return {
        "table": raw.contract.name,
        "read": read["total"],
        "rejected": len(rejected),
        "share": len(rejected) / read["total"] if read["total"] else 0.0,
        "money_read": read["money"] if money else None,
        "money_rejected": rejected["money"].sum() if money else None,
    }


def _extras(engine: Engine, source: Source, contract: Contract) -> dict[str, Kind]:
    types = source.columns.get(contract.name, {})
    names = [name for name in types if contract.column(name) is None]
    unsure = [name for name in names if not types[name].startswith(NUMERIC)]
    kinds = dict.fromkeys(names, Kind.NUMBER)
    if unsure:
        checks = ", ".join(
            f"COUNT({as_text(name)}) = COUNT({Cell(name, types[name]).extra_number()}) AS c{place}"
            for place, name in enumerate(unsure)
        )
        answers = fetch_rows(engine, f"SELECT {checks} FROM raw_{contract.name} AS raw")[0]
        kinds |= {name: Kind.NUMBER if answers[f"c{place}"] else Kind.TEXT for place, name in enumerate(unsure)}
    return kinds


def _complete(engine: Engine, contract: Contract, period: Period) -> None:
    select = f"SELECT * FROM accepted_{contract.name}"
    if contract is CUSTOMERS:
        joined = f"customer_since >= DATE '{period.start}' AND customer_since < DATE '{period.end}'"
        select = (
            f"SELECT * REPLACE (COALESCE(channel, '{NONE}') AS channel), "
            f"CASE WHEN {joined} THEN CAST(1 AS DOUBLE) ELSE CAST(0 AS DOUBLE) END AS new_customer "
            "FROM accepted_customers"
        )
    engine.create(contract.name, select)
