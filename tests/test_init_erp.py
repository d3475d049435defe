"""cts init on exports of SAP tables, of Business Central and of Odoo, as these systems write them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_init_documents import assumed, begin, lines, rows
from test_init_exports import asked, net_of

from cts_lib.engine.dialect import translate
from cts_lib.start import start

SAP = {"Order": "VBELN", "Line": "POSNR", "Customer No.": "KUNNR", "Item No.": "MATNR", "Order date": "AUDAT"}
SAP |= {"Quantity": "KWMENG", "Net amount": "NETWR", "Cost amount": "WAVWR"}


def german(value: float, places: int) -> str:
    """Return a number as lists of SAP print it: its sign behind it."""
    text = f"{abs(value):,.{places}f}".translate({ord(","): ".", ord("."): ","})
    return f"{text}-" if value < 0 else text


def listed(file: Path, frame: pd.DataFrame) -> None:
    """Write a list as SE16 downloads it: with rulings, padded cells, and an empty column on either side."""
    cells = [list(map(str, row)) for row in [frame.columns, *frame.itertuples(index=False)]]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    written = [f"|{'|'.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))}|" for row in cells]
    ruling = "-" * len(written[0])
    text = [f"Tabelle:   {file.stem}", ruling, written[0], ruling, *written[1:], ruling]
    file.write_text("\r\n".join(text) + "\r\n", encoding="cp1252")


def in_sap() -> pd.DataFrame:
    """Lines of VBAP with the head's cells on each."""
    data = lines().rename(columns=SAP)
    data["VBELN"] = "00000" + data["VBELN"].str[1:]
    data["POSNR"] = data["POSNR"].map("{:06d}".format)
    data["KUNNR"] = "0000000" + data["KUNNR"].str[1:]
    data["MATNR"] = "0000004" + data["MATNR"].str[1:]
    data["AUDAT"] = pd.to_datetime(data["AUDAT"]).dt.strftime("%d.%m.%Y")
    return data


def printed(data: pd.DataFrame) -> pd.DataFrame:
    texts = {"KWMENG": 3, "NETWR": 2, "WAVWR": 2}
    return data.assign(**{name: [german(one, places) for one in data[name]] for name, places in texts.items()})


def elsewhere(book: Path, table: str) -> str:
    """Return a mapping as PostgreSQL would read it of tables."""
    select = (book / "params" / "sources" / f"{table}.sql").read_text()
    return translate(re.sub(r"read_(csv|parquet)\([^)]*\)", "there", select), "postgres", lambda name: {})


@pytest.fixture
def extracts(tmp_path: Path) -> Path:
    folder = tmp_path / "extracts"
    folder.mkdir()
    return folder


def test_a_padded_list_between_rulings_is_read_to_the_cent(extracts: Path) -> None:
    data = in_sap().assign(WAERK="EUR", VDATU="00.00.0000")
    data.loc[::3, "VDATU"] = "03.07.2026"
    data.loc[4, ["KWMENG", "NETWR", "WAVWR"]] *= -1
    listed(extracts / "VBAP.txt", printed(data))
    book = extracts.parent / "book"
    said = start(book, [extracts]).lines
    found = rows(book, "order_lines")
    money = data["NETWR"].sum()
    assert f"180 order lines, {data['KUNNR'].nunique()} customers, net sales {money:,.2f}" in "\n".join(said)
    assert set(found["currency"]) == {"EUR"} and set(found["customer_id"]) == set(data["KUNNR"])
    assert found["promised_date"].notna().sum() == 60
    assert not [line for line in said if "column0" in line]


def test_priorities_in_codes_are_said_to_tell_no_rush(tmp_path: Path) -> None:
    book, said = begin(tmp_path, vbap=in_sap().assign(LPRIO=["01", "02"] * 90))
    assert "no value of 'LPRIO' says urgent: no line is known as rush." in assumed(book)
    assert "no priority in 'LPRIO' says urgent, as '01'; a rush line reads 'rush'" in asked(said)


def test_masters_without_the_zeros_of_the_lines_are_read_with_them(extracts: Path) -> None:
    data = in_sap()
    listed(extracts / "VBAP.txt", printed(data))
    customers = sorted(data["KUNNR"].unique())
    kna1 = pd.DataFrame({"KUNNR": map(int, customers), "NAME1": [f"Kunde {one}" for one in customers]})
    kna1.to_excel(extracts / "KNA1.xlsx", index=False)
    products = sorted(data["MATNR"].unique())
    mara = pd.DataFrame({"MATNR": products, "MATKL": "G1"})
    makt = pd.DataFrame({"MATNR": products * 2, "SPRAS": np.repeat(["D", "E"], len(products)), "MAKTX": "Teil"})
    for name, frame in (("MARA", mara), ("MAKT", makt)):
        frame.to_csv(extracts / f"{name}.csv", sep=";", index=False)
    book = extracts.parent / "book"
    said = start(book, [extracts]).lines
    assert not [line for line in said if line.endswith(": not used")]
    assert rows(book, "customers")["name"].notna().all()
    found = rows(book, "products")
    assert set(found["name"]) == {"Teil"} and set(found["family"]) == {"G1"} and len(found) == len(products)
    assert "LPAD(" in elsewhere(book, "customers") and "there" in elsewhere(book, "products")
    assert "'KUNNR' of KNA1.xlsx, Sheet1 is read with as many leading zeros as the lines write." in assumed(book)


def test_a_cost_of_a_hundred_units_is_divided(tmp_path: Path) -> None:
    data = in_sap().drop(columns="WAVWR")
    products = sorted(data["MATNR"].unique())
    mara = pd.DataFrame({"MATNR": products, "MATKL": "G1"})
    mbew = pd.DataFrame({"MATNR": products, "BWKEY": "1000", "STPRS": 250.0, "PEINH": 100})
    book, _ = begin(tmp_path, vbap=data, mara=mara, mbew=mbew)
    assert set(rows(book, "products")["unit_cost"].astype(float)) == {2.5}
    assert "the cost of a unit is 'STPRS' divided by 'PEINH'." in assumed(book)


def test_masters_have_the_zeros_that_lines_lack(tmp_path: Path) -> None:
    data = lines()
    data["Customer No."] = [str(int(one[1:]) * 7) for one in data["Customer No."]]
    names = sorted(data["Customer No."].unique())
    master = pd.DataFrame({"Customer No.": [one.zfill(10) for one in names], "Name": [f"Shop {one}" for one in names]})
    book, _ = begin(tmp_path, lines=data, customers=master)
    found = rows(book, "customers")
    assert set(found["customer_id"]) == set(names) and ("Shop " + found["customer_id"] == found["name"]).all()


def test_lines_of_deliveries_take_the_days_of_their_heads(extracts: Path) -> None:
    data = in_sap()
    listed(extracts / "VBAP.txt", printed(data))
    note = ["008" + one[3:] for one in data["VBELN"]]
    lips = {"VBELN": note, "POSNR": data["POSNR"], "MATNR": data["MATNR"], "LFIMG": data["KWMENG"]}
    pd.DataFrame({**lips, "VGBEL": data["VBELN"], "VGPOS": data["POSNR"]}).to_csv(extracts / "LIPS.csv", index=False)
    likp = pd.DataFrame({"VBELN": sorted(set(note)), "WADAT_IST": "20260701"})
    likp.loc[:9, "WADAT_IST"] = "00000000"
    likp.to_csv(extracts / "LIKP.csv", index=False)
    book = extracts.parent / "book"
    start(book, [extracts])
    found, told = rows(book, "deliveries"), assumed(book)
    keys = set(zip(data["VBELN"], data["POSNR"], strict=True))
    assert len(found) == 160 and set(zip(found["order_id"], found["line_no"], strict=True)) < keys
    assert "no column holds delivered_date: 'WADAT_IST' stands in for it." in told
    left = "20 of 180 rows of LIPS.csv + LIKP.csv have no 'WADAT_IST', and are left out as not delivered yet."
    assert left in told
    assert "LEFT JOIN" in elsewhere(book, "deliveries")


def journal(**more: object) -> pd.DataFrame:
    """Postings of three months to two cost centres, a tenth of them credited."""
    postings = [
        {"BELNR": f"{month}{centre}{number}", "BUDAT": f"{number + 1:02d}.{month:02d}.2026", "HKONT": "430000",
         "KOSTL": f"000000{centre}", "SHKZG": "H" if number == 9 else "S", "DMBTR": 100.0}
        for month in (4, 5, 6) for centre in (4100, 4200) for number in range(10)
    ]  # fmt: skip
    return pd.DataFrame(postings).assign(**more)


def test_a_ledger_credits_where_a_column_says_so_and_is_called_by_its_cost_centres(tmp_path: Path) -> None:
    names = pd.DataFrame({"KOSTL": ["0000004100", "0000004200"], "KTEXT": ["Lager Nord", "Fuhrpark"]})
    book, said = begin(tmp_path, lines=lines(), bsis=journal(), cskt=names)
    found = rows(book, "ledger")
    assert found.groupby("resource")["amount"].sum().to_dict() == {"transport": 2400, "warehouse": 2400}
    assert "amounts are negative where 'SHKZG' is 'H'." in assumed(book)
    assert "cskt.csv: not used" not in said


def test_postings_take_the_day_of_their_document(tmp_path: Path) -> None:
    postings = journal()
    heads = postings[["BELNR", "BUDAT"]].assign(BLART="KR")
    book, said = begin(tmp_path, lines=lines(), bseg=postings.drop(columns="BUDAT"), bkpf=heads)
    found = rows(book, "ledger")
    assert found.groupby("period")["amount"].sum().to_dict() == dict.fromkeys(("2026-04", "2026-05", "2026-06"), 1600)
    assert not [line for line in said if "no column says its period" in line]


def test_amounts_that_have_signs_are_not_credited_again(tmp_path: Path) -> None:
    data = journal()
    data["DMBTR"] = np.where(data["SHKZG"] == "H", -data["DMBTR"], data["DMBTR"])
    book, _ = begin(tmp_path, lines=lines(), bsis=data)
    assert rows(book, "ledger")["amount"].astype(float).sum() == 4800


BC = {"Order": "Nº pedido", "Line": "Nº línea", "Customer No.": "Venta a-Nº cliente", "Item No.": "Nº"}
BC |= {"Order date": "Fecha registro", "Quantity": "Cantidad", "Net amount": "Importe", "Cost amount": "Importe coste"}


def in_bc() -> pd.DataFrame:
    return lines().rename(columns=BC).assign(**{"Nº documento": [f"FV{one // 2}" for one in range(180)]})


def test_credit_memos_in_a_file_of_their_own_take_back(tmp_path: Path) -> None:
    sold = in_bc()
    back = sold.head(12).assign(**{"Nº pedido": None, "Nº documento": [f"AB{one}" for one in range(12)]})
    book, said = begin(tmp_path, **{"Líneas factura venta": sold, "Líneas abono venta": back})
    found = rows(book, "order_lines")
    assert found["net_sales"].sum() == pytest.approx(sold["Importe"].sum() - back["Importe"].sum(), abs=0.001)
    assert (found["quantity"] < 0).sum() == 12
    told = "the order is 'Nº pedido' (filled in 180 of 192 rows), where that is empty 'Nº documento'"
    assert told in asked(said) and {f"AB{one}" for one in range(12)} < set(found["order_id"])
    assert set(found["product_id"]) == set(sold["Nº"])


def test_credit_memos_with_signs_stay_as_they_are(tmp_path: Path) -> None:
    sold = in_bc()
    back = sold.head(12).assign(Cantidad=-1, Importe=-2.5, **{"Importe coste": -1.0})
    book, _ = begin(tmp_path, factura=sold, abono=back)
    assert net_of(book) == pytest.approx(sold["Importe"].sum() - 30, abs=0.001)


def test_texts_among_lines_and_rows_that_stand_twice_are_left_out_and_said(tmp_path: Path) -> None:
    data = in_bc()
    text = data.head(9).assign(**{"Nº": None, "Cantidad": 0, "Importe": 0, "Importe coste": 0, "Nº línea": 90})
    book, said = begin(tmp_path, lines=pd.concat([data, text, data.head(3)]))
    found = rows(book, "order_lines")
    assert len(found) == 180 and set(found["line_no"].astype(str)) == {"10", "20"}
    told = assumed(book)
    assert "rows without product, quantity and net sales (9) are left out as texts among the lines." in told
    assert "rows that repeat another in every cell (3) are left out." in told
    assert "rows that repeat another in every cell (3) are left out: was none of them sold twice?" in asked(said)


def test_a_line_without_a_product_that_was_charged_is_no_text(tmp_path: Path) -> None:
    data = in_bc()
    data.loc[:2, "Nº"] = None
    book, _ = begin(tmp_path, lines=data)
    assert len(rows(book, "order_lines")) == 180


def test_a_journal_with_documents_is_a_ledger(tmp_path: Path) -> None:
    data = pd.DataFrame({"Fecha registro": "2026-06-15", "Nº documento": ["F1", "F2", "F3"], "Nº cuenta": "6400001"})
    data = data.assign(**{"Cód. Departamento": ["ALMACEN", "ATCLIENTE", None], "Importe": [70.0, 20.0, -90.0]})
    book, _ = begin(tmp_path, lines=in_bc(), movimientos=data)
    found = rows(book, "ledger")
    assert dict(zip(found["resource"], found["amount"].astype(float), strict=True)) == {
        "warehouse": 70,
        "customer_service": 20,
    }


ODOO = {"Order": "Order Reference", "Customer No.": "Customer", "Order date": "Order Date"}
OF_LINES = {"Item No.": "Product", "Quantity": "Quantity", "Net amount": "Subtotal", "Cost amount": "Cost"}


def in_odoo() -> pd.DataFrame:
    """Orders with their lines below them: what is an order's stands in the first row alone."""
    data = lines().rename(columns=ODOO | {name: f"Order Lines/{word}" for name, word in OF_LINES.items()})
    data["Order Lines/Cost"] = (data["Order Lines/Cost"] / data["Order Lines/Quantity"]).round(2)
    data["Order Lines/Product"] = [f"[{one}] Desk {one[1:]}" for one in data["Order Lines/Product"]]
    data["Delivery Date"] = pd.to_datetime(data["Order Date"]) + pd.Timedelta(days=3)
    data = data.assign(**{"External ID": "__export__.sale_order_" + data["Order Reference"]}).drop(columns="Line")
    data.loc[1::2, [name for name in data if "/" not in name]] = None
    return data


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_lines_below_their_order_take_what_its_first_row_says(extracts: Path, kind: str) -> None:
    data, whole = in_odoo(), lines()
    if kind == "csv":
        data.to_csv(extracts / "sale_order.csv", index=False)
    else:
        data.to_excel(extracts / "sale_order.xlsx", index=False)
    names = sorted(whole["Item No."].unique())
    master = pd.DataFrame({"Internal Reference": names, "Name": [f"Desk {one[1:]}" for one in names]})
    master.assign(**{"Sales Price": 9.5, "Weight": 2}).to_csv(extracts / "product.csv", index=False)
    book = extracts.parent / "book"
    said = start(book, [extracts]).lines
    found = rows(book, "order_lines")
    sold = found.astype({"net_sales": float}).groupby(["order_id", "customer_id"])["net_sales"].sum()
    truth = whole.groupby(["Order", "Customer No."])["Net amount"].sum()
    assert sold.round(2).to_dict() == truth.round(2).to_dict()
    assert found["order_date"].notna().all() and set(found["product_id"]) == set(names)
    assert set(rows(book, "products")["unit_weight_kg"].astype(float)) == {2.0}
    assert "OVER (PARTITION BY block_)" in elsewhere(book, "order_lines")
    assert not [line for line in said if ("Sales Price" in line and "adds up to" in line) or "is empty in" in line]


def test_a_cost_of_a_table_of_products_is_a_units(tmp_path: Path) -> None:
    data = lines().drop(columns="Cost amount")
    products = pd.DataFrame({"Item No.": sorted(data["Item No."].unique()), "Name": "Desk", "Cost": 2.5})
    book, said = begin(tmp_path, lines=data, products=products)
    assert set(rows(book, "products")["unit_cost"].astype(float)) == {2.5}
    assert not [line for line in said if "no cost of goods" in line]


def test_a_file_with_gaps_in_a_column_is_not_filled_down(tmp_path: Path) -> None:
    data = lines().assign(Reference=[f"R{one}" if one % 2 else None for one in range(180)])
    book, _ = begin(tmp_path, lines=data)
    assert set(rows(book, "order_lines")["order_id"]) == set(data["Order"])


def test_a_delivery_day_beside_one_that_is_past_was_promised(tmp_path: Path) -> None:
    data = lines().assign(**{"Delivery Date": "2026-06-20"})
    orders = sorted(data["Order"].unique())
    notes = pd.DataFrame({"Source Document": orders, "Effective Date": "2026-06-22", "Priority": "Normal"})
    notes.loc[:4, "Priority"] = "Urgent"
    book, said = begin(tmp_path, lines=data, picking=notes)
    found = rows(book, "order_lines")
    assert set(found["promised_date"]) == {"2026-06-20"} and set(found["delivered_date"]) == {"2026-06-22"}
    assert (found["priority"] == "rush").sum() == 10
    told = "'Delivery Date' is the promised day, for 'Effective Date' of picking.csv says when it was delivered"
    assert f"{told}: is it?" in asked(said)


def test_lines_that_nothing_came_of_yet_are_asked_about(tmp_path: Path) -> None:
    data = lines().assign(
        **{"Delivered Quantity": lines()["Quantity"], "Delivered date": "2026-06-29", "Status": "Sale"}
    )
    data.loc[170:, ["Delivered Quantity", "Delivered date"]] = [0, None]
    data.loc[178:, "Status"] = "Cancelled"
    book, said = begin(tmp_path, lines=data)
    told = "8 lines with 0 as 'Delivered Quantity' have no 'Delivered date': they count as not in full"
    assert f"{told}." in assumed(book) and f"{told}: are they still to come?" in asked(said)


def grouped(data: pd.DataFrame, levels: list[str]) -> pd.DataFrame:
    """Head each group of rows by its name, how many rows it has, and their sums."""
    parts = []
    for name, group in data.groupby(levels[0]):
        head = {"Order Reference": f"{name} ({len(group)})", "Untaxed Total": group["Untaxed Total"].sum()}
        below = grouped(group, levels[1:]) if levels[1:] else group
        below = below.assign(
            **{"Order Reference": [f"    {one}" if "(" in one else one for one in below["Order Reference"]]}
        )
        parts += [pd.DataFrame([head]), below]
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("levels", [["Customer"], ["Customer", "Order Date"]])
def test_heads_of_groups_are_no_lines(tmp_path: Path, levels: list[str]) -> None:
    data = lines().drop(columns="Line").rename(columns={**ODOO, "Item No.": "Product", "Net amount": "Untaxed Total"})
    book, said = begin(tmp_path, sale_order_line=grouped(data, levels).reindex(columns=data.columns))
    found = rows(book, "order_lines")
    assert found["net_sales"].astype(float).sum() == pytest.approx(data["Untaxed Total"].sum(), abs=0.001)
    heads = len(grouped(data, levels)) - 180
    assert f"left out {heads} rows that are no lines" in "\n".join(said)


def test_an_order_whose_name_ends_in_a_number_is_no_head_of_a_group(tmp_path: Path) -> None:
    data = lines().assign(Order=[f"A{one // 2} (2)" for one in range(180)])
    book, _ = begin(tmp_path, lines=data)
    assert len(rows(book, "order_lines")) == 180


@pytest.mark.parametrize(("cell", "code"), [("€", "EUR"), ("usd ", "USD")])
def test_a_currency_by_its_sign_is_its_code(tmp_path: Path, cell: str, code: str) -> None:
    book, _ = begin(tmp_path, lines=lines().assign(Currency=cell))
    assert set(rows(book, "order_lines")["currency"]) == {code}


def test_a_currency_in_words_is_not_read_and_said(tmp_path: Path) -> None:
    book, said = begin(tmp_path, lines=lines().assign(Currency="Euros"))
    assert "'Currency' is not read, for 'Euros' is no currency of three letters" in asked(said)
    assert "currency" not in rows(book, "order_lines")


def test_a_currency_that_most_lines_leave_empty_is_not_the_units(tmp_path: Path) -> None:
    data = lines()
    data["Cód. divisa"] = ["USD" if one < 4 else None for one in range(180)]
    rates = pd.DataFrame({"Currency": ["USD"], "Date": ["2025-12-31"], "Rate": [0.9]})
    _, said = begin(tmp_path, lines=data, rates=rates)
    assert "'Cód. divisa' is empty on most lines: these are in EUR, it is assumed" in asked(said)
    money = data["Net amount"].sum() - 0.1 * data["Net amount"].head(4).sum()
    assert f"net sales {money:,.2f}" in "\n".join(said)


def movements() -> pd.DataFrame:
    """Entries of goods that left by sales, beside purchases and returns of customers."""
    data = lines().rename(
        columns=BC | {"Item No.": "Nº producto", "Order": "Nº documento", "Customer No.": "Source No."}
    )
    data["Tipo movimiento"] = "Venta"
    data[["Cantidad", "Importe coste"]] *= -1
    back = data.head(6).assign(**{"Nº documento": "RD1", "Nº línea": range(6)})
    back[["Cantidad", "Importe", "Importe coste"]] *= -1
    bought = data.head(30).assign(**{"Tipo movimiento": "Compra", "Cantidad": 500, "Importe": 0, "Source No.": "V1"})
    return pd.concat([data, back, bought])


def test_goods_that_left_were_sold_and_what_was_bought_is_left_out(tmp_path: Path) -> None:
    data = movements()
    book, said = begin(tmp_path, **{"Mov. producto": data})
    found = rows(book, "order_lines").astype({"quantity": float, "net_sales": float, "cogs": float})
    sold = data[data["Tipo movimiento"] == "Venta"]
    assert len(found) == 186 and (found["quantity"] < 0).sum() == 6
    assert net_of(book) == pytest.approx(sold["Importe"].sum(), abs=0.001)
    assert found["cogs"].sum() == pytest.approx(-sold["Importe coste"].sum(), abs=0.001)
    told = "rows whose 'Tipo movimiento' is no 'Venta' (30) are left out as no sales"
    assert f"{told}." in assumed(book) and f"{told}: is that so?" in asked(said)
    assert "signs of quantity, cogs are turned, for they are negative where net sales are positive." in assumed(book)


def test_lines_of_invoices_go_before_movements_of_their_goods(tmp_path: Path) -> None:
    book, said = begin(tmp_path, lines=in_bc(), movements=pd.concat([movements(), movements()]))
    assert net_of(book) == pytest.approx(in_bc()["Importe"].sum(), abs=0.001)
    assert [line for line in asked(said) if line.startswith("movements.csv is not read, and its 'Importe' adds up to")]


def test_a_ledger_of_numbered_months_is_said_not_to_be_read(tmp_path: Path) -> None:
    year = pd.DataFrame(
        [{"RYEAR": 2026, "RACCT": "430000", "RCNTR": "4100"} | {f"HSL{n:02d}": 5.0 for n in range(1, 13)}]
    )
    _, said = begin(tmp_path, lines=lines(), faglflext=year)
    assert [
        line for line in asked(said) if line.startswith("faglflext.csv is not read, for its months stand side by side")
    ]


def test_the_order_of_an_invoice_is_the_order(tmp_path: Path) -> None:
    data = lines().rename(columns={**SAP, "Order": "AUBEL"})
    book, _ = begin(tmp_path, vbrp=data.assign(VBELN=[f"9{one}" for one in range(180)]))
    assert set(rows(book, "order_lines")["order_id"]) == set(data["AUBEL"])
