"""Equations of the cost model in words: what an activity takes and when, without SQL."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from cts_lib.display.reader import Reader
from cts_lib.model.terms import CONSTANT

_WHEN = " WHEN "
"""Before the condition of a term that counts only where it holds."""
_SIGNS: dict[type[exp.Expr], str] = {
    exp.Add: "+",
    exp.Sub: "−",
    exp.Mul: "×",
    exp.Div: "÷",
    exp.EQ: "=",
    exp.NEQ: "≠",
    exp.GT: ">",
    exp.GTE: "≥",
    exp.LT: "<",
    exp.LTE: "≤",
}
_SAID_AT_THE_END = (exp.Greatest, exp.Least, exp.Ceil, exp.Coalesce)
"""What is said behind its amount, and so stands in brackets among others."""


def in_words(text: str, reader: Reader) -> str:
    """Return an expression as a reader says it; one that is none as it is.

    Where a case decides by a value that is known, what it decides on is told alone.

    >>> in_words("5 + 2*lines", Reader()), in_words("GREATEST(net_sales, 0)", Reader())
    ('5 + 2 × order lines', 'net sales, at least 0')
    >>> in_words("CEIL(GREATEST(weight_kg, 0)/500)*distance_km", Reader())
    '((weight, at least 0) ÷ 500, rounded up) × distance'
    >>> in_words("CASE WHEN channel = 'web' THEN 1 ELSE 3 END", Reader())
    '(1 if channel = web, else 3)'
    >>> in_words("6 * 2 + CASE WHEN 'fax' = 'web' THEN 1 ELSE 3 END", Reader())
    '6 × 2 + 3'
    """
    if text == CONSTANT:
        return reader.text("each time")
    try:
        return _told(sqlglot.parse_one(text, dialect="duckdb"), reader)
    except SqlglotError:
        amount, when, condition = text.partition(_WHEN)
        if not when:
            return text
        words = {"amount": in_words(amount, reader), "condition": in_words(condition, reader)}
        return reader.text("{amount} if {condition}", **words)


def _told(node: exp.Expr, reader: Reader) -> str:
    match node:
        case exp.Column():
            return reader.label_within(node.name).split(",")[0]
        case exp.Literal():
            return node.this if node.is_string else reader.exact(float(node.this))
        case exp.Neg():
            return f"−{_told(node.this, reader)}"
        case exp.Paren():
            return f"({_told(node.this, reader)})"
        case exp.Not(this=exp.EQ()):
            return _told(exp.NEQ(this=node.this.this, expression=node.this.expression), reader)
        case exp.Not():
            return reader.text("not {condition}", condition=_told(node.this, reader))
        case exp.And() | exp.Or():
            joint = reader.text("and") if isinstance(node, exp.And) else reader.text("or")
            return f"{_told(node.this, reader)} {joint} {_told(node.expression, reader)}"
        case exp.Case(this=None):
            return _case(node, reader)
        case exp.Greatest() if len(node.expressions) == 1:
            amount, least = (_told(each, reader) for each in (node.this, node.expressions[0]))
            return reader.text("{amount}, at least {least}", amount=amount, least=least)
        case exp.Least() if len(node.expressions) == 1:
            amount, most = (_told(each, reader) for each in (node.this, node.expressions[0]))
            return reader.text("{amount}, at most {most}", amount=amount, most=most)
        case exp.Coalesce() if len(node.expressions) == 1:
            amount, other = (_told(each, reader) for each in (node.this, node.expressions[0]))
            return reader.text("{amount}, where it is not known {other}", amount=amount, other=other)
        case exp.Ceil():
            return reader.text("{amount}, rounded up", amount=_told(node.this, reader))
        case exp.In():
            one_of = [_value(each, node.this, reader) for each in node.expressions]
            joint = f" {reader.text('or')} "
            return f"{_told(node.this, reader)} = {joint.join(one_of)}"
        case exp.Binary() if type(node) in _SIGNS:
            right = _value(node.expression, node.this, reader)
            return f"{_value(node.this, node.expression, reader)} {_SIGNS[type(node)]} {right}"
        case _:
            return node.sql("duckdb")


def _value(node: exp.Expr, beside: exp.Expr, reader: Reader) -> str:
    """Write one side of an operation, a text in the words for values of the column beside it."""
    if isinstance(node, exp.Literal) and node.is_string and isinstance(beside, exp.Column):
        return reader.value(node.this, beside.name)
    told = _told(node, reader)
    return f"({told})" if isinstance(node, _SAID_AT_THE_END) else told


def _case(node: exp.Case, reader: Reader) -> str:
    branches = list[str]()
    for branch in node.args["ifs"]:
        known = _known(branch.this)
        if known:
            return _told(branch.args["true"], reader) if not branches else node.sql("duckdb")
        if known is None:
            amount, condition = (_told(branch.args[name], reader) for name in ("true", "this"))
            branches.append(reader.text("{amount} if {condition}", amount=amount, condition=condition))
    default = node.args.get("default")
    other = _told(default, reader) if default else reader.text("nothing")
    return f"({', '.join(branches)}, {reader.text('else {amount}', amount=other)})" if branches else other


def _known(condition: exp.Expr) -> bool | None:
    """Return whether two values in sight are equal, None where the condition asks for more."""
    if isinstance(condition, exp.EQ) and all(isinstance(each, exp.Literal) for each in condition.unnest_operands()):
        return bool(condition.this == condition.expression)
    return None
