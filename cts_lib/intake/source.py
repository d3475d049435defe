"""Finds the canonical tables of a source and makes each readable as ``raw_<table>``."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from cts_lib.engine import quote, quoted
from cts_lib.engine.base import Engine
from cts_lib.engine.choice import readable
from cts_lib.errors import CtsError, Problems, SourceError, masked
from cts_lib.intake.cells import Cell
from cts_lib.intake.dated import keep_dated_lines
from cts_lib.intake.exchange import CURRENCY, has_foreign, keep_rates
from cts_lib.intake.files import as_utf8, common_header, place_of, sheet_frame, zones_of
from cts_lib.intake.mapping import assumptions_of, files_read, read_mapping_file, shown_values
from cts_lib.intake.signs import currencies_of
from cts_lib.params import Formats, UnitParams
from cts_lib.params.placeholders import fill
from cts_lib.tables.contract import Contract
from cts_lib.tables.inputs import EVENTS, EXCHANGE_RATES, INPUTS, LEDGER, ORDER_LINES
from cts_lib.tables.supply import LANES, NODES, REPLENISHMENT

_DERIVED = {"rush", "new_customer", "scenario", "replication"}
_TEXTS = ("VARCHAR", "TEXT", "STRING", "CHAR")
"""How the types of texts begin."""


@dataclass
class Source:
    """The tables of a source by name, with the place of each, its digest and its mapping's assumptions.

    ``zones`` are the time zones in which files say that a column's stamps were written, ``foreign`` the tables with
    money in other currencies than the unit's.
    """

    places: dict[str, str] = field(default_factory=dict)
    files: dict[str, list[Path]] = field(default_factory=dict)
    assumptions: list[dict[str, Any]] = field(default_factory=list)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    formats: Formats = field(default_factory=Formats)
    time_zone: str | None = None
    zones: dict[str, dict[str, str]] = field(default_factory=dict)
    foreign: set[str] = field(default_factory=set)

    def has(self, contract: Contract) -> bool:
        return contract.name in self.places

    def cells(self, contract: Contract) -> dict[str, Cell]:
        """The columns that a table has, each as its cells are read."""
        zones = self.zones.get(contract.name, {})
        return {
            name: Cell(name, sql_type, self.formats, self.time_zone or zones.get(name))
            for name, sql_type in self.columns.get(contract.name, {}).items()
        }

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
    given = unit.params.source
    source, problems = Source(formats=given.formats, time_zone=given.time_zone), list[CtsError]()
    at = (unit.root / (given.sql or given.path or "")).resolve()
    try:
        is_there = at.is_dir() or (not given.sql and at.is_file())
    except OSError as error:
        found = str(error.strerror or error)
        raise Problems([SourceError(str(at), found, "source.path or source.sql names a folder of tables")]) from error
    if not is_there:
        raise Problems([SourceError(str(at), "no such folder", "source.path or source.sql names a folder of tables")])
    sign, currency = given.formats.sign, unit.params.unit.currency
    if sign and currency not in currencies_of(sign):
        problems.append(
            SourceError(
                unit.where("source", "formats.sign"),
                f"{sign!r} is a sign of {currencies_of(sign)[0]}",
                f"the unit's currency is {currency}",
            )
        )
    for contract in INPUTS:
        try:
            if given.sql:
                _attach_mapping(engine, unit, at, contract, source)
            else:
                _attach_files(engine, unit, at, contract, source)
            problems += _missing_columns(contract, source)
        except SourceError as error:
            problems.append(error)
    if source.has(ORDER_LINES):
        present = source.columns[ORDER_LINES.name]
        problems += [
            SourceError(
                unit.where("source", "repeated"), f"order_lines have no column {name!r}", f"have {', '.join(present)}"
            )
            for name in given.repeated
            if name not in present
        ]
    if problems:
        raise Problems(problems)
    keep_rates(engine, source.cells(EXCHANGE_RATES))
    for contract in (ORDER_LINES, EVENTS, LEDGER, NODES, LANES, REPLENISHMENT):
        if CURRENCY in source.columns.get(contract.name, {}) and has_foreign(engine, contract.name, currency):
            source.foreign.add(contract.name)
    keep_dated_lines(engine, source.cells(ORDER_LINES), currency if ORDER_LINES.name in source.foreign else None)
    return source


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


def _attach_files(engine: Engine, unit: UnitParams, at: Path, contract: Contract, source: Source) -> None:
    given, name = unit.params.source, f"raw_{contract.name}"
    place = place_of(given, at, contract.name)
    if place is None:
        if contract.required:
            raise SourceError(
                str(at),
                f"no table {contract.name}",
                f"write {contract.name}.parquet, .csv, .csv.gz or .xlsx, or a folder {contract.name} of such files",
            )
        return
    row, formats = given.header_of(contract.name), given.formats
    if place.is_sheet:
        engine.register(name, sheet_frame(place, row, formats))
    elif place.is_text:
        header = common_header(place, formats, row)
        with tempfile.TemporaryDirectory() as folder, _located(place.where):
            files = as_utf8(place.files, formats, Path(folder), contract.name)
            engine.read(name, files, header, view=formats.is_text)
    else:
        with _located(place.where):
            engine.read(name, place.files, None)
        source.zones[contract.name] = zones_of(place.files)
    _note_columns(engine, contract, place.where, source)
    source.files[contract.name] = list(place.files)


def _attach_mapping(engine: Engine, unit: UnitParams, at: Path, contract: Contract, source: Source) -> None:
    path = at / f"{contract.name}.sql"
    if not path.is_file():
        if contract.required:
            raise SourceError(
                str(path), "no such mapping", f"write a SELECT that yields the columns of {contract.name}"
            )
        return
    text = read_mapping_file(path)
    source.assumptions += assumptions_of(path, text)
    with _located(str(path)):
        root = unit.root.absolute()
        select = fill(text, root).rstrip().rstrip(";")
        within = readable(unit.params.source, root) if engine.name == "duckdb" else None
        files = files_read(engine.texts(select), root, within)
        values = {value: name for value, name in shown_values(text, engine.name).items() if masked(value) != value}
        name = f"{'mapped' if values else 'raw'}_{contract.name}"
        engine.map(name, select)
        if values:
            engine.create(f"raw_{contract.name}", _hiding(engine, name, values), view=True)
            told = f"Where {', '.join(values.values())} would show what it stands for, its name stands instead."
            source.assumptions.append({"text": told, "where": f"{path.parent.name}/{path.name}"})
    _note_columns(engine, contract, str(path), source)
    source.files[f"{contract.name}.sql"] = [path]
    source.files |= {masked(str(file)): [file] for file in files}


def _hiding(engine: Engine, relation: str, values: Mapping[str, str]) -> str:
    """Return the query of a relation in whose texts, but for the unit's name, other words stand for values."""
    listed = []
    for name, kind in engine.columns(relation).items():
        shown = quoted(name)
        if kind.upper().startswith(_TEXTS) and name != "business_unit":
            for value, word in values.items():
                shown = f"REPLACE({shown}, {quote(value)}, {quote(word)})"
        listed.append(f"{shown} AS {quoted(masked(name))}")
    return f"SELECT {', '.join(listed)} FROM {relation}"


@contextmanager
def _located(where: str) -> Iterator[None]:
    """Give the engine's errors the file or mapping they are about."""
    try:
        yield
    except SourceError as error:
        place = f"{where}, line {error.line}" if error.line else where
        raise SourceError(place, error.problem, error.expected or "mend the file or mapping") from error


def _note_columns(engine: Engine, contract: Contract, where: str, source: Source) -> None:
    with _located(where):
        columns = engine.columns(f"raw_{contract.name}")
    cut = [name for name in columns if "\0" in name]  # which would be cut off there
    if cut:
        raise SourceError(where, f"the name of column {cut[0]!r} holds a NUL", "name it without")
    derived = [name for name in columns if name.startswith("_") or name.lower() in _DERIVED]
    source.columns[contract.name] = {name: kind for name, kind in columns.items() if name not in derived}
    source.assumptions += [
        {"text": f"Column {name!r} is left out: the workbook derives a column of that name.", "where": where}
        for name in derived
    ]
    source.places[contract.name] = where


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()
