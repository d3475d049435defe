"""The explanation of a customer's cost: what the terminal and the notebook tell alike."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from small_workbook import UNIT, booked, event, line, make_workbook, open_run

from cts_lib.costing.trace import Trace
from cts_lib.display import Reader, explanation
from cts_lib.display.profile.explanation import levels
from cts_lib.explain import explanation as in_terminal
from cts_lib.params.period import Period
from cts_lib.workbook import Workbook

QUARTER = Period.parse("2026-Q1")
MODEL = {
    "resources": {"desk": {"capacity_minutes": 1000}, "it": {"support": True}},
    "support": {"shares": {"it": {"desk": 1.0}}},
    "activities": {
        "entry": {"resource": "desk", "per": "order", "minutes": "5 + 3*lines", "when": "lines > 0"},
        "visits": {"per": "event:sales_visit", "driver": "quantity", "rate": 30},
    },
}
LINES = [line(f"o{place}", customer_id="c1") for place in range(6)] + [line("p1", customer_id="c2", net_sales="900")]
BOOKS = [booked("desk", 500, account="wages"), booked("it", 100)]


@pytest.fixture
def params(tmp_path: Path) -> Path:
    return make_workbook(tmp_path, LINES, MODEL, events=[event("sales_visit", quantity="2")], ledger=BOOKS)


@pytest.fixture
def trace(params: Path) -> Trace:
    unit_run = open_run(params)
    try:
        return unit_run.explain(QUARTER, "c1")
    finally:
        unit_run.close()


def test_every_level_is_told_with_its_sum(trace: Trace) -> None:
    html = explanation(trace, Reader("en", "EUR")).html
    titles = [level.title for level in levels(trace, Reader("en", "EUR"))]
    assert len(titles) == 8
    assert all(title in html for title in titles)
    assert html.count(">Total<") == 7
    cells = re.findall(r"<td[^>]*>(.*?)</td>", html)
    assert {
        "5 + 3 × order lines",
        "5 + 3 × 1",
        "order lines &gt; 0",
        "3 others",
        "Order o0",
        "Sales visit, 2 Feb 2026",
        "€60.00",
    } <= set(cells)


def test_among_few_customers_nothing_is_usual(trace: Trace) -> None:
    assert trace.reasons["at_median"].eq(0).all()
    assert "nothing is usual, for there are too few customers" in explanation(trace, Reader()).html


def test_a_segment_of_few_customers_is_held_against_all(trace: Trace) -> None:
    of_all = replace(trace, reasons=trace.reasons.assign(peers="(all)"))
    assert "which has too few customers for a median: usual is that of all" in explanation(of_all, Reader()).html


def test_the_reader_of_spanish_finds_no_english_of_ours(trace: Trace) -> None:
    html = explanation(trace, Reader("es", "EUR")).html
    cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", html)
    assert {"Pedido o0", "3 más", "Ecuación", "60,00 €"} <= {cell.replace("\u00a0", " ") for cell in cells}


def test_the_terminal_tells_the_same_levels(trace: Trace) -> None:
    console = Console(width=132, record=True, file=io.StringIO())
    console.print(in_terminal(trace, "north, 2026-Q1: c1", Reader("en", "EUR")))
    written = " ".join(console.export_text().split())
    assert all(level.title in written for level in levels(trace, Reader("en", "EUR")))


def test_a_level_without_rows_has_no_heading(trace: Trace) -> None:
    bare = Trace(
        trace.profit, *(getattr(trace, name).head(0) for name in ("activities", "work", "resources")),
        *(getattr(trace, name).head(0) for name in ("drivers", "ledger", "support", "reasons", "segment_names")),
    )  # fmt: skip
    html = explanation(bare, Reader()).html
    assert html.count("<table") == 1
    assert "<details" not in html


def test_a_notebook_explains_the_least_profitable_customer_unless_told_another(params: Path) -> None:
    book = Workbook.open(UNIT, str(QUARTER), str(params), str(params.parent / "reports"))
    worst = str(book.table("customer_profit")["customer_id"].iloc[-1])
    assert set(book.explain().profit["customer_id"]) == {worst}
    other = next(name for name in ("c1", "c2") if name != worst)
    told = book.explain(other)
    assert set(told.work["customer_id"]) == {other}
    assert told.work["cost"].sum() == pytest.approx(told.profit["cost_to_serve"].sum())
