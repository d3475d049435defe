"""The data work, one query a file, in DuckDB's dialect; values and relations are put in as syntax, never as text."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sqlglot
from sqlglot import exp

from cts_lib.engine.quoting import Value, literal
from cts_lib.sql.terms import expanded

__all__ = ["Value", "load"]


def text(name: str) -> str:
    """Return ``sql/<name>.sql`` as it is written."""
    return Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")


@cache
def _parsed(name: str) -> exp.Expr:
    return expanded(sqlglot.parse_one(text(name), dialect="duckdb"))


def filled(text: str, relations: dict[str, str] | None = None, **values: Value) -> exp.Expr:
    """Return a query of the package's dialect with its ``:placeholders`` and relations filled in."""
    return _filled(sqlglot.parse_one(text, dialect="duckdb"), relations, values)


def load(name: str, relations: dict[str, str] | None = None, **values: Value) -> exp.Select:
    """Return the query of ``sql/<name>.sql`` with its ``:placeholders`` and relations filled in."""
    tree = _filled(_parsed(name), relations, values)
    if not isinstance(tree, exp.Select):
        raise TypeError(f"sql/{name}.sql is no SELECT")
    return tree


def _filled(tree: exp.Expr, relations: dict[str, str] | None, values: dict[str, Value]) -> exp.Expr:
    """Return a copy of a query with its placeholders and relations filled in."""
    tree = exp.replace_placeholders(tree, **{key: literal(value) for key, value in values.items()})
    for table in list(tree.find_all(exp.Table)) if relations else []:
        if relations and table.name in relations and not table.db:
            named = exp.to_table(relations[table.name])
            named.set("alias", table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name)))
            table.replace(named)
    return tree
