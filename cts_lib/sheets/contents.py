"""What a workbook holds: its first sheet with links, units and what each column means; the columns as stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cts_lib.display import Reader
from cts_lib.sheets import formats
from cts_lib.sheets.choice import Sheet
from cts_lib.tables import OUTPUTS
from cts_lib.tables.shared import KEYS


@dataclass(frozen=True)
class Listed:
    """A sheet of the workbook: the table that it shows, in words where ``sheet`` says how, else as stored."""

    name: str
    table: str
    rows: int
    sheet: Sheet | None = None


def write_contents(book: Any, place: Any, title: str, listed: Sequence[Listed], reader: Reader, most_rows: int) -> None:
    """Write the first sheet: the tables for reading, what their columns mean, and the tables as stored."""
    heads, text, count = formats.heading(book), formats.wrapped(book), formats.counts(book)
    place.set_column(0, 1, 30)
    place.set_column(2, 2, 14)
    place.set_column(3, 3, 90)
    place.write_string(0, 0, title, formats.title(book))
    place.write_string(
        1,
        0,
        reader.text(
            "Money in {currency}. Shares are fractions shown as percentages. No cell is a formula: sums are figures.",
            currency=reader.currency,
        ),
    )
    row = 3
    read, kept = [each for each in listed if each.sheet], [each for each in listed if not each.sheet]
    row = _heads(
        place,
        row,
        [reader.label("table"), reader.text("Page"), reader.label("rows"), reader.text("What it tells")],
        heads,
    )
    for each in read:
        table = OUTPUTS[each.table]
        _link(book, place, row, each, most_rows)
        place.write_string(row, 1, reader.word(table.stage, "stage"), text)
        place.write_number(row, 2, each.rows, count)
        told = reader.text(table.about) if each.rows <= most_rows else _left_out(each, reader)
        place.write_string(row, 3, told, text)
        row += 1
    row = _heads(
        place,
        row + 1,
        [reader.label("table"), reader.label("column"), reader.label("unit"), reader.label("meaning")],
        heads,
    )
    for each in read:
        for name in each.sheet.columns if each.sheet else ():
            column = OUTPUTS[each.table].column(name)
            if column:
                place.write_string(row, 0, each.name, text)
                place.write_string(row, 1, reader.label(name), text)
                place.write_string(row, 2, _unit(column.unit, reader), text)
                place.write_string(row, 3, reader.text(column.meaning), text)
                row += 1
    row = _heads(
        place, row + 1, [reader.text("Every table as stored"), reader.text("Page"), reader.label("rows"), ""], heads
    )
    for each in kept:
        _link(book, place, row, each, most_rows)
        place.write_string(row, 1, reader.word(OUTPUTS[each.table].stage, "stage"), text)
        place.write_number(row, 2, each.rows, count)
        if each.rows > most_rows:
            place.write_string(row, 3, _left_out(each, reader), text)
        row += 1
    place.hide_gridlines(2)
    place.set_landscape()
    place.fit_to_pages(1, 0)
    place.activate()


def write_meanings(book: Any, name: str, columns: Mapping[str, Sequence[str]]) -> None:
    """Write what each column as stored means, for whoever reads the files; the keys of every table once."""
    place, heads = book.add_worksheet(name), formats.heading(book)
    lines = [("every table", key.name, key.unit or "", key.meaning) for key in KEYS]
    for table, names in columns.items():
        described = ((each, OUTPUTS[table].column(each)) for each in names)
        lines += [(table, each, column.unit or "", column.meaning) for each, column in described if column]
    for row, line in enumerate([("table", "column", "unit", "meaning"), *lines]):
        for at, cell in enumerate(line):
            place.write_string(row, at, cell, heads if row == 0 else None)
    place.freeze_panes(1, 0)
    place.autofilter(0, 0, len(lines), 3)
    place.set_column(0, 1, 26)
    place.set_column(2, 2, 14)
    place.set_column(3, 3, 90)


def _heads(place: Any, row: int, words: Sequence[str], look: Any) -> int:
    for at, word in enumerate(words):
        place.write_string(row, at, word, look)
    return row + 1


def _link(book: Any, place: Any, row: int, each: Listed, most_rows: int) -> None:
    if each.rows <= most_rows:
        place.write_url(row, 0, f"internal:'{each.name}'!A1", formats.link(book), string=each.name)
    else:
        place.write_string(row, 0, each.name, formats.wrapped(book))


def _left_out(each: Listed, reader: Reader) -> str:
    return reader.text("Left out: {rows} rows. Its Parquet file has them.", rows=reader.number(each.rows))


def _unit(unit: str | None, reader: Reader) -> str:
    if unit is None:
        return ""
    return reader.currency if unit == "money" else reader.word(unit, "unit")
