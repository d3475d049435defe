"""Equations that are sums over lines: one pass over the lines answers them, without finishing an order first.

``5 + 3*lines + 0.01*weight_kg`` per order is ``5 + 3*lines``, which the kept orders tell, and 0.01 minutes for each kg,
whichever order it was in. A sum is exact only where no line lacks the column, and its sign is sure only where neither a
coefficient nor a line is negative; so the columns' bounds decide, and an equation they speak against waits for the
finished orders like any other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from cts_lib.contracts import Kind
from cts_lib.costing.drivers import KEPT, SUMS, Grain, quoted
from cts_lib.costing.equations import Equation
from cts_lib.costing.terms import split_terms
from cts_lib.engine import Engine, fetch_rows


@dataclass(frozen=True)
class Linear:
    """An equation in two parts: ``rest`` of a thing as it was kept, and ``weights`` of columns summed over lines."""

    rest: Equation
    weights: dict[str, float]


@dataclass(frozen=True)
class Bounds:
    """The least and greatest value of a column over so many lines; ``whole`` where no line lacks it."""

    low: float
    high: float
    lines: int
    whole: bool

    @property
    def reach(self) -> float:
        return max(abs(self.low), abs(self.high))


def linear(equation: Equation, when: Equation | None, grain: Grain) -> Linear | None:
    """Take an equation apart, or return None where it is no sum over lines.

    >>> from cts_lib.costing.drivers import grain
    >>> from cts_lib.costing.equations import compile_equation
    >>> order = grain("order", {})
    >>> found = linear(compile_equation("5 + 3*lines + 0.01*weight_kg", order.kinds, "entry"), None, order)
    >>> found.weights, sorted(found.rest.drivers)
    ({'weight_kg': 0.01}, ['lines'])
    """
    fixed = _fixed(grain)
    if when is not None and not when.drivers <= fixed:
        return None
    summed, kept = _summed(grain), fixed | _kept(grain)
    rest: exp.Expr = exp.cast(exp.Literal.number(0), "DOUBLE")
    used, weights = set[str](), dict[str, float]()
    for term in split_terms(equation.sql):
        columns = {column.name for column in term.sql.find_all(exp.Column)}
        if isinstance(term.sql, exp.Column) and term.sql.name in summed:
            weights[term.sql.name] = term.coefficient
        elif columns <= kept:
            factor = exp.cast(exp.Literal.number(repr(term.coefficient)), "DOUBLE")
            rest = exp.Add(this=rest, expression=exp.Mul(this=exp.paren(term.sql), expression=exp.paren(factor)))
            used |= columns
        else:
            return None
    return Linear(Equation(equation.text, rest, frozenset(used)), weights) if weights else None


def _fixed(grain: Grain) -> set[str]:
    """The drivers that are the same for all lines of a customer and channel."""
    customers = {name for name, source in grain.sources.items() if source.startswith("customer.")}
    return customers | {"customer_id", "channel"}


def _kept(grain: Grain) -> set[str]:
    return set() if grain.name == "line" else set(KEPT)


def _summed(grain: Grain) -> set[str]:
    if grain.name != "line":
        return set(SUMS)
    own = {name for name, source in grain.sources.items() if source.startswith("line.")}
    return {name for name in own if grain.kinds[name] is Kind.NUMBER}


def bounds(engine: Engine, lines: str, columns: Iterable[str]) -> dict[str, Bounds]:
    """Return the bounds of columns over all lines; of a column without values they are 0."""
    names = sorted(columns)
    asked = ", ".join(
        f"MIN({quoted(name)}) AS low{place}, MAX({quoted(name)}) AS high{place}, COUNT({quoted(name)}) AS known{place}"
        for place, name in enumerate(names)
    )
    if not names:
        return {}
    found = fetch_rows(engine, f"SELECT COUNT(*) AS total, {asked} FROM {lines}")[0]
    total = int(found["total"])
    return {
        name: Bounds(
            found[f"low{place}"] or 0.0, found[f"high{place}"] or 0.0, total, int(found[f"known{place}"]) == total
        )
        for place, name in enumerate(names)
    }


def may_sum(parts: Linear, known: Mapping[str, Bounds], may_be_negative: bool, limit: float) -> bool:
    """Say whether sums over lines answer the equation: no line lacks a column, and every sign and size is sure."""
    chosen = [(weight, known[name]) for name, weight in parts.weights.items()]
    whole = all(item.whole and abs(weight) * item.reach * item.lines < limit for weight, item in chosen)
    return whole and (may_be_negative or all(weight >= 0 and item.low >= 0 for weight, item in chosen))


def scaled_sum(column: str, reach: float) -> str:
    """Sum doubles as whole numbers of a power of two: the same to the bit in any order, and nearly exact.

    >>> scaled_sum("quantity", 7.0)
    'CAST(SUM(CAST("quantity" * 5.764607523034235e+17 AS BIGINT)) AS DOUBLE) * 1.734723475976807e-18'
    """
    power = 62 - math.frexp(reach)[1]
    return f"CAST(SUM(CAST({quoted(column)} * {2.0**power!r} AS BIGINT)) AS DOUBLE) * {2.0**-power!r}"
