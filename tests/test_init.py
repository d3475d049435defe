"""cts init: a user's own extracts become a workbook that runs, with every guess and assumption said."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from servers import postgres_server
from small_workbook import cts

from cts_lib.engine import fetch_rows, open_engine
from cts_lib.errors import SourceError
from cts_lib.intake.source import attach
from cts_lib.params import load
from cts_lib.params.cost_model import CostModel
from cts_lib.params.period import Period
from cts_lib.run.overview import Overview
from cts_lib.run.unit import UnitRun
from cts_lib.start import start
from cts_lib.start.headings import likeness
from cts_lib.start.volumes import measure
from cts_lib.tables.contract import Contract
from cts_lib.tables.inputs import CUSTOMERS, EVENTS, INVENTORY, LEDGER

ROOT = Path(__file__).parent.parent
DATA = (ROOT / os.environ.get("CTS_DATA", "../shared/data")).resolve()
Row = dict[str, Any]
GERMAN = ("Auftragsnummer", "Pos.", "Kunden-Nr.", "Artikelnr.", "Auftragsdatum", "Menge", "Nettoumsatz", "Währung")
ENGLISH = ("Order No.", "Line No.", "Customer No.", "Item No.", "Order date", "Quantity", "Net sales", "Currency")
SPANISH = ("Nº pedido", "Nº línea", "Código cliente", "Artículo", "Fecha pedido", "Cantidad", "Importe neto", "Divisa")
SAP = ("VBELN", "POSNR", "KUNNR", "MATNR", "ERDAT", "KWMENG", "NETWR", "WAERK")
ODOO = (
    *("order_id", "sequence", "partner_id", "product_id", "date_order"),
    *("product_uom_qty", "price_subtotal", "currency_id"),
)
DYNAMICS = (
    *("Document No.", "Line No.", "Sell-to Customer No.", "No.", "Document Date"),
    *("Quantity", "Line Amount", "Currency Code"),
)
LAYOUTS = {"de": GERMAN, "en": ENGLISH, "es": SPANISH, "sap": SAP, "odoo": ODOO, "dynamics": DYNAMICS}


def orders(lines: int = 400, seed: int = 7) -> list[Row]:
    """Order lines of half a year, in the plainest form."""
    draw = np.random.default_rng(seed)
    made = []
    for order in range(lines // 4):
        day = date(2026, 1, 1) + timedelta(days=order * 180 // max(lines // 4 - 1, 1))
        customer = f"{draw.integers(1, 30):05d}"
        for number in range(4):
            made.append(
                {
                    "order": f"A{1000 + order}",
                    "line": str(10 * (number + 1)),
                    "customer": customer,
                    "product": f"P-{draw.integers(1, 60):03d}",
                    "day": day,
                    "quantity": int(draw.integers(1, 2500)),
                    "money": int(draw.integers(100, 500_000)) / 100,
                    "currency": "EUR",
                }
            )
    return made


def number(value: float, decimal: str = ".", thousands: str = "", places: int = 2) -> str:
    text = f"{value:,.{places}f}"
    return text.replace(",", "\0").replace(".", decimal).replace("\0", thousands)


def table(
    rows: Sequence[Row],
    headings: Sequence[str],
    decimal: str = ".",
    thousands: str = "",
    form: str = "%Y-%m-%d",
    delimiter: str = ",",
    above: Sequence[str] = (),
    total: str = "",
    end: str = "\n",
    mark: str = "{}",
) -> str:
    """The rows as a system would write them, money as ``mark`` says."""

    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if delimiter in text or '"' in text else text

    lines = [*above, delimiter.join(map(cell, headings))]
    for row in rows:
        quantity = number(row["quantity"], decimal, thousands, 0)
        money = mark.format(number(row["money"], decimal, thousands))
        texts = (row["order"], row["line"], row["customer"], row["product"], row["day"].strftime(form), quantity, money)
        lines.append(delimiter.join(map(cell, (*texts, row["currency"]))))
    if total:
        sums = mark.format(number(sum(row["money"] for row in rows), decimal, thousands))
        lines.append(delimiter.join([cell(total), "", "", "", "", "", cell(sums), ""]))
    return end.join(lines) + end


def compute(monkeypatch: pytest.MonkeyPatch, book: Path, *more: str) -> Path:
    """Run the workbook as init left it, and return its newest unit's folder."""
    places = ("--params", book / "params", "--out", book / "out", "--jobs", "1", "--until", "profile")
    assert cts(monkeypatch, "compute", *places, *more) == 0
    return next((book / "out").glob("*/*/manifest.json")).parent


def read(book: Path) -> dict[str, Any]:
    """What the mappings yield, as the workbook reads it."""
    units = load(book / "params")
    names = {unit.name: unit.business_unit for unit in units}
    return dict(measure(book, units[0].params.source, names))


def mapping(book: Path, name: str = "order_lines") -> str:
    return (book / "params" / "sources" / f"{name}.sql").read_text()


def test_a_german_export_with_titles_and_a_grand_total_runs_without_edits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = orders()
    above = ("Umsatzliste – Süd;;;;;;;", "Stand: 01.07.2026;;;;;;;", ";;;;;;;")
    text = table(rows, GERMAN, ",", ".", "%d.%m.%Y", ";", above, "Gesamt", "\r\n")
    (tmp_path / "umsatz.csv").write_bytes(text.encode("cp1252"))
    book = tmp_path / "buch"
    assert cts(monkeypatch, "init", book, tmp_path / "umsatz.csv") == 0
    said = capsys.readouterr()
    assert said.err == ""
    for words in (
        "cp1252",
        "3 title rows",
        "'Gesamt'",
        "400 order lines",
        "2026-Q2",
        f"cts check --params {book}/params",
    ):
        assert words in said.out
    found = read(book)["buch"]
    assert (found.rows, round(found.money, 2)) == (400, round(sum(row["money"] for row in rows), 2))
    assert (found.first, found.last) == (rows[0]["day"], rows[-1]["day"])
    manifest = json.loads((compute(monkeypatch, book) / "manifest.json").read_text())
    assert manifest["period"] == "2026-Q2"
    assumed = " ".join(f"{item['text']} {item.get('values')}" for item in manifest["assumptions"])
    for words in (
        "'share': '12%'",
        "all lines are one business unit",
        "The cost of {resource} is given in params",
        "a copy in data/",
    ):
        assert words in assumed


def test_activities_use_about_85_percent_of_the_capacity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lines.csv").write_text(table(orders(), ENGLISH))
    start(tmp_path / "book", [tmp_path / "lines.csv"])
    tables = compute(monkeypatch, tmp_path / "book") / "tables"
    used = pd.read_parquet(tables / "resources.parquet").set_index("resource")
    timed = used[used["capacity_minutes"].notna()]
    assert len(timed) == 3
    assert (timed["used_minutes"] / timed["capacity_minutes"]).between(0.845, 0.855).all()
    sales = pd.read_parquet(tables / "customer_channel_profit.parquet")["net_sales"].sum()
    assert used["ledger"].sum() == pytest.approx(0.12 * sales, rel=1e-3)


HEADS = ("VBELN", "ERDAT", "KUNNR", "VKORG", "VTWEG", "WAERK", "NETWR", "Fracht")
ITEMS = ("VBELN", "POSNR", "MATNR", "ARKTX", "KWMENG", "NETWR")


def header_and_lines(folder: Path) -> list[Row]:
    rows = orders()
    heads, items = [";".join(HEADS)], [";".join(ITEMS)]
    for row in rows:
        unit = "1000" if int(row["order"][1:]) % 2 else "2000"
        if row["line"] == "10":
            whole = sum(one["money"] for one in rows if one["order"] == row["order"])
            day = row["day"].strftime("%Y%m%d")
            heads.append(";".join([row["order"], day, row["customer"], unit, "retail", "EUR", f"{whole:.2f}", "12.5"]))
        name = f"Artikel {row['product']}"
        items.append(
            ";".join([row["order"], row["line"], row["product"], name, str(row["quantity"]), f"{row['money']:.2f}"])
        )
    folder.mkdir(exist_ok=True)
    (folder / "vbak.csv").write_text("\n".join(heads) + "\n")
    (folder / "vbap.csv").write_text("\n".join(items) + "\n")
    return rows


def test_order_heads_are_joined_to_their_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = header_and_lines(tmp_path / "sap")
    customers = [f"{number:05d};Kunde {number};DE;Ulm" for number in range(1, 25)]
    (tmp_path / "sap" / "kna1.csv").write_text("KUNNR;NAME1;LAND1;ORT01\n" + "\n".join(customers) + "\n")
    book = tmp_path / "book"
    lines = start(book, [tmp_path / "sap"]).lines
    assert {"vbap.csv: order lines", "vbak.csv: order heads", "kna1.csv: customers"} <= {
        line.partition(" (")[0] for line in lines
    }
    found = read(book)
    assert sorted(found) == ["unit_1000", "unit_2000"]
    assert sum(one.rows for one in found.values()) == len(rows)
    assert sum(one.money for one in found.values()) == pytest.approx(sum(row["money"] for row in rows))
    assert "LEFT JOIN read_csv(" in mapping(book)
    compute(monkeypatch, book)
    profit = pd.concat(
        pd.read_parquet(file) for file in (book / "out").glob("*/*/tables/customer_channel_profit.parquet")
    )
    assert set(profit["channel"]) == {"retail"}
    costs = pd.concat(pd.read_parquet(file) for file in (book / "out").glob("*/*/tables/customer_costs.parquet"))
    freight = costs.loc[costs["activity"] == "freight", "cost"].sum()
    assert freight == pytest.approx(12.5 * len({row["order"] for row in rows if row["day"] >= date(2026, 4, 1)}))
    customers_known = set(profit["customer_id"])
    assert customers_known - {f"{number:05d}" for number in range(1, 25)}  # those that only lines name are kept


def test_other_tables_are_found_and_read_as_the_lines_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, book = orders(), tmp_path / "libro"
    folder = book / "extractos"
    folder.mkdir(parents=True)
    (folder / "ventas.csv").write_text(table(rows, SPANISH, ",", ".", "%d/%m/%Y", ";"), encoding="cp1252")
    visits = [f"{row['customer']};{row['day']:%Y-%m-%d};sales_visit" for row in rows[::9]]
    costs = [f"2026-{month:02d};almacen;640;1234567,50" for month in range(1, 7)]
    stock = [f"{product};05/06/2026;1.234" for product in sorted({row["product"] for row in rows})]
    known = [f"{customer};30;43.3614" for customer in sorted({row["customer"] for row in rows})]
    for name, headings, lines in (
        ("visitas", "Cliente;Fecha;Tipo de evento", visits),
        ("contabilidad", "Periodo;Centro de coste;Cuenta;Importe", costs),
        ("stock", "Artículo;Fecha;Existencias", stock),
        ("clientes", "Código;Días de pago;Latitud", known),
    ):
        (folder / f"{name}.csv").write_text("\n".join([headings, *lines]) + "\n")
    start(book, [folder])
    (unit,) = load(book / "params")
    assert {"sales_visits", "financing"} <= set(unit.params.cost_model.activities)
    assert "account_care" not in unit.params.cost_model.activities
    assert "read_csv('extractos/ventas.csv'" in mapping(book)
    engine = open_engine(unit.params.source, unit.root)
    source = attach(engine, unit)

    def first(contract: Contract, column: str) -> Any:
        cell = source.cells(contract)[column]
        kind = next(one.kind for one in contract.columns if one.name == column)
        return fetch_rows(engine, f"SELECT {cell.value(kind)} AS cell FROM raw_{contract.name} AS raw")[0]["cell"]

    assert (first(INVENTORY, "on_hand"), first(INVENTORY, "date")) == (1234, date(2026, 6, 5))
    assert (first(LEDGER, "amount"), first(EVENTS, "event_date")) == (1234567.5, rows[0]["day"])
    assert (first(CUSTOMERS, "latitude"), first(CUSTOMERS, "payment_terms_days")) == (43.3614, 30)
    engine.close()
    compute(monkeypatch, book)


def test_tables_whose_keys_all_count_from_one_are_told_apart(tmp_path: Path) -> None:
    rows, odoo = orders(), tmp_path / "odoo"
    odoo.mkdir()
    ids = {
        of: {name: place for place, name in enumerate(sorted({row[of] for row in rows}), 1)}
        for of in ("order", "customer", "product")
    }
    heads = {
        ids["order"][row["order"]]: f"S{row['order']},{ids['customer'][row['customer']]},{row['day']} 10:11:12,1.0"
        for row in rows
    }
    items = [
        f"{place},{ids['order'][row['order']]},{ids['product'][row['product']]},{row['quantity']},{row['money']}"
        for place, row in enumerate(rows, 1)
    ]
    for name, headings, lines in (
        ("sale_order", "id,name,partner_id,date_order,amount_total", [f"{key},{head}" for key, head in heads.items()]),
        ("sale_order_line", "id,order_id,product_id,product_uom_qty,price_subtotal", items),
        ("res_partner", "id,name,city", [f"{key},Partner {name},Gijón" for name, key in ids["customer"].items()]),
        ("product_product", "id,name,standard_price", [f"{key},{name},1.5" for name, key in ids["product"].items()]),
    ):
        (odoo / f"{name}.csv").write_text("\n".join([headings, *lines]) + "\n")
    said = {line.partition(" (")[0] for line in start(tmp_path / "book", [odoo]).lines}
    assert {"sale_order.csv: order heads", "res_partner.csv: customers", "product_product.csv: products"} <= said
    assert read(tmp_path / "book")["book"].money == pytest.approx(sum(row["money"] for row in rows))
    assert 'line."standard_price" AS unit_cost' in mapping(tmp_path / "book", "products")
    assert "assumed_gross_margin: null" in (tmp_path / "book/params/defaults.yml").read_text()


def test_a_unit_without_lines_in_the_newest_quarter_is_told(tmp_path: Path) -> None:
    rows = orders()
    lines = table(rows, ENGLISH).splitlines()
    of_units = [f"{lines[0]},Business unit"]
    of_units += [
        f"{line},{'old' if row['day'] < date(2026, 3, 1) else 'new'}" for line, row in zip(lines[1:], rows, strict=True)
    ]
    (tmp_path / "lines.csv").write_text("\n".join(of_units) + "\n")
    said = start(tmp_path / "book", [tmp_path / "lines.csv"]).lines
    assert "  unit old has no order line in 2026-Q2: leave it out with --unit, or name another --period" in said


@pytest.mark.scms
def test_the_pharmaceutical_deliveries_run_as_they_were_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = DATA / "scms" / "SCMS_Delivery_History_Dataset.csv.gz"
    started = start(tmp_path / "scms", [file])
    assert started.errors == []
    found = read(tmp_path / "scms")["scms"]
    assert (found.rows, round(found.money, 2)) == (10_324, 1_627_584_457.29)
    assert "USD" in (tmp_path / "scms/params/units/scms.yml").read_text()
    text = mapping(tmp_path / "scms")
    assert "-- assumption: 4,126 of 10,324 cells of 'Freight Cost (USD)' are no numbers" in text
    assert "-- assumption: the order date is 'PO Sent to Vendor Date'" in text
    compute(monkeypatch, tmp_path / "scms")


@pytest.mark.scms
def test_a_network_without_money_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cts(monkeypatch, "init", tmp_path / "chips", DATA / "brunel") == 0
    said = capsys.readouterr().out
    assert "OrderList.parquet: order lines" in said
    assert "missing: order_lines.net_sales; see TODO in params/sources/order_lines.sql" in said
    assert "-- TODO net_sales: " in mapping(tmp_path / "chips")
    places = ("--params", tmp_path / "chips/params", "--out", tmp_path / "out")
    assert cts(monkeypatch, "compute", *places, "--until", "profile") == 2
    assert "column 'net_sales' is missing" in capsys.readouterr().err


@pytest.mark.postgres
def test_a_schema_of_postgresql_is_mapped_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = orders()
    with postgres_server() as url:
        from cts_lib.engine.postgres import PostgreSQL

        database = PostgreSQL(url)
        database.execute("CREATE SCHEMA erp")
        for name, create, cells in (
            (
                "orders",
                "order_no text, customer_no text, order_date date, currency text",
                {(row["order"], row["customer"], row["day"], "EUR") for row in rows},
            ),
            (
                "order_lines",
                "order_no text, item_no text, quantity integer, net_amount numeric(12, 2)",
                [(row["order"], row["product"], row["quantity"], row["money"]) for row in rows],
            ),
            (
                "customers",
                "customer_no text, city text, payment_terms text",
                {(row["customer"], "Ulm", "30 days net") for row in rows[:200]},
            ),
            ("ledger", "period text, resource text, amount numeric(12, 2)", [("202605", "Warehouse", 900)]),
            ("visits", "customer_no text, date date", [(rows[0]["customer"], rows[-1]["day"])]),
            ("complaints", "customer_no text, date date", [(rows[0]["customer"], rows[-1]["day"])]),
        ):
            database.execute(f"CREATE TABLE erp.{name} ({create})")
            values = ", ".join(f"({', '.join(repr(str(cell)) for cell in row)})" for row in cells)
            database.execute(f"INSERT INTO erp.{name} VALUES {values}")
        database.close()
        monkeypatch.setenv("ERP_URL", url)
        book = tmp_path / "book"
        assert cts(monkeypatch, "init", book, "--database", "erp", "--url-env", "ERP_URL") == 0
        assert not any(url in path.read_text() for path in (book / "params").rglob("*.*") if path.is_file())
        found = read(book)["book"]
        assert (found.rows, round(found.money, 2)) == (400, round(sum(row["money"] for row in rows), 2))
        assert "-- guess: net_sales from 'net_amount' of erp.order_lines, sure" in mapping(book)
        assert "payment_terms_days is the last number in 'payment_terms'" in mapping(book, "customers")
        assert {"sales_visit", "service_call", "payment_terms_days"} <= found.known
        assert found.booked == {"warehouse": 900.0}
        compute(monkeypatch, book)


def test_a_second_run_leaves_what_was_edited_and_renews_the_rest(tmp_path: Path) -> None:
    (tmp_path / "lines.csv").write_text(table(orders(), ENGLISH))
    book = tmp_path / "book"
    start(book, [tmp_path / "lines.csv"])
    before = {path: path.read_bytes() for path in (book / "params").rglob("*") if path.is_file()}
    assert start(book, [tmp_path / "lines.csv"]).lines == start(book, [tmp_path / "lines.csv"]).lines
    assert {path: path.read_bytes() for path in before} == before
    edited = book / "params/sources/order_lines.sql"
    edited.write_text(edited.read_text() + "-- mine\n")
    (tmp_path / "lines.csv").write_text(table(orders(800), ENGLISH))
    said = start(book, [tmp_path / "lines.csv"]).lines
    assert "left as you edited it: params/sources/order_lines.sql" in said
    assert edited.read_text().endswith("-- mine\n")
    units = book / "params/units/book.yml"
    assert units.read_bytes() != before[units]


def test_without_files_every_table_has_a_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cts(monkeypatch, "init", tmp_path / "new") == 0
    names = {path.name for path in (tmp_path / "new/params/sources").iterdir()}
    assert {"customers.sql", "products.sql", "order_lines.sql", "_events.sql", "_ledger.sql"} <= names
    assert (tmp_path / "new/notebooks/01_profile.ipynb").is_file()
    data = tmp_path / "new/data"
    data.mkdir()
    (data / "customers.csv").write_text("customer_id\nc1\n")
    (data / "products.csv").write_text("product_id\np1\n")
    columns = "business_unit,order_id,line_no,customer_id,product_id,order_date,quantity,net_sales"
    (data / "order_lines.csv").write_text(
        f"{columns}\nnew,o1,1,c1,p1,2026-01-02,3,50\nnew,o2,1,c1,p1,2026-03-31,3,50\n"
    )
    compute(monkeypatch, tmp_path / "new")


def test_files_that_cannot_be_read_are_one_line_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lines.csv").write_text(table(orders(), ENGLISH))
    (tmp_path / "empty.csv").touch()
    (tmp_path / "names_only.csv").write_text("Customer,Name\n")
    (tmp_path / "broken.xlsx").write_bytes(b"no workbook")
    (tmp_path / "broken.csv.gz").write_bytes(b"\x1f\x8b no archive")
    (tmp_path / "broken.parquet").write_bytes(b"PAR0")
    (tmp_path / "zeros.csv").write_bytes(b"\0\0\0\1" * 9)
    (tmp_path / "letter.pdf").write_bytes(b"%PDF")
    bad = [
        "empty.csv",
        "names_only.csv",
        "broken.xlsx",
        "broken.csv.gz",
        "broken.parquet",
        "zeros.csv",
        "letter.pdf",
        "none.csv",
    ]
    files = [tmp_path / name for name in ("lines.csv", *bad)]
    assert cts(monkeypatch, "init", tmp_path / "book", *files) == 0
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == len(bad)
    for name in bad:
        assert sum(name in error for error in errors) == 1
    assert read(tmp_path / "book")["book"].rows == 400


def test_files_without_order_lines_stop_with_what_they_hold(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text("Artikel;Preis\nA1;1,50\n")
    with pytest.raises(SourceError, match="none holds order lines"):
        start(tmp_path / "book", [tmp_path / "prices.csv"])
    with pytest.raises(SourceError, match="no such file"):
        start(tmp_path / "book", [tmp_path / "gone.csv"])
    assert not (tmp_path / "book").exists()


def test_hostile_headings_neither_break_the_mapping_nor_become_columns(tmp_path: Path) -> None:
    rows = orders(40)
    headings = [*ENGLISH, 'it"s -- ', "'; DROP TABLE x", "Order No.", "", "a\tb", "SELECT"]
    text = table(rows, headings)
    lines = [line + (",x" * 6 if place else "") for place, line in enumerate(text.splitlines())]
    (tmp_path / 'it\'s "lines".csv').write_text("\n".join(lines) + "\n")
    start(tmp_path / "bo'ok", [tmp_path / 'it\'s "lines".csv'])
    found = next(iter(read(tmp_path / "bo'ok").values()))
    assert (found.rows, found.money) == (40, pytest.approx(sum(row["money"] for row in rows)))


def test_a_workbook_of_excel_is_read_sheet_by_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = orders()
    frame = pd.DataFrame(
        [
            [row["order"], row["line"], row["customer"], row["product"], row["day"], row["quantity"], row["money"]]
            for row in rows
        ],
        columns=list(ENGLISH[:7]),
    )
    customers = pd.DataFrame({"Customer No.": sorted({row["customer"] for row in rows}), "City": "Ulm"})
    with pd.ExcelWriter(tmp_path / "all.xlsx", engine="xlsxwriter") as book:
        frame.to_excel(book, sheet_name="Sales lines", index=False, startrow=2)
        customers.to_excel(book, sheet_name="Customers", index=False)
    said = start(tmp_path / "book", [tmp_path / "all.xlsx"]).lines
    assert any(line.startswith("all.xlsx, Customers: customers") for line in said)
    assert read(tmp_path / "book")["book"].money == pytest.approx(sum(row["money"] for row in rows))
    compute(monkeypatch, tmp_path / "book")


def test_extracts_with_the_same_columns_are_one_table_however_each_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = orders()
    for part, (encoding, end) in enumerate((("utf-8", "\n"), ("cp1252", "\r\n"), ("utf-16", "\r"), ("cp1252", "\n"))):
        some = rows[part * 100 : part * 100 + 100]
        text = table(some, ENGLISH, end=end, above=[] if part == 1 else ["Sales – €"], total="Total" if part else "")
        folder = tmp_path / "extracts" / f"part {part}"
        folder.mkdir(parents=True)
        (folder / "lines.csv.gz").write_bytes(gzip.compress(text.encode(encoding)))
    shutil.copy(folder / "lines.csv.gz", folder / "lines - copy.csv.gz")
    started = start(tmp_path / "book", [tmp_path / "extracts"])
    assert [error.expected for error in started.errors] == ["it is read once"]
    found = read(tmp_path / "book")["book"]
    assert (found.rows, found.money) == (400, pytest.approx(sum(row["money"] for row in rows)))
    compute(monkeypatch, tmp_path / "book")


def test_a_unit_of_which_no_line_is_is_looked_at_first(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(table(orders(), ENGLISH))
    start(tmp_path / "book", [tmp_path / "a.csv"])
    lines = tmp_path / "book" / "params" / "sources" / "order_lines.sql"
    lines.write_text(lines.read_text() + "-- ours\n")
    shutil.copytree(tmp_path / "book", tmp_path / "copy")
    said = start(tmp_path / "copy", [tmp_path / "a.csv"]).lines
    first = said[said.index("look at first:") + 1]
    assert first.startswith("  no line is of copy: which business_unit does ")
    assert first.endswith("params/sources/order_lines.sql name?")


def test_lines_that_may_stand_twice_are_looked_at_first(tmp_path: Path) -> None:
    rows = orders()
    (tmp_path / "a.csv").write_text(table(rows[:300], ENGLISH))
    (tmp_path / "b.csv").write_text(table(rows[200:], ENGLISH))
    said = start(tmp_path / "book", [tmp_path / "a.csv", tmp_path / "b.csv"]).lines
    twice = "rows that repeat another in every cell (100) are left out"
    assert f"  {twice}: was none of them sold twice?" in said[said.index("look at first:") :]
    money = sum(row["money"] for row in rows)
    assert any("400 order lines" in line and f"net sales {money:,.2f}" in line for line in said)


def test_lines_that_stand_twice_and_differ_are_looked_at_first(tmp_path: Path) -> None:
    rows = orders()
    (tmp_path / "a.csv").write_text(table(rows[:300], ENGLISH))
    (tmp_path / "b.csv").write_text(table([row | {"quantity": 9_999} for row in rows[200:]], ENGLISH))
    said = start(tmp_path / "book", [tmp_path / "a.csv", tmp_path / "b.csv"]).lines
    twice = "100 pairs of order and 'Line No.' stand more than once, so lines are numbered anew"
    assert f"  {twice}: does an extract hold lines of another?" in said[said.index("look at first:") :]


def test_a_total_that_is_not_the_sum_is_looked_at_first(tmp_path: Path) -> None:
    text = table(orders(), ENGLISH) + "Total,,,,,,17.00,\n"
    (tmp_path / "lines.csv").write_text(text)
    said = start(tmp_path / "book", [tmp_path / "lines.csv"]).lines
    assert (
        "  lines.csv: the total 'Total' at the end is not the sum of the rows above"
        in said[said.index("look at first:") :]
    )


def test_a_last_row_without_keys_that_holds_the_sums_is_left_out(tmp_path: Path) -> None:
    rows = orders()
    sums = f",,,,,{sum(row['quantity'] for row in rows)},{sum(row['money'] for row in rows):.2f},\n"
    (tmp_path / "lines.csv").write_text(table(rows, ENGLISH) + sums)
    start(tmp_path / "book", [tmp_path / "lines.csv"])
    assert read(tmp_path / "book")["book"].rows == 400
    assert "-- assumption: left out 1 row" in mapping(tmp_path / "book")


NUMBERS = ((".", ""), (",", ""), (".", ","), (",", "."), (",", " "), (".", "'"))
FORMS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d", "%d-%m-%Y", "%d-%b-%y", "%m/%d/%y", "%d.%m.%Y %H:%M")
TITLES = ((), ("Report", ""), ("Umsätze, Süd; €", "–", ""))


@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.generate],
)  # an example takes half a second, and says by itself what it is
@given(
    layout=st.sampled_from(sorted(LAYOUTS)),
    signs=st.sampled_from(NUMBERS),
    form=st.sampled_from(FORMS),
    delimiter=st.sampled_from(";\t,|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16", "utf-16-le"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    above=st.sampled_from(TITLES),
    total=st.sampled_from(["", "Gesamt", "TOTAL", "Suma total:"]),
    mark=st.sampled_from(["{}", "{} €", "€{}", "€ {}", "{}\N{NO-BREAK SPACE}€", "EUR {}", "{} EUR"]),
    seed=st.integers(0, 50),
)
@example(
    layout="de",
    signs=(",", "."),
    form="%d.%m.%Y",
    delimiter=";",
    encoding="cp1252",
    end="\r",
    above=TITLES[2],
    total="Gesamt",
    mark="{}",
    seed=1,
)
@example(
    layout="es", signs=(",", "."), form="%d/%m/%Y", delimiter=";", encoding="cp1252", end="\n", above=(),
    total="TOTAL", mark="{} €", seed=2,
)  # fmt: skip
def test_a_table_is_read_to_the_same_figures_however_it_is_written(
    layout: str,
    signs: tuple[str, str],
    form: str,
    delimiter: str,
    encoding: str,
    end: str,
    above: Sequence[str],
    total: str,
    mark: str,
    seed: int,
    tmp_path: Path,
) -> None:
    rows = orders(120, seed)
    mark = mark.replace("€", "EUR") if encoding == "latin-1" else mark  # it has no such sign
    text = table(rows, LAYOUTS[layout], *signs, form, delimiter, above, total, end, mark)
    book = tmp_path / "book"
    shutil.rmtree(book, ignore_errors=True)
    (tmp_path / "lines.csv").write_bytes(text.encode(encoding, errors="replace"))
    assert start(book, [tmp_path / "lines.csv"]).errors == []
    found = read(book)["book"]
    assert (found.rows, found.first, found.last) == (120, rows[0]["day"], rows[-1]["day"])
    assert found.money == pytest.approx(sum(row["money"] for row in rows), abs=0.005)
    assert found.work["line", ""] > 0
    assert found.customers == len({row["customer"] for row in rows})
    (unit,) = load(book / "params")
    unit_run = UnitRun(unit)
    checked = unit_run.look(Period.parse("2026-Q2"))  # as cts check does
    unit_run.close()
    assert isinstance(checked, Overview), checked
    inside = [row["money"] for row in rows if row["day"] >= date(2026, 4, 1)]
    (said,) = re.findall(r"order_lines +([\d,]+) rows, ([\d,.]+) EUR", checked.text())
    assert [float(part.replace(",", "")) for part in said] == [len(inside), pytest.approx(sum(inside), abs=0.0051)]


@pytest.mark.parametrize(
    ("key", "name", "column"),
    [
        ("Kundennr.", "Kunde", "customer"),
        ("Cód. cliente", "Cliente", "customer"),
        ("Customer No.", "Customer", "customer"),
        ("Artikelnummer", "Artikel", "product"),
        ("Referencia", "Producto", "product"),
    ],
)
def test_a_number_goes_before_a_name_as_key(key: str, name: str, column: str) -> None:
    assert likeness(key, "order_lines", f"{column}_id") > likeness(name, "order_lines", f"{column}_id") > 0.9
    assert likeness(name, f"{column}s", "name") > 0.9


def test_the_cost_model_that_is_written_is_sound(tmp_path: Path) -> None:
    (tmp_path / "lines.csv").write_text(table(orders(), ENGLISH))
    start(tmp_path / "book", [tmp_path / "lines.csv"])
    (unit,) = load(tmp_path / "book" / "params")
    assert CostModel.problems(unit.params.cost_model) == []
    assert {"order_entry", "picking", "packing", "invoicing", "delivery_drops"} <= set(
        unit.params.cost_model.activities
    )
