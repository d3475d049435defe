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
_SAID_AT_THE_END = (
    *(exp.Greatest, exp.Least, exp.Coalesce, exp.Nullif),
    *(exp.Ceil, exp.Floor, exp.Round, exp.Abs, exp.Sqrt, exp.Ln, exp.Exp, exp.Pow, exp.Mod),
)
"""What is said in more than a word, and so stands in brackets among others."""


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
    >>> in_words("ABS(quantity) * 2", Reader()), in_words("ROUND(weight_kg / 40, 1)", Reader())
    ('(quantity, without its sign) × 2', 'weight ÷ 40, rounded to 1 decimal')
    >>> in_words("distance_km IS NULL", Reader()), in_words("lines BETWEEN 2 AND 5", Reader())
    ('distance is not known', 'order lines from 2 to 5')
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
        case exp.Boolean():
            return reader.word_within(str(node.this).lower(), "passed")
        case exp.Null():
            return reader.text("not known")
        case exp.Neg():
            return f"−{_alone(node.this, reader)}"
        case exp.Paren():
            return f"({_told(node.this, reader)})"
        case exp.Not(this=exp.EQ()):
            return _told(exp.NEQ(this=node.this.this, expression=node.this.expression), reader)
        case exp.Not(this=exp.In()):
            joint = f" {reader.text('and')} "
            return f"{_told(node.this.this, reader)} ≠ {joint.join(_one_of(node.this, reader))}"
        case exp.Not(this=exp.Is(expression=exp.Null())):
            return reader.text("{amount} is known", amount=_told(node.this.this, reader))
        case exp.Not():
            return reader.text("not {condition}", condition=_told(node.this, reader))
        case exp.And() | exp.Or():
            joint = reader.text("and") if isinstance(node, exp.And) else reader.text("or")
            return f"{_told(node.this, reader)} {joint} {_told(node.expression, reader)}"
        case exp.Is(expression=exp.Null()):
            return reader.text("{amount} is not known", amount=_told(node.this, reader))
        case exp.In():
            joint = f" {reader.text('or')} "
            return f"{_told(node.this, reader)} = {joint.join(_one_of(node, reader))}"
        case exp.Between():
            low, high = (_value(node.args[end], node.this, reader) for end in ("low", "high"))
            return reader.text("{amount} from {low} to {high}", amount=_told(node.this, reader), low=low, high=high)
        case exp.Case():
            return _case(node, reader)
        case exp.Binary() if type(node) in _SIGNS:
            right = _value(node.expression, node.this, reader)
            return f"{_value(node.this, node.expression, reader)} {_SIGNS[type(node)]} {right}"
        case _:
            return _function(node, reader)


def _function(node: exp.Expr, reader: Reader) -> str:
    """Write a function in words."""
    amount = _told(node.this, reader) if isinstance(node.this, exp.Expr) else ""
    match node:
        case exp.Greatest() if len(node.expressions) == 1:
            return reader.text("{amount}, at least {least}", amount=amount, least=_told(node.expressions[0], reader))
        case exp.Least() if len(node.expressions) == 1:
            return reader.text("{amount}, at most {most}", amount=amount, most=_told(node.expressions[0], reader))
        case exp.Coalesce() if len(node.expressions) == 1:
            other = _told(node.expressions[0], reader)
            return reader.text("{amount}, where it is not known {other}", amount=amount, other=other)
        case exp.Greatest():
            return reader.text("the largest of {amounts}", amounts=_several(node, reader))
        case exp.Least():
            return reader.text("the smallest of {amounts}", amounts=_several(node, reader))
        case exp.Coalesce():
            return reader.text("the first known of {amounts}", amounts=_several(node, reader))
        case exp.Nullif():
            other = _value(node.expression, node.this, reader)
            return reader.text("{amount}, not known where it is {other}", amount=amount, other=other)
        case exp.Ceil():
            return reader.text("{amount}, rounded up", amount=amount)
        case exp.Floor():
            return reader.text("{amount}, rounded down", amount=amount)
        case exp.Round():
            return _rounded(amount, node.args.get("decimals"), reader)
        case exp.Abs():
            return reader.text("{amount}, without its sign", amount=amount)
        case exp.Sqrt():
            return reader.text("the square root of {amount}", amount=_alone(node.this, reader))
        case exp.Ln():
            return reader.text("the natural logarithm of {amount}", amount=_alone(node.this, reader))
        case exp.Exp():
            return reader.text("e to the power of {amount}", amount=_alone(node.this, reader))
        case exp.Pow():
            base, power = (_alone(each, reader) for each in (node.this, node.expression))
            return reader.text("{amount} to the power of {power}", amount=base, power=power)
        case exp.Mod():
            whole, part = (_alone(each, reader) for each in (node.this, node.expression))
            return reader.text("what {amount} ÷ {part} leaves", amount=whole, part=part)
        case _:
            return node.sql("duckdb")


def _rounded(amount: str, decimals: exp.Expr | None, reader: Reader) -> str:
    digits = int(decimals.sql()) if decimals else 0
    if digits > 0:
        return reader.plural(
            "{amount}, rounded to {count} decimal", "{amount}, rounded to {count} decimals", digits, amount=amount
        )
    if digits < 0:
        return reader.text("{amount}, rounded to {unit}", amount=amount, unit=reader.number(10**-digits))
    return reader.text("{amount}, rounded", amount=amount)


def _several(node: exp.Expr, reader: Reader) -> str:
    return reader.listed([_value(each, node, reader) for each in (node.this, *node.expressions)])


def _one_of(node: exp.In, reader: Reader) -> list[str]:
    return [_value(each, node.this, reader) for each in node.expressions]


def _alone(node: exp.Expr, reader: Reader) -> str:
    """Write what a function is of, in brackets where it is more than one thing."""
    told = _told(node, reader)
    return f"({told})" if isinstance(node, (*_SAID_AT_THE_END, exp.Binary)) else told


def _value(node: exp.Expr, beside: exp.Expr, reader: Reader) -> str:
    """Write one side of an operation, a text in the words for values of the column beside it."""
    if isinstance(node, exp.Literal) and node.is_string and isinstance(beside, exp.Column):
        return reader.value(node.this, beside.name)
    told = _told(node, reader)
    return f"({told})" if isinstance(node, _SAID_AT_THE_END) else told


def _case(node: exp.Case, reader: Reader) -> str:
    branches, default = list[str](), node.args.get("default")
    for branch in node.args["ifs"]:
        condition = exp.EQ(this=node.this, expression=branch.this) if node.this else branch.this
        known = _known(condition)
        if known:
            default = branch.args["true"]
            break
        if known is None:
            words = {"amount": _told(branch.args["true"], reader), "condition": _told(condition, reader)}
            branches.append(reader.text("{amount} if {condition}", **words))
    other = _told(default, reader) if default else reader.text("nothing")
    return f"({', '.join(branches)}, {reader.text('else {amount}', amount=other)})" if branches else other


def _known(condition: exp.Expr) -> bool | None:
    """Return whether two values in sight are equal, None where the condition asks for more."""
    if isinstance(condition, exp.EQ) and all(isinstance(each, exp.Literal) for each in condition.unnest_operands()):
        return bool(condition.this == condition.expression)
    return None
