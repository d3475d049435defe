"""Unit times found again: those planted in the made-up distributor, and those of evidence made for the purpose."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_workbook import Row, booked, compute, event, line, make_workbook, open_run, row

from cts_lib import display
from cts_lib.costing import calibration
from cts_lib.costing.calibration import AGREES, CANNOT_TELL, DIFFERS, EVENTS, LEDGER, unit_times
from cts_lib.costing.evidence import Evidence
from cts_lib.model.equations import compile_equation
from cts_lib.model.terms import Term, split_terms
from cts_lib.names import ALL
from cts_lib.params import CostModel, load
from cts_lib.params.period import Period
from cts_lib.run import UnitRun
from cts_lib.tables.column import Kind
from cts_lib.workbook import Workbook

KINDS = {"lines": Kind.NUMBER, "weight_kg": Kind.NUMBER, "rush": Kind.NUMBER, "method": Kind.TEXT}
PLANTED = {
    ("order_entry", "1"): "order",
    ("order_entry", "lines"): "line",
    ("order_entry", "rush"): "rush",
    ("order_entry", "new_customer"): "new_customer",
    ("order_entry", "order_method = 'phone'"): "phone",
    ("order_entry", "order_method = 'email'"): "email",
    ("order_entry", "order_method = 'portal'"): "portal",
    ("complaints", "quantity"): "call",
    ("picking", "1"): "line",
    ("picking", "quantity"): "unit",
    ("picking", "handling_class = 'fragile'"): "fragile",
    ("picking", "handling_class = 'bulky'"): "bulky",
    ("packing", "1"): "shipment",
    ("packing", "lines"): "line",
    ("packing", "weight_kg"): "kg",
    ("packing", "rush"): "rush",
    ("returns", "1"): "order",
    ("returns", "return_lines"): "line",
    ("returns", "returned_quantity"): "unit",
    ("invoicing", "order_method = 'edi'"): "edi",
    ("invoicing", "NOT order_method = 'edi'"): "other",
    ("invoicing", "lines"): "line",
    ("collection", "orders"): "order",
}


@pytest.fixture(scope="module")
def found(small_sample: Path) -> pd.DataFrame:
    """The unit times of every unit over all its months, the planted ones beside them."""
    tables = []
    for unit in load(small_sample / "params"):
        run = UnitRun(unit)
        tables.append(run.calibrate(Period.parse("2026-Q3"), months=36).assign(unit=unit.name))
        run.close()
    truth = pd.read_parquet(small_sample / "data/sample/truth/unit_times.parquet")
    planted = truth.set_index(["activity", "term"])["minutes"]
    table = pd.concat(tables, ignore_index=True)
    names = [(name, PLANTED.get((name, term))) for name, term in zip(table["activity"], table["term"], strict=True)]
    return table.assign(planted=[planted.get(name, float("nan")) for name in names])


def covered(table: pd.DataFrame) -> pd.Series:
    return (table["low"] <= table["planted"]) & (table["planted"] <= table["high"])


def test_every_planted_time_has_its_term(found: pd.DataFrame) -> None:
    terms = found[(found["source"] == LEDGER) & (found["term"] != ALL)]
    assert set(zip(terms["activity"], terms["term"], strict=True)) == set(PLANTED)
    assert terms["planted"].notna().all()


def test_the_planted_times_lie_within_the_intervals_of_the_ledgers_months(found: pd.DataFrame) -> None:
    terms = found[(found["source"] == LEDGER) & found["planted"].notna()]
    assert terms["estimated"].notna().all()
    assert covered(terms).mean() >= 0.85
    assert (terms["observations"] == 36).all()


def test_the_planted_time_of_a_call_is_found_in_the_recorded_minutes(found: pd.DataFrame) -> None:
    calls = found[found["source"] == EVENTS]
    assert len(calls) == 2
    assert covered(calls).mean() >= 0.75
    assert np.allclose(calls["estimated"], calls["planted"], rtol=0.03)
    assert ((calls["high"] - calls["low"]) < 0.1 * calls["planted"]).all()


def test_all_terms_together_are_told_sharply_where_single_ones_are_not(found: pd.DataFrame) -> None:
    together = found[(found["source"] == LEDGER) & (found["term"] == ALL)]
    assert len(together) == 5 * 2
    assert ((together["high"] - together["low"]) < 0.03 * together["estimated"]).all()
    assert set(together["verdict"]) <= {AGREES, DIFFERS}
    wide = found[found["verdict"] == CANNOT_TELL]
    assert set(wide["reason"]) <= {calibration.COLLINEAR, calibration.SCATTERED}


def test_a_quarter_is_too_short_for_the_ledger_and_says_so(small_sample: Path) -> None:
    tables = compute(small_sample / "params", "2026-Q3", unit="iberia").all_tables
    ledger = tables["unit_times"].query("source == @LEDGER")
    assert set(ledger["verdict"]) == {CANNOT_TELL}
    assert set(ledger["reason"]) == {calibration.TOO_FEW_MONTHS}
    assert (ledger["observations"] == 3).all()


def test_calibration_leaves_every_cost_as_it_is(small_sample: Path) -> None:
    run = open_run(small_sample / "params", unit="iberia")
    period = Period.parse("2026-Q3")
    before = run.compute(period, ("profile",)).all_tables["customer_costs"]
    run.calibrate(period, months=6)
    pd.testing.assert_frame_equal(run.compute(period, ("profile",)).all_tables["customer_costs"], before)
    run.close()


def test_a_notebook_may_ask_for_more_months_than_its_period_has(small_sample: Path, tmp_path: Path) -> None:
    book = Workbook.open("iberia", "2026-Q3", str(small_sample / "params"), str(tmp_path))
    table = book.calibrate(months=14)
    assert set(table.query("source == @LEDGER")["observations"]) == {12}
    shown = display.unit_times(table, display.Reader())
    assert "Months of the ledger" in shown.html


def test_wages_that_are_paid_whatever_happens_tell_nothing_of_times(small_sample: Path, tmp_path: Path) -> None:
    without = tmp_path / "without_minutes"
    shutil.copytree(small_sample, without)
    path = without / "data/sample/ledger.parquet"
    pd.read_parquet(path).drop(columns="minutes").to_parquet(path)
    run = open_run(without / "params", unit="france")
    ledger = run.calibrate(Period.parse("2026-Q3"), months=36).query("source == @LEDGER")
    run.close()
    assert set(ledger["measured"]) == {"money"}
    assert set(ledger["reason"]) == {calibration.FIXED}
    assert ledger["estimated"].isna().all()


MODEL = CostModel.model_validate(
    {
        "resources": {"desk": {"capacity_minutes": 60_000}},
        "activities": {"entry": {"resource": "desk", "per": "order", "minutes": "10 + 3*lines"}},
    }
)
TERMS = {"entry": split_terms(compile_equation("10 + 3*lines", KINDS, "entry").sql)}


def evidence(minutes: np.ndarray | None, amounts: np.ndarray | None, work: np.ndarray) -> Evidence:
    months = pd.date_range("2024-01-01", periods=len(work), freq="MS").astype("datetime64[s]")
    parts = [
        pd.DataFrame({"month": months, "activity": "entry", "place": place, "quantity": work[:, place]})
        for place in range(work.shape[1])
    ]
    nothing = np.full(len(work), np.nan)
    books = pd.DataFrame(
        {
            "month": months,
            "resource": "desk",
            "amount": np.full(len(work), 2500.0) if amounts is None else amounts,
            "minutes": nothing if minutes is None else minutes,
            "capacity": 5000.0,
        }
    )
    return Evidence(TERMS, work=pd.concat(parts, ignore_index=True), books=books, months=len(work))


def draw_work(months: int, seed: int) -> np.ndarray:
    orders = np.random.default_rng(seed).uniform(150, 250, months)
    return np.column_stack([orders, orders * np.random.default_rng(seed + 1).uniform(1.5, 4, months)])


@given(st.floats(1, 40), st.floats(0.5, 10), st.integers(0, 1000))
def test_times_without_noise_are_found_exactly(order: float, each: float, seed: int) -> None:
    work = draw_work(12, seed)
    table = unit_times(evidence(work @ np.array([order, each]), None, work), MODEL)
    found = table[(table["source"] == LEDGER) & (table["term"] != ALL)]
    assert list(found["estimated"]) == pytest.approx([order, each], rel=1e-6)


def test_intervals_hold_the_true_time_nine_times_in_ten() -> None:
    work, generator = draw_work(24, 3), np.random.default_rng(5)
    hits = []
    for _ in range(150):
        minutes = work @ np.array([12.0, 4.0]) * (1 + 0.02 * generator.standard_normal(24))
        table = unit_times(evidence(minutes, None, work), MODEL).query("term != @ALL")
        hits += list((table["low"] <= [12.0, 4.0]) & (table["high"] >= [12.0, 4.0]))
    assert 0.85 < np.mean(hits) < 0.97


def test_money_that_follows_the_work_is_read_at_the_cost_of_a_practical_minute() -> None:
    work = draw_work(24, 8)
    minutes = work @ np.array([12.0, 3.0])
    scaled = minutes / minutes.mean() * 5000
    table = unit_times(evidence(None, 0.5 * scaled, work), MODEL)
    assert set(table["measured"]) == {"money"}
    expected = np.array([12.0, 3.0]) * 5000 / minutes.mean()
    assert list(table["estimated"][:2]) == pytest.approx(expected)
    fixed = unit_times(evidence(None, np.linspace(2500, 2520, 24), work), MODEL)
    assert set(fixed["reason"]) == {calibration.FIXED}


def test_a_time_is_never_negative() -> None:
    work = draw_work(24, 1)
    minutes = work @ np.array([20.0, 0.0]) + np.random.default_rng(0).normal(0, 100, 24) - 0.05 * work[:, 1]
    table = unit_times(evidence(minutes, None, work), MODEL)
    assert (table[["estimated", "low", "high"]].to_numpy() >= 0).all()
    assert row(table, term="lines")["estimated"] == 0.0


def test_terms_that_move_as_one_are_called_collinear() -> None:
    orders = np.random.default_rng(2).uniform(150, 250, 24)
    work = np.column_stack([orders, 3 * orders])
    table = unit_times(evidence(19 * orders, None, work), MODEL)
    assert set(table.query("term != @ALL")["reason"]) == {calibration.COLLINEAR}
    together = row(table, term=ALL)
    assert together["estimated"] == pytest.approx(together["assumed"])
    assert together["verdict"] == AGREES


@pytest.mark.parametrize(("months", "reason"), [(5, calibration.TOO_FEW_MONTHS), (0, calibration.TOO_FEW_MONTHS)])
def test_few_months_cannot_tell(months: int, reason: str) -> None:
    work = draw_work(months, 4)
    table = unit_times(evidence(work @ np.array([10.0, 3.0]), None, work), MODEL)
    assert set(table["verdict"]) == {CANNOT_TELL}
    assert set(table["reason"]) == {reason}


def test_a_term_that_never_happened_says_so_and_the_others_are_told() -> None:
    work = draw_work(12, 6)
    work[:, 1] = 0.0
    table = unit_times(evidence(10 * work[:, 0], None, work), MODEL)
    assert row(table, term="lines")["reason"] == calibration.NOTHING_HAPPENED
    assert row(table, term="1")["estimated"] == pytest.approx(10)


CALLS = {
    "resources": {"desk": {"capacity_minutes": 10_000}},
    "activities": {"calls": {"resource": "desk", "per": "event:service_call", "minutes": "5 + 10*quantity"}},
}


def calls(count: int, seed: int = 2) -> list[Row]:
    generator = np.random.default_rng(seed)
    return [
        event("service_call", quantity=int(size), minutes=round(4 + 12 * size + generator.normal(0, 1), 2))
        for size in generator.integers(1, 6, count)
    ]


def test_recorded_minutes_of_events_stand_beside_the_assumed_ones_and_are_noted(tmp_path: Path) -> None:
    results = compute(make_workbook(tmp_path, cost_model=CALLS, events=calls(400), ledger=[booked("desk", 100.0)]))
    table = results.all_tables["unit_times"].query("source == @EVENTS")
    each = row(table, term="quantity")
    assert each["low"] < 12 < each["high"]
    assert (each["assumed"], each["verdict"]) == (10, DIFFERS)
    assert row(table, term="1")["low"] < 4 < row(table, term="1")["high"]
    assert row(table, term="1")["r_squared"] > 0.95
    assert any("the model assumes 10.00 minutes" in note.english for note in results.notes["profile"])


def test_a_handful_of_recorded_events_cannot_tell(tmp_path: Path) -> None:
    table = compute(make_workbook(tmp_path, cost_model=CALLS, events=calls(8))).all_tables["unit_times"]
    assert set(table.query("source == @EVENTS")["reason"]) == {calibration.TOO_FEW_EVENTS}


def test_a_customer_counted_once_a_period_is_not_counted_by_month(tmp_path: Path) -> None:
    model = {
        "resources": {"desk": {"capacity_minutes": 10_000}},
        "activities": {"care": {"resource": "desk", "per": "customer", "minutes": "30"}},
    }
    lines = [line(f"o{month}", order_date=f"2026-{month:02d}-05") for month in range(1, 13)]
    ledger = [booked("desk", 100.0, f"2026-{month:02d}", minutes=30) for month in range(1, 13)]
    table = compute(make_workbook(tmp_path, lines, model, ledger=ledger), "2026").all_tables["unit_times"]
    assert list(table["reason"]) == [calibration.NOT_BY_MONTH]


def test_the_minutes_of_a_ledgers_months_are_read_from_its_own_column(tmp_path: Path) -> None:
    sizes = [3, 5, 4, 8, 6, 2, 7, 5, 9, 4, 6, 3]
    lines = [
        line(f"o{month}-{number}", order_date=f"2026-{month:02d}-05")
        for month, size in enumerate(sizes, start=1)
        for number in range(size)
    ]
    ledger = [booked("desk", 500.0, f"2026-{month:02d}", minutes=44 * size) for month, size in enumerate(sizes, 1)]
    table = compute(make_workbook(tmp_path, lines, ledger=ledger), "2026").all_tables["unit_times"]
    entry = row(table, activity="entry")
    assert (entry["assumed"], entry["estimated"]) == (40, pytest.approx(44))
    assert (entry["verdict"], entry["observations"]) == (DIFFERS, 12)


NUMBERS = st.integers(1, 9).map(str)
PARTS = st.one_of(
    NUMBERS,
    st.sampled_from(["lines", "weight_kg", "rush", "CEIL(weight_kg/7)"]),
    st.builds("CASE WHEN method = 'edi' THEN {} WHEN lines > 3 THEN {}*lines ELSE {} END".format, *[NUMBERS] * 3),
)
EQUATIONS = st.recursive(
    PARTS,
    lambda inner: st.one_of(
        st.builds("({} + {})".format, inner, inner),
        st.builds("({} - {})".format, inner, inner),
        st.builds("({} * {})".format, inner, PARTS),
        st.builds("({} / {})".format, inner, NUMBERS),
    ),
    max_leaves=5,
)


@given(EQUATIONS)
def test_the_terms_of_an_equation_sum_to_it(text: str) -> None:
    equation = compile_equation(text, KINDS, "entry").sql
    terms = split_terms(equation)
    whole = sum_of(terms)
    things = "(VALUES (1e0, 10e0, 0e0, 'edi'), (4e0, 3.5e0, 1e0, 'phone'), (2e0, 0e0, 1e0, NULL))"
    with duckdb.connect() as engine:
        found = engine.execute(
            f"SELECT {equation.sql('duckdb')}, {whole} FROM {things} AS thing(lines, weight_kg, rush, method)"
        ).fetchall()
    for expected, summed in found:
        assert summed == pytest.approx(expected, rel=1e-9, abs=1e-9)


def sum_of(terms: list[Term]) -> str:
    return " + ".join([f"{term.coefficient!r}::DOUBLE * ({term.sql.sql('duckdb')})" for term in terms] or ["0"])
