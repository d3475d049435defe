"""How the cells of a workbook look: the format of each column by its kind and unit, and how wide it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cts_lib.measures import kind_of
from cts_lib.tables import Column, Kind

WHOLE, CENTS, ONE = "#,##0", "#,##0.00", "#,##0.0"
PERCENT, RATE = "0.0%", "#,##0.0000"
ISO_DATE = "yyyy-mm-dd"
_DATES = {"en": "d mmm yyyy", "es": "dd/mm/yyyy"}
_OF_INDICATOR = {"money": WHOLE, "percent": PERCENT, "days": ONE, "number": WHOLE, "decimal": CENTS}
_OF_UNIT = {"money a minute": RATE, "share": PERCENT, "days": ONE, "km": ONE, "kg": ONE, "m³": ONE}
_NARROW, _WIDE, _CHARACTER = 9, 42, 1.1
_FULL_FROM = 100
"""From here on money stands without cents."""


def number_format(column: Column, values: pd.Series, language: str) -> str:
    """Return the format of a column's cells; money without cents where its amounts are large.

    >>> from cts_lib.tables.shared import NET_SALES, RUSH_SHARE
    >>> number_format(NET_SALES, pd.Series([1200.5]), "en"), number_format(NET_SALES, pd.Series([12.5]), "en")
    ('#,##0', '#,##0.00')
    >>> number_format(RUSH_SHARE, pd.Series([0.1]), "en")
    '0.0%'
    """
    if column.kind is Kind.DATE:
        return _DATES.get(language, ISO_DATE)
    if column.kind not in (Kind.NUMBER, Kind.INTEGER):
        return ""
    if column.unit == "money":
        return WHOLE if values.abs().max() >= _FULL_FROM else CENTS
    if column.unit in _OF_UNIT:
        return _OF_UNIT[column.unit]
    if column.unit == "minutes":
        return WHOLE
    return WHOLE if (values.dropna() % 1 == 0).all() else CENTS


def is_of_indicator(column: Column, columns: Mapping[str, Column]) -> bool:
    """Tell whether a number stands in the unit of its row's indicator."""
    return "kpi" in columns and column.kind is Kind.NUMBER and column.unit is None


def indicator_format(kpi: str) -> str:
    """Return the format of a value of an indicator.

    >>> indicator_format("on_time"), indicator_format("profit")
    ('0.0%', '#,##0')
    """
    return _OF_INDICATOR[kind_of(kpi)]


def width(heading: str, values: pd.Series, form: str) -> float:
    """Return how wide a column stands, so that figures are whole and long texts are cut."""
    words = max((len(word) for word in heading.split()), default=0) + 3
    if form or pd.api.types.is_numeric_dtype(values):
        largest = values.abs().max() if pd.api.types.is_numeric_dtype(values) else 0
        longest = 12 if pd.isna(largest) else len(f"{largest:,.0f}") + 4
    else:
        longest = int(values.dropna().astype(str).str.len().max()) if values.notna().any() else 0
    return min(max(words, longest * _CHARACTER, _NARROW), _WIDE)


def heading(book: Any) -> Any:
    """The look of a column's heading."""
    return book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EEF4", "bottom": 1})


def title(book: Any) -> Any:
    """The look of the words over the contents."""
    return book.add_format({"bold": True, "font_size": 16})


def link(book: Any) -> Any:
    """The look of a link to a sheet."""
    return book.add_format({"font_color": "#1F5A91", "underline": 1, "valign": "top"})


def wrapped(book: Any) -> Any:
    """The look of a text that may take several lines."""
    return book.add_format({"text_wrap": True, "valign": "top"})


def counts(book: Any) -> Any:
    """The look of a number of rows."""
    return book.add_format({"num_format": WHOLE, "valign": "top"})
