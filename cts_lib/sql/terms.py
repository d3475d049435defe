"""What several queries mean by one word: ``ARRIVED()``, ``ON_TIME()`` and the like, each over the query's ``line``.

``:earliest``, ``:latest`` and ``:full_share`` are those of `cts_lib.params.on_time`.
"""

from __future__ import annotations

import sqlglot
from sqlglot import exp

_TERMS = {
    "ARRIVED": "COALESCE(line.delivered_date, line.shipped_date)",
    "IN_TIME": "DATE_DIFF('day', line.promised_date, :day) BETWEEN :earliest AND :latest",
    "ON_TIME": "COALESCE(line._on_time_share, CASE WHEN IN_TIME(ARRIVED()) THEN CAST(1 AS DOUBLE) "
    "ELSE CAST(0 AS DOUBLE) END)",
    "IN_FULL": "line.delivered_quantity / NULLIF(line.quantity, 0) >= :full_share",
}
"""The day on which a line arrived, whether a day is in time for it, which share of it is on time, and if it is full."""


def expanded(tree: exp.Expr) -> exp.Expr:
    """Return a query with its terms written out.

    >>> expanded(sqlglot.parse_one("SELECT ARRIVED() FROM lines AS line")).sql()
    'SELECT (COALESCE(line.delivered_date, line.shipped_date)) FROM lines AS line'
    """
    return tree.transform(_written_out)


def _written_out(node: exp.Expr) -> exp.Expr:
    term = _TERMS.get(node.name.upper()) if isinstance(node, exp.Anonymous) else None
    if term is None:
        return node
    day = {"day": expanded(node.expressions[0])} if node.expressions else {}
    meaning = exp.replace_placeholders(sqlglot.parse_one(term, dialect="duckdb"), **day)
    return exp.paren(expanded(meaning), copy=False)
