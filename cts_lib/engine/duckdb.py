"""The embedded engine (default)."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
from sqlglot import exp

from cts_lib.engine.base import Header, explained
from cts_lib.engine.dialect import parse
from cts_lib.engine.quoting import quote, quoted
from cts_lib.errors import LockedError, SourceError

_FILE = re.compile(r"\n\s*file = ([^\n]+)\n")
_LINE = re.compile(r"CSV Error on Line: (\d+)\n")
_HELD = re.compile(r"lock is held in (.*?\(PID \d+\))")
_CELLS = re.compile(r"\nExpected Number of Columns: (\d+) Found: (\d+)\n")


class DuckDB:
    """A DuckDB database, in memory unless a path is given; beyond ``memory``, as 1GB, it goes on on disk.

    Relative paths in its queries start from ``root``.

    >>> engine = DuckDB()
    >>> engine.query("SELECT 1 AS one").to_pylist()
    [{'one': 1}]
    """

    name = "duckdb"
    nests = True

    def __init__(
        self,
        threads: int | None = None,
        path: Path | None = None,
        root: Path | None = None,
        memory: str | None = None,
        read_only: bool = False,
    ) -> None:
        config: dict[str, str | bool | int | float | list[str]] = {"autoinstall_known_extensions": False}
        if threads is not None:
            config["threads"] = threads
        if memory is not None:
            spilled = tempfile.mkdtemp(prefix="cts-")
            weakref.finalize(self, shutil.rmtree, spilled, ignore_errors=True)
            config |= {"memory_limit": memory, "temp_directory": spilled}
        try:
            self._connection = duckdb.connect(str(path or ":memory:"), read_only=read_only, config=config)
        except duckdb.Error as error:
            if holder := _HELD.search(str(error)):
                raise LockedError(str(path), f"is held by {holder[1]}", "close the program that holds it") from error
            expected = "close the program that holds it, or mend the file"
            raise SourceError(str(path), f"cannot be opened: {str(error).splitlines()[0]}", expected) from error
        self._connection.execute("SET TimeZone = 'UTC'")  # a timestamp falls on the same day on every machine
        if root is not None:
            self._connection.execute(f"SET file_search_path = {quote(str(root))}")

    def query(self, sql: str | exp.Expr) -> pa.Table:
        try:
            return self._connection.sql(_text(sql)).to_arrow_table()
        except duckdb.Error as error:
            raise _error(error) from error

    def execute(self, sql: str | exp.Expr) -> None:
        self._run(sql)

    def create(self, name: str, select: str | exp.Expr, view: bool = False) -> None:
        kind = "VIEW" if view else "TABLE"
        self._run(f"CREATE OR REPLACE TEMP {kind} {quoted(name)} AS {_text(select)}")

    def forget(self, name: str) -> None:
        self._run(f"DROP TABLE IF EXISTS {quoted(name)}")

    def read(self, name: str, files: Sequence[Path], header: Header | None, view: bool = True) -> None:
        paths = ", ".join(quote(str(file)) for file in files)
        if header is None:
            reader = f"read_parquet([{paths}], union_by_name=true, hive_partitioning=false)"
        else:
            columns = ", ".join(f"{quote(column)}: 'VARCHAR'" for column in header.names)
            reader = (
                f"read_csv([{paths}], auto_detect=false, columns={{{columns}}}, header=true, "
                f"skip={header.skip}, delim='{header.delimiter}', quote='\"', escape='\"')"
            )
        self.create(name, f"SELECT * FROM {reader}", view)

    def map(self, name: str, select: str) -> None:
        self.create(name, select, view=True)

    def texts(self, select: str) -> list[str]:
        try:
            statements = self._connection.extract_statements(select)
            if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
                raise SourceError("duckdb", "is not one SELECT", "write one")
            tree = self._connection.execute("SELECT json_serialize_sql(?)", [select]).fetchall()[0][0]
        except duckdb.Error as error:
            raise _error(error) from error
        return list(_texts(json.loads(tree)))

    def register(self, name: str, frame: pd.DataFrame) -> None:
        self._connection.register(f"{name}_frame", pa.Table.from_pandas(frame, preserve_index=False))
        self.create(name, f'SELECT * FROM "{name}_frame"')
        self._connection.unregister(f"{name}_frame")

    def columns(self, name: str) -> dict[str, str]:
        described = self._connection.execute(f"DESCRIBE {quoted(name)}").fetchall()
        return {str(row[0]): str(row[1]) for row in described}

    def shown(self, sql: str | exp.Expr) -> str:
        return parse(sql).sql("duckdb", pretty=True)

    def close(self) -> None:
        self._connection.close()

    def _run(self, sql: str | exp.Expr) -> None:
        try:
            self._connection.execute(_text(sql))
        except duckdb.Error as error:
            raise _error(error) from error


def _error(error: duckdb.Error) -> SourceError:
    text = str(error)
    if file := _FILE.search(text):
        line, cells = _LINE.search(text), _CELLS.search(text)
        if not line:
            return SourceError(file[1], "is no CSV as RFC 4180 has it", 'quote cells with ", end all lines alike')
        fault = text.partition("\nPossible ")[0].rstrip().splitlines()[-1].rstrip(".").lower()
        if cells:
            expected, there = int(cells[1]), int(cells[2])
            fault = f"more cells than the header's {expected}" if there > expected else f"{there} of {expected} cells"
        return SourceError(f"{file[1]}, line {line[1]}", fault, "mend the row")
    said, at = explained(text)
    return SourceError("duckdb", said, "mend the table or mapping it speaks of", line=at)


def _texts(node: Any) -> Iterator[str]:
    """Yield the texts and names of tables below a node of a parsed query."""
    if isinstance(node, list):
        for below in node:
            yield from _texts(below)
    elif isinstance(node, dict):
        if node.get("kind") == "STRING" or node.get("type") == "BASE_TABLE":
            yield str(node.get("text") or node.get("table_name"))
        for below in node.values():
            yield from _texts(below)


def _text(sql: str | exp.Expr) -> str:
    return sql if isinstance(sql, str) else sql.sql("duckdb")
