"""The workbook of tables: what a controller opens."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import golden
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from cts_lib import store
from cts_lib.display import Reader
from cts_lib.display.words import WORDS
from cts_lib.params.labels import LANGUAGES
from cts_lib.reporting.page import NOTEBOOKS
from cts_lib.sheets import book, write_workbook
from cts_lib.sheets.choice import SHEETS
from cts_lib.tables import OUTPUTS, Kind, conform

STAGES = [name.split("_", 1)[1] for name in NOTEBOOKS]


def kept_tables() -> dict[str, pd.DataFrame]:
    """The tables of a small unit, as they were computed."""
    tables = {}
    for path in sorted((golden.KEPT / "sample").glob("*.csv")):
        columns = {column.name: column for column in OUTPUTS[path.stem].columns if column.kind is Kind.TEXT}
        read = pd.read_csv(path, dtype=dict.fromkeys(columns, "str"), keep_default_na=False, na_values=[""])
        blank = {name: read[name].fillna("") for name, column in columns.items() if name in read and not column.null}
        tables[path.stem] = conform(path.stem, read.assign(**blank))
    return tables


@pytest.fixture(scope="module", params=LANGUAGES)
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Reader, Path]:
    folder, reader = tmp_path_factory.mktemp(request.param), Reader(request.param, "EUR")
    store.write_tables(folder / "tables", kept_tables(), "iberia", "2026-Q3")
    write_workbook(folder, reader, "Iberia, 2026-Q3")
    return reader, folder


def parts_of(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as opened:
        return {name: opened.read(name).decode() for name in opened.namelist() if name.endswith(".xml")}


def rows_of(folder: Path, sheet: str) -> list[list[object]]:
    opened = CalamineWorkbook.from_path(folder / "tables.xlsx").get_sheet_by_name(sheet)
    return [list(row) for row in opened.to_python()]


def names_of(folder: Path) -> list[str]:
    return list(CalamineWorkbook.from_path(folder / "tables.xlsx").sheet_names)


def test_sheets_stand_in_the_order_of_the_report_and_every_table_as_stored_behind(written: tuple[Reader, Path]) -> None:
    reader, folder = written
    rows = {name: len(table) for name, table in kept_tables().items()}
    read = [reader.text(sheet.title) for sheet in SHEETS if rows[sheet.table]]
    behind = [f"{name}.parquet" for name in OUTPUTS]
    assert names_of(folder) == [reader.text("Contents"), *read, *behind, "columns"]
    stages = [STAGES.index(OUTPUTS[sheet.table].stage) for sheet in SHEETS]
    assert stages == sorted(stages)


def test_names_of_sheets_are_in_the_language_unique_and_short(written: tuple[Reader, Path]) -> None:
    reader, folder = written
    names = names_of(folder)
    assert len({name.casefold() for name in names}) == len(names)
    assert all(len(name) <= 31 for name in names)
    if reader.language == "es":
        assert not {sheet.title for sheet in SHEETS} & set(names)


def test_headings_and_values_are_in_the_language(written: tuple[Reader, Path]) -> None:
    reader, folder = written
    sheet = next(sheet for sheet in SHEETS if sheet.table == "channel_profit")
    heading = rows_of(folder, reader.text(sheet.title))[0]
    assert heading == [reader.label(name) for name in sheet.columns]
    levels = {row[3] for row in rows_of(folder, reader.text("Segment of each customer"))[1:]}
    assert levels == ({"Bajo", "Alto"} if reader.language == "es" else {"Low", "High"})


def test_every_column_that_people_read_has_a_word_and_a_meaning() -> None:
    for sheet in SHEETS:
        for name in sheet.columns:
            assert name in WORDS, f"{sheet.table}.{name}"
            assert sheet.column(name).meaning
        assert set(sheet.sums) <= set(sheet.columns)
        assert not (sheet.sums and OUTPUTS[sheet.table].totals), f"{sheet.table} has total rows of its own"


def test_figures_are_those_of_the_tables_to_the_last_digit(written: tuple[Reader, Path]) -> None:
    reader, folder = written
    for sheet in SHEETS:
        table = store.read_table(folder, sheet.table)
        if table.empty or sheet.table == "customer_terms":  # that one shows of each customer the easiest term
            continue
        rows = rows_of(folder, reader.text(sheet.title))[1:]
        for at, name in enumerate(sheet.columns):
            if sheet.column(name).kind in (Kind.NUMBER, Kind.INTEGER):
                found = [row[at] for row in rows[: len(table)]]
                wanted = ["" if pd.isna(x) else float(x) for x in table[name]]
                assert found == pytest.approx(wanted, rel=1e-14) if "" not in wanted else found == wanted, name


def test_sums_are_figures_below_the_rows_and_outside_the_filter(written: tuple[Reader, Path]) -> None:
    reader, folder = written
    sheet = next(sheet for sheet in SHEETS if sheet.table == "channel_profit")
    table, rows = store.read_table(folder, sheet.table), rows_of(folder, reader.text(sheet.title))
    assert rows[-1][0] == reader.text("Total")
    assert rows[-1][sheet.columns.index("profit")] == pytest.approx(table["profit"].sum())
    place = names_of(folder).index(reader.text(sheet.title)) + 1
    xml = parts_of(folder / "tables.xlsx")[f"xl/worksheets/sheet{place}.xml"]
    assert f'<autoFilter ref="A1:J{len(table) + 1}"/>' in xml
    assert 'state="frozen"' in xml
    assert 'ySplit="1"' in xml


def formats_of(folder: Path, sheet: str) -> list[str]:
    """The format of each cell of the second row."""
    parts = parts_of(folder / "tables.xlsx")
    known = dict(re.findall(r'<numFmt numFmtId="(\d+)" formatCode="(.*?)"/>', parts["xl/styles.xml"]))
    known |= {"0": "", "3": "#,##0", "4": "#,##0.00", "10": "0.00%"}
    looks = re.findall(r'<xf numFmtId="(\d+)"', parts["xl/styles.xml"].partition("<cellXfs")[2])
    xml = parts[f"xl/worksheets/sheet{names_of(folder).index(sheet) + 1}.xml"]
    row = re.search(r'<row r="2".*?</row>', xml, re.DOTALL)
    assert row
    cells = re.findall(r'<c r="\w+"( s="(\d+)")?', row[0])
    return [known[looks[int(place or 0)]] for _, place in cells]


def test_money_shares_rates_and_dates_have_their_formats(written: tuple[Reader, Path]) -> None:
    reader, folder = written
    resources = formats_of(folder, reader.text("Resources"))
    assert resources[1] == "#,##0"  # ledger
    assert resources[-2:] == ["0.0%", "#,##0.0000"]  # utilisation, rate
    activities = formats_of(folder, reader.text("Activities"))
    assert activities[-2:] == ["#,##0", "#,##0"] or activities[-1] == "#,##0.00"
    assert formats_of(folder, reader.text("Decisions"))[-1] == {"en": "d mmm yyyy", "es": "dd/mm/yyyy"}[reader.language]


def test_an_indicator_stands_in_its_own_unit(written: tuple[Reader, Path]) -> None:
    reader, folder = written
    parts, place = parts_of(folder / "tables.xlsx"), names_of(folder).index(reader.text("Indicators")) + 1
    looks = re.findall(r'<xf numFmtId="(\d+)"', parts["xl/styles.xml"].partition("<cellXfs")[2])
    known = dict(re.findall(r'<numFmt numFmtId="(\d+)" formatCode="(.*?)"/>', parts["xl/styles.xml"])) | {"3": "#,##0"}
    styles = re.findall(r'<c r="D(\d+)" s="(\d+)"', parts[f"xl/worksheets/sheet{place}.xml"])
    kpis = store.read_table(folder, "kpis")["kpi"]
    found = {kpis.iloc[int(row) - 2]: known.get(looks[int(style)]) for row, style in styles if int(row) > 1}
    assert found["on_time"] == "0.0%"
    assert found["net_sales"] == "#,##0"


def test_the_contents_link_to_every_sheet_and_say_what_columns_mean(written: tuple[Reader, Path]) -> None:
    reader, folder = written
    names, rows = names_of(folder), rows_of(folder, reader.text("Contents"))
    assert rows[0][0] == "Iberia, 2026-Q3"
    links = re.findall(r"location=\"'(.*?)'!A1\"", parts_of(folder / "tables.xlsx")["xl/worksheets/sheet1.xml"])
    assert links == names[1:-1]
    told = [row[1:] for row in rows if row[0] == reader.text("Channels")]
    meaning = OUTPUTS["channel_profit"].column("profit")
    assert meaning
    assert [reader.label("profit"), "EUR", reader.text(meaning.meaning)] in told


def test_no_cell_is_a_formula_or_an_address_whatever_it_holds(tmp_path: Path) -> None:
    hostile = ["=1+1", "=HYPERLINK(1)", "http://example.org", "007", "+1", "@a", "'; --", "x" * 40_000]
    table = pd.DataFrame({"line": hostile, "amount": 1.0})
    costs = pd.DataFrame({"customer_id": hostile, "channel": hostile, "activity": hostile, "resource": hostile})
    costs = costs.assign(volume=1.0, missing=0.0, driver_quantity=1.0, minutes=1.0, cost=float("nan"))
    store.write_tables(tmp_path / "tables", {"statement": table, "customer_costs": costs}, "north", "2026-Q1")
    write_workbook(tmp_path, Reader("es", "EUR"), "=1+1")
    write_workbook(tmp_path, Reader("es", "EUR"), "=1+1")
    text = "".join(parts_of(tmp_path / "tables.xlsx").values())
    assert not re.search(r"<f[ >]", text)
    assert all(f">{word}<" in text for word in hostile[:6])
    assert "<hyperlink r:id" not in text


def test_a_table_of_too_many_rows_is_named_and_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "MOST_ROWS", 2)
    tables = {"statement": pd.DataFrame({"line": list("abc"), "amount": [1.0] * 3}), "channel_profit": pd.DataFrame()}
    store.write_tables(tmp_path / "tables", tables, "north", "2026-Q1")
    write_workbook(tmp_path, Reader(), "North")
    assert names_of(tmp_path) == ["Contents", "channel_profit.parquet", "columns"]
    rows = rows_of(tmp_path, "Contents")
    assert ["From sales to profit", "Profile", 3.0, "Left out: 3 rows. Its Parquet file has them."] in rows


def test_each_table_as_stored_is_as_stored(written: tuple[Reader, Path]) -> None:
    _, folder = written
    table = store.read_table(folder, "decisions")
    rows = rows_of(folder, "decisions.parquet")
    assert rows[0] == list(table.columns)
    assert len(rows) == len(table) + 1
    assert [row[3] for row in rows[1:]] == list(table["lever"])
