"""Looks at the tables of a PostgreSQL schema: the first rows of each are brought here, where guessing is done."""

from __future__ import annotations

from dataclasses import dataclass

from cts_lib.engine import DuckDB, fetch_frame, fetch_rows, quote, quoted
from cts_lib.engine.base import Engine
from cts_lib.errors import SourceError
from cts_lib.start.look import Seen

_MOST_ROWS = 200_000


@dataclass(frozen=True)
class Database:
    """A schema of a PostgreSQL database, whose address an environment variable holds."""

    schema: str
    url_env: str


def tables_of(database: Engine, schema: str, engine: DuckDB) -> list[Seen]:
    """Return the tables and views of a schema that hold rows; a schema without any is a SourceError."""
    names = fetch_rows(
        database,
        f"SELECT table_name AS name FROM information_schema.tables WHERE table_schema = {quote(schema)} ORDER BY 1",
    )
    seen: list[Seen] = []
    for row in names:
        place, name = f"{quoted(schema)}.{quoted(row['name'])}", f"seen_{len(seen)}"
        frame = fetch_frame(database, f"SELECT * FROM {place} LIMIT {_MOST_ROWS}")
        if len(frame):
            engine.register(name, frame)
            remarks = (f"guessed from {_MOST_ROWS:,} rows",) if len(frame) == _MOST_ROWS else ()
            columns = engine.columns(name)
            seen.append(Seen(name, f"{schema}.{row['name']}", place, columns, len(frame), remarks))
    if not seen:
        raise SourceError(f"schema {schema}", "no table with rows", "name a schema of the database with --database")
    return seen
