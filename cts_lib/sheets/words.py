"""A stored table as a person reads it: chosen columns, the workbook's own values in words, figures as they are."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from cts_lib.display import Reader
from cts_lib.display.customer_terms import asked
from cts_lib.display.govern import action_names, subjects
from cts_lib.names import NONE
from cts_lib.sheets.choice import Sheet
from cts_lib.tables import Kind

_AS_WRITTEN = frozenset({"customer_id", "name", "row"})
"""Columns of the user's own texts, which are never looked up."""
_DOMAIN = {"value_class": "level", "cost_class": "level"}
_EMPTY = frozenset({"customer_id", "status", "signal", "verdict", "since"})
"""Columns in which nothing stated is an empty cell."""


def in_words(sheet: Sheet, table: pd.DataFrame, reader: Reader) -> pd.DataFrame:
    """Return the rows and columns that a sheet shows; numbers and dates are those of the table."""
    shown = _PREPARED[sheet.table](table, reader) if sheet.table in _PREPARED else table
    columns = [name for name in sheet.columns if name in shown]
    return pd.DataFrame({name: _written(shown, name, sheet, reader) for name in columns}, index=shown.index)


def _written(table: pd.DataFrame, name: str, sheet: Sheet, reader: Reader) -> pd.Series:
    values, kind = table[name], sheet.column(name).kind
    if name in _EMPTY:
        values = values.where(values != NONE)
    if kind is Kind.BOOLEAN:
        return values.map({True: reader.word("true", "passed"), False: reader.word("false", "passed")})
    if kind is not Kind.TEXT or name in _AS_WRITTEN or (sheet.table, name) in _TOLD:
        return values
    if name == "value" and "dimension" in table:
        pairs = zip(values, table["dimension"], strict=True)
        return pd.Series([reader.value(value, of) for value, of in pairs], values.index, dtype="object")
    words = {value: reader.word(value, _DOMAIN.get(name, name)) for value in values.dropna().unique()}
    return values.map(words)


def _actions(table: pd.DataFrame, reader: Reader) -> pd.DataFrame:
    return table.assign(action=action_names(table, reader))


def _bridge_details(table: pd.DataFrame, reader: Reader) -> pd.DataFrame:
    return table.assign(subject=subjects(table, reader))


def _customer_terms(table: pd.DataFrame, reader: Reader) -> pd.DataFrame:
    """Keep of each customer the term that asks least of it to end its loss, alone."""
    easiest = table[table["easiest"].astype(bool) & (table["aim"] == "zero")].assign(in_plan=False)
    return easiest.assign(needed=[asked(row, reader) for row in easiest.to_dict("records")])


_PREPARED: dict[str, Callable[[pd.DataFrame, Reader], pd.DataFrame]] = {
    "actions": _actions,
    "bridge_details": _bridge_details,
    "customer_terms": _customer_terms,
}
_TOLD = frozenset({("actions", "action"), ("bridge_details", "subject"), ("customer_terms", "needed")})
"""Texts that are words already."""
