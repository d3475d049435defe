"""cts init on masters and files beside the lines: addresses, sites, names as keys, what is not read, income."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_init_documents import assumed, begin, lines, rows

from cts_lib.errors import Problems
from cts_lib.start import start
from cts_lib.start.headings import likeness, unit_of


@pytest.mark.parametrize("is_unit", [True, False])
def test_a_bare_coste_is_of_a_unit_or_of_the_line_as_its_size_says(tmp_path: Path, is_unit: bool) -> None:
    data = lines()
    cost = data.pop("Cost amount")
    data["Coste"] = (cost / data["Quantity"]).round(4) if is_unit else cost
    book, said = begin(tmp_path, lines=data)
    assert rows(book, "order_lines")["cogs"].astype(float).sum() == pytest.approx(cost.sum(), rel=1e-4)
    assert ("  order_lines.cogs from 'Coste' of lines.csv, sure" in said) is not is_unit


def test_lines_of_one_unit_do_not_say_what_a_bare_cost_is_of(tmp_path: Path) -> None:
    data = lines().rename(columns={"Cost amount": "Coste"})
    data.loc[::2, ["Quantity", "Net amount", "Coste"]] = [1, 14.0, 10.0]
    data.loc[20:, ["Quantity", "Net amount", "Coste"]] = [1, 14.0, 10.0]
    book, _ = begin(tmp_path, lines=data)
    assert rows(book, "order_lines")["cogs"].astype(float).sum() == pytest.approx(data["Coste"].sum())


def test_a_bare_coste_of_no_likely_size_is_asked_about(tmp_path: Path) -> None:
    data = lines().drop(columns="Cost amount").assign(Coste=1e6)
    _, said = begin(tmp_path, lines=data)
    assert "  cost of goods is quantity × 'Coste': is that the cost of one unit, or of the whole line?" in said


@pytest.mark.parametrize(
    ("heading", "column", "unit"),
    [
        ("Volume (cu ft)", "unit_volume_m3", ("cu ft", 0.028316846592)),
        ("Cubic feet volume", "volume_m3", ("cubic feet", 0.028316846592)),
        ("Weight (lbs)", "weight_kg", ("lbs", 0.45359237)),
    ],
)
def test_a_unit_of_two_words_is_one_unit(heading: str, column: str, unit: tuple[str, float]) -> None:
    assert unit_of(heading, column) == unit
    assert likeness(heading, "order_lines", column.removeprefix("unit_")) > 0.9


@pytest.mark.parametrize(("heading", "percent"), [("Dto %", 5), ("Discount percent", 12.5), ("Rabatt %", 100)])
def test_a_discount_in_percent_is_taken_off(tmp_path: Path, heading: str, percent: float) -> None:
    data = lines().rename(columns={"Net amount": "Unit price"})
    data[heading] = np.where(data.index % 3, 0, percent)
    book, said = begin(tmp_path, lines=data)
    net = data["Quantity"] * data["Unit price"] * (1 - data[heading] / 100)
    assert rows(book, "order_lines")["net_sales"].astype(float).sum() == pytest.approx(net.sum(), abs=0.001)
    assert not [line for line in said if "is no share of 0 to 1" in line]


def test_a_discount_of_more_than_a_hundred_percent_is_none(tmp_path: Path) -> None:
    data = lines().rename(columns={"Net amount": "Unit price"}).assign(**{"Dto %": 120})
    _, said = begin(tmp_path, lines=data)
    assert [line for line in said if "'Dto %' is no share of 0 to 1" in line]


def test_column_names_that_stand_there_again_are_no_lines(tmp_path: Path) -> None:
    data = lines().astype(str)
    names = pd.DataFrame([dict(zip(data.columns, data.columns, strict=True))])
    pages = [part for start_at in range(0, len(data), 50) for part in (names, data.iloc[start_at : start_at + 50])]
    total = pd.DataFrame([{"Order": "Total", "Net amount": lines()["Net amount"].sum()}])
    book, said = begin(tmp_path, lines=pd.concat([*pages[1:], total]))
    left_out = "left out 4 rows that are no lines: the column names again, 'Total'"
    assert left_out in said[0] and f"{left_out}." in assumed(book)
    found = rows(book, "order_lines")
    assert len(found) == len(data) and set(found["line_no"].astype(str)) == {"10", "20"}
    assert found["net_sales"].astype(float).sum() == pytest.approx(lines()["Net amount"].sum(), abs=0.001)


def test_cells_of_money_that_are_no_numbers_are_the_first_to_look_at(tmp_path: Path) -> None:
    data = lines().astype({"Net amount": object}).assign(Status=lambda one: np.where(one.index % 9, "ok", "cancelled"))
    data.loc[[3, 4], "Net amount"] = "to be agreed"
    _, said = begin(tmp_path, lines=data)
    first = said[said.index("look at first:") + 1]
    assert first == "  net_sales from 'Net amount': 2 cells are no numbers, as 'to be agreed'"


def test_a_file_that_cannot_be_read_is_named_where_no_other_holds_lines(tmp_path: Path) -> None:
    (tmp_path / "lines.csv").write_bytes(b"PK\x03\x04" + bytes(200))
    (tmp_path / "customers.csv").write_text("Customer No.,Name\n1,Ann\n2,Bob\n")
    with pytest.raises(Problems) as caught:
        start(tmp_path / "book", [tmp_path / "lines.csv", tmp_path / "customers.csv"])
    unread, none = str(caught.value).splitlines()
    assert "lines.csv: holds zero bytes, so it is no text" in unread and "none holds order lines" in none
