"""The executive page of a unit and period: what happened, what to do, and what the figures rest on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from cts_lib import charts, display
from cts_lib.charts.evaluate import comparison_message
from cts_lib.charts.govern import signal_message
from cts_lib.display import Reader, Shown
from cts_lib.display.govern import action_sentences, signal_sentence, surest
from cts_lib.display.profile.answer import rough_margin, unread
from cts_lib.display.strategy import plan_message
from cts_lib.measures import kind_of, sign
from cts_lib.names import CELL, totals
from cts_lib.replay.money import plan_money
from cts_lib.reporting.page import NOTEBOOKS, Link, page_name, templates, unit_page
from cts_lib.reporting.render import plain_tables
from cts_lib.store import read_table

_KEY_FIGURES = (
    "net_sales",
    "gross_margin",
    "cost_to_serve",
    "profit",
    "cost_to_serve_share",
    "on_time",
    "in_full",
    "lead_time_days",
)
_MOST_SIGNALS = 5


@dataclass
class Section:
    """A part of the page: sentences, figures and tables, a list, a folded list, links."""

    id: str
    heading: str
    sentences: list[str] = field(default_factory=list)
    pieces: list[Markup] = field(default_factory=list)
    points: list[str] = field(default_factory=list)
    folded: list[str] = field(default_factory=list)
    folded_under: str = ""
    links: list[Link] = field(default_factory=list)


@dataclass(frozen=True)
class Executive:
    """The page ``index.html``, and what of it goes into the period's mail."""

    page: str
    mail: dict[str, Any]


def executive(folder: Path, manifest: dict[str, Any], reader: Reader) -> Executive:
    """Return the executive page of a unit's folder, made from its manifest and stored tables."""
    table = partial(read_table, folder)
    kpis, compared = table("kpis"), table("comparison")
    whale = charts.whale_curve(table("customer_profit"), reader)
    matrix = charts.segment_matrix(table("segment_matrix"), reader)
    channels = charts.channel_profit(table("channel_profit"), reader)
    capacity = charts.capacity(table("resources"), reader)
    strategy, decisions, capacity_plan = map(table, ("strategy", "decisions", "capacity_plan"))
    money = plan_money(strategy, decisions, capacity_plan)
    proposal, bridge = comparison_message(compared, reader), charts.bridge(table("bridge"), table("statement"), reader)
    actions = display.actions(table("actions"), reader, rows=10)
    sections = [
        Section("customers", reader.text("Who earns and who costs"), pieces=[_html(whale), _html(matrix)]),
        Section(
            "strategy",
            reader.text("What is proposed"),
            [proposal],
            [
                _html(charts.decisions(decisions, strategy, capacity_plan, reader)),
                _html(display.decisions(decisions, reader)),
            ],
        ),
        (signals := _signals(kpis, reader)),
        Section("actions", reader.text("What is to be done"), pieces=[_html(actions)]),
        *_foundations(manifest, table("quality"), table("statement"), reader),
        _links(folder, reader),
    ]
    headlines = [
        _operating_message(table("statement"), bridge, reader),
        whale.title,
        *rough_margin(table("channel_profit"), reader),
        channels.title,
        capacity.title,
        f"{plan_message(money, decisions, reader)} {proposal}",
        signal_message(kpis, reader),
    ]
    page = templates().get_template("executive.html.j2").render(
        page=unit_page("index", manifest["label"], manifest["period"], reader),
        lead=reader.text("What serving each customer costs, what is left of the margin, and what to do about it."),
        headlines=headlines,
        figures=[
            _operating_profit(table("statement"), table("bridge"), reader),
            *(figure for name in _KEY_FIGURES if (figure := _key_figure(kpis, name, reader))),
        ],
        words={"figures": reader.text("Key figures")},
        sections=sections,
    )  # fmt: skip
    to_do = action_sentences(table("actions"), reader)
    mail = {"label": manifest["label"], "headlines": headlines, "signals": signals.points, "actions": to_do}
    return Executive(page, mail)


def _html(piece: charts.Chart | Shown) -> Markup:
    """Return a piece of page; its own texts are escaped already."""
    return Markup(plain_tables(piece.__html__()))  # noqa: S704


def _operating(statement: pd.DataFrame) -> float:
    return float(statement.loc[statement["line"] == "operating_profit", "amount"].sum())


def _operating_message(statement: pd.DataFrame, bridge: charts.Chart, reader: Reader) -> str:
    """Say how operating profit changed and by what, or what it is where there is nothing to compare with."""
    if bridge.svg:
        return bridge.title
    return reader.text("Operating profit is {profit}.", profit=reader.money(_operating(statement), compact=True))


def _operating_profit(statement: pd.DataFrame, bridge: pd.DataFrame, reader: Reader) -> dict[str, str]:
    """Return what is left of all, and its change; a bridge leads there from the period before."""
    now, name = _operating(statement), "operating_profit"
    if bridge.empty:
        return {"name": reader.label(name), "value": reader.money(now, compact=True)}
    before = now - float(totals(bridge, *CELL)["amount"].sum())
    return {"name": reader.label(name), "value": reader.money(now, compact=True)} | _compared(
        now, before, "profit", reader
    )


def _key_figure(kpis: pd.DataFrame, name: str, reader: Reader) -> dict[str, str] | None:
    rows = totals(kpis.loc[kpis["kpi"] == name], *CELL)
    if rows.empty or pd.isna(rows["value"].iloc[0]):
        return None
    now, before = float(rows["value"].iloc[0]), rows["previous"].iloc[0]
    figure = {"name": reader.label(name), "value": reader.measure(now, name, compact=True)}
    return figure | (_compared(now, float(before), name, reader) if pd.notna(before) else {})


def _compared(now: float, before: float, name: str, reader: Reader) -> dict[str, str]:
    """Return a figure of the period before, its change since, and whether that is better."""
    improved = sign(name) * (now - before) > 0
    same = reader.measure(now, name) == reader.measure(before, name)
    return {
        "before": reader.text("before {value}", value=reader.measure(before, name, compact=True)),
        "change": _change(now, before, name, reader),
        "judged": "" if same else "better" if improved else "worse",
    }


def _change(now: float, before: float, name: str, reader: Reader) -> str:
    """Return how a figure changed; a difference is that of the figures that are written beside it."""
    kind = kind_of(name)
    if kind == "percent":
        return reader.points(round(now, 3) - round(before, 3))
    if kind == "days":
        return reader.signed(round(now, 1) - round(before, 1), 1)
    return ("+" if now > before else "") + reader.percent((now - before) / abs(before)) if before else ""


def _signals(kpis: pd.DataFrame, reader: Reader) -> Section:
    found = surest(kpis)
    shown = [signal_sentence(row, reader) for row in found.head(_MOST_SIGNALS).to_dict("records")]
    more = len(found) - len(shown)
    if more > 0:
        shown.append(reader.plural("{count} more signal on page Govern.", "{count} more signals on page Govern.", more))
    return Section(
        "signals", reader.text("What moved by more than chance"), [signal_message(kpis, reader)], points=shown
    )


def _foundations(
    manifest: dict[str, Any], quality: pd.DataFrame, statement: pd.DataFrame, reader: Reader
) -> list[Section]:
    """Return what the figures rest on: reconciliation, data quality, assumptions."""
    sums = {name: float(manifest["reconciliation"].get(name) or 0.0) for name in _TERMS}
    amounts = {name: reader.money(amount, digits=2) for name, amount in sums.items()}
    sums_up = reader.text(
        "Every cent of the ledger is accounted for: {ledger} = {assigned} assigned to customers + {unused} unused "
        "capacity − {overdriven} worked beyond capacity + {sustaining} sustaining + {unassigned} unassigned; "
        "difference {difference}, allowed {tolerance}.",
        **amounts,
    )
    lines = statement.set_index("line")["amount"]
    way = reader.text(
        "From the customers' profit to operating profit: {customer_profit} − {unused} unused capacity + {overdriven} "
        "worked beyond capacity − {sustaining} sustaining − {unassigned} unassigned + {outside_ledger} that customers "
        "carry and the ledger does not book = {operating_profit}.",
        **amounts | {name: reader.money(float(lines[name]), digits=2) for name in _LEVELS},
    )
    rejected = float(quality["rejected"].sum()) / max(float(quality["read"].sum()), 1.0)
    share = {"share": reader.percent(rejected, 2), "rows": reader.number(float(quality["read"].sum()))}
    of_rows = (
        reader.text(
            "{share} of the {rows} rows read were rejected; accepted and rejected add up to read. What some of the "
            "rejected are worth cannot be read.",
            **share,
        )
        if unread(quality).any()
        else reader.text(
            "{share} of the {rows} rows read were rejected; accepted and rejected add up to read, in rows and in "
            "money.",
            **share,
        )
    )
    assumptions = [
        _sentence(reader.remark(item), reader.word(item["where"], "stage"))
        for item in manifest.get("assumptions") or []
    ]
    defaults = manifest.get("defaults_used") or []
    if defaults:
        names = ", ".join(str(name) for name in defaults)
        assumptions.append(reader.text("Parameters left at the workbook's own defaults: {names}.", names=names))
    if not assumptions:
        assumptions = [reader.text("No assumption was needed here.")]
    remarks = [reader.remark(note) for note in manifest.get("notes") or []]
    folded_under = reader.plural("{count} remark of the stages", "{count} remarks of the stages", len(remarks))
    return [
        Section(
            "assumptions",
            reader.text("What was assumed"),
            points=assumptions,
            folded=remarks,
            folded_under=folded_under,
        ),
        Section("reconciliation", reader.text("Does it add up"), [sums_up, way]),
        Section("quality", reader.text("How good the data are"), [of_rows], [_html(display.quality(quality, reader))]),
    ]


def _sentence(text: str, where: str) -> str:
    return f"{text.strip().rstrip('.')} ({where})."


_TERMS = ("ledger", "assigned", "unused", "overdriven", "sustaining", "unassigned", "difference", "tolerance")
_LEVELS = ("customer_profit", "outside_ledger", "operating_profit")


def _links(folder: Path, reader: Reader) -> Section:
    about = {
        "01_profile": reader.text("what each customer, channel and activity costs"),
        "02_segment": reader.text("which customers are alike"),
        "03_strategy": reader.text("how each segment is best served"),
        "04_evaluate": reader.text("whether the proposal holds when demand varies"),
        "05_govern": reader.text("indicators, causes of change, actions"),
    }
    links = [Link(f"{name}.html", page_name(name, reader), about=about[name]) for name in NOTEBOOKS]
    if (folder / "tables.xlsx").exists():
        links.append(Link("tables.xlsx", "tables.xlsx", about=reader.text("every table in one workbook")))
    links.append(Link("tables/", reader.text("Tables"), about=reader.text("every figure, as Parquet")))
    links.append(
        Link("manifest.json", "manifest.json", about=reader.text("inputs, parameters and versions of this run"))
    )
    return Section("more", reader.text("Where to read on"), links=links)
