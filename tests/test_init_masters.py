"""cts init on masters and files beside the lines: addresses, sites, names as keys, what is not read, income."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_init import compute
from test_init_documents import assumed, begin, lines, rows

from cts_lib.display import Reader
from cts_lib.errors import Problems
from cts_lib.intake.assumed import as_note
from cts_lib.start import start
from cts_lib.start.headings import likeness, unit_of


def masters(column: str, **more: object) -> pd.DataFrame:
    """A row for each customer of the lines."""
    names = sorted(lines()["Customer No."].unique())
    return pd.DataFrame({column: names, "Name": [f"Company {name}" for name in names], **more})


def test_a_table_of_addresses_gives_the_customers_what_their_rows_agree_on(tmp_path: Path) -> None:
    whole = masters("ID", Terms="Net 45").assign(Region=lambda one: np.where(one.index % 2, "east", "west"))
    addresses = pd.concat([whole.assign(City="Lyon"), whole.assign(City="Lille"), whole.assign(City="Brest")])
    book, said = begin(tmp_path, lines=lines(), customers=addresses.sample(frac=1, random_state=3))
    found = rows(book, "customers")
    assert len(found) == len(whole) and "city" not in found
    kept = found.sort_values("customer_id").reset_index(drop=True)
    assert kept["name"].tolist() == whole["Name"].tolist() and kept["region"].tolist() == whole["Region"].tolist()
    assert set(kept["payment_terms_days"]) == {45}
    told = "'City' of customers.csv differ among the rows of one 'ID', and are not read"
    assert told in [sentence.rstrip(".") for sentence in assumed(book)]
    assert "not used of customers.csv: 'City'" in said


def test_a_slip_among_the_addresses_of_a_hundred_does_not_cost_the_column(tmp_path: Path) -> None:
    data = lines(orders=240)
    data["Customer No."] = [f"C{int(order[1:]) % 120:03d}" for order in data["Order"]]
    whole = pd.DataFrame({"ID": sorted(data["Customer No."].unique())}).assign(Name=lambda one: one["ID"], City="Lyon")
    table = pd.concat([whole, whole, whole.head(1).assign(City="Zurich"), whole.assign(Name="other")])
    book, _ = begin(tmp_path, lines=data, customers=table)
    found = rows(book, "customers")
    assert set(found["city"]) == {"Lyon"} and "name" not in found


@pytest.mark.parametrize(
    "more", [{"Item No.": "P1", "Price": 3}, {"Invoice": "R1"}, {"Date": date(2026, 4, 1), "Amount": 7}]
)
def test_what_customers_bought_is_no_table_of_them_though_it_is_called_so(
    tmp_path: Path, more: dict[str, object]
) -> None:
    bought = pd.concat([masters("Customer No.", **more)] * 3)
    _, said = begin(tmp_path, lines=lines().assign(Kunde="Ann"), customer_sales=bought)
    assert "customer_sales.csv: not used" in said


def test_a_product_called_item_finds_its_master_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = lines().rename(columns={"Item No.": "Item"}).drop(columns="Cost amount")
    items = sorted(data["Item"].unique())
    master = pd.DataFrame({"Name": items, "Class": "parts", "Standard Cost": range(1, len(items) + 1)})
    book, said = begin(tmp_path, lines=data, items=master)
    assert "items.csv: products" in "\n".join(said)
    newest = data[data["Order date"].astype("datetime64[ns]") >= "2026-04-01"]
    cost = (newest["Item"].map(dict(zip(items, range(1, len(items) + 1), strict=True))) * newest["Quantity"]).sum()
    profit = pd.read_parquet(compute(monkeypatch, book) / "tables" / "customer_profit.parquet")
    assert profit["cogs"].sum() == pytest.approx(cost, abs=0.001)


def sites() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lines of sites with who pays for them, and the table of the sites."""
    data = lines()
    payer = {name: f"43{int(name[1:]) // 3:03d}" for name in data["Customer No."].unique()}
    data["Cliente pagador"] = data["Customer No."].map(payer)
    table = masters("Código centro").rename(columns={"Name": "Nombre centro"})
    table["Cliente pagador"] = table["Código centro"].map(payer)
    table["Razón social"] = "Pagador " + table["Cliente pagador"]
    return data.rename(columns={"Customer No.": "Centro"}), table


def test_sites_are_the_customers_where_their_table_has_a_row_for_each(tmp_path: Path) -> None:
    data, table = sites()
    book, said = begin(tmp_path, lineas=data, clientes=table)
    told = "customers are 'Centro' of lineas.csv, for clientes.csv has a row for each"
    assert f"  {told}" in said and f"{told}." in assumed(book)
    found = rows(book, "order_lines").astype({"net_sales": float}).groupby("customer_id")["net_sales"].sum()
    assert found.to_dict() == pytest.approx(data.groupby("Centro")["Net amount"].sum().to_dict())
    assert "warehouse" not in rows(book, "order_lines")
    assert dict(rows(book, "customers")[["customer_id", "name"]].to_numpy()) == dict(
        table[["Código centro", "Nombre centro"]].to_numpy()
    )


def test_a_plant_is_no_customer_though_it_is_called_centro(tmp_path: Path) -> None:
    data, _ = sites()
    data["Centro"] = np.where(data.index % 2, "1000", "2000")
    book, _ = begin(tmp_path, lineas=data.drop(columns="Cliente pagador").assign(Cliente=lines()["Customer No."]))
    assert set(rows(book, "order_lines")["warehouse"]) == {"1000", "2000"}


def test_money_in_a_file_that_is_not_read_is_told_with_its_sum(tmp_path: Path) -> None:
    month = masters("Cliente", Concepto="Cuota").assign(Cuota="1.200,50")
    fees = pd.concat([month.assign(Fecha="01/04/2026"), month.assign(Fecha="01/05/2026")])
    prices = pd.DataFrame({"List": ["a", "b"], "Price": [1, 2]})
    book, said = begin(tmp_path, lines=lines(), cuotas=fees, prices=prices)
    total = 1200.50 * len(fees)
    told = f"cuotas.csv is not read, and its 'Cuota' adds up to {total:,.2f}"
    assert f"  {told}: is any of it part of net sales?" in said
    assert f"{told}." in assumed(book)
    assert not [line for line in said if "prices.csv is not read" in line]
    again = start(book, [tmp_path / "extracts"]).lines
    assert f"  {told}: is any of it part of net sales?" in again
    file = book / "params" / "sources" / "order_lines.sql"
    more = f"UNION ALL BY NAME SELECT Cuota AS net_sales FROM read_csv('{tmp_path}/extracts/cuotas.csv')"
    file.write_text(f"{file.read_text()}\n{more}")
    assert not [line for line in start(book, [tmp_path / "extracts"]).lines if "cuotas.csv is not read" in line]
    assert Reader("es", "EUR").remark(as_note(told)) == (
        f"Cuotas.csv no se lee, y su 'Cuota' suma {Reader('es', 'EUR').money(total)}"
    )


def test_income_in_a_trial_balance_is_no_cost_of_sales(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = {"Ventas": -9000, "Sueldos de administración": 700, "Flota": 300, "Descuentos": -10}
    ledger = pd.DataFrame(
        [
            {"Período": month, "Nombre cuenta": name, "Saldo": amount}
            for month in ("2026-04", "2026-05", "2026-06")
            for name, amount in accounts.items()
        ]
    )
    book, _ = begin(tmp_path, lines=lines(), saldos=ledger)
    told = "'Descuentos', 'Ventas' of saldos.csv add up to -27,030.00, and are left out as income"
    assert f"{told}." in assumed(book)
    resources = pd.read_parquet(compute(monkeypatch, book) / "tables" / "resources.parquet").set_index("resource")
    assert resources.loc[["administration", "transport"], "ledger"].tolist() == [2100, 900]
    assert "Ventas" not in resources.index and resources.loc["sales", "ledger"] > 0


def test_what_the_ledger_has_as_large_as_sales_is_asked_about(tmp_path: Path) -> None:
    data = lines()
    sales = float(data["Net amount"].sum())
    ledger = pd.DataFrame({"Period": "2026-04", "Cost center": ["Sales", "Warehouse"], "Amount": [sales, 0.1 * sales]})
    _, said = begin(tmp_path, lines=data, ledger=ledger)
    asked = [line for line in said if "is it a cost of serving?" in line]
    assert asked == ["  'sales' of the ledger adds up to 100% of net sales: is it a cost of serving?"]


@pytest.mark.parametrize(
    ("accounts", "kept", "turned"),
    [
        ({"Warehouse": -5, "Fleet": -7}, 12, True),
        ({"Warehouse": -5, "Fleet": -7, "Revenue": 90, "Sales": 40}, 12, True),
        ({"Köln": -5, "Bonn": -7}, 12, True),
        ({"Köln": -5, "Bonn": 7}, 7, False),
        ({"Warehouse": 5, "Fleet": -1, "Revenue": -90}, 5, False),
    ],
)
def test_costs_that_are_booked_with_a_minus_are_costs(
    tmp_path: Path, accounts: dict[str, int], kept: int, turned: bool
) -> None:
    ledger = pd.DataFrame({"Period": "2026-04", "Cost center": list(accounts), "Amount": list(accounts.values())})
    book, _ = begin(tmp_path, lines=lines(), ledger=ledger)
    assert rows(book, "ledger")["amount"].astype(float).sum() == kept
    assert any("signs of ledger.csv are turned" in told for told in assumed(book)) is turned


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
    ("rename", "told"),
    [
        (
            {"Order": "Invoice #"},
            "an order is what has one 'Invoice #': an order of several invoices is several orders",
        ),
        (
            {"Cost amount": "Shipping Charge"},
            "'Shipping Charge' is taken for what freight costs, not for what customers pay for it",
        ),
    ],
)
def test_a_heading_that_may_mean_something_else_is_told(tmp_path: Path, rename: dict[str, str], told: str) -> None:
    book, said = begin(tmp_path, lines=lines().rename(columns=rename))
    assert f"  {told}" in said and f"{told}." in assumed(book)


def test_a_day_that_stands_in_for_the_order_date_is_asked_about(tmp_path: Path) -> None:
    data = lines().rename(columns={"Order date": "Fecha comprometida"})
    _, said = begin(tmp_path, lines=data)
    told = "no column holds the order date: 'Fecha comprometida' stands in for it"
    assert f"  {told}: on which day does an order come in?" in said


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


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Nº parte", "order_id"),
        ("Work order no.", "order_id"),
        ("Fecha parte", "order_date"),
        ("Fecha cierre", "delivered_date"),
        ("Kilómetros", "distance_km"),
        ("Vía de entrada", "order_method"),
    ],
)
def test_what_a_service_company_calls_its_jobs_is_known(heading: str, column: str) -> None:
    assert likeness(heading, "order_lines", column) > 0.9


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


@pytest.mark.parametrize(
    "heading", ["Expected Ship Date", "Planned delivery date", "Fecha de entrega prevista", "Voraussichtlicher Versand"]
)
def test_a_day_on_which_something_is_to_happen_is_not_the_day_on_which_it_did(tmp_path: Path, heading: str) -> None:
    book, _ = begin(tmp_path, lines=lines().assign(**{heading: date(2026, 7, 1)}))
    assert {"shipped_date", "delivered_date"}.isdisjoint(rows(book, "order_lines"))


@pytest.mark.parametrize("heading", ["Expected Ship Date", "Planned delivery date", "Fecha de entrega prevista"])
def test_a_day_that_is_expected_is_the_promise(tmp_path: Path, heading: str) -> None:
    book, _ = begin(tmp_path, lines=lines().assign(**{heading: date(2026, 7, 1)}))
    assert set(rows(book, "order_lines")["promised_date"].astype(str)) == {"2026-07-01"}
