"""The portal: every unit with its figures and their course, what changed most, what is due, and what failed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cts_lib.charts.govern import bridge_message, of_assumed_goods
from cts_lib.display import Reader
from cts_lib.display.profile.answer import assumed_goods
from cts_lib.measures import kind_of
from cts_lib.names import CELL, totals
from cts_lib.params.governance import Portal
from cts_lib.reporting.page import Page, shared_words, templates
from cts_lib.reporting.tiles import is_booked, operating
from cts_lib.reporting.trend import trend
from cts_lib.store import read_manifest, write_text

_INDICATORS = ("net_sales", "operating_profit", "cost_to_serve_share", "on_time")
_LOSING = "losing"
_FIGURES = (*_INDICATORS[:2], _LOSING, *_INDICATORS[2:])
_OPEN = ("proposed", "agreed", "running")


@dataclass(frozen=True)
class _Report:
    """A unit and period as its folder holds it."""

    folder: Path
    manifest: dict[str, Any]
    reader: Reader
    rate: float = 1.0
    """What one of the unit's currency is worth in the reader's."""

    @property
    def label(self) -> str:
        return str(self.manifest.get("label") or self.folder.name)

    @property
    def period(self) -> str:
        return str(self.manifest.get("period") or self.folder.parent.name)

    @property
    def failed(self) -> bool:
        return self.manifest.get("state") == "failed"

    @property
    def has_pages(self) -> bool:
        return not self.failed and (self.folder / "index.html").exists()

    def table(self, name: str, columns: list[str]) -> pd.DataFrame:
        """Return columns of a table; no row where it was not stored."""
        path = self.folder / "tables" / f"{name}.parquet"
        return pd.read_parquet(path, columns=columns) if path.exists() else pd.DataFrame(columns=columns)

    def values(self) -> dict[str, float]:
        """Return the unit's figures, as far as they are known."""
        whole = totals(self.table("kpis", [*CELL, "kpi", "value"]), *CELL).dropna(subset=["value"])
        rates = [self.rate if kind_of(str(kpi)) == "money" else 1.0 for kpi in whole["kpi"]]
        found = {str(kpi): float(x) * rate for kpi, x, rate in zip(whole["kpi"], whole["value"], rates, strict=True)}
        statement, profit = (
            self.table("statement", ["line", "amount"]),
            self.table("customer_profit", ["profit"])["profit"],
        )
        if len(statement) and self.is_booked():
            found["operating_profit"] = operating(statement) * self.rate
        return found | ({_LOSING: float((profit < 0).sum())} if len(profit) else {})

    def is_booked(self) -> bool:
        """Say whether a ledger books anything, so that there is an operating profit."""
        return is_booked(self.table("resources", ["ledger"]))

    def why(self) -> str:
        """Say why the unit failed; limits that fight in the reader's language."""
        remarks = [self.reader.remark(each) for each in self.manifest.get("remarks", [])]
        if remarks:
            return " ".join([self.reader.text("No plan keeps all limits."), *remarks])
        return str(self.manifest.get("error") or self.reader.text("unknown error"))


def portal(out: Path, language: str) -> None:
    """Write ``<out>/index.html`` from the manifests and tables found under ``out``.

    Each unit is shown by its newest period with pages, and by the course of its figures over all that were computed;
    a unit that failed is shown with its error.
    """
    reader = Reader(language)
    found = [_report(path.parent, language) for path in out.glob("*/*/manifest.json") if path.parent.name[0] != "."]
    found.sort(key=lambda report: report.label)
    found.sort(key=lambda report: report.period, reverse=True)
    by_unit: dict[str, list[_Report]] = {}
    for report in sorted(found, key=lambda report: report.folder.name):
        by_unit.setdefault(report.folder.name, []).append(report)
    newest = [next((report for report in reports if report.has_pages), None) for reports in by_unit.values()]
    shown = sorted((report for report in newest if report), key=lambda report: report.label)
    rows = [_row(report, by_unit[report.folder.name], out) for report in shown]
    earlier = [report for report in found if not report.failed and report not in shown]
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
        reports=rows,
        failures=[{"label": one.label, "period": one.period, "error": one.why()} for one in found if one.failed],
        history=[_row(report, [report], out) for report in earlier],
    )  # fmt: skip
    write_text(out / "index.html", text)


def _report(folder: Path, language: str) -> _Report:
    manifest, reader = read_manifest(folder), Reader(language)
    if manifest is None:
        manifest = {"state": "failed", "error": reader.text("manifest.json cannot be read: run the period again")}
    given = (manifest.get("params") or {}).get("governance", {}).get("portal") or {}
    currency, rate = Portal.model_validate(given).shown(manifest.get("currency") or "EUR")
    return _Report(folder, manifest, Reader(language, currency), rate)


def _words(reader: Reader) -> dict[str, Any]:
    columns = [reader.label(name) for name in _INDICATORS]
    return {
        "lead": reader.text("Choose a unit to read its report."),
        "nothing": reader.text("Nothing was run yet."),
        "history": reader.text("Other periods"),
        "board": reader.text("Units and periods with their main figures"),
        "unit": reader.text("Unit"),
        "period": reader.text("Period"),
        "columns": [*columns[:2], reader.text("Customers at a loss"), *columns[2:]],
        "targets": reader.text("Targets"),
        "changed": reader.text("What changed most"),
        "due": reader.text("What is due"),
    }


def _row(report: _Report, periods: list[_Report], out: Path) -> dict[str, Any]:
    """Return a unit's row, with the course of its figures over some periods, the newest first."""
    reader, values = report.reader, report.values()
    course = [one.values() if one is not report else values for one in reversed(periods) if not one.failed]
    written = [_written(values, name, reader) for name in _FIGURES]
    return {
        "label": report.label,
        "period": report.period,
        "href": (report.folder / "index.html").relative_to(out).as_posix() if report.has_pages else "",
        "values": [
            (text, trend([each.get(name) for each in course], _told(course, name, reader)))
            for name, text in zip(_FIGURES, written, strict=True)
        ],
        "targets": _targets(report),
        "changed": _changed(report),
        "due": _due(report),
    }


def _changed(report: _Report) -> str:
    """Say how operating profit changed, by what most, and whether that rests on an assumed cost of goods."""
    bridge = report.table("bridge", [*CELL, "component", "amount"])
    by_channel = report.table("channel_profit", ["cogs", "assumed_cogs"])
    moved = of_assumed_goods(bridge.assign(amount=bridge["amount"] * report.rate), by_channel)
    told = bridge_message(moved, report.reader)
    return " ".join([told, *assumed_goods(by_channel, report.reader)]) if told and report.is_booked() else ""


def _written(values: dict[str, float], name: str, reader: Reader) -> str:
    value = values.get(name)
    if name == "operating_profit":
        return reader.money(value, compact=True)
    return reader.number(value) if name == _LOSING else reader.measure(value, name, compact=True)


def _told(course: list[dict[str, float]], name: str, reader: Reader) -> str:
    """Return the course of a figure in words: its first and its newest value."""
    known = [each for each in course if name in each]
    if not known:
        return ""
    first, last = (_written(each, name, reader) for each in (known[0], known[-1]))
    return reader.plural(
        "{first} to {last} in {count} period",
        "{first} to {last} in {count} periods",
        len(known),
        first=first,
        last=last,
    )


def _targets(report: _Report) -> str:
    """Say how many of the unit's targets are met."""
    states = totals(report.table("kpis", [*CELL, "kpi", "status"]), *CELL)["status"]
    judged = int(states.isin(["met", "near", "missed"]).sum())
    if not judged:
        return ""
    met, missed = int((states == "met").sum()), int((states == "missed").sum())
    mark = "✗" if missed else "≈" if met < judged else "✓"
    counts = {"met": report.reader.number(met), "all": report.reader.number(judged)}
    return f"{mark} {report.reader.text('{met} of {all} met', **counts)}"


def _due(report: _Report) -> str:
    """Say how many actions are open, and when the first is due."""
    actions = report.table("actions", ["state", "due"])
    waiting = actions[actions["state"].isin(_OPEN)]
    if waiting.empty:
        return ""
    text = report.reader.plural("{count} action open", "{count} actions open", len(waiting))
    first = pd.to_datetime(waiting["due"]).min()
    return text if pd.isna(first) else f"{text}, {report.reader.text('the first {day}', day=report.reader.date(first))}"
