"""Every table described once: what is described comes out, and what comes out is described."""

from __future__ import annotations

import csv
from pathlib import Path

import golden
import pandas as pd
import pytest
import small_tables

from cts_lib.errors import DataError
from cts_lib.params.loading import read_mapping
from cts_lib.tables import OUTPUTS, Kind, conform
from cts_lib.tables.inputs import INPUTS

KEPT = sorted(golden.KEPT.glob("*/*.csv"))
PARAMS = [golden.ROOT / folder / "defaults.yml" for folder in ("params", "examples/scms/params")]
LEVERS = {name for path in PARAMS for name in read_mapping(path)["strategy"]["levers"]}
WITH_TOTALS = {"segment", "channel", "value"}


def columns_of(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def test_every_table_and_every_column_is_described_once() -> None:
    tables = [*INPUTS, *OUTPUTS.values()]
    assert len({table.name for table in tables}) == len(tables)
    for table in tables:
        names = [column.name for column in table.columns]
        assert len(set(names)) == len(names), table.name


def test_a_meaning_is_one_sentence() -> None:
    columns = {column for table in (*INPUTS, *OUTPUTS.values()) for column in table.columns}
    assert not [column for column in columns if not column.meaning.endswith(".") or ". " in column.meaning]


def test_a_whole_number_and_a_truth_value_are_never_null() -> None:
    columns = [column for table in OUTPUTS.values() for column in table.columns]
    assert not [column for column in columns if column.null and column.kind in (Kind.INTEGER, Kind.BOOLEAN)]


def test_every_described_table_comes_out() -> None:
    assert {path.stem for path in KEPT} == set(OUTPUTS)


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name} {path.stem}")
def test_every_column_that_comes_out_is_described(path: Path) -> None:
    table, columns = OUTPUTS[path.stem], columns_of(path)
    described = {column.name for column in table.columns if not column.is_pattern}
    assert described <= set(columns)
    more = {name for name in columns if name not in described and not name.startswith("uses_")}
    assert more <= (LEVERS if table.name == "strategy_options" else set())
    assert all(table.column(name) for name in columns)


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name} {path.stem}")
def test_only_tables_that_say_so_have_total_rows(path: Path) -> None:
    rows = pd.read_csv(path, dtype=str)
    has_totals = bool(rows[rows.columns.intersection(sorted(WITH_TOTALS))].eq("(all)").any(axis=None))
    assert OUTPUTS[path.stem].totals or not has_totals


def test_a_table_without_a_described_column_is_refused_by_name() -> None:
    with pytest.raises(DataError) as caught:
        conform("statement", pd.DataFrame({"line": ["net_sales"]}))
    assert str(caught.value) == "table statement, column amount: missing; give it as number"


@pytest.mark.parametrize(
    ("name", "column", "value", "message"),
    [
        ("statement", "amount", "much", "found 'much'; give it as number"),
        ("statement", "amount", None, "found no value; give it as number"),
        ("lead_times", "lines", 1.5, "found 1.5; give it as whole number"),
        ("lead_times", "lines", None, "found no value; give it as whole number"),
        ("segments", "strategic", "perhaps", "found 'perhaps'; give it as true or false"),
        ("segments", "strategic", None, "found no value; give it as true or false"),
        ("actions", "due", "2026-02-30", "found '2026-02-30'; give it as date"),
        ("customer_profit", "customer_id", None, "found no value; give it as text"),
        ("customer_profit", "profit_low", "low", "found 'low'; give it as number"),
    ],
)
def test_a_value_of_another_kind_is_refused_with_its_place(name: str, column: str, value: object, message: str) -> None:
    table = getattr(small_tables, name)()
    last = len(table) - 1
    table[column] = pd.Series([*table[column].iloc[:-1], value], index=table.index, dtype="object")
    with pytest.raises(DataError) as caught:
        conform(name, table)
    assert str(caught.value) == f"table {name}, column {column}, row {last}: {message}"


def test_an_empty_table_gets_its_described_kinds() -> None:
    empty = pd.DataFrame({column.name: [] for column in OUTPUTS["actions"].columns})
    kinds = conform("actions", empty).dtypes.astype(str)
    assert kinds[["action", "due", "expected_cash"]].to_dict() == {
        "action": "str",
        "due": "datetime64[s]",
        "expected_cash": "float64",
    }


def test_a_null_stays_where_it_may_and_a_number_given_as_text_is_read() -> None:
    table = small_tables.statement().astype({"amount": "str"})
    pd.testing.assert_frame_equal(conform("statement", table), small_tables.statement())
    unknown = small_tables.customer_profit().assign(profit_low=None, name=None)
    checked = conform("customer_profit", unknown)
    assert checked["profit_low"].isna().all()
    assert checked["name"].isna().all()
