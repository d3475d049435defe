"""Write ``tables.xlsx``: contents first, then tables for reading in the reader's language, then every table as stored.

Text is never taken for a formula or an address, and sums are figures: no cell is a formula.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from cts_lib.display import Reader
from cts_lib.limits import unsearched
from cts_lib.sheets.choice import SHEETS
from cts_lib.sheets.contents import Listed, write_contents, write_meanings
from cts_lib.sheets.grid import write_as_stored, write_for_reading
from cts_lib.tables import OUTPUTS

MOST_ROWS = 100_000
"""A table of more rows is named in the contents and left out."""
_LONGEST_NAME = 31
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_workbook(folder: Path, reader: Reader, title: str) -> None:
    """Write ``tables.xlsx`` of a unit's stored tables; ``title`` stands over its contents."""
    import xlsxwriter

    stored = {path.stem: path for path in (folder / "tables").glob("*.parquet")}
    rows = {name: pq.read_metadata(stored[name]).num_rows for name in OUTPUTS if name in stored}
    target = folder / "tables.xlsx"
    target.unlink(missing_ok=True)  # it may be shared with the earlier result
    with unsearched(), xlsxwriter.Workbook(target, _OPTIONS) as book:
        taken = list[str]()
        contents = book.add_worksheet(sheet_name(reader.text("Contents"), taken))
        read = [
            Listed(sheet_name(reader.text(sheet.title), taken), sheet.table, rows[sheet.table], sheet)
            for sheet in SHEETS
            if rows.get(sheet.table)
        ]
        kept = [Listed(sheet_name(f"{name}.parquet", taken), name, count) for name, count in rows.items()]
        for each in (*read, *kept):
            if each.rows <= MOST_ROWS:
                _write(book, each, pd.read_parquet(stored[each.table]), reader)
        columns = {name: pq.read_schema(stored[name]).names for name in rows}
        write_meanings(book, sheet_name("columns", taken), columns)
        write_contents(book, contents, title, [*read, *kept], reader, MOST_ROWS)


def _write(book: Any, each: Listed, table: pd.DataFrame, reader: Reader) -> None:
    place = book.add_worksheet(each.name)
    if each.sheet:
        write_for_reading(book, place, each.sheet, table, reader)
    else:
        write_as_stored(book, place, table)


def sheet_name(words: str, taken: list[str]) -> str:
    """Return words as the name of a sheet that no other has, whatever their case, and take it.

    >>> taken = []
    >>> sheet_name("Costs: by customer, activity and resource", taken), sheet_name("Actions", taken)
    ('Costs by customer, activity and', 'Actions')
    >>> sheet_name("ACTIONS", taken)
    'ACTIONS 2'
    """
    base, number = " ".join(words.translate(_FORBIDDEN).split())[:_LONGEST_NAME].strip(), 1
    name = base
    while name.casefold() in taken:
        number += 1
        name = f"{base[: _LONGEST_NAME - len(f' {number}')]} {number}"
    taken.append(name.casefold())
    return name
