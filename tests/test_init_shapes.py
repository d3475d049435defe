"""cts init on extracts of other shapes: keys with a table's prefix, discounts, margins, signs of currencies."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_init import ENGLISH, compute, mapping, orders, read, table

from cts_lib.errors import DataError, Problems, SourceError
from cts_lib.params import load
from cts_lib.params.period import Period
from cts_lib.run.unit import UnitRun
from cts_lib.start import start
from cts_lib.start.cost_model import DRAFTS, POOLS


def star(folder: Path, discount: str = "share") -> pd.DataFrame:
    """Orders and their lines as a warehouse of data keeps them: a prefix a table, words not parted."""
    draw = np.random.default_rng(3)
    lines = pd.DataFrame(
        {
            "l_orderkey": np.repeat(np.arange(1, 61), 3),
            "l_linenumber": np.tile([1, 2, 3], 60),
            "l_partkey": draw.integers(1, 20, 180),
            "l_quantity": draw.integers(1, 50, 180),
            "l_extendedprice": draw.integers(1_000, 900_000, 180) / 100,
            "l_discount": draw.integers(0, 11, 180) / (100 if discount == "share" else 1),
            "l_comment": "carefully packed",
        }
    )
    days = [date(2026, 1, 1) + timedelta(days=3 * place) for place in range(60)]
    heads = pd.DataFrame(
        {
            "o_orderkey": np.arange(1, 61),
            "o_custkey": draw.integers(1, 9, 60),
            "o_orderdate": days,
            "o_orderpriority": np.where(np.arange(60) % 4, "5-LOW", "1-URGENT"),
        }
    )
    folder.mkdir()
    lines.to_csv(folder / "lineitem.csv", sep="|", index=False)
    heads.to_csv(folder / "orders.csv", sep="|", index=False)
    return lines.merge(heads, left_on="l_orderkey", right_on="o_orderkey")


def test_keys_with_a_prefix_are_found_and_net_sales_are_less_the_discount(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, book = star(tmp_path / "star"), tmp_path / "book"
    said = start(book, [tmp_path / "star"]).lines
    assert "orders.csv: order heads" in {line.partition(" (")[0] for line in said}
    found = read(book)["book"]
    sales = data["l_extendedprice"] * (1 - data["l_discount"])
    assert (found.rows, found.customers) == (180, data["o_custkey"].nunique())
    assert found.money == pytest.approx(sales.sum(), abs=0.001)
    assert found.work["order", "rush"] == sum(data["o_orderpriority"].eq("1-URGENT") & _newest(data)) / 3
    assert "net sales are 'l_extendedprice', less the share 'l_discount'" in mapping(book)
    assert "not used of lineitem.csv: 'l_comment'" in said
    tables = compute(monkeypatch, book) / "tables"
    profit = pd.read_parquet(tables / "customer_channel_profit.parquet")
    assert profit["net_sales"].sum() == pytest.approx(sales[_newest(data)].sum(), abs=0.001)
    assert profit["gross_sales"].sum() == pytest.approx(data["l_extendedprice"][_newest(data)].sum(), abs=0.001)


def _newest(data: pd.DataFrame) -> pd.Series[bool]:
    return data["o_orderdate"].ge(date(2026, 4, 1))


def test_a_column_that_is_known_but_not_needed_is_named_as_unused(tmp_path: Path) -> None:
    (tmp_path / "lines.csv").write_text(with_column("Discount", ["0.2"] * 400))
    said = start(tmp_path / "book", [tmp_path / "lines.csv"]).lines
    assert "not used of lines.csv: 'Discount'" in said


@pytest.mark.parametrize(
    ("heading", "cell", "kilos"), [("Gewicht (g)", "1.250,5", 1.2505), ("Peso lb", "2,0", 0.90718474)]
)
def test_weights_in_another_unit_are_read_in_kilos(
    heading: str, cell: str, kilos: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, book = orders(), tmp_path / "book"
    (tmp_path / "lines.csv").write_text(table(rows, ENGLISH, ",", ".", delimiter=";"))
    products = sorted({row["product"] for row in rows})
    (tmp_path / "products.csv").write_text("\n".join([f"Item No.;{heading}", *(f"{name};{cell}" for name in products)]))
    start(book, [tmp_path / "lines.csv", tmp_path / "products.csv"])
    assert f"unit_weight_kg is '{heading}', read as " in mapping(book, "products")
    compute(monkeypatch, book)
    (unit,) = load(book / "params")
    lines = UnitRun(unit).accepted(Period.parse("2026-Q2")).engine.query("SELECT quantity, weight_kg FROM lines")
    frame = lines.to_pandas()
    assert frame["weight_kg"].to_numpy() == pytest.approx(frame["quantity"] * kilos)


def test_the_ledger_pays_for_the_resources_that_it_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = tmp_path / "book"
    (tmp_path / "lines.csv").write_text(table(orders(), ENGLISH))
    costs = {"Lager Nord": 700.0, "Lager Süd": 300.0, "Kundendienst": 450.5, "Vorstand": 90.0}
    booked = [f"2026-{month:02d},{name},{amount}" for month in range(1, 7) for name, amount in costs.items()]
    (tmp_path / "ledger.csv").write_text("\n".join(["Periode,Kostenstelle,Betrag", *booked]), encoding="utf-8")
    said = start(book, [tmp_path / "lines.csv", tmp_path / "ledger.csv"]).lines
    assert any(line.strip().startswith("nobody bears 'Vorstand' of the ledger") for line in said)
    assert "'Kundendienst' = customer_service, 'Lager Nord' = warehouse" in mapping(book, "ledger")
    (unit,) = load(book / "params")
    resources = unit.params.cost_model.resources
    assert [name for name, one in resources.items() if one.cost is None] == ["customer_service", "warehouse"]
    table_of = compute(monkeypatch, book) / "tables" / "resources.parquet"
    supplied = pd.read_parquet(table_of).set_index("resource")["ledger"]
    assert supplied[["customer_service", "warehouse"]].tolist() == pytest.approx([3 * 450.5, 3 * 1000.0])


def test_sales_before_discounts_stand_in_where_nothing_else_is_known(tmp_path: Path) -> None:
    rows = orders()
    headings = [{"Net sales": "Ext Price", "Order No.": "Order #"}.get(heading, heading) for heading in ENGLISH]
    (tmp_path / "lines.csv").write_text(table(rows, headings))
    said = start(tmp_path / "book", [tmp_path / "lines.csv"]).lines
    assert "  net sales are 'Ext Price': is that what customers pay, after discounts?" in said
    assert read(tmp_path / "book")["book"].money == pytest.approx(sum(row["money"] for row in rows))


def test_what_else_tells_customers_apart_is_a_dimension(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, book = orders(), tmp_path / "book"
    (tmp_path / "lines.csv").write_text(table(rows, ENGLISH))
    names = sorted({row["customer"] for row in rows})
    cells = [f"{name},{'ab'[place % 2]},{place},2020-01-01,x" for place, name in enumerate(names)]
    (tmp_path / "customers.csv").write_text("\n".join(["Customer No.,Group,Number of visits,Day,One", *cells]))
    said = start(book, [tmp_path / "lines.csv", tmp_path / "customers.csv"]).lines
    assert "  customers.group from 'Group' of customers.csv, likely" in said
    assert "not used of customers.csv: 'Number of visits', 'Day', 'One'" in said
    profile = pd.read_parquet(compute(monkeypatch, book) / "tables" / "profile.parquet")
    assert set(profile.loc[profile["dimension"] == "group", "value"]) == {"a", "b"}


def test_every_name_of_the_cost_model_to_start_from_has_words(tmp_path: Path) -> None:
    (tmp_path / "lines.csv").write_text(table(orders(), ENGLISH))
    start(tmp_path / "book", [tmp_path / "lines.csv"])
    (unit,) = load(tmp_path / "book" / "params")
    words = unit.params.labels
    assert words["resource"].keys() == POOLS.keys()
    assert words["activity"].keys() == DRAFTS.keys()
    assert words["owner"].keys() == {pool.owner for pool in POOLS.values()}


def test_a_discount_that_is_no_share_is_doubted_and_not_taken_off(tmp_path: Path) -> None:
    data = star(tmp_path / "star", "percent")
    said = "\n".join(start(tmp_path / "book", [tmp_path / "star"]).lines)
    assert "'l_discount' is no share of 0 to 1" in said
    assert read(tmp_path / "book")["book"].money == pytest.approx(data["l_extendedprice"].sum())


def with_column(name: str, cells: list[str]) -> str:
    lines = table(orders(), ENGLISH).splitlines()
    return "\n".join([f"{lines[0]},{name}", *(f"{line},{cell}" for line, cell in zip(lines[1:], cells, strict=True))])


def test_a_cell_that_is_no_day_is_told_by_one_of_these(tmp_path: Path) -> None:
    days = [f"{row['day']:%d.%m.%Y}" for row in orders()]
    (tmp_path / "lines.csv").write_text(with_column("Delivered", ["00.00.0000", "soon", *days[2:]]))
    start(tmp_path / "book", [tmp_path / "lines.csv"])
    told = "-- assumption: 2 of 400 cells of 'Delivered' are no dates, as '00.00.0000', and count as unknown"
    assert f"{told} delivered_date." in mapping(tmp_path / "book")


def test_a_margin_in_the_extract_gives_the_cost_of_goods(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, book = orders(), tmp_path / "book"
    margins = [round(row["money"] * (0.1 + place % 5 / 10), 2) for place, row in enumerate(rows)]
    (tmp_path / "lines.csv").write_text(with_column("Profit", [f"{margin:.2f}" for margin in margins]))
    said = "\n".join(start(book, [tmp_path / "lines.csv"]).lines)
    told = "cost of goods is 'Net sales' less 'Profit', which is taken for the margin before any cost to serve"
    assert f"{told}: is that so?" in said
    profit = pd.read_parquet(compute(monkeypatch, book) / "tables" / "customer_channel_profit.parquet")
    newest = [margin for row, margin in zip(rows, margins, strict=True) if row["day"] >= date(2026, 4, 1)]
    assert profit["gross_margin"].sum() == pytest.approx(sum(newest), abs=0.001)


@pytest.mark.parametrize(
    ("name", "cell"),
    [("Margin %", "25"), ("Margin percentage", "25"), ("Gross margin", "0.25"), ("Profit center", "1000")],
)
def test_a_share_or_a_code_is_no_margin_in_money(tmp_path: Path, name: str, cell: str) -> None:
    (tmp_path / "lines.csv").write_text(with_column(name, [cell] * 400))
    said = "\n".join(start(tmp_path / "book", [tmp_path / "lines.csv"]).lines)
    assert "no cost of goods" in said
    assert "cogs" not in mapping(tmp_path / "book")


def test_where_no_file_holds_lines_the_nearest_says_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "invoiceline.csv").write_text("id,track,unit_price,invoice,quantity\n1,7,0.99,3,1\n2,8,0.99,3,1\n")
    (tmp_path / "genre.csv").write_text("id,name\n1,Rock\n2,Jazz\n")
    with pytest.raises(SourceError) as caught:
        start(tmp_path / "book", [tmp_path / "invoiceline.csv", tmp_path / "genre.csv"])
    assert "invoiceline.csv has 'quantity' for a quantity or an amount, 'invoice' for an order" in str(caught.value)
    assert "lacks a product, which may be 'track'" in str(caught.value)


def test_without_distances_drops_carry_all_of_transport(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lines.csv").write_text(table(orders(), ENGLISH))
    start(tmp_path / "book", [tmp_path / "lines.csv"])
    resources = pd.read_parquet(compute(monkeypatch, tmp_path / "book") / "tables" / "resources.parquet")
    assert resources["unassigned"].abs().max() == pytest.approx(0, abs=0.005)


def dollars(folder: Path) -> Path:
    rows = [row | {"currency": ""} for row in orders()]
    (folder / "lines.csv").write_text(table(rows, ENGLISH, thousands=",", mark="${}", delimiter=";"))
    start(folder / "book", [folder / "lines.csv"])
    return folder / "book"


def test_a_sign_in_the_cells_names_the_currency(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = dollars(tmp_path)
    (unit,) = load(book / "params")
    assert (unit.params.unit.currency, unit.params.source.formats.sign) == ("USD", "$")
    assert UnitRun(unit).look(Period.parse("2026")).text().count("400 rows") == 1  # type: ignore[union-attr]


def test_money_beside_the_sign_of_another_currency_stops_the_unit(tmp_path: Path) -> None:
    book = dollars(tmp_path)
    for overrides, problem in (
        (["unit.currency=GBP"], "'$' is a sign of USD"),
        (
            ["unit.currency=GBP", "source.formats.sign=null"],
            "is money in $, and the unit's currency is GBP (400 cells)",
        ),
        (["source.formats.sign=null"], 'source.formats: {decimal: ".", thousands: ",", sign: "$"} reads these'),
    ):
        (unit,) = load(book / "params", overrides=overrides)
        with pytest.raises((Problems, DataError)) as caught:
            found = UnitRun(unit).look(Period.parse("2026"))
            raise Problems(found)  # type: ignore[arg-type]
        assert problem in str(caught.value)


def _cost(book: Path) -> float:
    (unit,) = load(book / "params")
    return sum(resource.cost or 0 for resource in unit.params.cost_model.resources.values())


def test_costs_are_scaled_once_what_was_missing_is_written_into_the_mapping(tmp_path: Path) -> None:
    headings = ["Worth" if heading == "Net sales" else heading for heading in ENGLISH]
    (tmp_path / "lines.csv").write_text(table(orders(), headings))
    book = tmp_path / "book"
    assert "missing: order_lines.net_sales; see TODO in params/sources/order_lines.sql" in "\n".join(
        start(book, [tmp_path / "lines.csv"]).lines
    )
    assert _cost(book) == 500_000
    file = book / "params" / "sources" / "order_lines.sql"
    file.write_text(file.read_text().replace("FROM read_csv", ', line."Worth" AS net_sales\nFROM read_csv', 1))
    said = "\n".join(start(book, [tmp_path / "lines.csv"]).lines)
    assert "missing:" not in said
    newest = sum(row["money"] for row in orders() if row["day"] >= date(2026, 4, 1))
    assert _cost(book) == pytest.approx(0.12 * newest, abs=0.05)


def test_costs_are_scaled_once_templates_are_filled_in(tmp_path: Path) -> None:
    book = tmp_path / "book"
    start(book, [])
    (book / "lines.csv").write_text(table(orders(), ENGLISH))
    lines = "FROM read_csv('lines.csv', all_varchar=true)"
    for name, columns in (
        ("order_lines", "'book' AS business_unit, \"Order No.\" AS order_id, \"Line No.\" AS line_no, "
         "\"Customer No.\" AS customer_id, \"Item No.\" AS product_id, \"Order date\" AS order_date, "
         "\"Quantity\" AS quantity, \"Net sales\" AS net_sales"),
        ("customers", "DISTINCT \"Customer No.\" AS customer_id"),
        ("products", "DISTINCT \"Item No.\" AS product_id"),
    ):  # fmt: skip
        (book / "params" / "sources" / f"{name}.sql").write_text(f"SELECT {columns} {lines}")
    said = "\n".join(start(book, []).lines)
    assert "unit book: 400 order lines" in said
    newest = sum(row["money"] for row in orders() if row["day"] >= date(2026, 4, 1))
    assert _cost(book) == pytest.approx(0.12 * newest, abs=0.05)
