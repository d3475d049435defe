"""The files of a table: where they lie, their header line, and what has to be done before an engine can read them."""

from __future__ import annotations

import csv
import gzip
import itertools
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any

import pandas as pd
import pyarrow.parquet as pq

from cts_lib.engine.base import Header
from cts_lib.errors import SourceError
from cts_lib.params import Formats, Source

SHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
TEXTS = (".csv", ".csv.gz", ".txt", ".tsv")
SUFFIXES = (".parquet", "", *TEXTS, *SHEETS)
"""The endings of a table's file, or folder of files."""
LONGEST_LINE = 2_000_000
"""Bytes of the longest line that is read; beyond it a text file is none of lines."""
DELIMITERS = ";\t,|"
"""What parts cells, of equals the likeliest first."""
_BELOW = 20
"""Lines below the column names that are looked at for what parts their cells."""
_WIDEST = 100_000
"""Characters of a line that are looked at for the same."""
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Place:
    """Where a table lies: its files, all of one kind, or a sheet of one."""

    where: str
    files: tuple[Path, ...]
    sheet: str | None = None

    @property
    def is_sheet(self) -> bool:
        return _ending(self.files[0]) in SHEETS

    @property
    def is_text(self) -> bool:
        return _ending(self.files[0]) in TEXTS


def place_of(source: Source, at: Path, table: str) -> Place | None:
    """Return where a table lies in a folder or in an Excel file, None where it does not."""
    if at.is_file():
        names = _sheets(at)
        wanted = source.sheet.get(table, table)
        sheet = next((name for name in names if name.lower() == wanted.lower()), None)
        if sheet is None and table in source.sheet:
            raise SourceError(str(at), f"no sheet {wanted!r}", f"has {', '.join(names)}")
        return Place(f"{at}, sheet {sheet}", (at,), sheet) if sheet else None
    places = [at / f"{table}{suffix}" for suffix in SUFFIXES]
    places = [place for place in places if place.exists()]
    if len(places) > 1:
        raise SourceError(str(at), f"{' and '.join(place.name for place in places)}", "keep one of them")
    if not places:
        return None
    if places[0].is_file():
        sheet = source.sheet.get(table) if _ending(places[0]) in SHEETS else None
        return Place(str(places[0]), (places[0],), sheet)
    if not places[0].is_dir():
        raise SourceError(str(places[0]), "is no file but a pipe or a device", "put the table's file there")
    files = files_below(places[0])
    if not files:
        raise SourceError(str(places[0]), "an empty folder", "put Parquet, CSV or Excel files there")
    kinds = {
        ".parquet" if file.suffix == ".parquet" else "text" if _ending(file) in TEXTS else "sheet" for file in files
    }
    if len(kinds) > 1:
        raise SourceError(str(places[0]), "files of several kinds", "keep Parquet, CSV or Excel files alone")
    return Place(str(places[0]), tuple(files), source.sheet.get(table))


def files_below(folder: Path) -> list[Path]:
    """Return the files of tables below a folder; a name that begins with ``_`` or ``.`` is a program's own."""
    return sorted(
        file
        for file in folder.rglob("*")
        if file.is_file()
        and _ending(file) in SUFFIXES
        and not any(part.startswith(("_", ".")) for part in file.relative_to(folder).parts)
    )


def header_of(file: Path, formats: Formats, row: int) -> Header:
    """Return the names in a text file's header line, and the delimiter that it uses most.

    A column without a name is numbered. Lines of comment are not counted as rows. A file whose end is no line is a
    SourceError.
    """
    try:
        with _opened(file, formats.encoding if not formats.is_text else "utf-8-sig") as lines:
            skip, first = 0, lines.readline()
            while first.startswith(("#", "sep=")):
                skip, first = skip + 1, lines.readline()
            for _ in range(row - 1):
                skip, first = skip + 1, lines.readline()
            top = [first, *itertools.islice(lines, _BELOW)]
            agreed = {sign: agreement(cells_of(top, sign), 0) for sign in DELIMITERS}
            delimiter = max(DELIMITERS, key=agreed.__getitem__ if any(agreed.values()) else first.count)
            cells = next(csv.reader(itertools.chain(top, lines), delimiter=delimiter, skipinitialspace=True), [])
    except (UnicodeDecodeError, OSError, csv.Error) as error:
        expected = "save it as CSV in UTF-8, or set source.formats.encoding to what it is, as cp1252"
        found = f"cannot be read as {formats.encoding.upper()} text: {error}"
        raise SourceError(str(file), found, expected) from error
    names = [name.strip() or f"column{place}" for place, name in enumerate(cells)]
    _check_names(str(file), names)
    _check_end(file)
    return Header(delimiter, tuple(names), skip)


def cells_of(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """Return the cells of each line by itself."""
    return [next(csv.reader([line[:_WIDEST]], delimiter=delimiter, skipinitialspace=True), []) for line in lines]


def agreement(rows: Sequence[Sequence[str]], place: int) -> int:
    """Return how many cells beyond their first the rows hold that are as wide as the row of column names.

    >>> [agreement(cells_of(['"Name, first";Sum', "Ana;1,5"], sign), 0) for sign in ";,"]
    [2, 0]
    """
    width = len(rows[place]) if rows else 0
    return (width - 1) * sum(len(row) == width for row in rows[place:])


def common_header(place: Place, formats: Formats, row: int) -> Header:
    """Return the header line that all text files of a table share; others are a SourceError."""
    headers = [header_of(file, formats, row) for file in place.files]
    for file, header in zip(place.files, headers, strict=True):
        if header != headers[0]:
            raise SourceError(
                str(file),
                f"its header line reads {header.delimiter.join(header.names)}",
                f"as in {place.files[0].name}: {headers[0].delimiter.join(headers[0].names)}",
            )
    return headers[0]


def as_utf8(files: Sequence[Path], formats: Formats, folder: Path, table: str) -> list[Path]:
    """Return the files as UTF-8, written anew below a folder where they are not."""
    if formats.is_text:
        return list(files)
    written = []
    for number, file in enumerate(files):
        copy = folder / f"{table}_{number}.csv"
        try:
            with _opened(file, formats.encoding) as text, copy.open("w", encoding="utf-8", newline="") as out:
                shutil.copyfileobj(text, out, _BLOCK)
        except (UnicodeDecodeError, OSError) as error:
            raise SourceError(
                str(file), f"cannot be read as {formats.encoding} text: {error}", "set source.formats.encoding"
            ) from error
        written.append(copy)
    return written


def sheet_frame(place: Place, row: int, formats: Formats) -> pd.DataFrame:
    """Return the rows of a sheet as they are: texts, numbers, dates; a row without any cell is none."""
    parts = []
    for file in place.files:
        where = f"{file}, sheet {place.sheet}" if place.sheet else str(file)
        try:
            cells = pd.read_excel(
                file, sheet_name=place.sheet or 0, header=None, dtype=object, engine="calamine", na_filter=False
            )
        except ValueError as error:
            raise SourceError(where, f"cannot be read: {error}", "name a sheet of it in source.sheet") from error
        except Exception as error:  # what the reader of Excel files makes of one that is none has no common base
            raise SourceError(where, f"cannot be read: {error}", "save it as an Excel workbook") from error
        if len(cells) < row:
            raise SourceError(where, "an empty sheet", f"column names in row {row} (source.header_row)")
        names = [str(name).strip() or f"column{at}" for at, name in enumerate(cells.iloc[row - 1])]
        _check_names(where, names)
        rows = cells.iloc[row:].set_axis(names, axis="columns")
        parts.append(rows[(rows != "").any(axis="columns")])
    frame = pd.concat(parts, ignore_index=True)
    return pd.DataFrame({name: _column(frame[name], formats) for name in frame})


def zones_of(files: Sequence[Path]) -> dict[str, str]:
    """Return the time zone that Parquet files give for a column of time stamps."""
    schema = pq.read_schema(files[0])
    return {field.name: zone for field in schema if (zone := getattr(field.type, "tz", None))}


def _column(cells: pd.Series, formats: Formats) -> pd.Series:
    """Give a sheet's column one type: dates or numbers where every cell is one, else texts in the unit's notation."""
    filled = cells[cells != ""]
    some = cells.where(cells != "", None)
    if len(filled) and all(isinstance(cell, date) for cell in filled):
        return pd.to_datetime(some)
    if len(filled) and all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in filled):
        whole = all(isinstance(cell, int) for cell in filled)
        return pd.to_numeric(some).astype("Int64" if whole else "float64")
    return some.map(lambda cell: _as_text(cell, formats), na_action="ignore").astype("str")


def _as_text(cell: Any, formats: Formats) -> str:
    if isinstance(cell, date):
        return cell.strftime(formats.dates[0] if formats.dates else "%Y-%m-%d")
    if isinstance(cell, float):
        return str(cell).replace(".", formats.decimal)
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def _ending(file: Path) -> str:
    return next((ending for ending in (*TEXTS, *SHEETS, ".parquet") if file.name.lower().endswith(ending)), file.suffix)


def _sheets(file: Path) -> list[str]:
    if _ending(file) not in SHEETS:
        raise SourceError(str(file), "is no folder of tables", f"name a folder, or a file {', '.join(SHEETS)}")
    try:
        with pd.ExcelFile(file, engine="calamine") as book:
            return [str(name) for name in book.sheet_names]
    except Exception as error:  # what the reader of Excel files makes of one that is none has no common base
        raise SourceError(str(file), f"cannot be read: {error}", "save it as an Excel workbook") from error


def _opened(file: Path, encoding: str) -> IO[str]:
    opener: Any = gzip.open if file.suffix == ".gz" else open
    opened: IO[str] = opener(file, "rt", encoding=encoding, newline="")
    return opened


def _check_names(where: str, names: Sequence[str]) -> None:
    lower = [name.lower() for name in names]
    twice = sorted({name for name in names if lower.count(name.lower()) > 1})
    if not names or twice:
        raise SourceError(where, f"column {twice[0]!r} stands twice" if twice else "an empty file", "one header line")


def _check_end(file: Path) -> None:
    """Raise where the file's end is longer than a line can be: an engine would leave it out without a word."""
    size = 0
    for block in _tail(file):
        at = max(block.rfind(b"\n"), block.rfind(b"\r"))
        size = len(block) - at - 1 if at >= 0 else size + len(block)
    if size > LONGEST_LINE:
        raise SourceError(
            str(file), f"its last {size:,} bytes hold no end of a line", f"lines of at most {LONGEST_LINE:,} bytes"
        )


def _tail(file: Path) -> Iterator[bytes]:
    """Yield the end of a file that matters, the whole of a compressed one."""
    if file.suffix == ".gz":
        with gzip.open(file, "rb") as stream:
            while block := stream.read(_BLOCK):
                yield block
        return
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - 2 * LONGEST_LINE))
        yield stream.read()
