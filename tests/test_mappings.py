"""Mappings: one SELECT a table, its files known by the engine's own parse, its errors with file, line and hint."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_workbook import LEDGER, compute, make_workbook

from cts_lib.engine import DuckDB
from cts_lib.engine.dialect import Dialect, texts_of
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
    ("select", "found"),
    [
        ("SELECT 1; SELECT 2", "SELECT; SELECT"),
        ("SELECT 1; COPY (SELECT 1) TO 'taken.csv'", "SELECT; COPY"),
        ("SELECT 1 /* ; */; -- a\nCOPY (SELECT 1) TO 'taken.csv' --", "SELECT; COPY"),
        ("CREATE TABLE x (a INT)", "CREATE"),
        ("COPY (SELECT 1) TO 'taken.csv'", "COPY"),
        ("ATTACH 'taken.db'", "ATTACH"),
        ("INSTALL httpfs", "LOAD"),
        ("LOAD httpfs", "LOAD"),
        ("PRAGMA threads = 1", "SET"),
        ("PRAGMA database_list", "PRAGMA"),
        ("SET threads = 1", "SET"),
        ("WITH a AS (SELECT 1) INSERT INTO b SELECT * FROM a", "INSERT"),
        ("", "no statement"),
        ("-- SELECT 1", "no statement"),
    ],
)
def test_a_mapping_is_one_select(tmp_path: Path, select: str, found: str) -> None:
    with pytest.raises(SourceError, match=f"holds {found}; write one SELECT"):
        ENGINE.texts(select)
    with pytest.raises(CtsError, match=rf"products\.sql: holds {found}; write one SELECT"):
        compute(mapped(tmp_path, select))
    assert not list(tmp_path.rglob("taken.*")) + list(Path.cwd().glob("taken.*"))


@pytest.mark.parametrize(
    "select",
    [
        "SELECT 1; SELECT 2",
        "WITH gone AS (DELETE FROM stock RETURNING *) SELECT * FROM gone",
        "SELECT * INTO taken FROM stock",
        "COPY stock TO PROGRAM 'cat'",
        "FROM stock INSERT OVERWRITE TABLE taken SELECT *",
        "SELECT ?? nothing FROM; DROP TABLE stock",
        "",
    ],
)
@pytest.mark.parametrize("dialect", ["postgres", "spark"])
def test_a_mapping_to_another_engine_is_one_select_too(select: str, dialect: Dialect) -> None:
    with pytest.raises(SourceError, match="write one SELECT"):
        texts_of(select, dialect)


@pytest.mark.parametrize(
    "reads",
    [
        "read_csv('/etc/passwd')",
        "'../secret.csv'",
        "read_csv('data/../../secret.csv')",
        "read_csv(['data/products.csv', '{params}/../secret.csv'])",
        "read_text('..' || '/secret.csv')",
        "read_blob(concat('.', './secret.csv'))",
        "glob('/etc/*')",
        "sniff_csv('../secret.csv')",
        "read_csv('https://example.com/x.csv')",
        "query('SELECT * FROM read_csv(''/etc/passwd'')')",
        '"../secret.csv"',
    ],
)
def test_a_mapping_reads_nothing_outside_of_the_workbook(tmp_path: Path, reads: str) -> None:
    (tmp_path / "secret.csv").write_text("product_id\np1\n")
    with pytest.raises(CtsError, match=r"may not read .*; name its folder in source\.allow"):
        compute(mapped(tmp_path / "book", f"SELECT *, 'p' AS product_id FROM {reads}"))


def test_params_name_what_else_a_mapping_may_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CTS_TEST_EXTRACTS", str(tmp_path / "extracts"))
    (tmp_path / "extracts").mkdir()
    for reads in ("'../extracts/products.csv'", "read_csv('{env:CTS_TEST_EXTRACTS}/products.csv')"):
        params = mapped(tmp_path / "book", f"WITH files AS (FROM {reads}) SELECT * FROM files")
        (tmp_path / "book" / "data" / "products.csv").rename(tmp_path / "extracts" / "products.csv")
        for allowed in ("../extracts", "{env:CTS_TEST_EXTRACTS}/products.csv", str(tmp_path / "extracts")):
            source = f"source={{sql: sources, allow: ['{allowed}']}}"
            inputs = compute(params, overrides=[source]).manifest["inputs"]
            assert any(name.endswith("/products.csv") for name in inputs)


def test_a_query_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CTS_STATEMENT", "1")
    many = "SELECT a.range::VARCHAR AS product_id FROM range(10000000) AS a, range(10000000) AS b"
    with pytest.raises(CtsError, match="a query took more than 1 seconds and was ended; mend the mapping, or set CTS_"):
        compute(mapped(tmp_path, many))


CANARY = "canary'4711"


@pytest.mark.parametrize(
    ("products", "told"),
    [
        ("SELECT * FROM read_csv('data/{env:CTS_TEST_SECRET}.csv')", r"\{env:CTS_TEST_SECRET\}\.csv"),
        ("SELECT * FROM 'data/products.csv' WHERE '{env:CTS_TEST_SECRET}'::INT = 1", r"'\{env:CTS_TEST_SECRET\}'"),
        ("SELECT * FROM 'data/products.csv' WHERE {env:CTS_TEST_SECRET} = 1", "products.sql"),
        ("SELECT * FROM '{env:CTS_TEST_SECRET}/x.csv'; DROP TABLE x", "holds SELECT; DROP"),
    ],
)
def test_what_an_environment_variable_holds_is_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, products: str, told: str
) -> None:
    monkeypatch.setenv("CTS_TEST_SECRET", CANARY)
    params = mapped(tmp_path, products)
    with pytest.raises(CtsError, match=told) as error:
        compute(params)
    assert "canary" not in str(error.value)


@pytest.mark.parametrize(
    "selected",
    [
        "*, '{env:CTS_TEST_SECRET}' AS product_family FROM 'data/products.csv'",
        "*, 'from ' || '{env:CTS_TEST_SECRET}' AS origin FROM 'data/products.csv'",
        "*, 'x' AS \"{env:CTS_TEST_SECRET}\" FROM 'data/products.csv'",
        "* FROM 'data/products.csv', (VALUES ('{env:CTS_TEST_SECRET}')) AS v(product_family)",
        "product_id, x FROM 'data/products.csv', unnest(['{env:CTS_TEST_SECRET}']) AS u(x)",
        "* FROM read_csv('data/{env:CTS_TEST_SECRET}.csv', filename=true)",
    ],
)
def test_in_columns_the_name_of_an_environment_variable_stands_for_its_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, selected: str
) -> None:
    monkeypatch.setenv("CTS_TEST_SECRET", CANARY)
    params = mapped(tmp_path, f"SELECT {selected}")
    (tmp_path / "data" / f"{CANARY}.csv").write_bytes((tmp_path / "data" / "products.csv").read_bytes())
    results = compute(params)
    tables = "".join(table.to_csv() for table in results.tables["profile"].values())
    assert "canary" not in tables + str(results.manifest)
    assert "{env:CTS_TEST_SECRET}" in tables
    assert any("{env:CTS_TEST_SECRET}" in each["text"] for each in results.manifest["assumptions"])


def test_a_unit_may_be_named_by_an_environment_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CTS_TEST_UNIT", "north")
    params = mapped(tmp_path, "SELECT *, '{env:CTS_TEST_UNIT|south}' AS business_unit FROM 'data/products.csv'")
    assert len(compute(params).tables["profile"]["customer_profit"])


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
