"""What stands for totals or for nothing, and channels that nobody has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_workbook import CUSTOMERS, LEDGER, MINUTES, PRODUCTS, booked, compute, line, make_workbook, open_run

from cts_lib.errors import ModelError, Problems

ROWS = [line(), line("o2", customer_id="c2"), line("o3")]


def with_value(rows: list[dict[str, Any]], column: str, value: str) -> list[dict[str, Any]]:
    """The rows with a value in a column of the first."""
    return [item | {column: value if place == 0 else item.get(column, "usual")} for place, item in enumerate(rows)]


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("customers", "channel"),
        ("customers", "region"),
        ("customers", "tier"),
        ("products", "family"),
        ("order_lines", "channel"),
        ("order_lines", "ship_mode"),
        ("order_lines", "campaign"),
    ],
)
def test_a_value_that_stands_for_totals_is_refused_with_its_rows(tmp_path: Path, table: str, column: str) -> None:
    tables = {"customers": CUSTOMERS, "products": PRODUCTS, "order_lines": ROWS}
    tables[table] = with_value(tables[table], column, "(all)")
    params = make_workbook(tmp_path, tables["order_lines"], customers=tables["customers"], products=tables["products"])
    said = rf"^north, {table}, {column}: 1 rows have '\(all\)', which stands for totals; call it otherwise"
    with pytest.raises(Problems, match=said):
        compute(params)


@pytest.mark.parametrize("column", ["channel", "region", "tier"])
def test_none_reads_as_no_value(tmp_path: Path, column: str) -> None:
    found = []
    for value in ("", "(none)"):
        folder = tmp_path / (value or "empty")
        params = make_workbook(folder, ROWS, customers=with_value(CUSTOMERS, column, value), ledger=LEDGER)
        found.append(compute(params, stages=["profile", "segment", "govern"]).all_tables)
    for name, table in found[0].items():
        if name != "missing_values":
            pd.testing.assert_frame_equal(table, found[1][name], obj=name)


def test_a_sustaining_resource_at_a_channel_that_nobody_has_is_named_with_those_there_are(tmp_path: Path) -> None:
    model = MINUTES | {"resources": MINUTES["resources"] | {"brand": {"level": "channel", "channel": "retial"}}}
    rows = [*ROWS, line("o4", channel="web")]
    said = "cost_model.resources.brand.channel: no customer and no order line has channel 'retial'; there are direct, "
    with pytest.raises(Problems) as error:
        open_run(make_workbook(tmp_path, rows, model))
    assert str(error.value) == f"{said}retail, web"
    assert isinstance(error.value.problems[0], ModelError)


@pytest.mark.parametrize("channel", ["retail", "web", "(none)"])
def test_a_sustaining_resource_stays_at_a_channel_of_customers_or_lines(tmp_path: Path, channel: str) -> None:
    model = MINUTES | {"resources": MINUTES["resources"] | {"brand": {"level": "channel", "channel": channel}}}
    rows = [*ROWS, line("o4", channel="web", order_date="2025-02-02")]
    found = compute(make_workbook(tmp_path, rows, model, ledger=[*LEDGER, booked("brand", 50)])).all_tables
    assert found["channel_profit"].set_index("channel")["sustaining"][channel] == 50
