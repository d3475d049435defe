"""Mappings: one SELECT a table, its files known by the engine's own parse, its errors with file, line and hint."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_workbook import LEDGER, compute, make_workbook

from cts_lib.engine import DuckDB
from cts_lib.errors import CtsError, SourceError
from cts_lib.intake.mapping import files_read

ENGINE = DuckDB(threads=1)


def mapped(folder: Path, products: str) -> Path:
    """A small workbook whose tables are read by mappings, that of products as given."""
    params = make_workbook(folder, ledger=LEDGER, source={"sql": "sources"})
    (folder / "sources").mkdir(exist_ok=True)
    for table in ("customers", "order_lines", "ledger"):
        (folder / "sources" / f"{table}.sql").write_text(
            f"SELECT * FROM READ_CSV('data/{table}.csv', all_varchar=true)"
        )
    (folder / "sources" / "products.sql").write_text(products)
    return params


@pytest.mark.parametrize(
    "products",
    [
        "-- a customer's own name\nSELECT * FROM READ_CSV('{params}/data/products.csv')",
        "SELECT product_id, COALESCE(name, '') AS name FROM 'data/products.csv'",
        "WITH all_of_them AS (FROM READ_CSV(['data/products.csv'])) SELECT *, 'it''s' AS note FROM all_of_them;\n",
        "SELECT * FROM READ_CSV('data/prod*.csv') /* 'data/customers.csv' */",
        "SELECT *, $$a 'quoted' word$$ AS note FROM READ_CSV(\"data/products.csv\")".replace('"', "'"),
    ],
)
def test_a_change_of_any_file_that_a_mapping_reads_is_seen(tmp_path: Path, products: str) -> None:
    params = mapped(tmp_path, products)
    file = tmp_path / "data" / "products.csv"
    before = compute(params).manifest["inputs"]
    assert str(file) in before
    file.write_text(file.read_text() + "p9,Other,goods\n")
    after = compute(params).manifest["inputs"]
    assert {name for name in before if before[name] != after[name]} == {str(file)}


@pytest.mark.parametrize(
    "text",
    ["", "/", "*", "%", "a", "a.b", "x" * 5000, "[", "**", "\0", "data/[", "//", "~/x", "http://a/b", "C:\\x.csv"],
)
def test_a_text_that_is_no_file_is_none(tmp_path: Path, text: str) -> None:
    assert files_read([text], tmp_path) == []


@pytest.mark.parametrize(
    "select",
    ["SELECT 1; SELECT 2", "SELECT 1; COPY (SELECT 1) TO '/tmp/x.csv'", "CREATE TABLE x (a INT)", "COPY x TO 'y'", ""],
)
def test_a_mapping_is_one_select(tmp_path: Path, select: str) -> None:
    with pytest.raises(SourceError, match="is not one SELECT"):
        ENGINE.texts(select)
    with pytest.raises(CtsError, match=r"products\.sql: is not one SELECT; write one"):
        compute(mapped(tmp_path, select))


@pytest.mark.parametrize(
    ("products", "told"),
    [
        (
            "SELECT\n  product\nFROM 'data/products.csv'",
            'products.sql, line 2: Binder Error: Referenced column "product"',
        ),
        ("SELECT\n  product\nFROM 'data/products.csv'", 'Candidate bindings: "product_id"'),
        ("SELECT * FROM READ_CSV('data/none.csv')", "products.sql, line 1: IO Error: No files found"),
        ("SELEC 1", "products.sql, line 1: Parser Error"),
    ],
)
def test_an_error_of_a_mapping_keeps_the_hint_and_says_the_line(tmp_path: Path, products: str, told: str) -> None:
    with pytest.raises(CtsError) as error:
        compute(mapped(tmp_path, products))
    assert told in str(error.value)
    assert len(str(error.value).splitlines()) == 1
