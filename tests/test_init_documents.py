"""cts init on documents of a system: credit notes, cancelled orders, delivery notes, journals, several currencies."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_init import compute, mapping, read
from test_init_shapes import star

from cts_lib.display import Reader, labels_of, names_of
from cts_lib.engine import DuckDB
from cts_lib.intake.assumed import Assumed, as_note
from cts_lib.intake.source import attach
from cts_lib.params import load
from cts_lib.start import start
from cts_lib.start.volumes import measure
from cts_lib.tables.inputs import EVENTS, EXCHANGE_RATES, LEDGER


def lines(orders: int = 90, seed: int = 5) -> pd.DataFrame:
    """Order lines of half a year with a head's cells on each, two lines an order."""
    draw = np.random.default_rng(seed)
    number = np.repeat(np.arange(orders), 2)
    customer = draw.integers(1, 25, orders)
    quantity = draw.integers(1, 40, 2 * orders)
    cost = draw.integers(100, 9_000, 2 * orders) / 100
    return pd.DataFrame(
        {
            "Order": [f"S{1000 + order}" for order in number],
            "Line": np.tile([10, 20], orders),
            "Customer No.": [f"C{customer[order]:03d}" for order in number],
            "Item No.": [f"P{item:03d}" for item in draw.integers(1, 30, 2 * orders)],
            "Order date": [date(2026, 1, 1) + timedelta(days=int(order) * 180 // (orders - 1)) for order in number],
            "Quantity": quantity,
            "Net amount": (quantity * cost * 1.4).round(2),
            "Cost amount": (quantity * cost).round(2),
        }
    )


def begin(tmp_path: Path, **frames: pd.DataFrame) -> tuple[Path, list[str]]:
    """Start a workbook from files of these frames; return it and what it said."""
    extracts, book = tmp_path / "extracts", tmp_path / "book"
    extracts.mkdir()
    for name, frame in frames.items():
        frame.to_csv(extracts / f"{name}.csv", index=False)
    said = start(book, [extracts]).lines
    unknown = [sentence for sentence in assumed(book) if "values" not in as_note(sentence)]
    assert not unknown, f"not in cts_lib/intake/assumed.py, so in no other language: {unknown}"
    return book, said


def assumed(book: Path) -> list[str]:
    """What the mappings of the workbook say that they assume."""
    texts = [file.read_text() for file in (book / "params" / "sources").glob("[!_]*.sql")]
    return [
        line.removeprefix("-- assumption: ") for text in texts for line in text.splitlines() if "assumption:" in line
    ]


def rows(book: Path, table: str) -> pd.DataFrame:
    """What a mapping of the workbook yields."""
    engine = DuckDB(root=book)
    try:
        attach(engine, load(book / "params")[0])
        return engine.query(f"SELECT * FROM raw_{table}").to_pandas()
    finally:
        engine.close()


@pytest.mark.parametrize(
    ("heading", "sold", "back"),
    [
        ("SHKZG", None, "X"),
        ("Document type", "Invoice", "Credit memo"),
        ("Tipo", "Factura", "Abono"),
        ("AUART", "TA", "RE"),
    ],
)
def test_what_is_taken_back_without_a_sign_is_negative(tmp_path: Path, heading: str, sold: str, back: str) -> None:
    data = lines()
    is_back = data["Order"].isin(data["Order"].unique()[::9])
    data[heading] = np.where(is_back, back, sold)
    book, said = begin(tmp_path, lines=data)
    sign = np.where(is_back, -1, 1)
    found = rows(book, "order_lines").astype({"quantity": float, "net_sales": float, "cogs": float})
    for name, column in (("quantity", "Quantity"), ("net_sales", "Net amount"), ("cogs", "Cost amount")):
        assert found[name].sum() == pytest.approx((data[column] * sign).sum(), abs=0.001)
    told = f"{is_back.sum()} lines whose {heading!r} = {back!r} take back: their quantity, net_sales, cogs are read as"
    assert f"  {told} negative" in said
    assert f"-- assumption: {told} negative." in mapping(book)
    assert not [line for line in said if line.startswith("not used") and heading in line]


def test_only_what_has_no_sign_is_turned(tmp_path: Path) -> None:
    data = lines()
    is_back = data["Order"].isin(data["Order"].unique()[::9])
    data["Document type"] = np.where(is_back, "Credit memo", "Invoice")
    data.loc[is_back, "Net amount"] *= -1
    data.loc[is_back, "Cost amount"] *= -1
    book, said = begin(tmp_path, lines=data)
    found = rows(book, "order_lines").astype({"quantity": float, "net_sales": float})
    assert found["net_sales"].sum() == pytest.approx(data["Net amount"].sum(), abs=0.001)
    assert found["quantity"].sum() == data["Quantity"].where(~is_back, -data["Quantity"]).sum()
    assert [line for line in said if "take back: their quantity are read as negative" in line]


def test_credits_that_have_their_sign_are_left_alone(tmp_path: Path) -> None:
    data = lines()
    is_back = data["Order"].isin(data["Order"].unique()[::9])
    data["Document type"] = np.where(is_back, "Credit memo", "Invoice")
    data.loc[is_back, ["Quantity", "Net amount", "Cost amount"]] *= -1
    book, said = begin(tmp_path, lines=data)
    assert not [line for line in said if "take back" in line]
    assert "CASE" not in mapping(book)


def test_a_document_whose_sign_differs_is_asked_about(tmp_path: Path) -> None:
    data = lines()
    is_back = data["Order"].isin(data["Order"].unique()[::9])
    data["Document type"] = np.where(is_back, "Return", "Order")
    data.loc[is_back & (data["Line"] == 10), ["Quantity", "Net amount", "Cost amount"]] *= -1
    _, said = begin(tmp_path, lines=data)
    assert "  where 'Document type' = 'Return', net_sales has both signs: which of these lines take back?" in said


@pytest.mark.parametrize(
    ("heading", "kept", "gone"),
    [("Status", "shipped", "Cancelled"), ("Estado pedido", "Servido", "Anulado"), ("Cancelled", "N", "Y")],
)
def test_cancelled_lines_are_left_out_and_said(tmp_path: Path, heading: str, kept: str, gone: str) -> None:
    data = lines()
    is_gone = data["Order"].isin(data["Order"].unique()[::8])
    data[heading] = np.where(is_gone, gone, kept)
    book, said = begin(tmp_path, lines=data)
    found = read(book)["book"]
    assert found.money == pytest.approx(data["Net amount"][~is_gone].sum(), abs=0.001)
    told = f"{is_gone.sum()} lines are left out as cancelled, for {heading!r} is {gone!r}"
    assert f"  {told}: were they never invoiced?" in said
    assert f"-- assumption: {told}." in mapping(book)


def test_cancelled_lines_that_bring_nothing_stay(tmp_path: Path) -> None:
    data = lines()
    is_gone = data["Order"].isin(data["Order"].unique()[::8])
    data["Status"] = np.where(is_gone, "cancelled", "shipped")
    data.loc[is_gone, "Net amount"] = 0
    book, said = begin(tmp_path, lines=data)
    assert read(book)["book"].rows == len(data)
    assert not [line for line in said if "cancelled" in line and "left out" in line]


def shop() -> pd.DataFrame:
    """An export of a shop: what belongs to the order stands on its first line, discounts are the order's."""
    data = lines()
    first = ~data["Order"].duplicated()
    price = (data["Net amount"] / data["Quantity"]).round(2)
    value = data["Quantity"] * price
    off = np.where(np.arange(len(data)) // 2 % 5 == 0, 0.2, 0.0)
    total = value.groupby(data["Order"]).transform("sum") * (1 - off)
    place = np.arange(len(data)) // 2
    return pd.DataFrame(
        {
            "Name": "#" + data["Order"].str[1:],
            "Email": data["Customer No."] + "@example.com",
            "Subtotal": total.round(2).where(first),
            "Total": (total * 1.07).round(2).where(first),
            "Currency": pd.Series("USD", data.index).where(first),
            "Created at": data["Order date"].astype(str) + " 10:00:00 -0700",
            "Fulfilled at": (data["Order date"] + timedelta(days=2)).astype(str).where(first) + " 10:00:00 -0700",
            "Cancelled at": (data["Order date"].astype(str) + " 12:00:00 -0700").where(first & (place % 11 == 3)),
            "Lineitem quantity": data["Quantity"],
            "Lineitem price": price,
            "Lineitem sku": data["Item No."],
        }
    )


def test_what_stands_once_an_order_belongs_to_all_its_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = shop()
    book, said = begin(tmp_path, orders_export=data)
    gone = data["Name"].isin(data["Name"][data["Cancelled at"].notna()])
    kept = data[~gone]
    found = rows(book, "order_lines").astype({"net_sales": float, "gross_sales": float})
    assert len(found) == len(kept) and found["shipped_date"].notna().all()
    assert found.groupby("order_id")["net_sales"].sum().to_dict() == pytest.approx(
        kept.groupby("Name")["Subtotal"].sum().to_dict(), abs=0.001
    )
    value = kept["Lineitem quantity"] * kept["Lineitem price"]
    assert found["gross_sales"].sum() == pytest.approx(value.sum(), abs=0.001)
    assert "orders_export.csv, once an order: order heads (on the first line of each 'Name')" in said
    assert "  order_lines.order_id from 'Name' of orders_export.csv, sure" in said
    told = "net sales are the order's 'Subtotal', shared out over its lines by quantity × 'Lineitem price'"
    assert f"  {told}: is that after discounts and without tax?" in said
    tables = compute(monkeypatch, book) / "tables"
    profit = pd.read_parquet(tables / "customer_channel_profit.parquet")
    newest = kept["Created at"].str[:10].ge("2026-04-01")
    assert profit["net_sales"].sum() == pytest.approx(kept["Subtotal"][newest].sum(), abs=0.001)
    assert profit["orders"].sum() == kept["Name"][newest].nunique()


def test_columns_full_on_each_line_part_no_file(tmp_path: Path) -> None:
    _, said = begin(tmp_path, lines=lines())
    assert not [line for line in said if "once an order" in line]


def test_of_several_currencies_the_commonest_is_the_units(tmp_path: Path) -> None:
    data = lines()
    data["WAERK"] = np.where(data["Customer No."] < "C008", "USD", "GBP")
    rates = pd.DataFrame(
        {
            "FCURR": ["USD", "USD", "USD"],
            "TCURR": ["GBP", "EUR", "GBP"],
            "GDATU": ["2025-12-01", "2025-12-01", "2026-03-01"],
            "UKURS": [0.75, 0.9, 0.8],
        }
    )
    book, said = begin(tmp_path, lines=data, rates=rates)
    rate = np.where(data["Order date"] < date(2026, 3, 1), 0.75, 0.8)
    money = data["Net amount"] * np.where(data["WAERK"] == "USD", rate, 1)
    source = load(book / "params")[0].params.source
    assert measure(book, source, {"book": "book"}, "GBP")["book"].money == pytest.approx(money.sum(), abs=0.001)
    assert load(book / "params")[0].params.unit.currency == "GBP"
    assert set(rows(book, EXCHANGE_RATES.name)["rate"].astype(float)) == {0.75, 0.8}
    assert "  GBP, the commonest, is taken as the unit's currency; the table of rates converts USD" in said
    assert not [line for line in said if "EUR is assumed" in line]


def test_without_rates_of_another_currency_the_money_said_is_the_units(tmp_path: Path) -> None:
    data = lines()
    data["WAERK"] = np.where(data["Customer No."] < "C008", "USD", "GBP")
    _, said = begin(tmp_path, lines=data)
    money = data["Net amount"][data["WAERK"] == "GBP"].sum()
    assert [line for line in said if f"net sales {money:,.2f}" in line]
    assert "write table exchange_rates, which converts USD" in "\n".join(said)


def journal() -> pd.DataFrame:
    """Bookings of half a year by day, debit and credit, some of no cost centre."""
    made = []
    for month in range(1, 7):
        for place, (centre, amount) in enumerate((("Almacén", 9_000.5), ("Reparto", 7_000), (None, 90_000))):
            made.append((f"2026-{month:02d}-{10 + place}", centre, f"6400{place}", amount + month, 0.0))
        made.append((f"2026-{month:02d}-28", "Almacén", "64009", 0.0, 100.25))
    return pd.DataFrame(made, columns=["Fecha", "Centro de coste", "Cuenta", "Debe", "Haber"])


def test_a_journal_of_debit_and_credit_is_a_ledger_of_months(tmp_path: Path) -> None:
    book, said = begin(tmp_path, lines=lines(), mayor=journal())
    found = rows(book, LEDGER.name)
    month = found.groupby(["period", "resource"])["amount"].sum()
    assert month["2026-04", "warehouse"] == pytest.approx(9_000.5 + 4 - 100.25)
    assert month["2026-06", "transport"] == pytest.approx(7_006)
    assert len(month) == 12
    assert "-- assumption: amounts are 'Debe' less 'Haber'." in mapping(book, LEDGER.name)
    told = "6 of 24 rows of mayor.csv have no 'Centro de coste', and are left out as no cost of a resource"
    assert f"  {told}" in said
    assert f"-- assumption: {told}." in mapping(book, LEDGER.name)


@pytest.mark.parametrize("form", ["year and month", "%m/%Y", "%Y%m", "0%m.%Y"])
def test_months_of_a_ledger_are_read_as_systems_write_them(tmp_path: Path, form: str) -> None:
    months = pd.period_range("2026-01", "2026-06", freq="M")
    costs = pd.DataFrame({"Cost Center": "Warehouse", "Amount in LC": 1_000.0 + np.arange(6)}, index=range(6))
    if form == "year and month":
        costs["GJAHR"], costs["PERIO"] = 2026, [f"{month.month:03d}" for month in months]
    else:
        costs["Period"] = [month.strftime(form) for month in months]
    book, _ = begin(tmp_path, lines=lines(), costs=costs)
    found = rows(book, LEDGER.name).set_index("period")["amount"].astype(float)
    assert found.to_dict() == {f"2026-{number + 1:02d}": 1_000.0 + number for number in range(6)}


def test_delivery_notes_give_lines_their_days(tmp_path: Path) -> None:
    data = lines(150).drop(columns="Order date")
    data["Delivery note"] = data["Order"].str.replace("S", "D")
    orders = lines(150).drop_duplicates("Order")
    notes = pd.DataFrame(
        {
            "Delivery note": orders["Order"].str.replace("S", "D"),
            "Order date": orders["Order date"],
            "Promised date": orders["Order date"] + timedelta(days=3),
            "Delivery date": orders["Order date"] + timedelta(days=4),
            "Urgent": np.where(np.arange(len(orders)) % 7 == 0, "Y", "N"),
        }
    )
    again = pd.concat([notes, notes.tail(1)])
    book, said = begin(tmp_path, lines=data, notes=again)
    found = rows(book, "order_lines")
    assert len(found) == len(data)
    waited = pd.to_datetime(found["delivered_date"]) - pd.to_datetime(found["order_date"])
    assert waited.dt.days.eq(4).all() and found["promised_date"].notna().all()
    assert found["priority"].eq("rush").sum() == 2 * notes["Urgent"].eq("Y").sum()
    assert "notes.csv: delivery notes" in {line.partition(" (")[0] for line in said}
    assert "  1 row repeats a 'Delivery note' of notes.csv: of each the first in the alphabet counts" in said


def test_an_order_head_that_stands_twice_does_not_double_its_lines(tmp_path: Path) -> None:
    star(tmp_path / "star")
    heads = pd.read_csv(tmp_path / "star" / "orders.csv", sep="|")
    big = pd.concat([heads.assign(o_orderkey=heads["o_orderkey"] + 1_000 * times) for times in range(3)])
    pd.concat([big, heads.head(1)]).to_csv(tmp_path / "star" / "orders.csv", sep="|", index=False)
    book = tmp_path / "book"
    said = start(book, [tmp_path / "star"]).lines
    assert read(book)["book"].rows == 180
    assert [line for line in said if line.endswith("of each the first in the alphabet counts")]


def test_events_are_called_as_the_cost_model_calls_them(tmp_path: Path) -> None:
    customers = sorted(lines()["Customer No."].unique())[:9]
    events = pd.DataFrame(
        {"Customer No.": customers, "Date": "2026-05-04", "Activity type": ["Visita", "Call", "Queja"] * 3}
    )
    book, _ = begin(tmp_path, lines=lines(), events=events)
    assert rows(book, EVENTS.name)["event"].value_counts().to_dict() == {"sales_visit": 3, "Call": 3, "service_call": 3}
    assert "-- assumption: events by their names: 'Queja' = service_call, 'Visita' = sales_visit." in mapping(
        book, "events"
    )


def test_events_of_one_kind_are_called_by_their_file(tmp_path: Path) -> None:
    customers = sorted(lines()["Customer No."].unique())
    visits = pd.DataFrame({"Customer No.": customers, "Date": "2026-05-04", "Minutes": 30})
    book, said = begin(tmp_path, lines=lines(), visits=visits)
    assert set(rows(book, EVENTS.name)["event"]) == {"sales_visit"}
    assert "sales_visits: {" in (book / "params" / "defaults.yml").read_text()
    assert "visits.csv: events" in {line.partition(" (")[0] for line in said}


def test_lines_of_which_some_have_no_cost_take_the_margin_of_the_others(tmp_path: Path) -> None:
    data = lines()
    data.loc[::10, "Cost amount"] = np.nan
    book, said = begin(tmp_path, lines=data)
    costed = data[data["Cost amount"].notna()]
    margin = round(1 - costed["Cost amount"].sum() / costed["Net amount"].sum(), 3)
    assert load(book / "params")[0].params.profile.assumed_gross_margin == margin
    told = f"18 of 180 lines have no cost of goods: profile.assumed_gross_margin, {margin:g}, stands in for it"
    assert f"  {told}" in said


def test_a_customer_has_the_channel_of_most_of_its_lines_where_its_file_says_none(tmp_path: Path) -> None:
    data = lines()
    data["Sales channel"] = np.where(np.arange(len(data)) % 6 == 0, "web", "field")
    data.loc[data["Customer No."] == "C003", "Sales channel"] = "web"
    customers = pd.DataFrame({"Customer No.": sorted(data["Customer No."].unique())[1:], "City": "Vigo"})
    book, _ = begin(tmp_path, lines=data, customers=customers)
    found = rows(book, "customers").set_index("customer_id")["channel"]
    most = data.groupby("Customer No.")["Sales channel"].agg(lambda values: values.value_counts().index[0])
    assert found[customers["Customer No."]].to_dict() == most[customers["Customer No."]].to_dict()
    assert len(found) == len(customers) + 1


def test_a_credit_note_is_no_order_and_no_drop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = lines()
    is_back = data["Order"].isin(data["Order"].unique()[::9])
    data.loc[is_back, ["Quantity", "Net amount", "Cost amount"]] *= -1
    book, _ = begin(tmp_path, lines=data)
    tables = compute(monkeypatch, book) / "tables"
    volume = pd.read_parquet(tables / "activities.parquet").set_index("activity")["volume"]
    newest = data["Order date"] >= date(2026, 4, 1)
    sold, all_ = data["Order"][newest & ~is_back].nunique(), data["Order"][newest].nunique()
    assert sold < all_
    assert volume[["order_entry", "packing", "delivery_drops", "account_care"]].eq(sold).all()
    assert volume["invoicing"] == all_ and volume["returns"] == all_ - sold
    used = pd.read_parquet(tables / "resources.parquet").set_index("resource")["utilisation"]
    assert used[["customer_service", "warehouse"]].tolist() == pytest.approx([0.85, 0.85], abs=0.001)


def test_what_brings_next_to_nothing_is_no_decision(tmp_path: Path) -> None:
    data = lines()
    book, _ = begin(tmp_path, lines=data)
    sales = data["Net amount"][data["Order date"] >= date(2026, 4, 1)].sum()
    gain = load(book / "params")[0].params.strategy.min_gain
    assert gain.money == float(f"{sales / 10_000:.1g}") > 0 and gain.share_of_sales == 0.001


def test_what_init_assumes_is_told_in_the_readers_language(tmp_path: Path) -> None:
    data = lines()
    data["Estado"] = np.where(data["Order"].isin(data["Order"].unique()[::8]), "Anulado", "Servido")
    book, _ = begin(tmp_path, lines=data)
    told = {Reader("es").remark(as_note(sentence)) for sentence in assumed(book)}
    assert "24 líneas quedan fuera por anuladas, pues 'Estado' es 'Anulado'" in told
    assert all(Reader("es").text(one.value.text) != one.value.text for one in Assumed)
    english = {Reader().remark(as_note(sentence)) for sentence in assumed(book)}
    assert english == {(sentence[:1].upper() + sentence[1:]).rstrip(".") for sentence in assumed(book)}


@pytest.mark.parametrize("heading", ["Cost", "Coste"])
@pytest.mark.parametrize("is_unit", [True, False])
def test_a_bare_cost_is_of_a_unit_or_of_the_line_as_its_size_says(tmp_path: Path, is_unit: bool, heading: str) -> None:
    data = lines()
    cost = data.pop("Cost amount")
    data[heading] = (cost / data["Quantity"]).round(4) if is_unit else cost
    book, said = begin(tmp_path, lines=data)
    assert rows(book, "order_lines")["cogs"].astype(float).sum() == pytest.approx(cost.sum(), rel=1e-4)
    assert [line for line in said if "as its size beside net sales says: is it what the goods cost?" in line]
    assert not [line for line in said if "no cost of goods" in line]


def test_a_bare_cost_of_either_size_is_left_alone_and_named(tmp_path: Path) -> None:
    data = lines().assign(Quantity=1).rename(columns={"Cost amount": "Cost"})
    data["Cost"] = data["Net amount"] * 0.7
    total = pd.DataFrame([{"Order": "Total", "Net amount": data["Net amount"].sum()}])
    _, said = begin(tmp_path, lines=pd.concat([data, total]))
    assert "not used of lines.csv: 'Cost'" in said


def test_a_customer_that_stands_twice_in_a_short_file_does_not_cost_the_file(tmp_path: Path) -> None:
    names = sorted(lines()["Customer No."].unique())
    customers = pd.DataFrame({"Customer No.": [*names, names[3]], "City": [*["Vigo"] * len(names), "Lugo"]})
    book, said = begin(tmp_path, lines=lines(), customers=customers)
    found = rows(book, "customers").set_index("customer_id")["city"]
    assert len(found) == len(names) and found[names[3]] == "Lugo"
    assert "customers.csv: customers" in {line.partition(" (")[0] for line in said}
    told = "1 row repeats a 'Customer No.' of customers.csv: of each the first in the alphabet counts"
    assert f"  {told}" in said and f"-- assumption: {told}." in mapping(book, "customers")


def test_nobody_waits_for_a_capacity_that_init_assumes(tmp_path: Path) -> None:
    book, _ = begin(tmp_path, lines=lines())
    resources = load(book / "params")[0].params.cost_model.resources
    assumed_ = {name: one.waits for name, one in resources.items() if one.capacity_minutes}
    assert assumed_ == dict.fromkeys(("customer_service", "warehouse", "administration"), False)


def test_what_a_lines_goods_cost_goes_before_what_the_product_costs(tmp_path: Path) -> None:
    data = lines()
    cost = data.pop("Cost amount")
    data["Unit cost"] = (cost / data["Quantity"]).round(4)
    products = pd.DataFrame({"Item No.": sorted(data["Item No."].unique()), "Unit cost": 1.0})
    book, _ = begin(tmp_path, lines=data, products=products)
    assert rows(book, "order_lines")["cogs"].astype(float).sum() == pytest.approx(cost.sum(), rel=1e-4)
    assert set(rows(book, "products")["unit_cost"].astype(float)) == {1.0}


@pytest.mark.parametrize("heading", ["Customer type", "Payment type"])
def test_kinds_of_something_else_than_a_document_turn_no_sign(tmp_path: Path, heading: str) -> None:
    data = lines()
    data[heading] = np.where(data["Customer No."] < "C006", "Return customer, credit note", "New")
    book, said = begin(tmp_path, lines=data)
    assert read(book)["book"].money == pytest.approx(data["Net amount"].sum(), abs=0.001)
    assert not [line for line in said if "take back" in line]


@pytest.mark.parametrize("times", [1, 1000])
def test_small_orders_are_those_that_are_small_beside_the_unit_s_own(tmp_path: Path, times: int) -> None:
    frame = lines()
    frame["Net amount"] *= times
    book, _ = begin(tmp_path, lines=frame)
    unit = load(book / "params")[0]
    newest = frame[pd.to_datetime(frame["Order date"]) >= "2026-04-01"]
    small = 0.3 * newest.groupby("Order")["Net amount"].sum().median()
    asked = unit.params.strategy.levers["minimum_order"]
    value = asked.settings["weekly"].value
    assert value == pytest.approx(small, rel=0.5)
    assert float(f"{value:.1g}") == value  # one figure
    assert asked.settings["fee"].fee == pytest.approx(0.06 * value, rel=0.2)
    labels = labels_of(unit.params.model_dump(mode="json", by_alias=True))
    reader = Reader("es", "EUR", labels, names_of(unit.params))
    told = f"Pedidos de menos de {value:,.0f} EUR: recargo".replace(",", ".")
    assert reader.word("minimum_order: fee", "option") == told


def test_events_of_several_files_are_all_read_however_each_writes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    visits = pd.DataFrame(
        {
            "Customer No.": ["C001", "C002"],
            "Date": ["2026-05-04", "2026-05-05"],
            "Event": ["Sales visit", "Sales visit"],
            "Duration (min)": [40, 55],
        }
    )
    complaints = pd.DataFrame({"Customer No.": ["C003"], "Complaint date": ["06.05.2026"], "Amount": ["12,50"]})
    calls = pd.DataFrame({"Customer No.": ["C004", "C004"], "Date": ["07/05/2026", "28/05/2026"]})
    book, said = begin(tmp_path, lines=lines(), visits=visits, complaints=complaints, service_calls=calls)
    told = "\n".join(said)
    assert all(f"{name}.csv: events" in told for name in ("visits", "complaints", "service_calls"))
    assert "not used" not in told
    found = rows(book, "events").sort_values(["customer_id", "event_date"]).astype("str")
    assert found["customer_id"].tolist() == ["C001", "C002", "C003", "C004", "C004"]
    days = ["2026-05-04", "2026-05-05", "2026-05-06", "2026-05-07", "2026-05-28"]
    assert found["event_date"].str[:10].tolist() == days
    assert found["event"].tolist() == ["sales_visit", "sales_visit", *["service_call"] * 3]
    assert found["minutes"].tolist()[:2] == ["40.0", "55.0"]
    folder = compute(monkeypatch, book, "--period", "2026-Q2")
    costs = pd.read_parquet(folder / "tables" / "customer_costs.parquet").set_index("activity")
    assert costs.loc[["sales_visits"], "customer_id"].tolist() == ["C001", "C002"]
    assert costs.loc[["complaints"], "minutes"].sum() == pytest.approx(3 * 20)


def test_payment_terms_in_words_are_days(tmp_path: Path) -> None:
    terms = {"30 days net": 30, "2/10 net 60": 60, "Contado": 0, "45 días f.f.": 45, None: np.nan}
    names = sorted(lines()["Customer No."].unique())
    told = np.resize(list(terms), len(names))
    customers = pd.DataFrame({"Customer No.": names, "Name": names, "Payment terms": told})
    book, _ = begin(tmp_path, lines=lines(), customers=customers)
    found = rows(book, "customers").set_index("customer_id")["payment_terms_days"].astype("float64")
    assert found[names].tolist() == pytest.approx([terms[each] for each in told], nan_ok=True)
    said = "payment_terms_days is the last number in 'Payment terms', as in '30 days net', 0 where paid at once."
    assert said in assumed(book)
    coded = customers.assign(**{"Payment terms": np.resize(["ZB12", "ZB30", "NT"], len(names))})
    (tmp_path / "coded").mkdir()
    book, _ = begin(tmp_path / "coded", lines=lines(), customers=coded)
    assert "payment_terms_days" not in rows(book, "customers")
