"""Looks at files: how they are encoded, delimited and headed, and which SQL reads them where they are."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from cts_lib.engine import count_rows, fetch_value, quote, quoted
from cts_lib.engine.base import Engine
from cts_lib.errors import CtsError, SourceError
from cts_lib.intake.assumed import Assumed
from cts_lib.intake.files import DELIMITERS, SHEETS, TEXTS, Place, agreement, cells_of, files_below, sheet_frame
from cts_lib.params import Formats
from cts_lib.start.headings import is_known, names_month
from cts_lib.start.record import Record

_TOP = 40
"""Lines among which the column names are looked for."""
_BLOCK = 1 << 20
_PADDED = 0.5
"""Share of the rows whose cell is filled up with spaces behind, from which on all cells are read without."""
_UNNAMED = r" *|column[0-9]*"
"""What columns without a name are called."""


@dataclass(frozen=True)
class Seen:
    """A file, or several alike, as an engine reads it: its SQL, its columns with their types, and what was noticed.

    ``name`` is the relation in the engine that holds its rows in their order, ``names`` what files are called,
    ``where`` the condition of a row called ``line`` that leaves out what is none, ``excluded`` what that leaves out,
    ``key`` the column that names the order where the cells themselves show which it is.
    """

    name: str
    names: str
    sql: str
    columns: dict[str, str]
    rows: int
    remarks: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    delimiter: str = ""
    where: str = ""
    excluded: str = ""
    doubt: str = ""
    key: str = ""

    @property
    def texts(self) -> list[str]:
        """Return its columns of texts."""
        return [name for name, kind in self.columns.items() if kind == "VARCHAR"]

    @property
    def kept(self) -> str:
        """Return its rows, each called ``line``, as a query of the engine writes them behind FROM."""
        return f"{self.name} AS line"

    @property
    def origin(self) -> str:
        """Return its rows that count, each called ``line``, as a mapping writes them behind FROM."""
        return f"{self.sql} AS line" + (f" WHERE {self.where}" if self.where else "")


@dataclass(frozen=True)
class _Text:
    """How a text file is written."""

    encoding: str
    line_end: str
    delimiter: str
    skip: int


def look_at(engine: Engine, files: Sequence[Path], root: Path, record: Record) -> tuple[list[Seen], list[CtsError]]:
    """Return what files and folders of files hold, and of those that cannot be read one error each."""
    seen: list[Seen] = []
    errors: list[CtsError] = []
    known: dict[str, Path] = {}
    for file in _single(files):
        try:
            if not file.is_file():
                raise SourceError(str(file), "no such file", "name files or folders of CSV, Excel or Parquet")
            if not file.stat().st_size:
                raise SourceError(str(file), "an empty file", "leave it out, or extract it again")
            with file.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            if known.setdefault(digest, file) != file:
                raise SourceError(str(file), f"holds the same as {known[digest]}", "it is read once")
            if file.suffix.lower() in SHEETS:
                seen += _sheets(engine, file, record, len(seen))
            elif file.suffix.lower() == ".parquet":
                sql = f"read_parquet({quote(_written(file, root))})"
                seen.append(_kept(engine, Seen(f"seen_{len(seen)}", file.name, sql, {}, 0)))
            elif file.name.lower().endswith((*TEXTS, ".txt.gz", ".tsv.gz")):
                seen.append(_text(engine, file, root, record, len(seen)))
            else:
                raise SourceError(str(file), "no kind of file that is read", f"save it as {', '.join(TEXTS)} or Excel")
        except CtsError as error:
            errors.append(error)
    return seen, errors


def _single(files: Sequence[Path]) -> list[Path]:
    found = [file for given in files for file in (files_below(given) if given.is_dir() else [given])]
    return list(dict.fromkeys(file.resolve() for file in found))


def _written(file: Path, root: Path) -> str:
    """Return how a mapping names a file: relative to the workbook where it lies inside it."""
    return str(file.relative_to(root)) if file.is_relative_to(root) else str(file)


def _kept(engine: Engine, seen: Seen) -> Seen:
    try:
        engine.create(seen.name, f"SELECT * FROM {seen.sql}")
    except SourceError as error:
        raise SourceError(seen.names, error.problem, error.expected) from error
    rows = count_rows(engine, seen.name)
    if not rows:
        raise SourceError(seen.names, "no row below its column names", "leave it out, or extract it again")
    return replace(seen, columns=engine.columns(seen.name), rows=rows)


def _text(engine: Engine, file: Path, root: Path, record: Record, number: int) -> Seen:
    """Read a text file: where it is if the engine knows its encoding, else from a copy in UTF-8."""
    text, assumptions = _text_of(file), tuple[str, ...]()
    place, encoding, line_end = file, text.encoding, text.line_end
    if encoding in ("cp1252", "utf-16-le", "utf-16-be"):
        place = record.write(record.free(f"data/{_bare(file)}", ".csv"), _decoded(file, encoding))
        assumptions = (Assumed.COPY_OF_TEXT.said(file=file.name, encoding=encoding),)
        encoding, line_end = "utf-8", "\\n"
    options = {
        "delim": quote(text.delimiter),
        "quote": "'\"'",
        "escape": "'\"'",
        "new_line": f"'{line_end}'",
        "header": "true",
        "all_varchar": "true",
        "null_padding": "true",
        "skip": str(text.skip) if text.skip else "",
        "encoding": quote(encoding) if encoding != "utf-8" else "",
    }
    given = ", ".join(f"{name}={value}" for name, value in options.items() if value)
    sql = f"read_csv({quote(_written(place, root))}, {given})"
    ends = {"\\r": "CR alone", "\\n": "LF", "\\r\\n": "CR LF"}[text.line_end]
    shown = {"\t": "tab"}.get(text.delimiter, text.delimiter)
    remarks = [f"{text.encoding}, lines end in {ends}, cells in {shown!r}"]
    remarks += [f"{text.skip} title rows above the column names"] if text.skip else []
    seen = Seen(f"seen_{number}", file.name, sql, {}, 0, tuple(remarks), assumptions, text.delimiter)
    return _unpadded(engine, _kept(engine, seen))


def _unpadded(engine: Engine, seen: Seen) -> Seen:
    """Read the cells of a list without the spaces that fill them up, and without columns that have no name."""
    padded = ", ".join(f"COUNT(CASE WHEN {quoted(name)} <> RTRIM({quoted(name)}) THEN 1 END)" for name in seen.texts)
    most = fetch_value(engine, f"SELECT GREATEST({padded}, 0) AS most FROM {seen.name}")
    if most < _PADDED * seen.rows and all(name == name.strip() for name in seen.texts):
        return seen
    named = [name for name in seen.texts if not re.fullmatch(_UNNAMED, name)]
    shown = ", ".join(f"NULLIF(TRIM({quoted(name)}), '') AS {quoted(name.strip())}" for name in named)
    return _kept(engine, replace(seen, sql=f"(SELECT {shown} FROM {seen.sql} AS cell)"))


def _text_of(file: Path) -> _Text:
    """Recognise how a text file is written; one that holds no table is a SourceError."""
    encoding, line_end = _encoding_of(file)
    try:
        lines = list(_first_lines(_decoded_blocks(file, encoding)))
    except (UnicodeDecodeError, OSError, EOFError) as error:
        raise SourceError(str(file), f"cannot be read as text: {error}", "extract it again") from error
    best: tuple[tuple[int, int, int], str, int] | None = None
    for rank, delimiter in enumerate(DELIMITERS):
        rows = cells_of(lines, delimiter)
        place = header_row(rows)
        known = (
            sum(map(is_known, rows[place])) if len(rows[place]) > 1 else 0
        )  # a line in one cell may be a word of ours
        score = (known, agreement(rows, place), -rank)
        if best is None or score > best[0]:
            best = score, delimiter, place
    if best is None:
        raise SourceError(str(file), "an empty file", "leave it out, or extract it again")
    _, delimiter, place = best
    return _Text(encoding, line_end, delimiter, place)


def header_row(rows: Sequence[Sequence[str]]) -> int:
    """Return the place of the row of column names: that of the most known headings or months, else the first full one.

    >>> header_row([["Umsatzliste", ""], ["Stand", "1.7.2026"], ["Kunde", "Betrag"], ["77", "1,50"]])
    2
    """
    known = [sum(is_known(cell) or names_month(cell) for cell in row) for row in rows]
    if max(known, default=0) > 1 or (rows and max(map(len, rows)) < 2):
        return known.index(max(known))
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    return filled.index(max(filled)) if filled else 0


def _encoding_of(file: Path) -> tuple[str, str]:
    """Return a file's encoding and how its lines end."""
    utf8, is_utf8, above, nothing, crlf, cr, lf = codecs.getincrementaldecoder("utf-8")(), True, False, 0, 0, 0, 0
    size, start, last = 0, b"", b""
    try:
        for block in _blocks(file):
            start = start or block[:4096]
            size += len(block)
            nothing += block.count(0)
            above = above or any(sign in block for sign in _HIGH)
            joined = last + block
            crlf, cr, lf = crlf + joined.count(b"\r\n"), cr + block.count(b"\r"), lf + block.count(b"\n")
            last = block[-1:] if block.endswith(b"\r") else b""
            if is_utf8:
                try:
                    utf8.decode(block)
                except UnicodeDecodeError:
                    is_utf8 = False
    except (OSError, EOFError, gzip.BadGzipFile) as error:
        raise SourceError(str(file), f"cannot be read: {error}", "extract it again") from error
    line_end = "\\r\\n" if crlf and crlf >= max(cr, lf) / 2 else "\\r" if cr > lf else "\\n"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = start[: len(start) // 2 * 2].decode("utf-16", errors="replace")
        return "utf-16", "\\r\\n" if "\r\n" in text else "\\r" if "\r" in text else "\\n"
    if nothing:
        if 0.3 < nothing / size < 0.6:  # every other byte of plain letters
            return ("utf-16-be" if start[0] == 0 else "utf-16-le"), "\\n"
        raise SourceError(str(file), "holds zero bytes, so it is no text", "save it as CSV, Excel or Parquet")
    return "utf-8" if is_utf8 else "cp1252" if above else "latin-1", line_end


_HIGH = [bytes([code]) for code in range(0x80, 0xA0)]
"""Bytes that mean letters and signs in cp1252 and nothing in latin-1."""


def _blocks(file: Path) -> Iterator[bytes]:
    opener: Any = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rb") as stream:
        while block := stream.read(_BLOCK):
            yield block


def _decoded_blocks(file: Path, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)()
    for block in _blocks(file):
        yield decoder.decode(block)


def _decoded(file: Path, encoding: str) -> str:
    """Return a text file's text with lines that end in LF."""
    text = "".join(_decoded_blocks(file, encoding)).removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _first_lines(blocks: Iterator[str]) -> Iterator[str]:
    text = next(blocks, "")
    for _, line in zip(range(_TOP), text.splitlines(), strict=False):
        yield line


def _bare(file: Path) -> str:
    return file.name.removesuffix(".gz").rpartition(".")[0] or file.name


def _sheets(engine: Engine, file: Path, record: Record, number: int) -> list[Seen]:
    """Read the sheets of an Excel file, each from a copy in Parquet; sheets without a table are left out."""
    try:
        tops = pd.read_excel(
            file, sheet_name=None, header=None, dtype=object, na_filter=False, nrows=_TOP, engine="calamine"
        )
    except Exception as error:  # what the reader of Excel files makes of one that is none has no common base
        raise SourceError(str(file), f"cannot be read: {error}", "save it as an Excel workbook") from error
    seen: list[Seen] = []
    for name, top in tops.items():
        rows = [[str(cell) for cell in row] for row in top.to_numpy()]
        if len(rows) < 2:
            continue
        row = header_row(rows)
        frame = sheet_frame(Place(f"{file}, sheet {name}", (file,), name), row + 1, Formats())
        where = record.free(f"data/{_bare(file)}_{name}".replace(" ", "_"), ".parquet")
        copy = record.write(where, frame.to_parquet(index=False))
        remarks = (f"sheet {name!r}", *([f"{row} title rows above the column names"] if row else []))
        assumption = Assumed.COPY_OF_EXCEL.said(place=where)
        sql = f"read_parquet({quote(_written(copy, record.root))})"
        found = Seen(f"seen_{number + len(seen)}", f"{file.name}, {name}", sql, {}, 0, remarks, (assumption,))
        seen.append(_kept(engine, found))
    if not seen:
        raise SourceError(str(file), "no sheet with a row below column names", "leave it out")
    return seen
