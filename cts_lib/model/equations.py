"""Time equations and drivers: text to checked, typed SQL.

An expression is parsed, every node is held to an allow-list, every column to the drivers of its grain, and a new
tree is built from what was understood; the user's text itself never reaches an engine.
"""

from __future__ import annotations

import difflib
import itertools
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from cts_lib.errors import ModelError
from cts_lib.model.terms import Term, split_terms
from cts_lib.tables.column import Kind

Wanted = Literal["number", "condition"]
_CONDITION, _NULL = "condition", "null"
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
_ARITHMETIC: dict[type[exp.Expr], Callable[[float, float], float]] = {
    exp.Add: lambda a, b: a + b,
    exp.Sub: lambda a, b: a - b,
    exp.Mul: lambda a, b: a * b,
    exp.Div: lambda a, b: a / b,
    exp.Mod: math.fmod,
}
_FUNCTIONS: dict[type[exp.Expr], Callable[[float], float]] = {
    exp.Ceil: math.ceil,
    exp.Floor: math.floor,
    exp.Abs: abs,
    exp.Sqrt: math.sqrt,
    exp.Ln: math.log,
    exp.Exp: math.exp,
}
_OPERATORS = (TokenType.CARET, TokenType.DSTAR, TokenType.PARAMETER)
FUNCTIONS = {
    "COALESCE(a, b, …)": "the first value that is not null",
    "LEAST(a, b, …)": "the least value; nulls are left out",
    "GREATEST(a, b, …)": "the greatest value; nulls are left out",
    "CEIL(x)": "x, or the next whole number above it",
    "FLOOR(x)": "x, or the next whole number below it",
    "ROUND(x, digits)": "x rounded, halves away from 0; `digits` is a constant, 0 where it is left out",
    "ABS(x)": "x without its sign",
    "SQRT(x)": "square root; below 0 the unit fails and names the row",
    "LN(x)": "natural logarithm; at 0 and below the unit fails and names the row",
    "EXP(x)": "e to the power of x",
    "POWER(x, y)": "x to the power of y",
    "NULLIF(a, b)": "null where a equals b, else a",
}
"""Every function there is, as it is called, and what it yields."""
_NAMES = tuple(call.partition("(")[0] for call in FUNCTIONS)
KNOWN_FUNCTIONS = f"{', '.join(_NAMES)} and CASE"


@dataclass(frozen=True)
class Equation:
    """A checked expression: its SQL over columns named as the drivers, and the drivers it reads."""

    text: str
    sql: exp.Expr
    drivers: frozenset[str]

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """What it adds up (see `split_terms`)."""
        return tuple(split_terms(self.sql))


@dataclass(frozen=True)
class _Typed:
    sql: exp.Expr
    kind: str
    constant: float | None = None


def compile_equation(text: str, drivers: Mapping[str, Kind], where: str, wanted: Wanted = "number") -> Equation:
    """Check an expression against the drivers of its grain and return its SQL.

    Raises
    ------
    ModelError
        Where the text does not parse, uses a column or function that the grain lacks, mixes kinds, or divides by
        a constant zero.

    >>> compile_equation("5 + 3*lines", {"lines": Kind.NUMBER}, "order_entry").sql.sql("duckdb")
    '(CAST(5 AS DOUBLE) + (CAST(3 AS DOUBLE) * "lines"))'
    """
    try:
        tokens = sqlglot.tokenize(text, dialect="duckdb")
        trees = sqlglot.parse(text, dialect="duckdb")
    except (SqlglotError, RecursionError) as error:
        raise ModelError(where, f"{text!r} does not parse", "write one SQL expression such as 5 + 3*lines") from error
    if len(trees) != 1 or trees[0] is None:
        raise ModelError(where, f"{text!r} is not one expression", "write one SQL expression such as 5 + 3*lines")
    unquoted = re.sub(r"'[^']*'", "", text)
    if "--" in unquoted and any(token.comments for token in tokens):
        raise ModelError(where, f"{text!r}: -- begins a comment", "write - -2 for minus minus two")
    _refuse_synonyms(tokens, where)
    compiler = _Compiler(drivers, f"{where}: {text!r}")
    try:
        typed = compiler.compile(trees[0])
    except RecursionError as error:
        raise ModelError(where, "the expression is nested too deeply", "split it over activities") from error
    if wanted == "condition":
        if typed.kind not in (_CONDITION, _NULL):
            raise compiler.error(f"is {typed.kind}", "write a condition such as rush = 1")
    else:
        typed = compiler.number(typed)
    return Equation(text, typed.sql, frozenset(compiler.used))


def _refuse_synonyms(tokens: list[Token], where: str) -> None:
    """Refuse what the parser would read as an allowed function under another name: IFNULL, POW, ^, **, @."""
    for token, following in itertools.pairwise(tokens):
        called = following.token_type is TokenType.L_PAREN and token.token_type is TokenType.VAR
        if token.token_type in _OPERATORS or (called and token.text.upper() not in _NAMES):
            raise ModelError(where, f"{token.text} is not allowed", f"use arithmetic, comparisons, {KNOWN_FUNCTIONS}")


@dataclass
class _Compiler:
    drivers: Mapping[str, Kind]
    where: str
    used: set[str] = field(default_factory=set)

    def error(self, found: str, expected: str = "") -> ModelError:
        return ModelError(self.where, found, expected)

    def compile(self, node: exp.Expr | None) -> _Typed:
        """Return the node rebuilt, or raise for what is not on the list."""
        if node is None:
            raise self.error("is incomplete", "write one SQL expression such as 5 + 3*lines")
        kind = type(node)
        if kind is exp.Paren:
            return self.compile(node.this)
        if isinstance(node, exp.Column):
            return self._column(node)
        if isinstance(node, exp.Literal):
            return self._literal(node)
        if kind is exp.Null:
            return _Typed(exp.Null(), _NULL)
        if kind is exp.Boolean:
            return _Typed(node.copy(), _CONDITION)
        if kind is exp.Neg:
            inner = self.number(self.compile(node.this))
            constant = None if inner.constant is None else -inner.constant
            return _Typed(exp.Neg(this=exp.paren(inner.sql)), Kind.NUMBER, constant)
        if kind in _ARITHMETIC:
            return self._arithmetic(node)
        if kind in (exp.And, exp.Or):
            left, right = (self._condition(self.compile(side)) for side in (node.this, node.expression))
            return _Typed(exp.paren(kind(this=left.sql, expression=right.sql)), _CONDITION)
        if kind is exp.Not:
            return _Typed(exp.paren(exp.Not(this=self._condition(self.compile(node.this)).sql)), _CONDITION)
        if kind in _COMPARISONS:
            left, right = self._alike([self.compile(node.this), self.compile(node.expression)], "compared")
            return _Typed(exp.paren(kind(this=left.sql, expression=right.sql)), _CONDITION)
        if kind is exp.Is:
            if not isinstance(node.expression, exp.Null):
                raise self.error("IS goes with NULL", "write IS NULL or NOT … IS NULL")
            return _Typed(exp.paren(exp.Is(this=self.compile(node.this).sql, expression=exp.Null())), _CONDITION)
        if kind is exp.Between:
            if node.args.get("symmetric"):
                raise self.error("BETWEEN SYMMETRIC is not allowed", "write the lesser value first")
            parts = [self.compile(node.this), self.compile(node.args["low"]), self.compile(node.args["high"])]
            value, low, high = self._alike(parts, "compared")
            return _Typed(exp.paren(exp.Between(this=value.sql, low=low.sql, high=high.sql)), _CONDITION)
        if kind is exp.In:
            if node.args.get("query") or node.args.get("unnest") or not node.expressions:
                raise self.error("IN goes with a list of values", "write channel IN ('a', 'b')")
            value, *others = self._alike([self.compile(node.this), *map(self.compile, node.expressions)], "compared")
            return _Typed(exp.paren(exp.In(this=value.sql, expressions=[other.sql for other in others])), _CONDITION)
        if isinstance(node, exp.Case):
            return self._case(node)
        return self._function(node)

    def number(self, typed: _Typed) -> _Typed:
        """Use a value as a number; a condition is 0 or 1 and stays null where it is null."""
        if typed.kind == Kind.NUMBER:
            return typed
        if typed.kind == _NULL:
            return _Typed(exp.cast(exp.Null(), "DOUBLE"), Kind.NUMBER)
        if typed.kind == _CONDITION:
            return _Typed(exp.cast(exp.paren(typed.sql), "DOUBLE"), Kind.NUMBER)
        raise self.error(f"a {typed.kind} stands where a number is wanted", "text and dates can only be compared")

    def _condition(self, typed: _Typed) -> _Typed:
        if typed.kind in (_CONDITION, _NULL):
            return typed
        raise self.error(f"a {typed.kind} stands where a condition is wanted", "write a comparison such as rush = 1")

    def _column(self, node: exp.Column) -> _Typed:
        name = node.name
        if node.table or name not in self.drivers:
            close = difflib.get_close_matches(name, self.drivers, n=1, cutoff=0.6)
            hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(sorted(self.drivers))}"
            raise self.error(f"no driver {node.sql('duckdb')!r} at this grain", hint)
        if self.drivers[name] is Kind.EMPTY:
            return _Typed(exp.Null(), _NULL)
        self.used.add(name)
        return _Typed(exp.column(exp.to_identifier(name, quoted=True)), self.drivers[name])

    def _literal(self, node: exp.Literal) -> _Typed:
        if node.is_string:
            return _Typed(exp.Literal.string(node.this), Kind.TEXT)
        try:
            number = float(node.this)
        except ValueError:
            raise self.error(f"{node.this!r} is no number", "write one as 1.5 or 1e3") from None
        if not math.isfinite(number):
            raise self.error(f"{node.this} is too large", "write a number a double can hold")
        return _Typed(exp.cast(exp.Literal.number(node.this), "DOUBLE"), Kind.NUMBER, number)

    def _arithmetic(self, node: exp.Expr) -> _Typed:
        kind = type(node)
        left, right = self.compile(node.this), self.compile(node.expression)
        if kind is exp.Sub and left.kind == right.kind == Kind.DATE:
            days = exp.DateDiff(this=left.sql, expression=right.sql, unit=exp.var("DAY"))
            return _Typed(exp.cast(days, "DOUBLE"), Kind.NUMBER)
        left, right = self.number(left), self.number(right)
        if kind in (exp.Div, exp.Mod) and right.constant == 0:
            raise self.error("divides by zero", "divide by something that is not always 0")
        constant = None
        if left.constant is not None and right.constant is not None:
            constant = self._folded(lambda: _ARITHMETIC[kind](left.constant or 0.0, right.constant or 0.0))
        return _Typed(exp.paren(kind(this=left.sql, expression=right.sql)), Kind.NUMBER, constant)

    def _folded(self, value: Callable[[], float]) -> float:
        try:
            return float(value())
        except (ArithmeticError, ValueError) as error:
            raise self.error("a part of it is no number", "check the constants") from error

    def _alike(self, parts: list[_Typed], verb: str) -> list[_Typed]:
        """Bring values to one kind; a text literal beside a date becomes a date."""
        kinds = {part.kind for part in parts} - {_NULL}
        if Kind.DATE in kinds and kinds <= {Kind.DATE, Kind.TEXT}:
            return [self._date(part) if part.kind == Kind.TEXT else part for part in parts]
        if kinds <= {Kind.NUMBER, _CONDITION}:
            return [part if part.kind == _NULL else self.number(part) for part in parts]
        if len(kinds) > 1:
            raise self.error(f"{' and '.join(sorted(kinds))} cannot be {verb}", "use values of one kind")
        return parts

    def _date(self, part: _Typed) -> _Typed:
        if not isinstance(part.sql, exp.Literal):
            raise self.error("text and date cannot be compared", "write the date as '2026-01-31'")
        try:
            day = date.fromisoformat(part.sql.this)
        except ValueError as error:
            raise self.error(f"{part.sql.this!r} is no date", "write it as '2026-01-31'") from error
        return _Typed(exp.cast(exp.Literal.string(day.isoformat()), "DATE"), Kind.DATE)

    def _case(self, node: exp.Case) -> _Typed:
        conditions = []
        for branch in node.args["ifs"]:
            test = exp.EQ(this=node.this.copy(), expression=branch.this.copy()) if node.this else branch.this
            conditions.append(self._condition(self.compile(test)))
        values = [self.compile(branch.args["true"]) for branch in node.args["ifs"]]
        default = node.args.get("default")
        values = self._alike([*values, self.compile(default) if default else _Typed(exp.Null(), _NULL)], "mixed")
        case = exp.Case(
            ifs=[exp.If(this=test.sql, true=value.sql) for test, value in zip(conditions, values, strict=False)],
            default=values[-1].sql,
        )
        return _Typed(case, _common_kind(values))

    def _function(self, node: exp.Expr) -> _Typed:
        kind = type(node)
        if kind in _FUNCTIONS and not any(value for key, value in node.args.items() if key != "this"):
            inner = self.number(self.compile(node.this))
            constant = None
            if inner.constant is not None:
                constant = self._folded(lambda: _FUNCTIONS[kind](inner.constant or 0.0))
            return _Typed(_defined(kind(this=inner.sql)), Kind.NUMBER, constant)
        if kind is exp.Round:
            return self._round(node)
        if kind is exp.Pow:
            base, power = (self.number(self.compile(part)) for part in (node.this, node.expression))
            return _Typed(exp.Pow(this=base.sql, expression=power.sql), Kind.NUMBER)
        if kind is exp.Nullif:
            left, right = self._alike([self.compile(node.this), self.compile(node.expression)], "compared")
            return _Typed(exp.Nullif(this=left.sql, expression=right.sql), left.kind)
        if kind in (exp.Coalesce, exp.Least, exp.Greatest):
            first, *others = self._alike([self.compile(part) for part in (node.this, *node.expressions)], "mixed")
            built = kind(this=first.sql, expressions=[other.sql for other in others])
            if kind is not exp.Coalesce:
                built.set("ignore_nulls", True)
            return _Typed(built, _common_kind([first, *others]))
        raise self.error(f"{node.sql('duckdb')} is not allowed", f"use arithmetic, comparisons, {KNOWN_FUNCTIONS}")

    def _round(self, node: exp.Expr) -> _Typed:
        inner = self.number(self.compile(node.this))
        digits = node.args.get("decimals")
        if any(value for key, value in node.args.items() if key not in ("this", "decimals")):
            raise self.error("ROUND takes a value and digits", "write ROUND(x, 2)")
        if digits is not None:
            places = self.number(self.compile(digits)).constant
            if places is None or not places.is_integer():
                raise self.error("ROUND goes to a constant whole number of digits", "write ROUND(x, 2)")
            digits = exp.Literal.number(int(places)) if places >= 0 else exp.Neg(this=exp.Literal.number(int(-places)))
        return _Typed(exp.Round(this=inner.sql, decimals=digits), Kind.NUMBER)


def _defined(function: exp.Expr) -> exp.Expr:
    """Let a logarithm or root of what has none be no number, which the cube finds and names; an engine would stop."""
    if not isinstance(function, exp.Ln | exp.Sqrt):
        return function
    limit = exp.GT if isinstance(function, exp.Ln) else exp.GTE
    argument, zero = function.this, exp.cast(exp.Literal.number(0), "DOUBLE")
    defined, known = limit(this=argument.copy(), expression=zero), exp.Is(this=argument.copy(), expression=exp.null())
    nothing = exp.cast(exp.Literal.string("NaN"), "DOUBLE")
    return exp.Case(ifs=[exp.If(this=exp.or_(defined, known), true=function)], default=nothing)


def _common_kind(values: list[_Typed]) -> str:
    return next((value.kind for value in values if value.kind != _NULL), _NULL)
