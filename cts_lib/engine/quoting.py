"""The one quoter of identifiers and texts in the package's dialect."""

from __future__ import annotations

from sqlglot import exp


def quoted(name: str) -> str:
    """Quote an identifier.

    >>> quoted('a "b"')
    '"a ""b""\"'
    """
    return exp.to_identifier(name, quoted=True).sql("duckdb")


def quote(text: str) -> str:
    """Quote a text."""
    return exp.Literal.string(text).sql("duckdb")
