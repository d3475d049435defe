"""Every table described once: what goes in (``inputs``), and what the stages yield.

A stage's tables are held to these descriptions before anything is written; ``docs/tables.md`` and the first sheets of
``tables.xlsx`` are made from them. ``business_unit`` and ``period`` come first in every stored table and are not
repeated here.
"""

from __future__ import annotations

import pandas as pd

from cts_lib.errors import DataError
from cts_lib.tables import evaluate, govern, profile, segment, strategy
from cts_lib.tables.column import Column, Kind
from cts_lib.tables.table import Table

__all__ = ["OUTPUTS", "Column", "Kind", "Table", "conform"]

OUTPUTS = {table.name: table for stage in (profile, segment, strategy, evaluate, govern) for table in stage.TABLES}


_TYPES = {
    Kind.TEXT: "str",
    Kind.NUMBER: "float64",
    Kind.INTEGER: "int64",
    Kind.BOOLEAN: "bool",
    Kind.DATE: "datetime64[s]",
}


def conform(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with every described column of its kind.

    A column that is missing, lacks a value it must have or holds one that is not of its kind is a DataError.
    """
    where = f"table {name}, column"
    columns = [column for column in OUTPUTS[name].columns if not column.is_pattern]
    for column in columns:
        if column.name not in table:
            raise DataError(f"{where} {column.name}", "missing", f"give it as {column.kind}")
    odd = [column for column in columns if not _is_sound(table[column.name], column)]
    return table.assign(**{column.name: _typed(table[column.name], column, where) for column in odd})


def _is_sound(values: pd.Series, column: Column) -> bool:
    return bool(values.dtype == _TYPES[column.kind] and (column.null or not values.hasnans))


def _typed(values: pd.Series, column: Column, where: str) -> pd.Series:
    read, is_null = _read(values, column.kind), values.isna()
    wrong = (read.isna() & ~is_null) if column.null else read.isna()
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        found = "no value" if is_null.iloc[row] else repr(values.iloc[row])
        raise DataError(f"{where} {column.name}, row {row}", f"found {found}", f"give it as {column.kind}")
    typed: pd.Series = read.astype(_TYPES[column.kind])  # type: ignore[call-overload]
    return typed


def _read(values: pd.Series, kind: Kind) -> pd.Series:
    """Return the values that are of the kind, null where one is not."""
    if kind is Kind.DATE:
        return pd.to_datetime(values, errors="coerce")
    if kind is Kind.BOOLEAN:
        return values.where(values.isin([True, False]))
    if kind is Kind.TEXT:
        return values
    numbers = pd.to_numeric(values, errors="coerce")
    return numbers if kind is Kind.NUMBER else numbers.where(numbers % 1 == 0)
