"""What every engine answers: SQL in, Arrow out. Nothing else in the package knows a database."""

from __future__ import annotations

from typing import Any, Protocol

import pandas as pd
import pyarrow as pa
from sqlglot import exp


class Engine(Protocol):
    """A place where SQL runs, written in the package's one dialect (DuckDB's)."""

    name: str

    def query(self, sql: str | exp.Expr) -> pa.Table:
        """Run a SELECT and return its rows."""
        ...

    def execute(self, sql: str | exp.Expr) -> None:
        """Run a statement that yields no rows."""
        ...

    def create(self, name: str, select: str | exp.Expr, view: bool = False) -> None:
        """Keep a SELECT under a name, as a table or as a view; what stood there is replaced."""
        ...

    def register(self, name: str, frame: pd.DataFrame) -> None:
        """Make a small frame readable under a name."""
        ...

    def columns(self, name: str) -> dict[str, str]:
        """Return the columns of a relation with their SQL types, in order."""
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
    found: list[dict[str, Any]] = engine.query(sql).to_pylist()
    return found
