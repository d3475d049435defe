"""The embedded engine (default)."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import duckdb
import pandas as pd
import pyarrow as pa
from sqlglot import exp

from cts_lib.engine.base import Header, ended_after, explained, not_one_select, too_long
from cts_lib.engine.dialect import parse
from cts_lib.engine.named_files import rooted, texts
from cts_lib.engine.quoting import quote, quoted
from cts_lib.errors import LockedError, SourceError

_T = TypeVar("_T")
_FILE = re.compile(r"\n\s*file = ([^\n]+)\n")
_SNIFFED = re.compile(r'when sniffing file "([^"]+)"')
_LINE = re.compile(r"CSV Error on Line: (\d+)\n")
_HELD = re.compile(r"lock is held in (.*?\(PID \d+\))")
_FORBIDDEN = re.compile(r'Cannot access (?:file|directory) "(.*?)" - ', re.DOTALL)
_CELLS = re.compile(r"\nExpected Number of Columns: (\d+) Found: (\d+)\n")


class DuckDB:
    """A DuckDB database, in memory unless a path is given; beyond ``memory``, in megabytes, it goes on on disk.

    A query that needs more than that all the same runs again with twice as much, up to ``most``.
    Relative paths in its queries start from ``root``. Where ``readable`` names places, its queries read nothing else,
    no address, and no extension that is not built in. A query that takes more than ``seconds`` is ended.

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
        memory: int | None = None,
        most: int | None = None,
        read_only: bool = False,
        readable: Sequence[Path] | None = None,
        seconds: float | None = None,
    ) -> None:
        self._root, self._seconds = root, seconds
        self._memory, self._most = memory or 0, most or 0
        config: dict[str, str | bool | int | float | list[str]] = {"autoinstall_known_extensions": False}
        if threads is not None:
            config["threads"] = threads
        if memory is not None:
            spilled = tempfile.mkdtemp(prefix="cts-")
            weakref.finalize(self, shutil.rmtree, spilled, ignore_errors=True)
            config |= {"memory_limit": f"{memory}MB", "temp_directory": spilled}
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
        if readable is not None:
            self._shut(readable)

    def query(self, sql: str | exp.Expr) -> pa.Table:
        return self._asked(lambda: self._connection.sql(_text(sql)).to_arrow_table())

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
        self.create(name, rooted(select, self._parsed(select), self._root) if self._root else select, view=True)

    def texts(self, select: str) -> list[str]:
        return list(texts(self._parsed(select)))

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
        self._asked(lambda: self._connection.execute(_text(sql)))

    def _asked(self, ask: Callable[[], _T]) -> _T:
        """Return what is asked, with more memory where it takes more and there is more to give."""
        with self._limited():
            while True:
                try:
                    return ask()
                except duckdb.OutOfMemoryException:
                    if not self._grow():
                        raise

    def _grow(self) -> bool:
        """Double the memory; say whether it may be so much."""
        wanted = min(2 * self._memory, self._most)
        if wanted <= self._memory:
            return False
        self._connection.execute(f"SET memory_limit = '{wanted}MB'")
        self._memory = wanted
        return True

    def _parsed(self, select: str) -> object:
        """Return DuckDB's own parse of a user's SELECT."""
        with self._limited():
            kinds = [statement.type.name for statement in self._connection.extract_statements(select)]
            if kinds != ["SELECT"]:
                raise not_one_select("duckdb", kinds)
            tree = json.loads(self._connection.execute("SELECT json_serialize_sql(?)", [select]).fetchall()[0][0])
        if tree["error"]:  # a statement that DuckDB writes anew, as PRAGMA
            raise not_one_select("duckdb", [select.split(maxsplit=1)[0].upper()])
        return tree

    def _shut(self, readable: Sequence[Path]) -> None:
        """Let queries read these places alone, and change no setting."""
        for setting, places in (
            ("allowed_directories", [place for place in readable if not place.is_file()]),
            ("allowed_paths", [place for place in readable if place.is_file()]),
        ):
            listed = ", ".join(quote(str(place)) for place in places)
            self._connection.execute(f"SET {setting} = [{listed}]")
        self._connection.execute("SET autoload_known_extensions = false")
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET allowed_configs = ['memory_limit']")
        self._connection.execute("SET lock_configuration = true")

    @contextmanager
    def _limited(self) -> Iterator[None]:
        """End what takes longer than it may, and say in one line what DuckDB says is wrong."""
        with ended_after(self._seconds, self._connection.interrupt) as was_late:
            try:
                yield
            except duckdb.InterruptException as error:
                if was_late():
                    raise too_long("duckdb", self._seconds) from error
                raise _error(error) from error
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
    if sniffed := _SNIFFED.search(text):
        return SourceError(sniffed[1], "is no CSV as RFC 4180 has it", 'quote cells with ", end all lines alike')
    if forbidden := _FORBIDDEN.search(text):
        return SourceError("duckdb", f"may not read {forbidden[1]}", "name its folder in source.allow")
    if isinstance(error, duckdb.OutOfMemoryException):
        found = f"has not enough memory: {text.splitlines()[0].removeprefix('Out of Memory Error: ')}"
        return SourceError("duckdb", found, "set CTS_MEMORY to more, as 4GB")
    said, at = explained(text)
    return SourceError("duckdb", said, "mend the table or mapping it speaks of", line=at)


def _text(sql: str | exp.Expr) -> str:
    return sql if isinstance(sql, str) else sql.sql("duckdb")
