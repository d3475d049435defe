"""Published worked examples, each from the figures of its source to the tables of the profile stage.

A file of ``published`` names its source and holds totals per customer; sales are spread evenly over the lines, orders
and shipments it counts, all of one day.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from small_workbook import QUARTER, UNIT, booked, compute, event, make_workbook

PUBLISHED = Path(__file__).with_name("published")
EXAMPLES = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(PUBLISHED.glob("*.yml"))}
TOTALS = ("quantity", "gross_sales", "net_sales", "cogs")
NOT_SUMMED = ("rate", "unit_cost", "rank", "utilisation", "cumulative_profit")


def spread(sold: dict[str, Any]) -> list[dict[str, Any]]:
    """Make the lines of one customer out of its counts and totals."""
    customer, lines = sold["customer_id"], sold["lines"]
    rest = {key: sold[key] for key in ("distance_km", "priority") if key in sold}
    return [
        {
            "business_unit": UNIT,
            "order_id": f"{customer}-{place % sold['orders']}",
            "line_no": place // sold["orders"] + 1,
            "customer_id": customer,
            "product_id": "item",
            "order_date": "2026-02-02",
            "shipment_id": f"{customer}-s{place % sold['shipments']}",
            **{key: sold[key] / lines for key in TOTALS},
            **rest,
        }
        for place in range(lines)
    ]


def written(folder: Path, example: dict[str, Any]) -> Path:
    """Write an example as a workbook."""
    return make_workbook(
        folder,
        [row for sold in example["sales"] for row in spread(sold)],
        example["cost_model"],
        customers=example["customers"],
        products=[{"product_id": "item", "family": "goods"}],
        events=[{**event(""), **row} for row in example.get("events", [])],
        ledger=[booked(**row) for row in example.get("ledger", [])],
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_published_figure_is_found_again(name: str, tmp_path: Path) -> None:
    example = EXAMPLES[name]
    tables = compute(written(tmp_path, example), QUARTER).tables["profile"]
    for figure in example["figures"]:
        where = {key: value for key, value in figure.items() if key not in ("table", "column", "value", "tolerance")}
        rows = tables[figure["table"]]
        for key, value in where.items():
            rows = rows[rows[key] == value]
        assert len(rows), f"{figure['table']} has no row with {where}"
        column = rows[figure["column"]]
        found = float(column.iloc[0] if figure["column"] in NOT_SUMMED else column.sum())
        assert found == pytest.approx(figure["value"], abs=figure["tolerance"]), figure


def test_all_nine_examples_are_there_with_all_their_figures() -> None:
    assert len(EXAMPLES) == 9
    assert sum(len(example["figures"]) for example in EXAMPLES.values()) == 54
