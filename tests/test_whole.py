"""Values that are whole numbers of their last decimal are known from the equation's text, and sum the same."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cts_lib.cube.whole import decimals_of
from cts_lib.engine import DuckDB
from cts_lib.model.equations import compile_equation
from cts_lib.tables.column import Kind

KINDS = {"lines": Kind.NUMBER, "net_sales": Kind.NUMBER, "distance_km": Kind.NUMBER}
KNOWN = {"lines": 0, "net_sales": 2}


def decimals(text: str, known: Mapping[str, int] = KNOWN) -> int | None:
    return decimals_of(compile_equation(text, KINDS, "entry").sql, known)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("5", 0),
        ("1.250", 2),
        ("-0.5*lines", 1),
        ("0.5*net_sales", 3),
        ("ABS(net_sales) - 1", 2),
        ("FLOOR(distance_km)", 0),
        ("CASE WHEN distance_km > 0.123 THEN 0.5 WHEN lines > 2 THEN 1 END", 1),
        ("distance_km", None),
        ("lines/3", None),
        ("1 + CASE WHEN lines > 1 THEN SQRT(lines) ELSE 0 END", None),
    ],
)
def test_an_equations_text_gives_its_decimals(text: str, places: int | None) -> None:
    assert decimals(text) == places


EQUATIONS = st.recursive(
    st.one_of(
        st.decimals("0", "20", places=2).map(lambda number: f"{number:f}"), st.sampled_from(["lines", "net_sales"])
    ),
    lambda part: st.one_of(
        st.tuples(part, st.sampled_from("+-*"), part).map(lambda parts: "({} {} {})".format(*parts)),
        st.tuples(part, part).map(lambda parts: "CASE WHEN lines > 2 THEN {} ELSE {} END".format(*parts)),
        part.map(lambda inner: f"CEIL({inner})"),
    ),
    max_leaves=4,
)


@given(EQUATIONS, st.integers(1, 9), st.integers(0, 50_000))
def test_no_value_has_more_decimals_than_the_text_gives(text: str, lines: int, cents: int) -> None:
    places = decimals(text)
    assert places is not None
    sql = compile_equation(text, KINDS, "entry").sql.sql("duckdb")
    row = f"SELECT CAST({lines} AS DOUBLE) AS lines, CAST({Decimal(cents) / 100} AS DOUBLE) AS net_sales"
    value = DuckDB().query(f"SELECT {sql} AS value FROM ({row}) AS row").to_pylist()[0]["value"]
    units = Fraction(value) * 10**places
    assert abs(units - round(units)) < Fraction(1, 1000) + abs(units) / 10**12
