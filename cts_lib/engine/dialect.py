"""From the package's one dialect (DuckDB's) to another engine's, where the same text would not mean the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal

import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB as Own  # by name it would be loaded at the first query
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema
from sqlglot.tokenizer_core import TokenType

from cts_lib.engine.base import not_one_select
from cts_lib.errors import SourceError
from cts_lib.params.source import date_pattern

Dialect = Literal["postgres", "spark"]
Columns = Callable[[str], dict[str, str]]
"""Returns the columns of a relation that the engine holds."""

NUMBER_PATTERN = r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
DATE_PATTERN = r"^\s*[0-9]{1,4}([-/])[0-9]{1,2}\1[0-9]{1,2}([ T].*)?\s*$"
"""What counts as a number or date in a text, for engines that would take more: ``today``, ``1d``, ``2026``."""

_POSTGRES_CODES = {"%Y": "YYYY", "%y": "YY", "%m": "MM", "%d": "DD", "%b": "MON", "%H": "HH24", "%M": "MI", "%S": "SS"}
_SPARK_CODES = {"%Y": "yyyy", "%y": "yy", "%m": "M", "%d": "d", "%b": "MMM", "%H": "H", "%M": "mm", "%S": "ss"}
_CONDITIONS = (exp.Predicate, exp.And, exp.Or, exp.Not, exp.Boolean)
_CHANGING = (exp.DML, exp.DDL, exp.Command, exp.Copy, exp.Set, exp.Into)
_COMMANDS = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "CREATE", "DROP", "ALTER", "COPY", "INTO", "CALL", "SET"})
_DOUBLE = exp.DataType.build("DOUBLE")
_LARGEST_EXPONENT = 700
"""exp() of more is beyond a double."""


def parse(sql: str | exp.Expr) -> exp.Expr:
    """Return SQL of the package's dialect as a tree of its own."""
    return sqlglot.parse_one(sql, dialect=Own) if isinstance(sql, str) else sql.copy()


def translate(sql: str | exp.Expr, dialect: Dialect, columns: Columns) -> str:
    """Write SQL for another engine: stars with exceptions are spelled out, and arithmetic keeps its meaning.

    >>> translate("SELECT TRY_CAST(a AS DOUBLE) FROM t", "postgres", lambda name: {})
    'SELECT PG_TEMP.TRY_DOUBLE(a) FROM t'
    """
    tree = parse(sql)
    if any(star.args.get("except_") or star.args.get("replace") for star in tree.find_all(exp.Star)):
        tree = _spelled_out(tree, columns)
    change = _for_postgres if dialect == "postgres" else _for_spark
    for node in reversed(list(tree.walk())):  # the innermost first: what was changed is not looked at again
        changed = change(node)
        if changed is not None:
            tree = changed if node is tree else tree
            node.replace(changed)
    return tree.sql(dialect, comments=False)


def texts_of(select: str, dialect: Dialect) -> list[str]:
    """Return the texts and names of tables in a user's SELECT; anything but one SELECT is an error."""
    try:
        trees = [tree for tree in sqlglot.parse(select, dialect=dialect) if tree]
    except sqlglot.errors.SqlglotError:
        return _texts_of_tokens(select, dialect)
    kinds = [tree.key.upper() for tree in trees]
    changing = {node.key.upper() for tree in trees for node in tree.find_all(*_CHANGING)}
    if len(trees) != 1 or not isinstance(trees[0], exp.Query) or changing:
        raise not_one_select(dialect, kinds + sorted(changing - set(kinds)))
    literals = [node.this for node in trees[0].find_all(exp.Literal) if node.is_string]
    return literals + [node.name for node in trees[0].find_all(exp.Table)]


def _texts_of_tokens(select: str, dialect: Dialect) -> list[str]:
    """Return the texts in what is not understood here; the engine itself says what is wrong, if it is one SELECT."""
    try:
        tokens = sqlglot.tokenize(select, dialect=dialect)
    except sqlglot.errors.SqlglotError as error:
        raise SourceError(dialect, f"cannot be read: {error}", "write one SELECT and nothing else") from error
    words = [token.text.upper() for token in tokens if token.token_type not in (TokenType.STRING, TokenType.IDENTIFIER)]
    if words[0] not in ("SELECT", "WITH", "(") or ";" in words or set(words) & _COMMANDS:
        raise not_one_select(dialect, [words[0], *(word for word in words if word in _COMMANDS)])
    return [token.text for token in tokens if token.token_type in (TokenType.STRING, TokenType.IDENTIFIER)]


def _spelled_out(tree: exp.Expr, columns: Columns) -> exp.Expr:
    """Replace every star by the columns it stands for."""
    inner = {table.alias for table in tree.find_all(exp.CTE)}
    names = {table.name for table in tree.find_all(exp.Table)} - inner
    schema = MappingSchema({name: columns(name) for name in names}, dialect="postgres", normalize=False)
    return qualify(tree, schema=schema, dialect="postgres", validate_qualify_columns=False)


def _number(value: float | str) -> exp.Expr:
    return exp.cast(exp.Literal.string(value) if isinstance(value, str) else exp.Literal.number(value), "DOUBLE")


def _is_double(node: exp.Cast) -> bool:
    return bool(node.to.is_type("DOUBLE"))


def _rounded(node: exp.Round) -> exp.Expr:
    """Round half away from zero, as a double; engines differ in what they do with halves."""
    digits = node.args.get("decimals")
    factor = _number(10.0 ** (int(digits.to_py()) if digits is not None else 0))
    scaled = exp.Mul(this=exp.Abs(this=node.this.copy()), expression=factor)
    whole = exp.Floor(this=exp.Add(this=scaled, expression=_number(0.5)))
    signed = exp.Mul(this=exp.Sign(this=node.this.copy()), expression=whole)
    return exp.paren(exp.Div(this=signed, expression=factor.copy()))


def _divided(node: exp.Div | exp.Mod) -> exp.Expr | None:
    """Make a division by zero a value that is no number, which the costing finds and names."""
    divisor = node.expression.unnest()
    if isinstance(divisor, exp.Literal) or (isinstance(divisor, exp.Cast) and isinstance(divisor.this, exp.Literal)):
        return None
    zero = exp.EQ(this=node.expression.copy(), expression=exp.Literal.number(0))
    return exp.Case(ifs=[exp.If(this=zero, true=_number("NaN"))], default=node.copy())


def _for_postgres(node: exp.Expr) -> exp.Expr | None:
    if isinstance(node, exp.Div):
        return _divided(node)
    if isinstance(node, exp.Round):
        return _rounded(node)
    if isinstance(node, exp.TryCast):
        name = "try_double" if _is_double(node) else f"try_{node.to.sql('postgres').lower()}"
        return exp.Anonymous(this=f"pg_temp.{name}", expressions=[node.this.copy()])
    if _calls(node, "TRY_STRPTIME"):
        text, form = node.expressions
        written = [
            text.copy(),
            _literal(_translated(form.name, _POSTGRES_CODES, '"')),
            _literal(date_pattern(form.name)),
        ]
        return exp.Anonymous(this="pg_temp.try_strptime", expressions=written)
    if isinstance(node, exp.Cast) and _is_double(node) and isinstance(node.this.unnest(), _CONDITIONS):
        yes, no = node.this.copy(), exp.Not(this=exp.paren(node.this.copy()))
        return exp.Case(ifs=[exp.If(this=yes, true=_number(1)), exp.If(this=no, true=_number(0))])
    if isinstance(node, exp.Cast) and node.to.is_type(*exp.DataType.TEXT_TYPES):
        return exp.Collate(this=node.copy(), expression=exp.to_identifier("C", quoted=True))
    if isinstance(node, exp.Mod) and not (isinstance(node.this, exp.Cast) and node.this.to.is_type("BIGINT")):
        return exp.Anonymous(this="pg_temp.remainder", expressions=[node.this.copy(), node.expression.copy()])
    if _calls(node, "BIT_COUNT"):
        bits = exp.cast(node.expressions[0].copy(), exp.DataType.build("BIT(64)", dialect="postgres"))
        return exp.Anonymous(this=node.name, expressions=[bits])
    if isinstance(node, exp.Exp):
        large = exp.GT(this=node.this.copy(), expression=_number(_LARGEST_EXPONENT))
        small = exp.Greatest(this=node.this.copy(), expressions=[_number(-_LARGEST_EXPONENT)])
        return exp.Case(ifs=[exp.If(this=large, true=_number("Infinity"))], default=exp.Exp(this=small))
    if _calls(node, "ARG_MIN_NULL"):
        value, order = node.expressions
        keys = [exp.Ordered(this=key.copy(), nulls_first=False) for key in order.expressions]
        listed = exp.ArrayAgg(this=exp.Order(this=value.copy(), expressions=keys))
        return exp.Bracket(this=exp.paren(listed), expressions=[exp.Literal.number(1)], offset=1)
    return None


def _for_spark(node: exp.Expr) -> exp.Expr | None:
    if isinstance(node, exp.Div | exp.Mod):
        return _divided(node)
    if isinstance(node, exp.Round):
        return _rounded(node)
    if isinstance(node, exp.Ceil | exp.Floor):
        return exp.cast(node.copy(), "DOUBLE")
    if isinstance(node, exp.TryCast) and node.to.is_type("TIMESTAMPTZ"):
        return None
    if _calls(node, "TRY_STRPTIME"):
        text, form = node.expressions
        written = exp.RegexpLike(this=text.copy(), expression=_literal(date_pattern(form.name)))
        java = _literal(_translated(form.name, _SPARK_CODES, "'"))
        read = exp.Anonymous(this="TRY_TO_TIMESTAMP", expressions=[text.copy(), java])
        return exp.Case(ifs=[exp.If(this=written, true=read)])
    if isinstance(node, exp.TryCast):
        text, pattern = node.this.copy(), NUMBER_PATTERN if _is_double(node) else DATE_PATTERN
        dashed = exp.Anonymous(this="REPLACE", expressions=[text, exp.Literal.string("/"), exp.Literal.string("-")])
        written = exp.RegexpLike(this=text.copy(), expression=exp.Literal.string(pattern))
        cast = exp.TryCast(this=text if _is_double(node) else dashed, to=node.to.copy())
        return exp.Case(ifs=[exp.If(this=written, true=cast)])
    if isinstance(node, exp.Sum) and isinstance(node.this, exp.Cast) and node.this.to.is_type("BIGINT"):
        return exp.Sum(this=exp.cast(node.this.copy(), "DECIMAL(20, 0)"))
    if _calls(node, "ARG_MIN_NULL"):
        value, order = node.expressions
        keys = [
            part for key in order.expressions for part in (exp.Is(this=key.copy(), expression=exp.null()), key.copy())
        ]
        return exp.Anonymous(this="MIN_BY", expressions=[value.copy(), exp.Anonymous(this="STRUCT", expressions=keys)])
    return None


def _literal(text: str) -> exp.Expr:
    return exp.Literal.string(text)


def _translated(form: str, codes: Mapping[str, str], quote: str) -> str:
    """Return a way of writing dates in an engine's codes; letters between them stand in that engine's quotes."""
    parts = [codes.get(part) or re.sub("[A-Za-z]+", rf"{quote}\g<0>{quote}", part) for part in re.split("(%.)", form)]
    return "".join(parts)


def _calls(node: exp.Expr, function: str) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.upper() == function
