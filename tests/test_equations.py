"""Time equations: what parses, what never does, how values are typed and what null means."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cts_lib.engine import DuckDB
from cts_lib.errors import ParamsError
from cts_lib.model.equations import Wanted, compile_equation
from cts_lib.tables.column import Kind

DRIVERS = {
    "lines": Kind.NUMBER,
    "weight_kg": Kind.NUMBER,
    "rush": Kind.NUMBER,
    "channel": Kind.TEXT,
    "odd name": Kind.TEXT,
    "order_date": Kind.DATE,
    "delivered_date": Kind.DATE,
}
ROW = (
    "SELECT CAST(4 AS DOUBLE) AS lines, CAST(NULL AS DOUBLE) AS weight_kg, CAST(1 AS DOUBLE) AS rush, "
    "'retail' AS channel, "
    "'x' AS \"odd name\", DATE '2026-02-02' AS order_date, DATE '2026-02-09' AS delivered_date"
)


def value(text: str, wanted: Wanted = "number") -> Any:
    """Compile an expression and compute it over one row."""
    equation = compile_equation(text, DRIVERS, "activity", wanted)
    engine = DuckDB(threads=1)
    try:
        return engine.query(f"SELECT {equation.sql.sql('duckdb')} AS value FROM ({ROW}) AS thing").to_pylist()[0][
            "value"
        ]
    finally:
        engine.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 + 3*lines", 17.0),
        ("7/2", 3.5),
        ("lines / 8", 0.5),
        ("7 % 4", 3.0),
        ("-lines - -1", -3.0),
        ("2 + 3 * 4", 14.0),
        ("(2 + 3) * 4", 20.0),
        ("rush = 1", 1.0),
        ("10*(lines > 3) + (lines > 5)", 10.0),
        ("5 * (channel = 'retail' AND NOT rush = 0 OR lines BETWEEN 5 AND 6)", 5.0),
        ("lines NOT IN (1, 2)", 1.0),
        ("channel IN ('retail', 'web')", 1.0),
        ("weight_kg IS NULL", 1.0),
        ("weight_kg IS NOT NULL", 0.0),
        ("COALESCE(weight_kg, 12)", 12.0),
        ("LEAST(lines, 3) + GREATEST(lines, 9)", 12.0),
        ("CEIL(4.2) + FLOOR(4.8) + ROUND(2.5) + ROUND(1.234, 2)", 13.23),
        ("ABS(-3) + SQRT(16) + LN(1) + EXP(0) + POWER(2, 3)", 16.0),
        ("NULLIF(lines, 4)", None),
        ("CASE WHEN lines > 3 THEN 1 WHEN TRUE THEN 2 ELSE 3 END", 1.0),
        ("CASE channel WHEN 'retail' THEN 7 END", 7.0),
        ("CASE WHEN lines > 9 THEN 1 END", None),
        ("delivered_date - order_date", 7.0),
        ("(order_date >= '2026-02-01')", 1.0),
        ("weight_kg + 1", None),
        ("1 = weight_kg", None),
        ("\"odd name\" = 'x'", 1.0),
        ("channel = 'it''s; DROP TABLE lines --'", 0.0),
        ("coalesce(LINES, 1) * 0 + 4".replace("LINES", "lines"), 4.0),
        ("lines /* two a day */ + 1", 5.0),
        ("CASE WHEN channel = 'a--b' THEN 1 /* n */ ELSE 2 END", 2.0),
    ],
)
def test_the_grammar_computes_what_it_says(text: str, expected: float | None) -> None:
    found = value(text)
    assert found == pytest.approx(expected) if expected is not None else found is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5 +",
        "lines; DROP TABLE lines",
        "SELECT 1",
        "(SELECT MAX(lines) FROM lines)",
        "EXISTS (SELECT 1)",
        "lines IN (SELECT 1)",
        "random()",
        "lines BETWEEN SYMMETRIC 10 AND 5",
        "ROUND(lines, 1, 1)",
        "getenv('HOME')",
        "read_csv('/etc/passwd')",
        "lines LIKE 1",
        "channel LIKE 'r%'",
        "channel || 'x'",
        "lines::INTEGER",
        "CAST(lines AS INTEGER)",
        "SUM(lines)",
        "SUM(lines) OVER ()",
        "COUNT(*)",
        "*",
        "lines.*",
        "line.lines",
        "$1",
        "?",
        ":lines",
        "@lines",
        "[1, 2]",
        "{'a': 1}",
        "lines // 2",
        "lines ^ 2",
        "lines ** 2",
        "POW(lines, 2)",
        "IFNULL(lines, 1)",
        "CEILING(lines)",
        "IF(lines > 1, 2, 3)",
        "lines & 1",
        "lines -> 1",
        "lines IS TRUE",
        "INTERVAL 1 DAY",
        "CURRENT_DATE",
        "DATE '2026-01-01'",
        "ROUND(1.5, lines)",
        "CEIL(lines, 2)",
        "lines AS total",
        "lines, rush",
        "9 --2*lines",
        "CASE WHEN lines > 1 THEN 1",
        "1e999",
        "'5' + 1",
        "channel + 1",
        "channel",
        "order_date",
        "order_date + 1",
        "channel = 1",
        "order_date = 5",
        "order_date = 'yesterday'",
        "order_date = channel",
        "CASE WHEN rush THEN 1 END",
        "rush AND lines",
        "NOT lines",
        "COALESCE(channel, 1)",
        "CASE WHEN lines > 1 THEN 'a' ELSE 2 END",
        "1/0",
        "lines / 0",
        "lines % 0",
        "lines / (2 - 2)",
        "1 / FLOOR(0.5)",
        "SQRT(-1)",
        "LN(0)",
        "(" * 3000 + "1" + ")" * 3000,
    ],
)
def test_nothing_else_parses(text: str) -> None:
    with pytest.raises(ParamsError, match="activity"):
        compile_equation(text, DRIVERS, "activity")


def test_an_unknown_driver_is_told_with_the_nearest_known_one() -> None:
    with pytest.raises(ParamsError, match=r"no driver 'line' at this grain; did you mean 'lines'\?"):
        compile_equation("5*line", DRIVERS, "activity")


def test_a_forbidden_function_is_told_with_the_allowed_ones() -> None:
    with pytest.raises(ParamsError, match=r"use arithmetic, comparisons, COALESCE, LEAST"):
        compile_equation("md5(channel)", DRIVERS, "activity")


@pytest.mark.parametrize("text", ["lines > 1", "TRUE", "channel = 'x' OR rush = 1", "NULL", "weight_kg IS NULL"])
def test_a_condition_may_stand_in_when(text: str) -> None:
    compile_equation(text, DRIVERS, "activity", "condition")


@pytest.mark.parametrize("text", ["lines", "1", "channel", "COALESCE(lines, 1)", "'true'"])
def test_what_is_no_condition_may_not(text: str) -> None:
    with pytest.raises(ParamsError, match="condition"):
        compile_equation(text, DRIVERS, "activity", "condition")


def test_the_drivers_that_an_equation_reads_are_told() -> None:
    assert compile_equation("5*rush + COALESCE(weight_kg, lines)", DRIVERS, "activity").drivers == {
        "rush",
        "weight_kg",
        "lines",
    }


Paper = tuple[str, float]
ATOMS = st.one_of(
    st.integers(0, 99).map(lambda number: (str(number), float(number))),
    st.decimals(0, 99, places=2).map(lambda number: (str(number), float(number))),
    st.sampled_from([("lines", 4.0), ("rush", 1.0)]),
)


def larger(inner: st.SearchStrategy[Paper]) -> st.SearchStrategy[Paper]:
    """Expressions made of expressions, each beside its value."""
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.map(lambda pair: (f"({pair[0][0]} + {pair[1][0]})", pair[0][1] + pair[1][1])),
        pairs.map(lambda pair: (f"({pair[0][0]} - {pair[1][0]})", pair[0][1] - pair[1][1])),
        pairs.map(lambda pair: (f"{pair[0][0]} * {pair[1][0]}", pair[0][1] * pair[1][1])),
        inner.map(lambda one: (f"ABS(-{one[0]})", abs(one[1]))),
        pairs.map(lambda pair: (f"LEAST({pair[0][0]}, {pair[1][0]})", min(pair[0][1], pair[1][1]))),
        pairs.map(
            lambda pair: (
                f"(CASE WHEN {pair[0][0]} > 0 THEN {pair[1][0]} ELSE 1 END)",
                pair[1][1] if pair[0][1] > 0 else 1.0,
            )
        ),
    )


@settings(max_examples=60)
@given(st.recursive(ATOMS, larger, max_leaves=12))
def test_an_equation_means_in_sql_what_it_means_on_paper(expression: Paper) -> None:
    text, expected = expression
    assert math.isclose(value(text), expected, rel_tol=1e-9, abs_tol=1e-6)


@settings(max_examples=80)
@given(st.text(max_size=40))
def test_any_text_is_either_understood_or_refused(text: str) -> None:
    try:
        value(text)
    except ParamsError as error:
        assert "\n" not in str(error)
