"""What every engine answers: SQL in, Arrow out. Nothing else in the package knows a database."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pandas as pd
import pyarrow as pa
from sqlglot import exp

from cts_lib.errors import SourceError

STATEMENT = "CTS_STATEMENT"
"""Names the environment variable that says how many seconds a query of a mapping may take."""
_LINE = re.compile(r"LINE (\d+): ")
Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class Header:
    """The header line of a CSV, after so many lines of comment."""

    delimiter: str
    names: tuple[str, ...]
    skip: int = 0


class Engine(Protocol):
    """A place where SQL runs, written in the package's one dialect (DuckDB's)."""

    name: str
    nests: bool
    """Whether it takes one query of dozens of steps; if not, each step is kept as a table."""

    def query(self, sql: str | exp.Expr) -> pa.Table:
        """Run a SELECT and return its rows."""
        ...

    def execute(self, sql: str | exp.Expr) -> None:
        """Run a statement that yields no rows."""
        ...

    def create(self, name: str, select: str | exp.Expr, view: bool = False) -> None:
        """Keep a SELECT under a name, as a table or as a view; what stood there is replaced."""
        ...

    def forget(self, name: str) -> None:
        """Give back what is kept as a table under a name, if anything is."""
        ...

    def read(self, name: str, files: Sequence[Path], header: Header | None, view: bool = True) -> None:
        """Keep files readable under a name: Parquet, or, with the header that they share, CSV whose cells are all text.

        As a view they are read anew at each query; else they are read once.
        """
        ...

    def map(self, name: str, select: str) -> None:
        """Keep a user's SELECT, written in the engine's own dialect, as a view under a name."""
        ...

    def texts(self, select: str) -> list[str]:
        """Return the texts and names of tables that stand in a user's SELECT; anything but one SELECT is an error."""
        ...

    def register(self, name: str, frame: pd.DataFrame) -> None:
        """Make a small frame readable under a name."""
        ...

    def columns(self, name: str) -> dict[str, str]:
        """Return the columns of a relation with their SQL types, in order."""
        ...

    def shown(self, sql: str | exp.Expr) -> str:
        """Return the text that the engine is given, for a reader."""
        ...

    def close(self) -> None:
        """Give back what the engine holds."""
        ...


def fetch_frame(engine: Engine, sql: str | exp.Expr) -> pd.DataFrame:
    """Run a SELECT whose result is small, and return it as a frame."""
    table: pd.DataFrame = engine.query(sql).to_pandas()
    return table


def fetch_rows(engine: Engine, sql: str | exp.Expr) -> list[dict[str, Any]]:
    """Run a SELECT of few rows, and return each as a mapping."""
    rows: list[dict[str, Any]] = engine.query(sql).to_pylist()
    return rows


def fetch_row(engine: Engine, sql: str | exp.Expr) -> dict[str, Any]:
    """Run a SELECT of one row, as one of sums, and return that row."""
    return fetch_rows(engine, sql)[0]


def fetch_value(engine: Engine, sql: str | exp.Expr) -> Any:
    """Run a SELECT of one row and one column, and return what stands there."""
    (value,) = fetch_row(engine, sql).values()
    return value


def fetch_values(engine: Engine, values: Mapping[Name, str], relation: str) -> dict[Name, Any]:
    """Return sums and counts over the rows of a relation, SQL by whatever names them, in one pass."""
    if not values:
        return {}
    listed = ", ".join(f"{sql} AS c{place}" for place, sql in enumerate(values.values()))
    return dict(zip(values, fetch_row(engine, f"SELECT {listed} FROM {relation}").values(), strict=True))


def count_rows(engine: Engine, relation: str) -> int:
    """Return how many rows a relation has; ``relation`` is all that stands behind FROM."""
    return int(fetch_value(engine, f"SELECT COUNT(*) AS n FROM {relation}"))


def median(engine: Engine, values: str) -> float | None:
    """Return the median of column ``value`` of a SELECT, as every engine has it; None where it has none."""
    found = fetch_value(
        engine,
        "SELECT AVG(value) AS median FROM (SELECT value, ROW_NUMBER() OVER (ORDER BY value) AS place, "
        f"COUNT(*) OVER () AS n FROM ({values}) AS valued) AS ordered WHERE 2 * place BETWEEN n AND n + 2",
    )
    return None if found is None else float(found)


def not_one_select(engine: str, kinds: Sequence[str]) -> SourceError:
    """Return the error of a mapping that holds other statements, or none.

    >>> str(not_one_select("duckdb", ["SELECT", "COPY"]))
    'duckdb: holds SELECT; COPY; write one SELECT and nothing else'
    """
    return SourceError(engine, f"holds {'; '.join(kinds) or 'no statement'}", "write one SELECT and nothing else")


def too_long(engine: str, seconds: float | None) -> SourceError:
    """Return the error of a query that was ended."""
    found = f"a query took more than {seconds or 0:g} seconds and was ended"
    return SourceError(engine, found, f"mend the mapping, or set {STATEMENT} to more seconds")


@contextmanager
def ended_after(seconds: float | None, end: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Call what ends a query once it took too long, again until it is gone; yield what says whether that was so.

    A query that is told to end before it has begun would go on for ever.
    """
    is_over, was_late = threading.Event(), threading.Event()

    def watch() -> None:
        left = seconds
        while not is_over.wait(left):
            was_late.set()
            end()
            left = 1.0

    if seconds:
        threading.Thread(target=watch, daemon=True).start()
    try:
        yield was_late.is_set
    finally:
        is_over.set()


def explained(text: str) -> tuple[str, int | None]:
    """Return what a database says of a query, with its hints, and the line of the query that it speaks of.

    >>> explained("Binder Error: no column a\\nCandidate bindings: b\\n\\nLINE 3: SELECT a\\n ^")
    ('Binder Error: no column a Candidate bindings: b', 3)
    """
    lines = text.partition("Query was:")[0].splitlines()  # one driver repeats the query, with all that stands in it
    places = [place for place, line in enumerate(lines) if _LINE.match(line)]
    shown = {place + offset for place in places for offset in (0, 1)}  # the line, and the mark below it
    said = " ".join(line.strip() for place, line in enumerate(lines) if line.strip() and place not in shown)
    found = _LINE.match(lines[places[0]]) if places else None
    return said, int(found[1]) if found else None


def storable(frame: pd.DataFrame) -> tuple[pa.Table, set[str]]:
    """Return a frame as Arrow with plain texts, and the names of its texts; a column without values is text."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    fields = [
        pa.field(field.name, pa.string()) if _is_text(field.type) else pa.field(field.name, field.type)
        for field in table.schema
    ]
    return table.cast(pa.schema(fields)), {field.name for field in fields if field.type == pa.string()}


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_null(kind) or pa.types.is_large_string(kind) or pa.types.is_string(kind))
