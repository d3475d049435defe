"""Equations that are sums over lines: one pass over the lines answers them, without finishing an order first.

``5 + 3*lines + 0.01*weight_kg`` per order is 5 minutes for each order and 3 for each of its lines, as the kept orders
say, and 0.01 for each kg, whichever order it was in.

Assumes that no line lacks a column it sums, and that no coefficient and no value is negative where the activity may not
be; the columns' bounds prove it, else the equation waits for the finished orders like any other. Exact because adding
up is the same in any grouping: columns are summed as whole numbers (`scaled_sum`), and weighed once a customer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from sqlglot import exp

from cts_lib.engine import Engine, fetch_row
from cts_lib.model.drivers import KEPT, SUMS, TOO_MANY, Grain, whole_sum
from cts_lib.model.equations import Equation
from cts_lib.model.terms import CONSTANT
from cts_lib.tables.column import Kind

_WHOLE = 2.0**53
"""Below it a double holds every whole number."""


@dataclass(frozen=True)
class Linear:
    """An equation as a sum: a weight for each column of its lines and of the kept order or shipment, and a value once.

    What counts once a unit of work is ``constant`` and, where it depends on the customer, ``rest``.
    """

    constant: float
    rest: Equation | None
    lines: dict[str, float]
    kept: dict[str, float]


@dataclass(frozen=True)
class Bounds:
    """The least and greatest value of a column over so many rows; ``whole`` where no row lacks it.

    ``decimals`` is how many its values have, where a sum of them all is sure to hold as many as a whole double.
    """

    low: float
    high: float
    rows: int
    whole: bool
    decimals: int | None = None

    @property
    def reach(self) -> float:
        return max(abs(self.low), abs(self.high))


def linear(equation: Equation, when: Equation | None, grain: Grain) -> Linear | None:
    """Take an equation apart, or return None where it is no sum over lines.

    >>> from cts_lib.model.drivers import grain
    >>> from cts_lib.model.equations import compile_equation
    >>> order = grain("order", {})
    >>> parts = linear(compile_equation("5 + 3*lines + 0.01*weight_kg", order.kinds, "entry"), None, order)
    >>> parts.constant, parts.lines, parts.kept
    (5.0, {'weight_kg': 0.01}, {'lines': 3.0})
    """
    fixed = _fixed(grain)
    if when is not None and not when.drivers <= fixed:
        return None
    constant, rest = 0.0, list[exp.Expr]()
    lines, kept, used = dict[str, float](), dict[str, float](), set[str]()
    for term in equation.terms:
        columns = {column.name for column in term.sql.find_all(exp.Column)}
        name = term.sql.name if isinstance(term.sql, exp.Column) else ""
        if term.label == CONSTANT:
            constant = term.coefficient
        elif name in _summed(grain):
            lines[name] = term.coefficient
        elif name in KEPT and grain.name != "line":
            kept[name] = term.coefficient
        elif columns <= fixed:
            factor = exp.cast(exp.Literal.number(repr(term.coefficient)), "DOUBLE")
            rest.append(exp.Mul(this=exp.paren(term.sql), expression=factor))
            used |= columns
        else:
            return None
    if not equation.drivers <= {*lines, *kept, *used}:
        return None  # a driver that cancels out still has no value where it is missing
    once = Equation(equation.text, reduce(_added, rest), frozenset(used)) if rest else None
    return Linear(constant, once, lines, kept)


def _added(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    return exp.Add(this=left, expression=right)


def _fixed(grain: Grain) -> set[str]:
    """The drivers that are the same for all lines of a customer and channel."""
    return grain.from_table("customer") | {"customer_id", "channel"}


def _summed(grain: Grain) -> set[str]:
    if grain.name != "line":
        return set(SUMS)
    return {name for name in grain.from_table("line") if grain.drivers[name].kind is Kind.NUMBER}


def bounds(engine: Engine, relation: str, values: Mapping[str, str], decimals: str = "") -> dict[str, Bounds]:
    """Return the bounds of values, SQL of ``line`` by name, over all rows; of one that no row has they are 0.

    ``decimals`` is the relation of how many decimals the numbers of order lines have, if there is one.
    """
    measures = ", ".join(
        f"MIN({value}) AS low{place}, MAX({value}) AS high{place}, COUNT({value}) AS known{place}"
        for place, value in enumerate(values.values())
    )
    if not values:
        return {}
    row = fetch_row(engine, f"SELECT COUNT(*) AS total, {measures} FROM {relation} AS line")
    places = fetch_row(engine, f"SELECT * FROM {decimals}") if decimals else {}
    return {name: _bounds(row, place, places.get(name)) for place, name in enumerate(values)}


def _bounds(row: Mapping[str, Any], place: int, decimals: int | None) -> Bounds:
    total = int(row["total"])
    low, high = row[f"low{place}"] or 0.0, row[f"high{place}"] or 0.0
    known = Bounds(low, high, total, int(row[f"known{place}"]) == total)
    fits = decimals not in (None, TOO_MANY) and known.reach * max(total, 1) * 10.0 ** (decimals or 0) < _WHOLE
    return replace(known, decimals=decimals) if fits else known


def may_sum(weights: Mapping[str, float], known: Mapping[str, Bounds], may_be_negative: bool, limit: float) -> bool:
    """Say whether sums of the columns answer: no row lacks one, and every sign and size is sure."""
    chosen = [(weight, known[name]) for name, weight in weights.items()]
    whole = all(item.whole and abs(weight) * item.reach * item.rows < limit for weight, item in chosen)
    return whole and (may_be_negative or all(weight >= 0 and item.low >= 0 for weight, item in chosen))


def scaled_sum(value: str, known: Bounds) -> str:
    """Sum doubles, SQL, as whole numbers: the same to the bit in any order, and nearly exact.

    They are whole in the column's own last decimal where that is known, else in a power of two.

    >>> scaled_sum("net_sales", Bounds(0.0, 7.0, 10, True, decimals=2))
    'SUM(ROUND(net_sales * 1e2)) / 1e2'
    >>> scaled_sum("quantity", Bounds(0.0, 7.0, 10, True))
    'CAST(SUM(CAST(quantity * 5.764607523034235e+17 AS BIGINT)) AS DOUBLE) * 1.734723475976807e-18'
    """
    if known.decimals is not None:
        return whole_sum(value, known.decimals)
    power = 62 - math.frexp(known.reach)[1]
    return f"CAST(SUM(CAST({value} * {2.0**power!r} AS BIGINT)) AS DOUBLE) * {2.0**-power!r}"
