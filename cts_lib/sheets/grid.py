"""The cells of one sheet: a frozen bold heading with filters, figures in their formats, and a row of sums."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from cts_lib.display import Reader
from cts_lib.names import ALL
from cts_lib.sheets import formats
from cts_lib.sheets.choice import Sheet
from cts_lib.sheets.words import in_words
from cts_lib.tables import OUTPUTS

_LONGEST_TEXT = 32_767
_CELL = ("segment", "channel")


def write_for_reading(book: Any, place: Any, sheet: Sheet, table: pd.DataFrame, reader: Reader) -> None:
    """Write a table in words: each column in its format, rows of totals in bold, and last the sums of the sheet."""
    shown = in_words(sheet, table, reader)
    columns = {str(name): sheet.column(str(name)) for name in shown}
    wanted = {name: formats.number_format(column, shown[name], reader.language) for name, column in columns.items()}
    headings = {name: reader.label(name) for name in columns}
    is_total = _totals(sheet, table.loc[shown.index])
    looks = _Looks(book)
    _heading(book, place, headings.values(), len(shown))
    for at, (name, column) in enumerate(columns.items()):
        place.set_column(at, at, formats.width(headings[name], shown[name], wanted[name]))
        each = [wanted[name]] * len(shown)
        if formats.is_of_indicator(column, columns):
            each = [formats.indicator_format(kpi) for kpi in table.loc[shown.index, "kpi"]]
        for row, (value, form, bold) in enumerate(zip(shown[name], each, is_total, strict=True), start=1):
            write(place, row, at, value, looks.of(form, bold))
    if sheet.sums and not shown.empty:
        last = len(shown) + 1
        labelled = next(at for at, name in enumerate(columns) if name not in sheet.sums and not wanted[name])
        for at, name in enumerate(columns):
            total = (
                shown[name].sum(min_count=1) if name in sheet.sums else reader.text("Total") if at == labelled else None
            )
            write(place, last, at, total, looks.of(wanted[name] if name in sheet.sums else "", True, True))


def write_as_stored(book: Any, place: Any, table: pd.DataFrame) -> None:
    """Write a table as its Parquet file holds it."""
    looks = _Looks(book)
    _heading(book, place, table.columns, len(table))
    for at, name in enumerate(table):
        is_date = pd.api.types.is_datetime64_any_dtype(table[name])
        place.set_column(at, at, formats.width(str(name), table[name], "date" if is_date else ""))
        look = looks.of(formats.ISO_DATE if is_date else "", False)
        for row, value in enumerate(table[name], start=1):
            write(place, row, at, value, look)


def write(place: Any, row: int, column: int, value: Any, look: Any = None) -> None:
    """Write one cell: a number, a date, true or false, or text; never a formula."""
    if isinstance(value, str):  # most cells are texts, and nearly all others numbers
        place.write_string(row, column, value[:_LONGEST_TEXT], look)
    elif value is None or value is pd.NaT or (isinstance(value, float) and not math.isfinite(value)):
        place.write_blank(row, column, None, look)
    elif isinstance(value, pd.Timestamp):
        place.write_datetime(row, column, value.to_pydatetime(), look)
    elif isinstance(value, bool) or type(value).__name__ == "bool":
        place.write_boolean(row, column, bool(value), look)
    else:
        place.write_number(row, column, value, look)


def _heading(book: Any, place: Any, headings: Iterable[str], rows: int) -> None:
    look = formats.heading(book)
    names = list(headings)
    for at, name in enumerate(names):
        place.write_string(0, at, name, look)
    place.freeze_panes(1, 0)
    if names:
        place.autofilter(0, 0, max(rows, 1), len(names) - 1)
    place.repeat_rows(0)
    place.set_landscape()
    place.fit_to_pages(1, 0)


def _totals(sheet: Sheet, table: pd.DataFrame) -> list[bool]:
    """Tell of each row whether it is one of totals."""
    if not OUTPUTS[sheet.table].totals:
        return [False] * len(table)
    cells = [table[name] == ALL for name in _CELL if name in table]
    return list(pd.concat(cells, axis=1).all(axis=1)) if cells else [False] * len(table)


class _Looks:
    """The looks of cells, each made once."""

    def __init__(self, book: Any) -> None:
        self._book, self._made = book, dict[tuple[str, bool, bool], Any]()

    def of(self, form: str, bold: bool, is_sum: bool = False) -> Any:
        key = form, bold, is_sum
        if key not in self._made:
            wanted: Mapping[str, Any] = {"num_format": form} if form else {}
            self._made[key] = self._book.add_format({**wanted, "bold": bold, "top": 1 if is_sum else 0})
        return self._made[key]
