"""Taking tables in: every kind of file gives the same tables, and what cannot be read is told."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest
from small_workbook import (
    CUSTOMERS,
    LEDGER,
    MINUTES,
    PRODUCTS,
    QUARTER,
    compute,
    event,
    line,
    make_workbook,
    row,
    taken_in,
)

from cts_lib.errors import CtsError, DataError, Problems, SourceError

EVERY_STAGE = ("profile", "segment", "strategy", "evaluate", "govern")

ROWS = [
    line("007", "01", quantity="1.5", order_date="2026-02-02", colour="red", urgent="true", size="1", code="007"),
    line("o2", "2", "c2", quantity="-1", net_sales="-10", colour="blue", urgent="false", size="2.5", code="0x1"),
    line("o3", "3", "c2", net_sales="12", colour="", urgent="", size="", code=""),
]
SAME_MODEL = {
    "resources": {"desk": {"capacity_minutes": 1000}},
    "activities": {
        "entry": {
            "resource": "desk",
            "per": "line",
            "minutes": "1 + 10*urgent + size",
            "when": "colour = 'red' OR size > 2",
        }
    },
}


def written_as(folder: Path, form: str) -> Path:
    """Write the same workbook in another form."""
    params = make_workbook(folder, ROWS, SAME_MODEL, ledger=LEDGER)
    for path in sorted((folder / "data").glob("*.csv")):
        text = path.read_text(encoding="utf-8")
        frame = pd.read_csv(path, dtype="str", keep_default_na=False).replace("", None)
        if form in ("csv", "semicolon", "bom", "crlf"):
            text = text.replace(",", ";") if form == "semicolon" else text
            text = text.replace("\n", "\r\n") if form == "crlf" else text
            path.write_text(text, encoding="utf-8-sig" if form == "bom" else "utf-8", newline="")
            continue
        path.unlink()
        if form == "csv.gz":
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(text.encode()))
        elif form == "parquet":
            frame.to_parquet(path.with_suffix(".parquet"))
        elif form == "typed parquet":
            for name in ("quantity", "net_sales", "cogs", "size", "amount"):
                if name in frame:
                    frame[name] = pd.to_numeric(frame[name])
            if "order_date" in frame:
                frame["order_date"] = pd.to_datetime(frame["order_date"])
                frame["urgent"] = frame["urgent"].map({"true": True, "false": False}).astype("boolean")
            frame.to_parquet(path.with_suffix(".parquet"))
        else:
            (folder / "data" / path.stem).mkdir()
            frame.iloc[:1].to_parquet(folder / "data" / path.stem / "a.parquet")
            frame.iloc[1:].to_parquet(folder / "data" / path.stem / "b.parquet")
    return params


@pytest.mark.parametrize("form", ["semicolon", "bom", "crlf", "csv.gz", "parquet", "typed parquet", "folder"])
def test_every_kind_of_file_gives_the_same_tables(tmp_path: Path, form: str) -> None:
    expected = compute(written_as(tmp_path / "csv", "csv")).tables["profile"]
    found = compute(written_as(tmp_path / "other", form)).tables["profile"]
    assert row(expected["activities"], activity="entry")["volume"] == 2
    for name, table in expected.items():
        pd.testing.assert_frame_equal(found[name], table, obj=f"{name} of {form}")


def test_identifiers_keep_their_leading_zeros(tmp_path: Path) -> None:
    customers = [{"customer_id": "007"}, {"customer_id": "7"}]
    found = taken_in(tmp_path, [line(customer_id="007"), line("o2", customer_id="7")], customers=customers)
    assert list(found["customer_costs"]["customer_id"]) == ["007", "7"]


def test_extra_columns_of_any_name_are_kept_and_become_dimensions(tmp_path: Path) -> None:
    names = ['a"b', "it's", "a b;--", "lines", "value", "week", "select", "Größe", "{params}", "%s", "a.b", "customer"]
    params = make_workbook(
        tmp_path,
        [line(**dict.fromkeys(names, "x")), line("o2", **dict.fromkeys(names, "y"))],
        customers=[customer | dict.fromkeys(names, "k") for customer in CUSTOMERS],
        products=[product | dict.fromkeys(names, "p") for product in PRODUCTS],
        events=[event("visit", **dict.fromkeys(names, "e"))],
        ledger=LEDGER,
    )
    found = compute(params, QUARTER, EVERY_STAGE).tables["profile"]["profile"]
    values = {dimension: set(rows["value"]) for dimension, rows in found.groupby("dimension")}
    for name in names[:-1]:  # dimension customer is the customer
        assert (values[name], values[f"line_{name}"]) == ({"k"}, {"x", "y"}), name


def test_a_column_whose_name_holds_a_nul_is_refused(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, ledger=LEDGER)
    path = tmp_path / "data" / "customers.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("channel", "channe\0"), encoding="utf-8")
    with pytest.raises(CtsError) as error:
        compute(params)
    assert str(error.value) == f"{path}: the name of column 'channe\\x00' holds a NUL; name it without"


def test_a_column_that_the_workbook_derives_itself_is_left_out_and_told(tmp_path: Path) -> None:
    names = ["rush", "new_customer", "_fault", "scenario", "replication", "_line_order"]
    model = MINUTES | {
        "activities": {"entry": {"resource": "desk", "per": "order", "minutes": "40 + 5*rush + 5*new_customer"}}
    }
    params = make_workbook(
        tmp_path,
        [line(priority="rush", **dict.fromkeys(names, "5"))],
        model,
        customers=[customer | dict.fromkeys(names, "5") | {"customer_since": "2020-01-01"} for customer in CUSTOMERS],
        ledger=LEDGER,
    )
    results = compute(params, QUARTER, EVERY_STAGE)
    assert row(results.tables["profile"]["activities"], activity="entry")["minutes"] == 45
    texts = [assumption["text"] for assumption in results.manifest["assumptions"]]
    assert all(sum(f"Column '{name}'" in text for text in texts) == 2 for name in names)


def test_hostile_words_in_the_rows_stay_words(tmp_path: Path) -> None:
    words = ["'; DROP TABLE lines; --", '"quoted", with comma', "two\nlines", "=1+1", "<b>", "ñ 漢", "\x1f"]
    customers = [{"customer_id": word, "channel": word} for word in words]
    found = taken_in(
        tmp_path, [line(f"o{place}", customer_id=word) for place, word in enumerate(words)], customers=customers
    )
    assert set(found["customer_profit"]["customer_id"]) == set(words)
    assert set(found["channel_profit"]["channel"]) == set(words)


@pytest.mark.parametrize("folder", ["a b", "it's", "a[1]", "50%*", "ünï"])
def test_a_folder_may_have_any_name(tmp_path: Path, folder: str) -> None:
    assert len(taken_in(tmp_path / folder)["customer_profit"]) == 1


def test_columns_that_are_missing_are_told_all_at_once(tmp_path: Path) -> None:
    params = make_workbook(tmp_path)
    (tmp_path / "data" / "products.csv").unlink()
    (tmp_path / "data" / "customers.csv").write_text("name,Channel\nx,y\n")
    with pytest.raises(Problems) as told:
        compute(params)
    lines = [str(problem) for problem in told.value.problems]
    assert any("column 'customer_id' is missing; has name, Channel" in text for text in lines)
    assert any("column 'Channel' is in other letters; write it 'channel'" in text for text in lines)
    assert any("no table products; write products.parquet, .csv, .csv.gz or .xlsx" in text for text in lines)


def test_two_files_of_one_table_are_refused(tmp_path: Path) -> None:
    params = make_workbook(tmp_path)
    pd.DataFrame(PRODUCTS).to_parquet(tmp_path / "data" / "products.parquet")
    with pytest.raises(CtsError, match=r"products\.parquet and products\.csv; keep one of them"):
        compute(params)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "an empty file"),
        (b"customer_id,name,name\nc1,a,b\n", "column 'name' stands twice"),
        ("customer_id,name\nc1,Ñu\n".encode("latin-1"), "cannot be read as UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    params = make_workbook(tmp_path)
    (tmp_path / "data" / "customers.csv").write_bytes(content)
    with pytest.raises(CtsError, match=told):
        compute(params)


def test_a_file_that_is_no_parquet_is_told(tmp_path: Path) -> None:
    params = make_workbook(tmp_path)
    (tmp_path / "data" / "products.csv").rename(tmp_path / "data" / "products.parquet")
    with pytest.raises(CtsError, match=r"products\.parquet"):
        compute(params)


def test_optional_tables_may_be_absent_or_empty_alike(tmp_path: Path) -> None:
    absent = taken_in(tmp_path / "absent")
    params = make_workbook(tmp_path / "empty", ledger=LEDGER, quality={"max_rejected_share": 0.9})
    (tmp_path / "empty" / "data" / "events.csv").write_text("business_unit,customer_id,event_date,event\n")
    empty = compute(params).tables["profile"]
    quality = absent["quality"]
    assert not quality.loc[quality["table"] == "events", "given"].any()
    absent["quality"] = quality.assign(given=quality["given"] | (quality["table"] == "events"))  # that alone differs
    for name, table in absent.items():
        pd.testing.assert_frame_equal(empty[name], table)


def test_optional_columns_may_be_absent_or_empty_alike(tmp_path: Path) -> None:
    optional = ("gross_sales", "channel", "order_method", "priority", "promised_date", "shipped_date", "shipment_id")
    absent = taken_in(tmp_path / "absent")
    empty = taken_in(tmp_path / "empty", [line(**dict.fromkeys(optional, ""))])
    for name, table in absent.items():
        pd.testing.assert_frame_equal(empty[name], table)


def test_defaults_fill_what_the_lines_leave_out(tmp_path: Path) -> None:
    model = {
        "resources": {"desk": {"capacity_minutes": 1000}},
        "activities": {"carry": {"resource": "desk", "per": "shipment", "minutes": "weight_kg"}},
    }
    bare = line(cogs="", quantity=4)
    products = [{"product_id": "p1", "unit_weight_kg": 2.5, "unit_cost": 3}]
    found = taken_in(
        tmp_path, [bare, line("o2", quantity=-1, net_sales=-9, cogs="", weight_kg=1)], model, products=products
    )
    profit = found["customer_profit"].iloc[0]
    assert (profit["cogs"], profit["gross_sales"], profit["discounts"]) == (9.0, 91.0, 0.0)
    assert row(found["activities"], activity="carry")["minutes"] == 11.0
    assert list(found["channel_profit"]["channel"]) == ["direct"]


def test_lines_without_any_cost_of_goods_fail_the_unit_unless_a_margin_is_assumed(tmp_path: Path) -> None:
    lines = [line(cogs="")]
    with pytest.raises(DataError, match=r"fill cogs, or products\.unit_cost, or set profile\.assumed_gross_margin"):
        taken_in(tmp_path, lines)
    results = compute(make_workbook(tmp_path, lines, ledger=LEDGER, profile={"assumed_gross_margin": 0.25}))
    assert results.tables["profile"]["customer_profit"]["cogs"].sum() == pytest.approx(75)
    assert any("rests on that" in note.english for note in results.notes["profile"])


def test_a_mapping_yields_the_tables_and_fills_in_its_placeholders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = make_workbook(tmp_path, source={"sql": "params/sources"}, ledger=LEDGER)
    mappings = params / "sources"
    mappings.mkdir()
    for name in ("customers", "products", "ledger"):
        (mappings / f"{name}.sql").write_text(
            f"SELECT * FROM read_csv('{{params}}/data/{name}.csv', all_varchar = true);\n"
        )
    (mappings / "order_lines.sql").write_text(
        "-- assumption: all was bought in one channel\n"
        "SELECT *, 'o''clock' AS channel, '{other}' AS note "
        "FROM read_csv('{params}/data/{env:CTS_TEST_FILES}.csv', all_varchar = true) "
        "WHERE '{env:CTS_TEST_NONE|it's}' = 'it''s'\n"
    )
    monkeypatch.setenv("CTS_TEST_FILES", "order_lines")
    results = compute(params)
    assert list(results.tables["profile"]["channel_profit"]["channel"]) == ["o'clock"]
    assert results.manifest["assumptions"] == [
        {"text": "all was bought in one channel", "where": "sources/order_lines.sql"}
    ]
    assert {"customers.sql", "order_lines.sql"} <= set(results.manifest["inputs"])
    (mappings / "products.sql").unlink()
    with pytest.raises(Problems, match=r"products\.sql: no such mapping"):
        compute(params)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, source={"path": "nowhere"})
    with pytest.raises(Problems, match=r"nowhere: no such folder") as told:
        compute(params)
    assert all(isinstance(problem, SourceError) for problem in told.value.problems)
