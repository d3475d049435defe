"""The portal: every unit and period with its main figures, and what failed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from cts_lib.display import Reader
from cts_lib.names import CELL, totals
from cts_lib.reporting.page import Page, shared_words, templates
from cts_lib.store import read_manifest, write_text

_INDICATORS = ("net_sales", "profit", "cost_to_serve_share", "on_time")


def portal(out: Path, language: str) -> None:
    """Write ``<out>/index.html`` from the manifests and tables found under ``out``.

    A unit that failed is shown with its error; one without pages is listed as history, without a link.
    """
    reader = Reader(language)
    written = [path.parent for path in sorted(out.glob("*/*/manifest.json")) if not path.parent.name.startswith(".")]
    rows = [_row(folder, out, language) for folder in written]
    rows.sort(key=lambda row: row["label"])
    rows.sort(key=lambda row: row["period"], reverse=True)
    text = templates().get_template("portal.html.j2").render(
        page=Page(
            title=reader.text("Cost to serve"),
            heading=reader.text("Cost to serve by unit and period"),
            where=reader.text("All units"),
            language=reader.language,
            home="index.html",
            made=reader.text("Made by the cost-to-serve workbook from the units' own data."),
            words=shared_words(reader),
        ),
        words=_words(reader),
        reports=[row for row in rows if row["href"]],
        failures=[row for row in rows if row["failed"]],
        history=[row for row in rows if not row["href"] and not row["failed"]],
    )  # fmt: skip
    write_text(out / "index.html", text)


def _words(reader: Reader) -> dict[str, Any]:
    return {
        "lead": reader.text("Choose a unit to read its report."),
        "nothing": reader.text("Nothing was run yet."),
        "reports": reader.text("Reports"),
        "history": reader.text("History"),
        "about_history": reader.text("Periods whose tables were computed, without pages."),
        "board": reader.text("Units and periods with their main figures"),
        "unit": reader.text("Unit"),
        "period": reader.text("Period"),
        "columns": [
            *(reader.label(name) for name in _INDICATORS[:2]),
            reader.text("Customers at a loss"),
            *(reader.label(name) for name in _INDICATORS[2:]),
        ],
    }


def _row(folder: Path, out: Path, language: str) -> dict[str, Any]:
    reader = Reader(language)
    manifest = read_manifest(folder)
    if manifest is None:
        unread = reader.text("manifest.json cannot be read: run the period again")
        manifest = {"state": "failed", "error": unread}
    reader = Reader(language, manifest.get("currency") or "EUR")
    failed = manifest.get("state") == "failed"
    page = folder / "index.html"
    return {
        "label": str(manifest.get("label") or folder.name),
        "period": str(manifest.get("period") or folder.parent.name),
        "href": page.relative_to(out).as_posix() if page.exists() and not failed else "",
        "failed": failed,
        "error": _why(manifest, reader),
        "values": [reader.number(None)] * 5 if failed else _figures(folder / "tables", reader),
    }


def _why(manifest: dict[str, Any], reader: Reader) -> str:
    """Say why a unit failed; limits that fight in the reader's language."""
    remarks = [reader.remark(each) for each in manifest.get("remarks", [])]
    if remarks:
        return " ".join([reader.text("No plan keeps all limits."), *remarks])
    return str(manifest.get("error") or reader.text("unknown error"))


def _figures(tables: Path, reader: Reader) -> list[str]:
    values: dict[str, float] = {}
    if (tables / "kpis.parquet").exists():
        whole = totals(pd.read_parquet(tables / "kpis.parquet", columns=["segment", "channel", "kpi", "value"]), *CELL)
        values = {str(kpi): float(value) for kpi, value in zip(whole["kpi"], whole["value"], strict=True)}
    losing = reader.number(None)
    if (tables / "customer_profit.parquet").exists():
        profit = pd.read_parquet(tables / "customer_profit.parquet", columns=["profit"])["profit"]
        count, all_of_them = reader.number(float((profit < 0).sum())), reader.number(len(profit))
        losing = reader.text("{count} of {all}", count=count, all=all_of_them)
    written = [reader.measure(values.get(name), name, compact=True) for name in _INDICATORS]
    return [*written[:2], losing, *written[2:]]
