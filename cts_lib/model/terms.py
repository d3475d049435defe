"""The terms of a time equation: what it says, as coefficient times what can be counted.

``5 + 3*lines + CASE WHEN rush = 1 THEN 10 ELSE 0 END`` has the terms ``1`` (5), ``lines`` (3) and ``rush = 1`` (10).
A part that no multiplication or sum takes apart, such as ``CEIL(weight_kg/1000)``, is a term of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlglot import exp

CONSTANT = "1"
"""The term that counts once a unit of work."""


@dataclass(frozen=True)
class Term:
    """``coefficient`` minutes for each unit of ``sql``; ``label`` is how a person writes it."""

    label: str
    coefficient: float
    sql: exp.Expr


def split_terms(expression: exp.Expr) -> list[Term]:
    """Return the terms of a checked expression, in its order; those of coefficient 0 are left out.

    What a branch of a CASE is worth hangs on the branches before it, so that two terms of one label may differ; such
    are labelled by all that they say.

    >>> from cts_lib.tables.column import Kind
    >>> from cts_lib.model.equations import compile_equation
    >>> kinds = {"lines": Kind.NUMBER, "method": Kind.TEXT}
    >>> text = "2*(1 + 3*lines) - lines + CASE WHEN method = 'edi' THEN 4 ELSE 9 END"
    >>> [(term.label, term.coefficient) for term in split_terms(compile_equation(text, kinds, "entry").sql)]
    [('1', 2.0), ('lines', 5.0), ("method = 'edi'", 4.0), ("NOT method = 'edi'", 9.0)]
    """
    merged: dict[str, Term] = {}
    for term in _split(expression):
        says = term.sql.sql("duckdb")
        known = merged.get(says)
        merged[says] = replace(known, coefficient=known.coefficient + term.coefficient) if known else term
    terms = [term for term in merged.values() if term.coefficient]
    labels = Counter(term.label for term in terms)
    return [term if labels[term.label] == 1 else replace(term, label=_written(term.sql)) for term in terms]


def counted(node: exp.Expr) -> set[str]:
    """Return the drivers whose amount makes a term's value; those that only its conditions read are not among them.

    >>> from cts_lib.tables.column import Kind
    >>> from cts_lib.model.equations import compile_equation
    >>> kinds = {"lines": Kind.NUMBER, "weight_kg": Kind.NUMBER}
    >>> sorted(counted(compile_equation("CASE WHEN lines > 2 THEN weight_kg ELSE 0 END", kinds, "entry").sql))
    ['weight_kg']
    """
    return {column.name for column in _amounts(node)}


def summed(node: exp.Expr, sums: Collection[str]) -> tuple[str, exp.Expr] | None:
    """Take a term apart that is a sum over lines: what is summed, and how much a unit of it counts; else None.

    Conditions are those of the order or shipment, whatever they read.

    >>> from cts_lib.tables.column import Kind
    >>> from cts_lib.model.equations import compile_equation
    >>> kinds = {"lines": Kind.NUMBER, "weight_kg": Kind.NUMBER, "distance_km": Kind.NUMBER}
    >>> texts = "weight_kg*distance_km", "CASE WHEN lines > 6 THEN lines/4 ELSE 0 END", "CEIL(weight_kg)", "distance_km"
    >>> parts = [summed(compile_equation(text, kinds, "entry").sql, ["lines", "weight_kg"]) for text in texts]
    >>> [(part[0], _written(part[1])) if part else None for part in parts]
    [('weight_kg', '1 * distance_km'), ('lines', 'CASE WHEN (lines > 6) THEN (1 / 4) ELSE 0 END'), None, None]
    """
    name = _summed(node, sums)
    if name is None:
        return None
    factor = exp.paren(node)
    for column in _amounts(factor):
        if column.name == name:
            column.replace(exp.cast(exp.Literal.number(1), "DOUBLE"))
    return name, factor


def _amounts(node: exp.Expr) -> list[exp.Column]:
    """Return the columns of an expression that stand in no condition of it."""
    if isinstance(node, exp.Column):
        return [node]
    if isinstance(node, exp.Predicate | exp.Connector | exp.Not):
        return []
    return [column for part in node.iter_expressions() for column in _amounts(part)]


def _summed(node: exp.Expr, sums: Collection[str]) -> str | None:
    """Return the one sum that an expression is proportional to, if it is to one."""
    node = node.unnest()
    if isinstance(node, exp.Column):
        return node.name if node.name in sums else None
    if isinstance(node, exp.Neg | exp.Cast):
        return _summed(node.this, sums)
    if isinstance(node, exp.Mul | exp.Div):
        left, right = (counted(part).isdisjoint(sums) for part in (node.left, node.right))
        if right:
            return _summed(node.left, sums)
        return _summed(node.right, sums) if left and isinstance(node, exp.Mul) else None
    if isinstance(node, exp.Coalesce) and all(_number(other) == 0 for other in node.expressions):
        return _summed(node.this, sums)
    if isinstance(node, exp.Case):
        values = [*(branch.args["true"] for branch in node.args["ifs"]), node.args["default"]]
        names = {_summed(value, sums) for value in values if _number(value) != 0}
        return names.pop() if len(names) == 1 else None
    return None


def _split(node: exp.Expr) -> list[Term]:
    node = node.unnest()
    number = _number(node)
    if number is not None:
        return [Term(CONSTANT, number, exp.cast(exp.Literal.number(1), "DOUBLE"))]
    if isinstance(node, exp.Neg):
        return _scaled(_split(node.this), -1.0)
    if isinstance(node, exp.Add):
        return _split(node.left) + _split(node.right)
    if isinstance(node, exp.Sub):
        return _split(node.left) + _scaled(_split(node.right), -1.0)
    if isinstance(node, exp.Mul):
        return [_product(left, right) for left in _split(node.left) for right in _split(node.right)]
    if isinstance(node, exp.Div):
        divisor = _split(node.right)
        if all(term.label == CONSTANT for term in divisor):
            return _scaled(_split(node.left), 1 / sum(term.coefficient for term in divisor))
    if isinstance(node, exp.Case):
        return _branches(node)
    return [Term(_written(node), 1.0, node)]


def _number(node: exp.Expr) -> float | None:
    literal = node.this if isinstance(node, exp.Cast) else node
    return float(literal.this) if isinstance(literal, exp.Literal) and not literal.is_string else None


def _scaled(terms: list[Term], factor: float) -> list[Term]:
    return [replace(term, coefficient=term.coefficient * factor) for term in terms]


def _product(left: Term, right: Term) -> Term:
    coefficient = left.coefficient * right.coefficient
    if CONSTANT in (left.label, right.label):
        return replace(left if right.label == CONSTANT else right, coefficient=coefficient)
    first, second = sorted((left, right), key=lambda term: (term.label, term.sql.sql("duckdb")))
    both = exp.Mul(this=exp.paren(first.sql), expression=exp.paren(second.sql))
    labels = (f"({term.label})" if " " in term.label else term.label for term in (first, second))
    return Term(" * ".join(labels), coefficient, exp.paren(both))


def _branches(node: exp.Case) -> list[Term]:
    """Return the terms of each branch, worth 0 in the others: a branch's value stays behind its condition."""
    tests = [branch.this for branch in node.args["ifs"]]
    values = [branch.args["true"] for branch in node.args["ifs"]]
    conditions = [_written(test) for test in tests]
    others = " OR ".join(conditions)
    is_simple = len(tests) == 1 and not isinstance(tests[0].unnest(), exp.Connector)
    conditions.append(f"NOT {others}" if is_simple else f"NOT ({others})")
    nothing: exp.Expr = exp.cast(exp.Literal.number(0), "DOUBLE")
    terms = []
    for place, (value, condition) in enumerate(zip([*values, node.args["default"]], conditions, strict=True)):
        for term in [] if isinstance(value.unnest(), exp.Null) else _split(value):
            worth = [nothing] * len(conditions)
            worth[place] = term.sql
            case = exp.Case(
                ifs=[exp.If(this=test.copy(), true=sql.copy()) for test, sql in zip(tests, worth, strict=False)],
                default=worth[-1].copy(),
            )
            label = condition if term.label == CONSTANT else f"{term.label} WHEN {condition}"
            terms.append(Term(label, term.coefficient, case))
    return terms


def _written(node: exp.Expr) -> str:
    """Write an expression as the user would: without casts, quotes and outer brackets."""
    written = exp.paren(node)
    for cast in list(written.find_all(exp.Cast)):
        if cast.to.this == exp.DataType.Type.DOUBLE:
            cast.replace(cast.this)
    for name in list(written.find_all(exp.Identifier)):
        name.replace(exp.to_identifier(name.name))
    return written.unnest().sql("duckdb")
