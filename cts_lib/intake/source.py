"""Finds the canonical tables of a source and makes each readable as ``raw_<table>``."""

from __future__ import annotations

import csv
import gzip
import hashlib
import itertools
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cts_lib.engine.base import Engine, Header
from cts_lib.errors import CtsError, Problems, SourceError
from cts_lib.params import UnitParams
from cts_lib.tables.inputs import INPUTS, Contract

_PLACEHOLDER = re.compile(r"\{params\}|\{env:(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:\|(?P<default>[^{}]*))?\}")
_DERIVED = {"rush", "new_customer", "scenario", "replication"}
_ASSUMPTION = re.compile(r"^\s*--\s*assumption:\s*(.+?)\s*$", re.MULTILINE | re.IGNORECASE)


@dataclass
class Source:
    """The tables of a source by name, with the place of each, its digest and its mapping's assumptions."""

    places: dict[str, str] = field(default_factory=dict)
    files: dict[str, list[Path]] = field(default_factory=dict)
    assumptions: list[dict[str, str]] = field(default_factory=list)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)

    def has(self, contract: Contract) -> bool:
        return contract.name in self.places

    @property
    def is_digested(self) -> bool:
        """Say whether the digests tell a change of the data: those of mappings to a database do not."""
        return all(any(not file.name.endswith(".sql") for file in files) for files in self.files.values())

    @cached_property
    def digests(self) -> dict[str, str]:
        """The sha256 of every input table or mapping."""
        return {name: _digest(files) for name, files in self.files.items()}


def attach(engine: Engine, unit: UnitParams) -> Source:
    """Create a view ``raw_<table>`` for every table of the source, and check that the required ones are whole."""
    source, problems = Source(), list[CtsError]()
    for contract in INPUTS:
        try:
            if unit.params.source.sql:
                _attach_mapping(engine, unit, contract, source)
            else:
                _attach_files(engine, unit, contract, source)
            problems += _missing_columns(contract, source)
        except SourceError as error:
            problems.append(error)
    if problems:
        raise Problems(problems)
    return source


def _folder(unit: UnitParams, given: str) -> Path:
    folder = (unit.root / given).resolve()
    if not folder.is_dir():
        raise SourceError(str(folder), "no such folder", "source.path or source.sql names a folder of tables")
    return folder


def _missing_columns(contract: Contract, source: Source) -> list[CtsError]:
    if not source.has(contract):
        return []
    present = source.columns[contract.name]
    disguised: list[CtsError] = [
        SourceError(source.places[contract.name], f"column {name!r} is in other letters", f"write it {name.lower()!r}")
        for name in present
        if name != name.lower() and contract.column(name.lower())
    ]
    return disguised + [
        SourceError(source.places[contract.name], f"column {column.name!r} is missing", f"has {', '.join(present)}")
        for column in contract.columns
        if column.required and column.name not in present
    ]


def _attach_files(engine: Engine, unit: UnitParams, contract: Contract, source: Source) -> None:
    folder = _folder(unit, unit.params.source.path or "")
    places = [folder / f"{contract.name}{suffix}" for suffix in (".parquet", "", ".csv", ".csv.gz")]
    places = [place for place in places if place.exists()]
    if len(places) > 1:
        raise SourceError(str(folder), f"{' and '.join(place.name for place in places)}", "keep one of them")
    if not places:
        if contract.required:
            raise SourceError(
                str(folder),
                f"no table {contract.name}",
                f"write {contract.name}.parquet, .csv or .csv.gz, or a folder {contract.name} of Parquet files",
            )
        return
    place = places[0]
    files = sorted(place.glob("**/*.parquet")) if place.is_dir() else [place]
    if not files:
        raise SourceError(str(place), "an empty folder", "put Parquet files there")
    header = _header(place) if ".csv" in place.name else None
    with _located(str(place)):
        engine.read(f"raw_{contract.name}", files, header)
    _note_columns(engine, contract, str(place), source)
    source.files[contract.name] = files


def _attach_mapping(engine: Engine, unit: UnitParams, contract: Contract, source: Source) -> None:
    path = _folder(unit, unit.params.source.sql or "") / f"{contract.name}.sql"
    if not path.is_file():
        if contract.required:
            raise SourceError(
                str(path), "no such mapping", f"write a SELECT that yields the columns of {contract.name}"
            )
        return
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(str(path), f"cannot be read as UTF-8 text: {error}", "save it as SQL in UTF-8") from error
    source.assumptions += [
        {"text": assumption, "where": f"{path.parent.name}/{path.name}"} for assumption in _ASSUMPTION.findall(text)
    ]
    with _located(str(path)):
        engine.map(f"raw_{contract.name}", fill(text, unit.root).strip().rstrip(";"))
    _note_columns(engine, contract, str(path), source)
    source.files[f"{contract.name}.sql"] = [path]
    source.files |= {str(file): [file] for file in _named_files(text, unit.root)}


def fill(text: str, root: Path) -> str:
    """Put the params' parent folder and environment variables into a mapping, escaped for a SQL literal.

    >>> fill("'{params}/x.csv' {env:NO_SUCH_VARIABLE|it's}", Path("/data"))
    "'/data/x.csv' it''s"
    """

    def value(placeholder: re.Match[str]) -> str:
        if not placeholder["name"]:
            text = str(root)
        elif placeholder["name"] in os.environ:
            text = os.environ[placeholder["name"]]
        elif placeholder["default"] is not None:
            text = placeholder["default"]
        else:
            raise SourceError(placeholder[0], "the environment variable is not set", f"set {placeholder['name']}")
        return text.replace("'", "''")

    return _PLACEHOLDER.sub(value, text)


def _named_files(mapping: str, root: Path) -> list[Path]:
    """The files that a mapping reads by name."""
    paths = {Path(text.replace("''", "'")) for text in re.findall(r"'((?:[^']|'')+)'", fill(mapping, root))}
    files = [file for path in paths if path.suffix or path.is_dir() for file in _files_of(path)]
    return sorted(set(files))


def _files_of(path: Path) -> list[Path]:
    """The files that a name in a mapping stands for: itself, those in a folder, or those of a pattern."""
    if path.is_dir():
        return [file for file in path.rglob("*") if file.is_file()]
    if any(sign in path.name for sign in "*?["):
        return [file for file in path.parent.glob(path.name) if file.is_file()]
    return [path] if path.is_file() else []


@contextmanager
def _located(where: str) -> Iterator[None]:
    """Give the engine's errors the file or mapping they are about."""
    try:
        yield
    except SourceError as error:
        raise SourceError(where, error.found, error.expected or "mend the file or mapping") from error


def _note_columns(engine: Engine, contract: Contract, where: str, source: Source) -> None:
    with _located(where):
        columns = engine.columns(f"raw_{contract.name}")
    derived = [name for name in columns if name.startswith("_") or name.lower() in _DERIVED]
    source.columns[contract.name] = {name: kind for name, kind in columns.items() if name not in derived}
    source.assumptions += [
        {"text": f"Column {name!r} is left out: the workbook derives a column of that name.", "where": where}
        for name in derived
    ]
    source.places[contract.name] = where


def _header(path: Path) -> Header:
    """Return the names in a CSV's header line, and the delimiter that it uses most; one without a name is numbered."""
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline="") as lines:
            skip, first = 0, lines.readline()
            while first.startswith(("#", "sep=")):
                skip, first = skip + 1, lines.readline()
            delimiter = max(",;\t|", key=first.count)
            rest = itertools.chain([first], lines)
            cells = next(csv.reader(rest, delimiter=delimiter, skipinitialspace=True), [])
    except (UnicodeDecodeError, OSError, csv.Error) as error:
        raise SourceError(str(path), f"cannot be read as UTF-8 text: {error}", "save it as CSV in UTF-8") from error
    names = [name.strip() or f"column{place}" for place, name in enumerate(cells)]
    lower = [name.lower() for name in names]
    twice = sorted({name for name in names if lower.count(name.lower()) > 1})
    if not names or twice:
        raise SourceError(
            str(path), f"column {twice[0]!r} stands twice" if twice else "an empty file", "one header line"
        )
    return Header(delimiter, tuple(names), skip)


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()
