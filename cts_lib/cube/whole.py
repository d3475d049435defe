"""Equations whose values are whole numbers of a known last decimal: these sum as doubles, exactly and fast.

Assumes that the text of the equation fixes how many decimals a value can have, given those of its columns, and that the
sum stays below 2⁵³ of them, which the cube looks at afterwards (`MOST_WHOLE`), else decimals sum it. Exact because a
value rounded to its last decimal is a whole number there, and a double holds all of those, in any order of adding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from sqlglot import exp


def decimals_of(node: exp.Expr, known: Mapping[str, int]) -> int | None:
    """Return how many decimals the values of a checked expression have at most, or None where its text leaves it open.

    ``known`` gives those of columns.

    >>> from cts_lib.tables.column import Kind
    >>> from cts_lib.model.equations import compile_equation
    >>> kinds = {"lines": Kind.NUMBER, "weight_kg": Kind.NUMBER}
    >>> texts = "5 + CASE WHEN lines > 6 THEN 0.25*lines ELSE 0 END", "2*CEIL(weight_kg/100)", "weight_kg/100"
    >>> [decimals_of(compile_equation(text, kinds, "entry").sql, {"lines": 0}) for text in texts]
    [2, 0, None]
    """
    node = node.unnest()
    if isinstance(node, exp.Literal) and not node.is_string:
        return max(0, -int(Decimal(node.this).normalize().as_tuple().exponent))
    if isinstance(node, exp.Column):
        return known.get(node.name)
    if isinstance(node, exp.Ceil | exp.Floor | exp.Null):
        return 0
    if isinstance(node, exp.Cast | exp.Neg | exp.Abs):
        return decimals_of(node.this, known)
    if isinstance(node, exp.Add | exp.Sub):
        return _most([node.left, node.right], known)
    if isinstance(node, exp.Mul):
        both = [decimals_of(part, known) for part in (node.left, node.right)]
        return None if None in both else sum(places for places in both if places is not None)
    if isinstance(node, exp.Case):
        values = [branch.args["true"] for branch in node.args["ifs"]]
        return _most([*values, node.args["default"]], known)
    return None


def _most(nodes: Iterable[exp.Expr], known: Mapping[str, int]) -> int | None:
    places = [decimals_of(node, known) for node in nodes]
    return None if None in places else max(few for few in places if few is not None)
