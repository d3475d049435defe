"""PostgreSQL: the query runs where the data lives; what the workbook makes stays in temporary tables of its session."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import sqlglot
from sqlglot import exp

from cts_lib.engine.base import Header, explained, storable, too_long
from cts_lib.engine.dialect import DATE_PATTERN, NUMBER_PATTERN, texts_of, translate
from cts_lib.engine.quoting import quote, quoted
from cts_lib.errors import MissingExtra, SourceError

try:
    import adbc_driver_manager
    import adbc_driver_postgresql.dbapi
except ModuleNotFoundError as error:
    raise MissingExtra("postgres", str(error.name)) from error

_QUOTED = re.compile(r'"[^"]*"?')


class PostgreSQL:
    """A session on a PostgreSQL server; the address is never shown."""

    name = "postgres"
    nests = True

    def __init__(self, url: str, seconds: float | None = None) -> None:
        self._seconds = seconds
        try:
            self._connection = adbc_driver_postgresql.dbapi.connect(url, autocommit=True)
        except adbc_driver_manager.Error as error:
            expected = "check the address in the environment variable, and that the server runs"
            reason = _QUOTED.sub('"…"', _first_line(error, url))  # a part of the address, when it cannot be read
            raise SourceError("postgres", f"cannot be reached: {reason}", expected) from None
        self._url = url
        prepared = [
            "SET TIME ZONE 'UTC'",
            "SET DateStyle = 'ISO, YMD'",
            "SET client_min_messages = 'error'",
            f"SET statement_timeout = {int((seconds or 0) * 1000)}",
            _function("try_cast").format(name="try_double", type="double precision", pattern=NUMBER_PATTERN),
            _function("try_cast").format(name="try_date", type="date", pattern=DATE_PATTERN),
            _function("try_cast").format(name="try_timestamptz", type="timestamptz", pattern=DATE_PATTERN),
            _function("try_strptime"),
            _function("remainder"),
        ]
        try:
            for statement in prepared:
                self._run(statement)
        except SourceError:
            self.close()
            raise

    def query(self, sql: str | exp.Expr) -> pa.Table:
        return self._fetch(self._text(sql))

    def execute(self, sql: str | exp.Expr) -> None:
        self._run(self._text(sql))

    def command(self, text: str) -> None:
        """Run what is written in the server's own words, as of transactions and schemas."""
        self._run(text)

    def create(self, name: str, select: str | exp.Expr, view: bool = False) -> None:
        self._replace(name, self._text(select), view)

    def forget(self, name: str) -> None:
        self._drop(name)

    def read(self, name: str, files: Sequence[Path], header: Header | None, view: bool = True) -> None:
        raise SourceError(name, "PostgreSQL reads no files", "give source.sql, a folder of mappings")

    def map(self, name: str, select: str) -> None:
        self._replace(name, select, view=True)

    def texts(self, select: str) -> list[str]:
        return texts_of(select, "postgres")

    def register(self, name: str, frame: pd.DataFrame) -> None:
        table, texts = storable(frame)
        self._drop(f"{name}_frame")
        with self._connection.cursor() as cursor:
            cursor.adbc_ingest(f"{name}_frame", table, mode="create", temporary=True)
        columns = [
            f"CAST({quoted(key)} AS VARCHAR) AS {quoted(key)}" if key in texts else quoted(key)
            for key in table.column_names
        ]
        self.create(name, f"SELECT {', '.join(columns)} FROM {quoted(name + '_frame')}")

    def columns(self, name: str) -> dict[str, str]:
        place = quote(quoted(name))
        rows = self._rows(
            "SELECT attname::text AS name, format_type(atttypid, atttypmod) AS kind FROM pg_attribute "
            f"WHERE attrelid = {place}::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        )
        return {row["name"]: exp.DataType.build(row["kind"], dialect="postgres").sql("duckdb") for row in rows}

    def shown(self, sql: str | exp.Expr) -> str:
        return sqlglot.parse_one(self._text(sql), dialect="postgres").sql("postgres", pretty=True)

    def close(self) -> None:
        self._connection.close()

    def _text(self, sql: str | exp.Expr) -> str:
        return translate(sql, "postgres", self.columns)

    def _replace(self, name: str, select: str, view: bool) -> None:
        """Make the new one beside the old, which it may read, then let it take the old one's place."""
        if view:
            self._drop(name)
            self._run(f"CREATE TEMP VIEW {quoted(name)} AS {select}")
            return
        fresh = f"{name}_fresh"
        self._drop(fresh)
        self._run(f"CREATE TEMP TABLE {quoted(fresh)} AS {select}")
        self._drop(name)
        self._run(f"ALTER TABLE {quoted(fresh)} RENAME TO {quoted(name)}")
        self._run(f"ANALYZE {quoted(name)}")  # the planner knows nothing of a new temporary table

    def _drop(self, name: str) -> None:
        kinds = self._rows(
            "SELECT relkind::text AS kind FROM pg_class WHERE relnamespace = pg_my_temp_schema() "
            f"AND relname = {quote(name)}"
        )
        for row in kinds:
            kind = "VIEW" if row["kind"] == "v" else "TABLE"
            self._run(f"DROP {kind} pg_temp.{quoted(name)} CASCADE")

    def _rows(self, text: str) -> list[dict[str, str]]:
        rows: list[dict[str, str]] = self._fetch(text).to_pylist()
        return rows

    def _fetch(self, text: str) -> pa.Table:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(text)
                return cursor.fetch_arrow_table()
        except adbc_driver_manager.Error as error:
            raise self._error(error) from None

    def _run(self, text: str) -> None:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(text)
        except adbc_driver_manager.Error as error:
            raise self._error(error) from None

    def _error(self, error: Exception) -> SourceError:
        if "statement timeout" in str(error):
            return too_long("postgres", self._seconds)
        said, line = explained(str(error).replace(self._url, "…"))
        return SourceError("postgres", said, "mend the table or mapping it speaks of", line=line)


def _function(name: str) -> str:
    """Return the text of a function that the server lacks."""
    return Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")


def _first_line(error: Exception, url: str) -> str:
    """Return what the server said, without the address."""
    return str(error).splitlines()[0].replace(url, "…")
