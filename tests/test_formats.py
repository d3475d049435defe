"""How numbers, dates and files are written: every declared notation gives the same figures, no other passes unseen."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from small_workbook import CUSTOMERS, LEDGER, PRODUCTS, compute, line, make_workbook, row, taken_in

from cts_lib.engine import DuckDB, quote
from cts_lib.errors import CtsError, DataError
from cts_lib.intake.files import header_of
from cts_lib.intake.notation import NUMBERS, date_sql, is_number, number_sql, with_sign
from cts_lib.params import Formats
from cts_lib.tables.contract import Reason

DUCKDB = DuckDB(threads=1)
NOTATIONS = st.sampled_from(NUMBERS)
AMOUNTS = st.decimals(min_value=-10_000_000, max_value=10_000_000, places=2, allow_nan=False)
MARKS = st.sampled_from(["-{}", "{}-", "({})"])


def read(sql: str) -> Any:
    return DUCKDB.query(f"SELECT {sql} AS value").to_pylist()[0]["value"]


def in_euros(formats: Formats) -> Formats:
    return with_sign(formats, "€")


EUROS = in_euros(NUMBERS[1])


@pytest.mark.parametrize("text", ["1234,5 €", "€1234,5", "€ 1234,50", "1234,5\N{NO-BREAK SPACE}€", "1234,5"])
def test_an_amount_beside_its_sign_is_read(text: str) -> None:
    assert read(number_sql(quote(text), EUROS)) == 1234.5
    assert read(number_sql(quote(f"({text})"), EUROS)) == -1234.5


@pytest.mark.parametrize("text", ["1234€5", "$5", "5 $", "€", "5 kg"])
def test_another_sign_or_one_among_the_digits_is_no_number(text: str) -> None:
    assert read(number_sql(quote(text), EUROS)) is None


def written(amount: Any, formats: Formats, mark: str) -> str:
    """An amount as a person or program writes it in a notation."""
    text = f"{abs(amount):,.2f}".replace(",", "#").replace(".", formats.decimal)
    text = text.replace("#", formats.thousands or "")
    return mark.format(text) if amount < 0 else text


@given(AMOUNTS, NOTATIONS, MARKS)
def test_an_amount_is_read_in_the_notation_that_it_is_written_in(amount: Any, formats: Formats, mark: str) -> None:
    text = written(amount, formats, mark)
    assert read(number_sql(quote(text), formats)) == pytest.approx(float(amount), abs=1e-9)
    assert is_number(text, formats)


@example("-0-", Formats())
@example("(-5)", Formats())
@example("+-5", Formats())
@example("5 -", Formats())
@example("-€ 5", EUROS)
@example("5- €", EUROS)
@example("€5€", EUROS)
@example("1€5", EUROS)
@given(st.text(st.sampled_from("0123456789.,' -+()e€"), max_size=9), NOTATIONS | NOTATIONS.map(in_euros))
def test_the_engine_and_the_hint_agree_about_what_a_number_is(text: str, formats: Formats) -> None:
    in_engine = read(number_sql(quote(text), formats))
    assert (in_engine is not None) == is_number(text, formats), f"{text!r}: {in_engine}"


@given(AMOUNTS, NOTATIONS, NOTATIONS)
def test_a_number_of_another_notation_is_never_read_as_something_else_in_silence(
    amount: Any, theirs: Formats, ours: Formats
) -> None:
    text = written(amount, theirs, "-{}")
    value = read(number_sql(quote(text), ours))
    thousandfold = theirs.thousands == ours.decimal and text.count(ours.decimal) == 1 and theirs.decimal not in text
    assert value is None or value == pytest.approx(float(amount)) or thousandfold or theirs.decimal == ours.thousands


@given(st.dates(date(1970, 1, 1), date(2068, 12, 31)), st.sampled_from(["%d.%m.%Y", "%m/%d/%y", "%Y%m%d", "%d-%b-%y"]))
def test_a_date_is_read_as_it_is_written(day: date, form: str) -> None:
    assert read(date_sql(quote(day.strftime(form)), Formats(date=("%Y-%m-%d", form)), None)) == day


@pytest.mark.parametrize("form", ["%d.%m.%Y", "%d/%m/%Y %H:%M"])
def test_a_year_of_two_digits_is_not_the_year_26(form: str) -> None:
    assert read(date_sql(quote(date(2026, 3, 31).strftime(form)), Formats(date=form), None)) == date(2026, 3, 31)
    assert read(date_sql(quote(date(2026, 3, 31).strftime(form.replace("%Y", "%y"))), Formats(date=form), None)) is None


@pytest.mark.parametrize("text", ["epoch", "infinity", "-infinity", "today", "2026-02-30", "31.12.2026", ""])
def test_a_word_is_no_date(text: str) -> None:
    assert read(date_sql(quote(text), Formats(), None)) is None


@pytest.mark.parametrize(
    ("text", "zone", "day"),
    [
        ("2026-03-31T23:30:00Z", None, date(2026, 3, 31)),
        ("2026-03-31T23:30:00Z", "Europe/Madrid", date(2026, 4, 1)),
        ("2026-03-31 23:30:00+02:00", None, date(2026, 3, 31)),
        ("2026-03-31 01:30:00+02", "America/New_York", date(2026, 3, 30)),
        ("2026-03-31 23:30:00", "Europe/Madrid", date(2026, 3, 31)),
        ("2026-03-31", "America/New_York", date(2026, 3, 31)),
    ],
)
def test_a_stamp_with_a_zone_becomes_a_day_where_params_say(text: str, zone: str | None, day: date) -> None:
    assert read(date_sql(quote(text), Formats(), zone)) == day


@pytest.mark.parametrize("zone", [None, "America/New_York"])
def test_a_stamp_falls_on_one_day_in_csv_and_parquet(tmp_path: Path, zone: str | None) -> None:
    stamps = pd.to_datetime(["2026-03-31 23:30", "2026-04-01 00:30", "2026-01-01 08:00"]).tz_localize("Europe/Madrid")
    lines = [line(f"o{place}", order_date=stamp.isoformat()) for place, stamp in enumerate(stamps)]
    found = []
    for form in ("csv", "parquet"):
        source = {"path": "data"} | ({"time_zone": zone} if zone else {})
        params = make_workbook(tmp_path / form, lines, ledger=LEDGER, source=source)
        if form == "parquet":
            place = tmp_path / form / "data" / "order_lines.csv"
            frame = pd.read_csv(place, dtype=str).assign(order_date=stamps)
            place.unlink()
            frame.to_parquet(place.with_suffix(".parquet"))
        found.append(compute(params).tables["profile"]["customer_profit"]["orders"].sum())
    assert found == ([2, 2] if zone is None else [3, 3])


def test_one_cell_in_another_notation_stops_the_unit_and_names_what_would_read_it(tmp_path: Path) -> None:
    lines = [line(f"o{place}") for place in range(300)] + [line("big", net_sales="100,000.00")]
    with pytest.raises(DataError) as error:
        compute(make_workbook(tmp_path, lines, ledger=LEDGER))
    assert str(error.value) == (
        "north, order_lines, net_sales, row big / 1: '100,000.00' is a number in another notation than "
        '{decimal: "."} (1 cell); write them alike; source.formats: {decimal: ".", thousands: ","} reads this'
    )
    overrides = ['source.formats={decimal: ".", thousands: ","}']
    found = compute(tmp_path / "params", overrides=overrides).tables["profile"]
    assert found["customer_profit"]["net_sales"].sum() == 130_000


def test_money_that_cannot_be_read_is_unknown_not_nothing(tmp_path: Path) -> None:
    found = taken_in(tmp_path, [line(), line("o2", net_sales="n/a"), line("o3", order_date="2026-02-30")])
    counts = row(found["quality"], table="order_lines")
    assert counts[["read", "rejected", "accepted"]].tolist() == [3, 2, 1]
    assert pd.isna(counts["money_rejected"])
    assert pd.isna(counts["money_read"])
    assert row(found["rejected_rows"], row="o3 / 1")["money"] == 100
    assert pd.isna(row(found["rejected_rows"], row="o2 / 1")["money"])


def test_dates_that_cannot_be_read_are_told_with_values_rows_and_what_would_read_them(tmp_path: Path) -> None:
    odd = [line("o1", order_date="25/03/2026"), line("o2", order_date="25/03/2026"), line("o3", order_date="4/3/2026")]
    with pytest.raises(DataError) as error:
        compute(make_workbook(tmp_path, odd, ledger=LEDGER))
    assert "none of its 3 order lines has a date that can be read: '25/03/2026', '4/3/2026'" in str(error.value)
    assert "source.formats: {date: '%d/%m/%Y'} reads these" in str(error.value)
    with pytest.raises(DataError) as error:
        compute(make_workbook(tmp_path, [*odd, line("o4")], ledger=LEDGER))
    assert "order_lines, order_date: 3 of 4 rows rejected (75.0%)" in str(error.value)
    assert "'25/03/2026' in row o1 / 1 and 1 more" in str(error.value)
    assert "source.formats: {date: '%d/%m/%Y'}" in str(error.value)
    assert error.value.rejected is not None
    assert error.value.rejected["reason"].unique().tolist() == [Reason.NOT_A_DATE.value]


def test_a_ledger_period_in_another_form_is_told_as_it_should_be_written(tmp_path: Path) -> None:
    ledger = [LEDGER[0] | {"period": "202603"}]
    with pytest.raises(DataError, match=r"'202603' in row .* \(write 2026-03\)"):
        compute(make_workbook(tmp_path, ledger=ledger))


@pytest.mark.parametrize(
    ("formats", "told"),
    [
        ({"decimal": ",", "thousands": ","}, "decimal and thousands are both ','; give two signs"),
        ({"date": "%d.%m"}, "'%d.%m' is no date; write one year, month and day, as in %d.%m.%Y"),
        ({"date": "%d.%q.%Y"}, "'%q' in '%d.%q.%Y'; known are"),
        ({"encoding": "klingon"}, "no encoding 'klingon'"),
        ({"thousand": "."}, "unknown key 'thousand'"),
    ],
)
def test_formats_that_cannot_be_are_told(tmp_path: Path, formats: dict[str, Any], told: str) -> None:
    params = make_workbook(tmp_path, source={"path": "data", "formats": formats})
    with pytest.raises(CtsError) as error:
        compute(params)
    assert told in str(error.value)
    assert "defaults.yml, source.formats" in str(error.value)


def test_a_workbook_of_an_office_is_read_as_it_is_exported(tmp_path: Path) -> None:
    """Semicolons, decimal commas, points between thousands, dates of the country, cp1252, a title, minus behind."""
    formats = {"decimal": ",", "thousands": ".", "date": "%d.%m.%Y", "encoding": "cp1252"}
    customers = [{"customer_id": "0001", "name": "Müller & Söhne €"}]
    lines = [
        line("o1", customer_id="0001", order_date="02.02.2026", net_sales="1.234,50", cogs="1.000,00"),
        line("o2", customer_id="0001", order_date="03.02.2026", net_sales="34,50-", quantity="1-", cogs="0"),
    ]
    source = {"path": "data", "formats": formats, "header_row": {"order_lines": 3}}
    params = make_workbook(tmp_path, lines, customers=customers, ledger=[], source=source)
    for path in (tmp_path / "data").glob("*.csv"):
        text = pd.read_csv(path, dtype=str).to_csv(index=False, sep=";")
        title = "Auswertung Aufträge;;\n;;\n" if path.stem == "order_lines" else ""
        path.write_bytes((title + text).encode("cp1252"))
    found = compute(params, overrides=["cost_model.resources.desk.cost=1000"]).tables["profile"]["customer_profit"]
    assert found[["net_sales", "cogs"]].iloc[0].tolist() == [1200.0, 1000.0]
    assert found["name"].tolist() == ["Müller & Söhne €"]


def in_excel(folder: Path, tables: dict[str, pd.DataFrame], rows_above: int = 0) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with pd.ExcelWriter(folder, engine="xlsxwriter") as writer:
        for name, frame in tables.items():
            frame.to_excel(writer, sheet_name=name, index=False, startrow=rows_above)


def test_sheets_of_an_excel_file_give_the_figures_of_csv(tmp_path: Path) -> None:
    lines = [line("0007", order_date="2026-02-02", net_sales="120.5"), line("8", customer_id="c2")]
    expected = compute(make_workbook(tmp_path / "csv", lines, ledger=LEDGER)).tables["profile"]
    typed = pd.DataFrame(lines).assign(order_date=pd.Timestamp("2026-02-02"))
    typed = typed.astype({"quantity": int, "net_sales": float, "cogs": float, "line_no": int})
    tables = {
        "Customers": pd.DataFrame(CUSTOMERS),
        "products": pd.DataFrame(PRODUCTS),
        "Pedidos 2026": typed,
        "ledger": pd.DataFrame(LEDGER),
    }
    source = {"path": "book.xlsx", "sheet": {"order_lines": "Pedidos 2026"}, "header_row": 3}
    params = make_workbook(tmp_path / "excel", lines, source=source)
    in_excel(tmp_path / "excel" / "book.xlsx", tables, rows_above=2)
    found = compute(params).tables["profile"]
    for name, table in expected.items():
        pd.testing.assert_frame_equal(found[name], table, obj=name)


def test_an_excel_file_without_the_sheet_is_told(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, source={"path": "book.xlsx", "sheet": {"products": "Artikel"}})
    in_excel(tmp_path / "book.xlsx", {"customers": pd.DataFrame(CUSTOMERS)})
    with pytest.raises(CtsError) as error:
        compute(params)
    assert "book.xlsx: no sheet 'Artikel'; has customers" in str(error.value)
    assert "no table order_lines" in str(error.value)


def test_a_folder_of_several_files_is_one_table_and_names_of_programs_are_left_alone(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, ledger=LEDGER)
    folder = tmp_path / "data" / "order_lines"
    folder.mkdir()
    (tmp_path / "data" / "order_lines.csv").unlink()
    for place, name in enumerate(("2026-01.csv", "2026-02.csv", "_temporary/0/part.csv", ".part.csv")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame([line(f"o{place}")]).to_csv(folder / name, index=False)
    assert compute(params).tables["profile"]["customer_profit"]["net_sales"].sum() == 200
    pd.DataFrame([line("o9")]).drop(columns="cogs").to_csv(folder / "2026-03.csv", index=False)
    with pytest.raises(CtsError, match=r"2026-03\.csv: its header line reads .* as in 2026-01\.csv"):
        compute(params)


def test_commas_within_column_names_part_no_cells(tmp_path: Path) -> None:
    file = tmp_path / "lines.csv"
    file.write_text('"Name, first";"Sum, net"\nAna;1,5\nEva;2,5\n')
    assert header_of(file, Formats(), 1).names == ("Name, first", "Sum, net")


def test_a_file_whose_end_is_no_line_is_told(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, ledger=LEDGER)
    with (tmp_path / "data" / "order_lines.csv").open("a") as file:
        file.write("x" * 2_500_000)
    with pytest.raises(CtsError, match=r"order_lines\.csv: its last 2,500,000 bytes hold no end of a line"):
        compute(params)


def test_a_column_that_is_empty_this_month_stops_no_model(tmp_path: Path) -> None:
    model = {
        "resources": {"desk": {"capacity_minutes": 1000}},
        "activities": {
            "entry": {"resource": "desk", "per": "order", "minutes": "40"},
            "export": {"per": "order", "driver": "1 + pallets", "rate": 5, "when": "grade = 'A'"},
        },
    }
    lines = [line(grade="A", pallets="2"), line("o2", grade="B", pallets="1")]
    filled = compute(make_workbook(tmp_path / "full", lines, model, ledger=LEDGER)).tables["profile"]
    assert row(filled["customer_costs"], activity="export")["cost"] == 15
    lines = [line(grade="", pallets=""), line("o2", grade="", pallets="")]
    empty = compute(make_workbook(tmp_path / "empty", lines, model, ledger=LEDGER)).tables["profile"]
    assert "export" not in set(empty["customer_costs"]["activity"])


def test_unit_files_of_programs_are_no_units(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, ledger=LEDGER)
    for name in ("_old.yml", ".north.yml.swp.yml"):
        (params / "units" / name).write_text("unit: [broken", encoding="utf-8")
    assert len(compute(params).tables["profile"]["customer_profit"]) == 1
