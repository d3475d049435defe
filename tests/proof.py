"""Published worked examples, each from the figures of its source to the tables of the profile stage.

A file of ``published`` names its source and holds totals per customer; sales are spread evenly over the lines, orders
and shipments it counts, all of one day. ``python tests/proof.py`` writes every published figure beside ours into
``docs/proof.md``.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from small_workbook import QUARTER, UNIT, booked, compute, event, make_workbook

PUBLISHED = Path(__file__).with_name("published")
EXAMPLES = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(PUBLISHED.glob("*.yml"))}
DOCUMENT = Path(__file__).parent.parent / "docs" / "proof.md"
TOTALS = ("quantity", "gross_sales", "net_sales", "cogs")
NOT_SUMMED = ("rate", "unit_cost", "rank", "utilisation", "cumulative_profit")
TOLD = ("table", "column", "value", "tolerance")


@dataclass(frozen=True)
class Figure:
    """A published figure beside ours; ``where`` says which rows of the table it stands in."""

    table: str
    where: str
    column: str
    published: float
    ours: float
    tolerance: float

    @property
    def difference(self) -> float:
        return self.ours - self.published

    @property
    def holds(self) -> bool:
        return abs(self.difference) <= self.tolerance


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


@cache
def figures(name: str) -> tuple[Figure, ...]:
    """Cost an example and return its published figures beside ours."""
    with tempfile.TemporaryDirectory() as folder:
        tables = compute(written(Path(folder), EXAMPLES[name]), QUARTER).tables["profile"]
    compared = []
    for figure in EXAMPLES[name]["figures"]:
        where = {key: value for key, value in figure.items() if key not in TOLD}
        rows = tables[figure["table"]]
        for key, value in where.items():
            rows = rows[rows[key] == value]
        if rows.empty:
            raise LookupError(f"{name}: {figure['table']} has no row with {where}")
        column = rows[figure["column"]]
        ours = float(column.iloc[0] if figure["column"] in NOT_SUMMED else column.sum())
        told = ", ".join(f"{key} {value}" for key, value in where.items())
        compared.append(
            Figure(figure["table"], told, figure["column"], float(figure["value"]), ours, float(figure["tolerance"]))
        )
    return tuple(compared)


def document() -> str:
    """Return docs/proof.md: every published figure beside ours."""
    found = {name: figures(name) for name in EXAMPLES}
    count = sum(len(rows) for rows in found.values())
    parts = [
        "# Proof\n",
        f"{count} published figures of {len(found)} worked examples beside those of the cost engine, each found by "
        "costing the example's own transactions. Written by `python tests/proof.py`; a test holds it to what the "
        "engine finds. The inputs are in `tests/published/`; the tolerance is the rounding of the source.\n",
    ]
    for name, rows in found.items():
        example = EXAMPLES[name]
        parts.append(f"## {name}\n\n{example['source'].rstrip('.')}.\n")
        if "note" in example:
            parts.append(f"{example['note'][:1].upper()}{example['note'][1:].rstrip('.')}.\n")
        lines = ["| table | where | column | published | ours | difference | tolerance |"]
        lines += ["| --- | --- | --- | ---: | ---: | ---: | ---: |", *(_line(row) for row in rows)]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _line(row: Figure) -> str:
    numbers = [_number(x) for x in (row.published, row.ours, row.difference, row.tolerance)]
    return f"| {' | '.join([row.table, row.where, row.column, *numbers])} |"


def _number(x: float) -> str:
    written = f"{x:,.4f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written.replace("-", "−")


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
