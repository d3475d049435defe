"""cts init on exports of wholesalers and marketplaces: lots, cascades of discounts, trial balances, fees, prices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_init import compute
from test_init_documents import assumed, begin, lines, rows

from cts_lib.engine import DuckDB
from cts_lib.engine.dialect import translate
from cts_lib.errors import SourceError
from cts_lib.params import load
from cts_lib.start import start
from cts_lib.start.cost_model import POOLS
from cts_lib.start.headings import likeness, names_month, resource_of
from cts_lib.start.look import header_row
from cts_lib.tables.inputs import ORDER_LINES, PRODUCTS


def asked(said: list[str]) -> list[str]:
    """What is to be looked at."""
    return [line.strip() for line in said[said.index("look at first:") :] if line.startswith("  ")]


def priced(**more: object) -> pd.DataFrame:
    """Lines with a price of one unit, the same for each product, and no net sales."""
    data = lines().drop(columns=["Net amount", "Cost amount"])
    data["List price"] = data["Item No."].str[1:].astype(int) * 3.5 + 10
    return data.assign(**more)


def net_of(book: Path) -> float:
    return float(rows(book, "order_lines")["net_sales"].astype(float).sum())


def test_several_discounts_are_each_off_what_the_one_before_leaves(tmp_path: Path) -> None:
    data = priced()
    data["Desc. 1 %"], data["Desc. 2 %"] = np.where(data.index % 2, 10, 20), np.where(data.index % 3, 0, 5)
    book, said = begin(tmp_path, lines=data)
    gross = data["Quantity"] * data["List price"]
    net = gross * (1 - data["Desc. 1 %"] / 100) * (1 - data["Desc. 2 %"] / 100)
    assert net_of(book) == pytest.approx(net.sum(), abs=0.001)
    assert float(rows(book, "order_lines")["gross_sales"].sum()) == pytest.approx(gross.sum(), abs=0.001)
    told = "net sales are quantity × 'List price', less the share 'Desc. 1 %', then 'Desc. 2 %'"
    assert f"{told}." in assumed(book)
    assert "'Desc. 1 %', then 'Desc. 2 %' are taken off one after the other: or are they added up?" in asked(said)


@pytest.mark.parametrize(
    ("cells", "left"), [(["10+5", "20", "0"], [0.855, 0.8, 1]), (["7,5 % + 2", "3"], [0.9065, 0.97])]
)
def test_a_cell_of_several_percentages_is_a_cascade(tmp_path: Path, cells: list[str], left: list[float]) -> None:
    data = priced(Descuento=[cells[place % len(cells)] for place in range(180)])
    book, _ = begin(tmp_path, lines=data)
    shares = np.array([left[place % len(left)] for place in range(180)])
    net = data["Quantity"] * data["List price"] * shares
    assert net_of(book) == pytest.approx(net.sum(), abs=0.001)
    select = (book / "params" / "sources" / "order_lines.sql").read_text().partition("FROM read_csv")[0]
    elsewhere = translate(f"{select} FROM line", "postgres", lambda name: {})
    assert (
        "SPLIT_PART(REPLACE(REPLACE(" in elsewhere and "PG_TEMP.TRY_DOUBLE" in elsewhere and "REGEXP_" not in elsewhere
    )


def test_a_list_price_whose_discounts_lead_to_net_sales_gives_sales_before_them(tmp_path: Path) -> None:
    data = priced(Descuento=["10+5", "20"] * 90)
    gross = data["Quantity"] * data["List price"]
    data["Net amount"] = (gross * np.array([0.855, 0.8] * 90)).round(2)
    book, _ = begin(tmp_path, lines=data)
    found = rows(book, "order_lines")
    assert float(found["gross_sales"].sum()) == pytest.approx(gross.sum(), abs=0.001)
    assert net_of(book) == pytest.approx(data["Net amount"].sum(), abs=0.001)
    assert "sales before discounts are quantity × 'List price', which 'Descuento' brings to net sales." in assumed(book)


def test_a_list_price_that_leads_elsewhere_gives_none(tmp_path: Path) -> None:
    data = priced(Descuento=["10+5", "20"] * 90)
    data["Net amount"] = data["Quantity"] * data["List price"] * 0.7
    book, _ = begin(tmp_path, lines=data)
    assert "gross_sales" not in rows(book, "order_lines")


@pytest.mark.parametrize(("heading", "of_line"), [("item-price", True), ("item-price", False), ("Unit price", True)])
def test_a_price_that_grows_with_the_quantity_is_the_whole_lines(tmp_path: Path, heading: str, of_line: bool) -> None:
    data = priced()
    whole = data["Quantity"] * data["List price"]
    data[heading] = whole if of_line else data["List price"]
    book, said = begin(tmp_path, lines=data.drop(columns="List price"))
    about = [line for line in asked(said) if "grows with the quantity" in line]
    if heading == "Unit price":
        told = "'Unit price' is taken for the price of one unit, and grows with the quantity: is it the whole line's?"
        assert about == [told] and net_of(book) == pytest.approx((data["Quantity"] * whole).sum(), abs=0.001)
    else:
        assert net_of(book) == pytest.approx(whole.sum(), abs=0.001) and len(about) == of_line


@pytest.mark.parametrize("sold", ["${:.2f}", "{:.2f} €"])
def test_a_price_with_its_currency_beside_it_is_multiplied(tmp_path: Path, sold: str) -> None:
    data = priced()
    money = data["Quantity"] * data["List price"]
    book, said = begin(tmp_path, lines=data.assign(**{"List price": [sold.format(one) for one in data["List price"]]}))
    assert net_of(book) == pytest.approx(money.sum(), abs=0.001)
    assert f"net sales {money.sum():,.2f}" in "\n".join(said)


def test_money_is_no_class_and_a_number_of_records_is_no_money(tmp_path: Path) -> None:
    data = lines().assign(**{"Shipping And Handling": "$4.99", "Sales Record Number": 5000})
    book, said = begin(tmp_path, lines=data.rename(columns={"Net amount": "Price"}))
    assert not [line for line in said if "handling_class" in line or "from 'Sales Record Number'" in line]
    assert "not used of lines.csv: 'Shipping And Handling', 'Sales Record Number'" in "\n".join(said)
    assert "handling_class" not in rows(book, "products")


def test_what_lowers_sales_and_is_not_read_is_said_with_its_sum(tmp_path: Path) -> None:
    data = priced(**{"item-promotion-discount": 1.5, "Refunded Amount": 2.0, "Promotion %": 3})
    book, said = begin(tmp_path, lines=data)
    for heading, money in (("item-promotion-discount", "270.00"), ("Refunded Amount", "360.00")):
        told = f"{heading!r} of lines.csv adds up to {money}, and is not taken off net sales"
        assert f"{told}." in assumed(book) and f"{told}: does it lower them?" in asked(said)
    assert not [line for line in assumed(book) if "'Promotion %'" in line]
    file = book / "params" / "sources" / "order_lines.sql"
    file.write_text(file.read_text() + '-- without line."Refunded Amount"\n')
    again = asked(start(book, [tmp_path / "extracts"]).lines)
    assert not [line for line in again if "Refunded Amount" in line]


def test_a_discount_beside_net_sales_is_off_them_already(tmp_path: Path) -> None:
    book, _ = begin(tmp_path, lines=lines().assign(**{"Promo discount": 1.5}))
    assert not [line for line in assumed(book) if "is not taken off" in line]


def test_orders_of_another_shop_are_told_though_they_have_a_price_alone(tmp_path: Path) -> None:
    other = priced(**{"Buyer Email": "a@b.com"}).rename(columns={"Order": "Order Number"}).drop(columns="Customer No.")
    money = (other["Quantity"] * other["List price"]).sum()
    book, said = begin(tmp_path, lines=lines(), ebay=other.head(170))
    money = (other["Quantity"] * other["List price"]).head(170).sum()
    told = f"ebay.csv is not read, and its 'Quantity' × 'List price' adds up to {money:,.2f}"
    assert f"{told}." in assumed(book) and f"{told}: is any of it part of net sales?" in asked(said)


def test_products_that_lines_call_otherwise_find_their_master_by_its_values(tmp_path: Path) -> None:
    data = lines().drop(columns="Cost amount").rename(columns={"Item No.": "Listing"})
    names = sorted(data["Listing"].unique())
    data["Item Number"] = 330_000 + data["Listing"].str[1:].astype(int)
    catalogue = pd.DataFrame({"SKU": names, "Category": "cables", "Landed Cost": range(1, len(names) + 1)})
    book, said = begin(tmp_path, lines=data, catalog=catalogue)
    told = "products are 'Listing' of lines.csv, for catalog.csv has a row for each"
    assert told in asked(said) and f"{told}." in assumed(book)
    assert rows(book, "products").set_index("product_id")["unit_cost"].astype(float).to_dict() == dict(
        zip(names, range(1, len(names) + 1), strict=True)
    )
    assert set(rows(book, "order_lines")["product_id"]) == set(names)


def test_what_was_bought_is_no_master_of_products(tmp_path: Path) -> None:
    data = lines().drop(columns="Cost amount").assign(Listing=lines()["Item No."])
    names = sorted(data["Listing"].unique())
    data["Item No."] = "X" + data["Item No."]
    bought = pd.DataFrame({"SKU": names, "Landed Cost": 3, "Quantity": 4, "Amount": 12})
    _, said = begin(tmp_path, lines=data, catalog=bought)
    assert "catalog.csv: not used" in said


LOTS = {"Lote": "L1", "Caducidad": "2027-05-31"}


def in_lots() -> pd.DataFrame:
    """Lines of which each fifth came from two lots."""
    whole = lines().assign(**LOTS)
    parts = whole[::5].assign(Lote="L2", Caducidad="2028-01-31", Quantity=50)
    return pd.concat([whole, parts]).rename(columns={"Line": "Partida"})


def test_lines_of_several_lots_are_said_and_asked_about(tmp_path: Path) -> None:
    book, said = begin(tmp_path, lines=in_lots())
    told = "order lines in several rows (36) differ in 'Lote', 'Caducidad': each row counts as a line"
    assert f"{told}." in assumed(book) and f"{told}: is that how they are picked?" in asked(said)
    found = rows(book, "order_lines")
    assert len(found) == 216 and not found[["order_id", "line_no"]].duplicated().any()


@pytest.mark.parametrize("other", [{"Item No.": "P999"}, {"Lote": "L1", "Caducidad": "2027-05-31"}])
def test_lines_that_are_not_of_one_product_or_differ_in_nothing_may_stand_twice(
    tmp_path: Path, other: dict[str, str]
) -> None:
    data = in_lots()
    for column, value in other.items():
        data[column] = np.where(np.arange(len(data)) < 180, data[column], value)
    _, said = begin(tmp_path, lines=data)
    told = "36 pairs of order and 'Partida' stand more than once, so lines are numbered anew"
    assert f"{told}: does an extract hold lines of another?" in asked(said)


def test_fees_among_the_lines_are_said_with_their_sum(tmp_path: Path) -> None:
    data = lines()
    fees = data.assign(**{"Net amount": -2.5, "Quantity": None}).head(40)
    both = pd.concat([data.assign(**{"amount-type": "Principal"}), fees.assign(**{"amount-type": "FBAPerUnitFee"})])
    book, said = begin(tmp_path, lines=both)
    told = "lines whose 'amount-type' is 'FBAPerUnitFee' (40) count as sales, -100.00 in all"
    assert f"{told}." in assumed(book) and f"{told}: are they sales?" in asked(said)


def test_lines_of_one_kind_have_no_fees_among_them(tmp_path: Path) -> None:
    book, _ = begin(tmp_path, lines=lines().assign(**{"amount-type": "Commission"}))
    assert not [line for line in assumed(book) if "count as sales" in line]


def balance(**more: object) -> pd.DataFrame:
    """A trial balance of three months with accounts that hold the sum of those below them, and balances so far."""
    accounts = {
        "400": ("Ventas", 0, 900),
        "400-01": ("Ventas nacionales", 0, 900),
        "500": ("Costo de ventas", 500, 0),
        "600": ("Gastos", 130, 10),
        "600-01": ("Almacén", 80, 10),
        "600-01-1": ("Renta de almacén", 50, 0),
        "600-01-2": ("Sueldos almacén", 30, 10),
        "600-02": ("Reparto", 50, 0),
        "601": ("Varios", 7, 0),
    }
    return pd.DataFrame(
        [
            {"Ejercicio": 2026, "Periodo": month, "Cuenta": code, "Descripción": name, "Saldo inicial": 77 * month,
             "Cargos": debit, "Abonos": credit, "Saldo": 77 * month + debit - credit}
            for month in (4, 5, 6)
            for code, (name, debit, credit) in accounts.items()
        ]
    ).assign(**more)  # fmt: skip


def test_a_trial_balance_counts_each_account_once_and_what_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, said = begin(tmp_path, lines=lines(), balanza=balance())
    told = assumed(book)
    sums = "left out accounts of balanza.csv that hold the sum of accounts below them (3): '400', '600', '600-01'."
    assert sums in told
    assert "amounts are 'Cargos' less 'Abonos'." in told
    assert "'Ventas nacionales' of balanza.csv add up to -2,700.00, and are left out as income." in told
    assert not [sentence for sentence in told if "'Almacén' = warehouse" in sentence]
    goods = "left out as cost of goods, which lines bear: 'Costo de ventas' of balanza.csv, 1,500.00 in all"
    assert f"{goods}." in told and goods in asked(said)
    resources = pd.read_parquet(compute(monkeypatch, book) / "tables" / "resources.parquet").set_index("resource")
    assert resources.loc[["warehouse", "transport", "Varios"], "ledger"].tolist() == [210, 150, 21]
    assert not {"Ventas", "Costo de ventas", "Gastos"} & set(resources.index)


def test_accounts_that_hold_something_else_than_those_below_them_stay(tmp_path: Path) -> None:
    data = balance()
    data.loc[data["Cuenta"] == "600-01", "Cargos"] += 1
    book, _ = begin(tmp_path, lines=lines(), balanza=data)
    assert "left out accounts of balanza.csv that hold the sum of accounts below them (1): '400'." in assumed(book)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (
            balance().drop(columns=["Ejercicio", "Periodo"]),
            "balanza.csv is not read, for no column says its period: add one, as 2026-06, and it is a ledger",
        ),
        (
            pd.DataFrame({"Account": ["Rent", "Wages"], "April": [1, 2], "May": [1, 2]}),
            "balanza.csv is not read, for its months stand side by side: a ledger has a row for each account and "
            "month, of costs alone, with columns Period, Account name and Amount",
        ),
    ],
)
def test_what_a_ledger_lacks_is_said(tmp_path: Path, data: pd.DataFrame, told: str) -> None:
    _, said = begin(tmp_path, lines=lines(), balanza=data)
    assert told in asked(said) and "balanza.csv: not used" in said


PROFIT_AND_LOSS = """"Gadgets LLC"
"Profit and Loss"

"","Apr 2026","May 2026","Total"
"Income",,,
"   Sales of Product Income","$1,418.37","$881.00","$2,299.37"
"Total Income","$1,418.37","$881.00","$2,299.37"
"Cost of Goods Sold",,,
"   Cost of Goods Sold","$700.00","$400.00","$1,100.00"
"Gross Profit","$718.37","$481.00","$1,199.37"
"Expenses",,,
"      Warehouse Rent","$90.00","$91.50","$181.50"
"      Warehouse Wages","$50.00","-$1.00","$49.00"
"   Total Warehouse","$140.00","$90.50","$230.50"
"   Advertising","$20.00",,"$20.00"
"Net Operating Income","$558.37","$390.50","$948.87"
"""


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_statement_of_profit_and_loss_is_a_ledger_of_its_costs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    statement = tmp_path / f"pl.{ending}"
    (tmp_path / "pl.csv").write_text(PROFIT_AND_LOSS)
    if ending == "xlsx":
        cells = pd.read_csv(tmp_path / "pl.csv", header=None, skiprows=3)
        cells.to_excel(statement, index=False, header=False, sheet_name="Profit and Loss")
    lines().to_csv(tmp_path / "lines.csv", index=False)
    book = tmp_path / "book"
    begun = start(book, [tmp_path / "lines.csv", statement])
    told = assumed(book)
    assert not begun.errors
    named = "pl.csv" if ending == "csv" else "pl.xlsx, Profit and Loss"
    assert f"the months of {named} stand side by side, and are read from 2026-04 to 2026-05." in told
    totals = "'Gross Profit', 'Net Operating Income', 'Total Income', 'Total Warehouse'"
    assert f"left out as totals: {totals} of {named}, 4,678.11 in all." in told
    assert f"'Sales of Product Income' of {named} add up to 2,299.37, and are left out as income." in told
    assert f"left out as cost of goods, which lines bear: 'Cost of Goods Sold' of {named}, 1,100.00 in all." in told
    resources = pd.read_parquet(compute(monkeypatch, book) / "tables" / "resources.parquet").set_index("resource")
    assert resources.loc[["warehouse", "Advertising"], "ledger"].tolist() == [230.5, 20]
    assert set(resources.index) == {*POOLS, "Advertising"}


def test_sales_by_month_are_no_ledger(tmp_path: Path) -> None:
    sales = pd.DataFrame({"Customer No.": ["C001", "C002"], "Apr 2026": [1, 2], "May 2026": [3, 4]})
    _, said = begin(tmp_path, lines=lines(), sales=sales)
    assert not [line for line in said if line.startswith("sales.csv: ledger")]


def test_column_names_that_are_months_are_found() -> None:
    assert header_row([["Gadgets", "", ""], ["", "Jan 2026", "Feb 2026"], ["Sales", "1", "2"]]) == 1
    assert not names_month("Gadgets") and not names_month("Mayor 2026")


def test_a_file_of_no_columns_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_text(PROFIT_AND_LOSS)
    engine = DuckDB(root=tmp_path)
    try:
        with pytest.raises(SourceError) as caught:
            engine.query(f"SELECT * FROM read_csv('{tmp_path}/odd.csv', delim=';', quote='\"', all_varchar=true)")
    finally:
        engine.close()
    told = 'odd.csv: is no CSV as RFC 4180 has it; quote cells with ", end all lines alike'
    assert str(caught.value) == f"{tmp_path}/{told}"


def test_all_that_is_doubtful_is_said_and_the_currency_that_nothing_names(tmp_path: Path) -> None:
    data = priced(**{"Refunded value": 2.0, "Shipping Charge": 1.5}).rename(columns={"Order date": "Fecha factura"})
    book, said = begin(tmp_path, lines=data)
    first = said.index("look at first:")
    assert said[first + 4] == "then at:"
    assert "  no column names the currency: EUR is assumed (unit.currency in params/units)" in said[first:]
    text = (book / "params" / "units" / "book.yml").read_text()
    assert "  currency: EUR    # assumption: no column names it" in text
    assert load(book / "params")[0].params.unit.currency == "EUR"


@pytest.mark.parametrize(
    ("heading", "table", "column"),
    [
        ("Clave Artículo", ORDER_LINES.name, "product_id"),
        ("Clave del cliente", ORDER_LINES.name, "customer_id"),
        ("buyer-email", ORDER_LINES.name, "customer_id"),
        ("amazon-order-id", ORDER_LINES.name, "order_id"),
        ("Fecha compromiso", ORDER_LINES.name, "promised_date"),
        ("Ship By Date", ORDER_LINES.name, "promised_date"),
        ("Renglón", ORDER_LINES.name, "line_no"),
        ("Costo promedio", PRODUCTS.name, "unit_cost"),
        ("Landed Cost", PRODUCTS.name, "unit_cost"),
        ("Días de crédito", "customers", "payment_terms_days"),
    ],
)
def test_headings_of_mexico_and_of_marketplaces_are_known(heading: str, table: str, column: str) -> None:
    assert likeness(heading, table, column) > 0.9


@pytest.mark.parametrize("name", ["Costo de ventas", "Cost of Goods Sold", "Wareneinsatz", "Coste de ventas"])
def test_cost_of_goods_is_no_resource(name: str) -> None:
    assert resource_of(name) is None


def test_months_before_days_are_days(tmp_path: Path) -> None:
    data = lines()
    data["Sale Date"] = pd.to_datetime(data.pop("Order date")).dt.strftime("%b-%d-%y")
    book, said = begin(tmp_path, lines=data)
    assert "2026-01-01 to 2026-06-30" in "\n".join(said)
    assert load(book / "params")[0].params.source.formats.dates == ("%b-%d-%y",)


def test_a_price_with_tax_makes_no_net_sales(tmp_path: Path) -> None:
    data = priced().rename(columns={"List price": "Precio con IVA"})
    _, said = begin(tmp_path, lines=data)
    what = "no column of lines.csv seems to hold it, for 'Precio con IVA' is with tax; add `… AS net_sales`"
    assert f"order_lines.net_sales is missing: {what}" in asked(said)


@pytest.mark.parametrize("names", ["ene feb mar abr may jun", "Ene Feb Mar Abr May Jun", "JAN FEB MRZ APR MAI JUN"])
def test_days_with_months_in_spanish_or_german_are_days(tmp_path: Path, names: str) -> None:
    data = lines()
    months = names.split()
    data["Order date"] = [f"{day.day:02d}-{months[day.month - 1]}-{day.year}" for day in data["Order date"]]
    book, said = begin(tmp_path, lines=data)
    days = pd.to_datetime(rows(book, "order_lines")["order_date"].astype(str))
    assert days.tolist() == pd.to_datetime(lines()["Order date"]).tolist()
    assert not [line for line in said if "cells do not read as" in line]


def test_days_that_do_not_read_are_counted(tmp_path: Path) -> None:
    data = lines()
    data["Order date"] = [str(day) if day.month != 3 else "in March" for day in data["Order date"]]
    _, said = begin(tmp_path, lines=data)
    count = sum(day.month == 3 for day in lines()["Order date"])
    assert f"order_date from 'Order date': {count} cells do not read as 2026-07-31" in asked(said)


@pytest.mark.parametrize(("heading", "turned"), [("Tipo Documento", True), ("Doc. Type", True), ("Tipo", False)])
def test_a_code_of_a_document_says_that_it_takes_back(tmp_path: Path, heading: str, turned: bool) -> None:
    data = lines()
    data[heading] = np.where(data.index % 30 == 7, "NC", "FAC")
    book, said = begin(tmp_path, lines=data)
    money = data["Net amount"].where(data[heading] == "FAC", (1 - 2 * turned) * data["Net amount"]).sum()
    assert net_of(book) == pytest.approx(money, abs=0.001)
    told = f"6 lines whose {heading!r} = 'NC' take back: their quantity, net_sales, cogs are read as negative"
    assert (told in asked(said)) == turned


def test_costs_that_the_ledger_has_are_no_usual_figures(tmp_path: Path) -> None:
    names = ["Customer service", "Warehouse", "Finance", "Freight", "Sales"]
    ledger = pd.DataFrame({"Period": "2026-04", "Cost center": names, "Amount": 100.0})
    book, _ = begin(tmp_path, lines=lines(), ledger=ledger)
    usual = [sentence for sentence in assumed(book) if "are usual figures" in sentence]
    assert len(usual) == 1 and usual[0].startswith("unit times and capacities in params are usual figures")
    assert "cost to serve 12%" not in usual[0]
    again = start(book, [tmp_path / "extracts"])
    assert not [line for line in again.lines if line.startswith("left as you edited it")]
    assert [sentence for sentence in assumed(book) if "are usual figures" in sentence] == usual


def test_some_costs_of_the_ledger_leave_the_others_usual_figures(tmp_path: Path) -> None:
    ledger = pd.DataFrame({"Period": "2026-04", "Cost center": ["Warehouse"], "Amount": 100.0})
    book, _ = begin(tmp_path, lines=lines(), ledger=ledger)
    assert [sentence for sentence in assumed(book) if "cost to serve 12% of net sales" in sentence]


@pytest.mark.parametrize("status", ["wc-refunded", "Partially_refunded", "Devuelto"])
def test_what_a_status_says_was_given_back_is_asked_about(tmp_path: Path, status: str) -> None:
    data = lines()
    data["Order Status"] = np.where(data.index % 30 == 7, status, "completed")
    book, said = begin(tmp_path, lines=data)
    money = data["Net amount"][data["Order Status"] == status].sum()
    told = f"lines whose 'Order Status' is {status!r} (6) count as sales, {money:,.2f} in all"
    assert f"{told}." in assumed(book) and f"{told}: are they sales?" in asked(said)


@pytest.mark.parametrize(
    ("heading", "cell", "told"),
    [
        ("Discount Amount", 1.5, "'Discount Amount' of lines.csv adds up to 270.00, and is not taken off net sales"),
        ("Dto %", 10, "'Net amount' is quantity × 'List price', so 'Dto %' is not taken off net sales"),
        ("Descuento", "10+5", "'Net amount' is quantity × 'List price', so 'Descuento' is not taken off net sales"),
        ("Dto %", 0, None),
    ],
)
def test_sales_that_quantity_and_price_make_are_before_discounts(
    tmp_path: Path, heading: str, cell: float | str, told: str | None
) -> None:
    data = priced(**{heading: cell})
    data["Net amount"] = data["Quantity"] * data["List price"]
    book, said = begin(tmp_path, lines=data)
    assert [line for line in assumed(book) if "not taken off" in line] == ([f"{told}."] if told else [])
    assert not told or f"{told}: does it lower them?" in asked(said)
