"""The data work, one query a file, in DuckDB's dialect; values and relations are put in as syntax, never as text."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sqlglot
from sqlglot import exp

from cts_lib.engine.quoting import Value, literal

__all__ = ["Value", "load"]


@cache
def _parsed(name: str) -> exp.Expr:
    path = Path(__file__).with_name(f"{name}.sql")
    return sqlglot.parse_one(path.read_text(encoding="utf-8"), dialect="duckdb")


def filled(text: str, **values: Value) -> exp.Expr:
    """Return a query of the package's dialect with its ``:placeholders`` filled in."""
    tree = sqlglot.parse_one(text, dialect="duckdb")
    return exp.replace_placeholders(tree, **{key: literal(value) for key, value in values.items()})


def load(name: str, relations: dict[str, str] | None = None, **values: Value) -> exp.Select:
    """Return the query of ``sql/<name>.sql`` with its ``:placeholders`` and relations filled in."""
    tree = exp.replace_placeholders(_parsed(name), **{key: literal(value) for key, value in values.items()})
    if relations:
        for table in list(tree.find_all(exp.Table)):
            if table.name in relations and not table.db:
                named = exp.to_table(relations[table.name])
                named.set("alias", table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name)))
                table.replace(named)
    if not isinstance(tree, exp.Select):
        raise TypeError(f"sql/{name}.sql is no SELECT")
    return tree
