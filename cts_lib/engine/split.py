"""Splits a unit's raw rows of a period into accepted and rejected, inside the engine, as the contracts say.

Leaves ``accepted_<table>`` (a view: nothing that is accepted is copied) and ``rejected_<table>``, typed. A row is
rejected at its first fault: its values in the order of the contract's columns, then its references, then its key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cts_lib.contracts import CUSTOMERS, ORDER_LINES, PRODUCTS, TABLES, Contract, Kind, Reason
from cts_lib.engine.base import Engine, fetch_frame, fetch_rows
from cts_lib.engine.cells import Cell, as_text, quoted
from cts_lib.engine.raw import KNOWN_BY, SEPARATOR, Raw, extra_kinds, fault, rows_of
from cts_lib.engine.source import Source
from cts_lib.period import Period

NONE = "(none)"
_BITS = 48
"""Line numbers are told apart by as many bits."""


@dataclass(frozen=True)
class Split:
    """The rejected rows, what was read and rejected of each table, and its extra columns with their kinds."""

    rejected: pd.DataFrame
    counts: pd.DataFrame
    extras: dict[str, dict[str, Kind]]


def split_rows(engine: Engine, source: Source, business_unit: str, period: Period) -> Split:
    """Split every table; leave ``customers`` and ``products`` complete, for others refer to them."""
    rejected, counts, extras = [], [], extra_kinds(engine, source)
    for contract in TABLES:
        cells = {name: Cell(name, sql_type) for name, sql_type in source.columns.get(contract.name, {}).items()}
        raw = Raw(contract, cells, extras[contract.name], rows_of(contract, cells, business_unit, period))
        _split(engine, raw)
        rows = _rejected(engine, contract)
        rejected.append(rows)
        counts.append(_counted(engine, raw, rows))
        if contract in (CUSTOMERS, PRODUCTS):
            _complete(engine, contract, period)
    return Split(pd.concat(rejected, ignore_index=True), pd.DataFrame(counts), extras)


def sums(engine: Engine, money: str | None, relation: str) -> dict[str, Any]:
    """Return how many rows a relation has, and their money."""
    summed = f"SUM(CAST({money} AS DECIMAL(38, 6)))" if money else "COUNT(NULL)"
    return fetch_rows(engine, f"SELECT COUNT(*) AS total, CAST({summed} AS DOUBLE) AS money FROM {relation}")[0]


def _split(engine: Engine, raw: Raw) -> None:
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
        words = fault(raw.contract.key[-1], Reason.REPEATED_KEY, _label(raw.contract.key))
        rejected += f" UNION ALL SELECT * EXCLUDE (_is_sound, _fault, _place), {words} AS _fault {placed} > 1"
    engine.create(f"accepted_{name}", accepted, view=True)
    engine.create(f"rejected_{name}", rejected)


def _typed(raw: Raw, origin: str) -> str:
    """Return the SELECT of rows as the contract types them, each with whether it is sound and its first fault."""
    columns = ", ".join(f"{value} AS {quoted(name)}" for name, value in raw.values.items())
    joins = "".join(f" LEFT JOIN {KNOWN_BY[name]} ON {place} = {as_text(name)}" for name, place in raw.known.items())
    return (
        f"SELECT {columns}, {' AND '.join(raw.sound) or 'TRUE'} AS _is_sound, {_first(raw.faults)} AS _fault "
        f"FROM {origin}{joins} WHERE {raw.belongs}"
    )


def _first(faults: list[tuple[str, str]]) -> str:
    """Return the words of the first condition that is true."""
    if not faults:
        return "CAST(NULL AS VARCHAR)"
    return f"CASE {' '.join(f'WHEN {condition} THEN {words}' for condition, words in faults)} END"


def _label(names: Sequence[str]) -> str:
    return " || ' / ' || ".join(f"COALESCE(CAST({name} AS VARCHAR), '{NONE}')" for name in names)


def _place_repeated(engine: Engine, raw: Raw) -> str | None:
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


def _suspects(engine: Engine, raw: Raw) -> str:
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
    parts = frame["_fault"].astype("str").str.split(SEPARATOR, n=2, expand=True).reindex(columns=range(3))
    frame["column"], frame["reason"], frame["value"] = parts[0], parts[1], parts[2]
    return frame[["table", "row", "column", "value", "reason", "money"]]


def _counted(engine: Engine, raw: Raw, rejected: pd.DataFrame) -> dict[str, object]:
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
