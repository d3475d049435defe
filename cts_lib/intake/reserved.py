"""Refuses what would be taken for the workbook's own rows: ``(all)`` stands in totals. ``(none)`` reads as no value."""

from __future__ import annotations

from collections.abc import Mapping

from cts_lib.engine import fetch_row, quote, quoted
from cts_lib.engine.base import Engine, fetch_rows
from cts_lib.errors import CtsError, DataError, ModelError, Problems
from cts_lib.intake.cells import as_text
from cts_lib.names import ALL, NONE
from cts_lib.params import CostModel
from cts_lib.tables.column import Kind
from cts_lib.tables.contract import Contract
from cts_lib.tables.inputs import CUSTOMERS, ORDER_LINES, PRODUCTS

_NO_DIMENSION = frozenset({"customer_id", "product_id", "business_unit", "order_id", "line_no", "shipment_id", "name"})


def dimensions_of(contract: Contract, extras: Mapping[str, Kind]) -> list[str]:
    """Return the columns of a table whose values are compared."""
    kinds = {column.name: column.kind for column in contract.columns} | dict(extras)
    return [name for name, kind in kinds.items() if kind is Kind.TEXT and name not in _NO_DIMENSION]


def refuse_totals(engine: Engine, extras: Mapping[str, Mapping[str, Kind]]) -> None:
    """Raise Problems for the columns of the customers, products and lines taken in that hold ``(all)``."""
    problems = list[CtsError]()
    for contract, relation in ((CUSTOMERS, "customers"), (PRODUCTS, "products"), (ORDER_LINES, "lines")):
        names = dimensions_of(contract, extras[contract.name])
        counts = ", ".join(  # a count of its own for each is answered from a column's least and greatest value
            f"(SELECT COUNT(*) FROM {relation} WHERE {quoted(name)} = {quote(ALL)}) AS c{place}"
            for place, name in enumerate(names)
        )
        row = fetch_row(engine, f"SELECT {counts}")
        problems += [
            DataError(
                f"{contract.name}, {name}",
                f"{row[f'c{place}']:,} rows have {ALL!r}, which stands for totals",
                f"call it otherwise, or leave it empty ({NONE})",
            )
            for place, name in enumerate(names)
            if row[f"c{place}"]
        ]
    if problems:
        raise Problems(problems)


def unknown_channels(engine: Engine, model: CostModel) -> list[ModelError]:
    """Return what is wrong of sustaining resources at a channel that no customer and no line of the source has."""
    asked = {name: item.channel for name, item in model.resources.items() if item.channel not in (None, NONE)}
    known = set[str]()
    for table in ("raw_customers", "raw_order_lines"):
        if set(asked.values()) <= known or "channel" not in engine.columns(table):
            continue
        rows = fetch_rows(engine, f"SELECT DISTINCT {as_text('channel')} AS channel FROM {table} AS raw")
        known |= {row["channel"] for row in rows} - {None}
    return [
        ModelError(
            f"cost_model.resources.{name}.channel",
            f"no customer and no order line has channel {channel!r}",
            f"there are {', '.join(sorted(known))}" if known else "there is no channel at all",
        )
        for name, channel in asked.items()
        if channel not in known
    ]
