"""The data work, one query a file, in DuckDB's dialect; values and relations are put in as syntax, never as text."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import sqlglot
from sqlglot import exp

Value = str | float | int | date | None


@cache
def _parsed(name: str) -> exp.Expr:
    path = Path(__file__).with_name(f"{name}.sql")
    return sqlglot.parse_one(path.read_text(encoding="utf-8"), dialect="duckdb")


def literal(value: Value) -> exp.Expr:
    """Return a value as an SQL literal; numbers are doubles.

    >>> literal("it's").sql("duckdb"), literal(None).sql("duckdb"), literal(2).sql("duckdb")
    ("'it''s'", 'NULL', 'CAST(2 AS DOUBLE)')
    """
    if value is None:
        return exp.Null()
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "DATE")
    if isinstance(value, str):
        return exp.Literal.string(value)
    return exp.cast(exp.Literal.number(repr(value)), "DOUBLE")


def load(name: str, relations: dict[str, str] | None = None, **values: Value) -> exp.Select:
    """Return the query of ``sql/<name>.sql`` with its ``:placeholders`` and relations filled in."""
    tree = _parsed(name).copy()
    tree = exp.replace_placeholders(tree, **{key: literal(value) for key, value in values.items()})
    if relations:
        for table in list(tree.find_all(exp.Table)):
            if table.name in relations and not table.db:
                named = exp.to_table(relations[table.name])
                named.set("alias", table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name)))
                table.replace(named)
    if not isinstance(tree, exp.Select):
        raise TypeError(f"sql/{name}.sql is no SELECT")
    return tree
