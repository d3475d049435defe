"""Splits a unit's raw rows of a period into accepted and rejected, inside the engine, as the contracts say.

Leaves ``accepted_<table>`` and ``rejected_<table>``, typed: views, for nothing that is accepted is copied. A row is
rejected at its first fault: its values in the order of the contract's columns, then its references, then its key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow.compute as pc

from cts_lib.engine import fetch_row, fetch_value, quote, quoted
from cts_lib.engine.base import Engine, fetch_rows
from cts_lib.errors import DataError
from cts_lib.intake.cells import as_text
from cts_lib.intake.exchange import CURRENCY, is_foreign
from cts_lib.intake.raw import SEPARATOR, Raw, extra_kinds, fault
from cts_lib.intake.reserved import dimensions_of
from cts_lib.intake.source import Source
from cts_lib.names import NONE
from cts_lib.params import UnitParams
from cts_lib.params.period import Period
from cts_lib.tables.column import Kind
from cts_lib.tables.contract import Contract, Reason
from cts_lib.tables.inputs import CUSTOMERS, INPUTS, INVENTORY, ORDER_LINES, PRODUCTS
from cts_lib.tables.supply import LANES, NODES, REPLENISHMENT

FEW_LINES = 100_000
"""So many lines are sooner copied than grouped by their keys."""
_BITS = 61
"""Line numbers are distinguished by as many bits."""
_NO_FAULT = "CAST(NULL AS VARCHAR)"
_REJECTED = {"table": "str", "row": "str", "column": "str", "value": "str", "reason": "str", "money": "float64"}


@dataclass(frozen=True)
class Split:
    """The rejected rows, what was read and rejected of each table, and its extra columns with their kinds."""

    rejected: pd.DataFrame
    counts: pd.DataFrame
    extras: dict[str, dict[str, Kind]]


def split_rows(engine: Engine, source: Source, unit: UnitParams, period: Period) -> Split:
    """Split every table; leave ``customers``, ``products`` and ``warehouses``, for others refer to them."""
    rejected, counts, extras = [], [], extra_kinds(engine, source)
    none = pd.DataFrame(columns=[*_REJECTED]).astype(_REJECTED)
    for contract in INPUTS:
        raw = Raw.of(source, contract, extras[contract.name], unit, period)
        if raw.currency:
            _check_rates(engine, raw)
        rows = _rejected(engine, contract) if _split(engine, raw) else none
        rejected.append(rows)
        counts.append(_counted(engine, raw, rows, source.has(contract)))
        if contract in (CUSTOMERS, PRODUCTS):
            _complete(engine, contract, extras[contract.name], period)
        if contract is NODES and (source.has(LANES) or source.has(REPLENISHMENT)):
            _keep_warehouses(engine, source, unit)
    return Split(pd.concat(rejected, ignore_index=True), pd.DataFrame(counts), extras)


def _check_rates(engine: Engine, raw: Raw) -> None:
    """Raise where a row in another currency has no rate."""
    foreign = is_foreign(raw.currency or "")
    rows = fetch_rows(
        engine,
        f"SELECT {as_text(CURRENCY)} AS currency, COUNT(*) AS n, MIN({raw.day}) AS first FROM {raw.origin} "
        f"WHERE {raw.belongs} AND {foreign} AND exchange.rate IS NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1",
    )
    if rows:
        currency, count, first = rows[0]["currency"], rows[0]["n"], rows[0]["first"]
        raise DataError(
            f"{raw.contract.name}, currency",
            f"{count} row{'s' if count > 1 else ''} in {currency}, the first of {first}, without a rate of that day or "
            f"before in exchange_rates; the unit's currency is {raw.currency}",
            f"write table exchange_rates (currency, date, rate), or convert the money to {raw.currency}",
        )


def sums(engine: Engine, money: str | None, relation: str) -> dict[str, Any]:
    """Return how many rows a relation has, and their money."""
    summed = f"SUM(CAST({money} AS DECIMAL(38, 6)))" if money else "COUNT(NULL)"
    return fetch_row(engine, f"SELECT COUNT(*) AS total, CAST({summed} AS DOUBLE) AS money FROM {relation}")


def _split(engine: Engine, raw: Raw) -> bool:
    """Leave ``accepted_<table>`` and ``rejected_<table>``; say whether anything may be rejected.

    Rows are typed, each with its fault, and put in order only where something is amiss: they alone are copied.
    """
    name, sound = raw.contract.name, " AND ".join(raw.sound) or "TRUE"
    columns = ", ".join(f"{value} AS {quoted(column)}" for column, value in raw.values.items())
    origin = f"FROM {raw.origin}{raw.joins} WHERE {raw.belongs}"
    accepted = f"SELECT {columns} {origin} AND {sound}"
    if not raw.cells:  # of a table that is not given the engine need not be asked
        engine.create(f"accepted_{name}", accepted, view=True)
        engine.create(f"rejected_{name}", f"SELECT {columns}, {_NO_FAULT} AS _fault {origin}", view=True)
        return False
    amiss = f"({sound}) IS NOT TRUE"
    if raw.contract.key:
        _find_suspects(engine, raw)
        amiss += f" OR {raw.values[raw.owner]} IN (SELECT {raw.owner} FROM suspect_{name})"
    engine.create(
        f"typed_{name}",
        f"SELECT {columns}, {sound} AS _is_sound, {_fault(sound, raw)} AS _fault {origin} AND ({amiss})",
    )
    is_amiss = bool(fetch_rows(engine, f"SELECT 1 AS one FROM typed_{name} LIMIT 1"))
    rejected = f"SELECT * EXCLUDE (_is_sound) FROM typed_{name} WHERE _is_sound IS NOT TRUE"
    if is_amiss and raw.contract.key and _place_repeated(engine, raw):
        kept, placed = "* EXCLUDE (_is_sound, _fault, _place)", f"FROM placed_{name} WHERE _place"
        accepted += f" AND {raw.values[raw.owner]} NOT IN (SELECT {raw.owner} FROM repeated_{name})"
        accepted += f" UNION ALL SELECT {kept} {placed} = 1"
        words = fault(raw.contract.key[-1], Reason.REPEATED_KEY, _label(raw.contract.key))
        rejected += f" UNION ALL SELECT {kept}, {words} AS _fault {placed} > 1"
    engine.create(f"accepted_{name}", accepted, view=True)
    engine.create(f"rejected_{name}", rejected, view=True)
    return is_amiss


def _fault(sound: str, raw: Raw) -> str:
    """Return the words of the first condition that is true; none are looked at where a row is sound."""
    branches = "".join(f" WHEN {condition} THEN {words}" for condition, words in raw.faults)
    return f"CASE WHEN {sound} THEN {_NO_FAULT}{branches} END"


def _label(names: Sequence[str]) -> str:
    return " || ' / ' || ".join(f"COALESCE(CAST({name} AS VARCHAR), '{NONE}')" for name in names)


def _find_suspects(engine: Engine, raw: Raw) -> None:
    """Leave ``suspect_<table>``: the orders, customers or products of which two rows, sound or not, may have one key.

    An order line's number sets one of 61 bits. Where an order has as many bits set as lines, no number stands twice.
    Only other orders are suspects, and where they have many lines, only those of which two lines have one key.
    """
    suspects, owner = f"suspect_{raw.contract.name}", raw.owner
    keys = {key: raw.values[key] for key in raw.contract.key}
    among = raw.belongs
    if raw.contract is ORDER_LINES:
        number = f"ABS(TRY_CAST({keys['line_no']} AS DOUBLE))"
        place = f"CAST(CASE WHEN {number} < 1e15 THEN {number} ELSE 0 END AS BIGINT) % {_BITS}"
        bits = {owner: keys[owner], "bit": f"CAST(1 AS BIGINT) << CAST({place} AS INTEGER)"}
        engine.create("doubtful_orders", _owners(raw, bits, among, owner, "BIT_COUNT(BIT_OR(bit)) <> COUNT(*)"))
        total = "CAST(COALESCE(SUM(lines), 0) AS BIGINT)"
        if fetch_value(engine, f"SELECT {total} AS n FROM doubtful_orders") <= FEW_LINES:
            engine.create(suspects, f"SELECT {owner} FROM doubtful_orders", view=True)
            return
        among += f" AND {keys[owner]} IN (SELECT {owner} FROM doubtful_orders)"
    engine.create(suspects, _owners(raw, keys, among, ", ".join(keys), "COUNT(*) > 1"))


def _owners(raw: Raw, columns: dict[str, str], among: str, grouped: str, having: str) -> str:
    shown = ", ".join(f"{value} AS {quoted(name)}" for name, value in columns.items())
    rows = f"SELECT {shown} FROM {raw.origin} WHERE {among}"
    return f"SELECT {raw.owner}, COUNT(*) AS lines FROM ({rows}) AS keyed GROUP BY {grouped} HAVING {having}"


def _place_repeated(engine: Engine, raw: Raw) -> bool:
    """Put the rows of whatever has a repeated key in the order of all columns; say whether there is any.

    An empty part of a key is like another.
    """
    name, owner, keys = raw.contract.name, raw.owner, ", ".join(raw.contract.key)
    sound = f"FROM typed_{name} WHERE _is_sound"
    repeated = f"SELECT {owner} {sound} GROUP BY {keys} HAVING COUNT(*) > 1"
    engine.create(f"repeated_{name}", f"SELECT DISTINCT {owner} FROM ({repeated}) AS repeated")
    if not fetch_rows(engine, f"SELECT 1 AS one FROM repeated_{name} LIMIT 1"):
        return False
    order = ", ".join([*(column.name for column in raw.contract.columns), *map(quoted, sorted(raw.extras))])
    engine.create(
        f"placed_{name}",
        f"SELECT *, ROW_NUMBER() OVER (PARTITION BY {keys} ORDER BY {order}) AS _place {sound} "
        f"AND {owner} IN (SELECT {owner} FROM repeated_{name})",
    )
    return True


def _rejected(engine: Engine, contract: Contract) -> pd.DataFrame:
    names = contract.key or tuple(column.name for column in contract.columns if column.required)
    label = _label([name for name in names if name != "business_unit"])
    rows = engine.query(
        f'SELECT \'{contract.name}\' AS "table", {label} AS "row", _fault, {contract.money or "CAST(NULL AS DOUBLE)"} '
        f'AS money FROM rejected_{contract.name} ORDER BY "row", _fault, money'
    )
    frame: pd.DataFrame = rows.to_pandas()
    parts = pc.split_pattern(rows["_fault"], SEPARATOR, max_splits=2)
    for place, name in enumerate(("column", "reason", "value")):
        frame[name] = pc.list_element(parts, place).to_pandas()
    return frame[[*_REJECTED]]


def _counted(engine: Engine, raw: Raw, rejected: pd.DataFrame, given: bool) -> dict[str, object]:
    """Count what was read and rejected of a table, in rows and in money."""
    money = raw.contract.column(raw.contract.money) if raw.contract.money else None
    all_known = rejected["money"].notna().all()  # what cannot be read is not 0
    if raw.cells:
        read = sums(engine, raw.value(money) if money else None, f"{raw.origin} WHERE {raw.belongs}")
    else:
        read = {"total": 0, "money": None}
    return {
        "table": raw.contract.name,
        "given": given,
        "read": read["total"],
        "rejected": len(rejected),
        "share": len(rejected) / read["total"] if read["total"] else 0.0,
        "money_read": (read["money"] or 0.0) if money and all_known else None,
        "money_rejected": rejected["money"].sum() if money and all_known else None,
    }


def _complete(engine: Engine, contract: Contract, extras: Mapping[str, Kind], period: Period) -> None:
    """Keep customers or products, ``(none)`` read as no value; who has no channel is in the one so called."""
    kept = {name: f"NULLIF({quoted(name)}, '{NONE}')" for name in dimensions_of(contract, extras)}
    more = ""
    if contract is CUSTOMERS:
        kept["channel"] = f"COALESCE(channel, '{NONE}')"
        joined = f"customer_since >= DATE '{period.start}' AND customer_since < DATE '{period.end}'"
        more = f", CASE WHEN {joined} THEN CAST(1 AS DOUBLE) ELSE CAST(0 AS DOUBLE) END AS new_customer"
    replaced = ", ".join(f"{value} AS {quoted(name)}" for name, value in kept.items())
    select = f"SELECT * REPLACE ({replaced}){more} FROM accepted_{contract.name}"
    engine.create(contract.name, select)


def _keep_warehouses(engine: Engine, source: Source, unit: UnitParams) -> None:
    """Keep the warehouses that the unit's lines and stock of any day name, and its nodes."""
    named = ["SELECT warehouse FROM accepted_nodes"]
    for contract in (ORDER_LINES, INVENTORY):
        cells = source.cells(contract)
        if "warehouse" in cells:
            of_unit = f"{as_text('business_unit')} = {quote(unit.business_unit)}"
            named.append(f"SELECT {as_text('warehouse')} AS warehouse FROM raw_{contract.name} AS raw WHERE {of_unit}")
    names = " UNION ALL ".join(named)
    engine.create("warehouses", f"SELECT DISTINCT warehouse FROM ({names}) AS named WHERE warehouse IS NOT NULL")
