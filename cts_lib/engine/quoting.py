"""The one quoter of identifiers and values.

It quotes as the SQL standard does, which DuckDB and PostgreSQL keep; for Spark a tree is written anew (see `dialect`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from functools import cache

import pandas as pd
from sqlglot import exp

_DEEPEST = 400
"""Sums within each other; DuckDB takes 1,000."""
Value = str | float | int | date | None


@cache
def quoted(name: str) -> str:
    """Quote an identifier.

    >>> quoted('a "b"')
    '"a ""b""\"'
    """
    return exp.to_identifier(name, quoted=True).sql("duckdb")


@cache
def quote(text: str) -> str:
    """Quote a text.

    >>> quote("it's")
    "'it''s'"
    """
    return exp.Literal.string(text).sql("duckdb")


def literal(value: Value) -> exp.Expr:
    """Return a value as syntax of its type; numbers are doubles.

    >>> literal("it's").sql("duckdb"), literal(None).sql("duckdb"), literal(2).sql("duckdb")
    ("'it''s'", 'NULL', 'CAST(2 AS DOUBLE)')
    """
    if value is None:
        return exp.null()
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "DATE")
    if isinstance(value, str):
        return exp.Literal.string(value)
    return exp.cast(exp.Literal.number(repr(value)), "DOUBLE")


def readable(value: object) -> exp.Expr:
    """Return a value as syntax that a person would write in an equation: without casts, at 15 digits.

    >>> [readable(value).sql("duckdb") for value in (0.1 + 0.2, float("nan"), date(2026, 2, 3))]
    ['0.3', 'NULL', "'2026-02-03'"]
    """
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return exp.null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, float | int):
        return exp.Literal.number(f"{value:.15g}")
    return exp.Literal.string(str(value))


def added(parts: Sequence[str]) -> str:
    """Return the sum of SQL expressions, so many at a time that no engine finds it nested too deeply.

    >>> added(["a", "b"])
    'a + b'
    """
    if len(parts) <= _DEEPEST:
        return " + ".join(parts)
    sums = [f"({' + '.join(parts[place : place + _DEEPEST])})" for place in range(0, len(parts), _DEEPEST)]
    return added(sums)
