"""Bad input: what the page cannot do it says with the reason, and the rest of it stands."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_workbook import booked, compute, event, line, make_workbook, row

from cts_lib import charts, display
from cts_lib.bundle import bundled
from cts_lib.display import Reader

Rows = list[dict[str, Any]]
MODEL = {
    "resources": {"desk": {"capacity_minutes": 10_000}},
    "activities": {
        "entry": {"resource": "desk", "per": "order", "minutes": "10"},
        "picking": {"resource": "desk", "per": "line", "minutes": "2"},
    },
}


class Book:
    """Tables of a computed period behind the names that a notebook's cells use."""

    def __init__(self, tables: Mapping[str, pd.DataFrame], notes: list[str], language: str) -> None:
        self._tables, self._notes, self.reader = tables, notes, Reader(language, "EUR")

    def table(self, name: str) -> pd.DataFrame:
        return self._tables[name]

    def notes(self, stage: str) -> list[str]:
        return self._notes

    @property
    def costliest(self) -> str:
        return str(self.table("customer_profit").sort_values("rank")["customer_id"].iloc[-1])


def cells() -> dict[str, str]:
    """The cells of the profile's notebook that show stored tables, by the name of what they call."""
    notebook = json.loads((bundled("notebooks") / "01_profile.ipynb").read_text(encoding="utf-8"))
    sources = ["".join(cell["source"]) for cell in notebook["cells"][3:] if cell["cell_type"] == "code"]
    asks = ("book.explain", "book.sql", "book.panel")
    kept = [source for source in sources if not any(name in source for name in asks)]
    return {f"{place}: {source.partition('(')[0]}": source for place, source in enumerate(kept)}


def value(node: ast.expr, book: Book) -> Any:
    """What an expression of a cell is: a call or an attribute of the book, of the charts or of the tables."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Call):
        arguments = [value(argument, book) for argument in node.args]
        return value(node.func, book)(*arguments, **{str(word.arg): value(word.value, book) for word in node.keywords})
    assert isinstance(node, ast.Attribute)
    assert isinstance(node.value, ast.Name)
    return getattr({"book": book, "charts": charts, "display": display}[node.value.id], node.attr)


def page(tables: Mapping[str, pd.DataFrame], notes: list[str], language: str = "en") -> dict[str, str]:
    """What each cell shows, by what it calls; of a call that stands twice, the last."""
    book = Book(tables, notes, language)
    return {
        name.partition(": ")[2]: value(ast.parse(source, mode="eval").body, book)._repr_html_()
        for name, source in cells().items()
    }


def customers(count: int, **columns: Callable[[int], Any]) -> Rows:
    return [
        {"customer_id": f"c{place:04}", "channel": "direct"} | {name: make(place) for name, make in columns.items()}
        for place in range(count)
    ]


def orders(count: int, **columns: Callable[[int], Any]) -> Rows:
    return [
        line(f"o{place}", customer_id=f"c{place:04}", **{name: make(place) for name, make in columns.items()})
        for place in range(count)
    ]


def computed(folder: Path, rows: Rows, who: Rows, **more: Any) -> tuple[dict[str, pd.DataFrame], list[str]]:
    results = compute(make_workbook(folder, rows, MODEL, customers=who, ledger=[booked("desk", 5000)], **more))
    return results.all_tables, [note.english for note in results.notes["profile"]]


BAD = {
    "no channel": (orders(3), [{"customer_id": f"c{place:04}"} for place in range(3)], {}),
    "no geography": (orders(3), customers(3), {}),
    "one customer": (orders(1), customers(1), {}),
    "all alike": (orders(40), customers(40, size_class=lambda _: "small"), {}),
    "all lose": (orders(40, cogs=lambda place: 200 + place), customers(40), {}),
    "a dimension of 5,000 values": (orders(40), customers(40, tag=lambda place: f"t{place}"), {}),
    "60 % missing": (
        orders(40, quantity=lambda place: 1 + place % 7, net_sales=lambda place: 50 + 13 * (place % 11)),
        customers(40, industry=lambda place: "food" if place % 5 < 2 else ""),
        {},
    ),
    "no product attributes": (orders(3), customers(3), {"products": [{"product_id": "p1"}]}),
}


Of = Callable[[str], tuple[dict[str, pd.DataFrame], list[str]]]
Shown = Callable[..., dict[str, str]]


@pytest.fixture(scope="module")
def of(tmp_path_factory: pytest.TempPathFactory) -> Of:
    """The tables and notes of each bad input, computed once."""

    @cache
    def found(name: str) -> tuple[dict[str, pd.DataFrame], list[str]]:
        rows, who, more = BAD[name]
        return computed(tmp_path_factory.mktemp("bad"), rows, who, **more)

    return found


@pytest.fixture(scope="module")
def shown(of: Of) -> Shown:
    """The page of each bad input in each language, drawn once."""
    return cache(lambda name, language="en": page(*of(name), language))


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", BAD)
def test_every_cell_of_the_page_stands_on_bad_input(name: str, language: str, shown: Shown) -> None:
    for call, html in shown(name, language).items():
        assert html.strip(), call
        assert ">nan<" not in html.lower(), call


def test_without_a_channel_all_customers_are_in_one_and_the_page_says_so(of: Of, shown: Shown) -> None:
    tables, _ = of("no channel")
    assert set(tables["customer_channel_profit"]["channel"]) == {"(none)"}
    assert "channel (one channel for all of them)" in shown("no channel")["display.data_quality"]


def test_without_geography_a_sentence_stands_where_the_map_would(of: Of, shown: Shown) -> None:
    tables, _ = of("no geography")
    assert tables["places"].empty
    assert "there is no country, city or coordinate" in shown("no geography")["charts.places"]


def test_of_one_customer_neither_regression_nor_comparison_is_drawn(shown: Shown) -> None:
    told = shown("one customer")
    assert "cannot be asked of 1 customer; 30 are needed" in told["display.effects"]
    assert "too few customers" in told["charts.order_size"]
    assert "1 delivery of 10 units" in told["display.least_profitable"]


def test_customers_all_alike_explain_nothing(of: Of, shown: Shown) -> None:
    tables, _ = of("all alike")
    assert row(tables["concentration"], measure="gini_net_sales")["value"] == pytest.approx(0)
    assert "the customers cost, or behave, all alike" in shown("all alike")["display.effects"]


def test_where_everybody_loses_the_curve_has_no_peak_and_the_page_says_so(of: Of, shown: Shown) -> None:
    tables, _ = of("all lose")
    assert pd.isna(row(tables["concentration"], measure="peak_to_end")["value"])
    assert "No customer earns money in this period." in shown("all lose")["charts.whale_curve"]


def test_a_dimension_of_5000_values_is_left_out_of_the_dimensions_and_of_the_regression(tmp_path: Path) -> None:
    rows = orders(5000, quantity=lambda place: 1 + place % 7, net_sales=lambda place: 50 + 13 * (place % 11))
    tables, notes = computed(tmp_path, rows, customers(5000, tag=lambda place: f"t{place}"))
    assert "tag" not in set(tables["profile"]["dimension"])
    assert row(tables["cost_effects"], effect="tag")["reason"] == "too many values"
    assert "Left out (too many values): tag." in page(tables, notes)["display.effects"]
    assert any("5,000" in note and "tag" in note for note in notes)


def test_what_is_missing_for_most_is_named_and_not_used(of: Of, shown: Shown) -> None:
    tables, _ = of("60 % missing")
    found = row(tables["missing_values"], table="customers", column="industry")
    assert (found["missing"], found["share"]) == (24, pytest.approx(0.6))
    assert row(tables["cost_effects"], effect="industry")["reason"] == "missing too often"
    assert "industry in 60% of customers" in shown("60 % missing")["display.data_quality"]


def test_products_without_attributes_are_one_row_and_a_sentence(of: Of, shown: Shown) -> None:
    tables, _ = of("no product attributes")
    assert tables["product_mix"]["dimension"].tolist() == ["(all)"]
    told = shown("no product attributes")
    assert "neither families nor handling classes" in told["charts.product_mix"]
    assert "neither family nor handling class" in told["display.product_mix"]


def test_coordinates_without_a_city_are_places_of_a_tenth_of_a_degree(tmp_path: Path) -> None:
    who = customers(4, latitude=lambda place: 40 + place / 2, longitude=lambda place: -3 - place / 2)
    tables, notes = computed(tmp_path, orders(4), who)
    assert len(tables["places"]) == 4
    assert "<img" in page(tables, notes)["charts.places"]


def test_a_period_of_events_alone_still_has_its_page(tmp_path: Path) -> None:
    model = MODEL | {"activities": {"calls": {"resource": "desk", "per": "event:call", "minutes": "30"}}}
    params = make_workbook(
        tmp_path,
        [line("o1", order_date="2025-02-02")],
        model,
        customers=[{"customer_id": "c1", "channel": "direct"}],
        events=[event("call")],
        ledger=[booked("desk", 5000)],
    )
    results = compute(params)
    shown = page(results.all_tables, [note.english for note in results.notes["profile"]])
    assert "100% of its cost is calls" in shown["display.least_profitable"]
    assert all(html.strip() for html in shown.values())
