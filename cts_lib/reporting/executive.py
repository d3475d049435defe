"""The executive page of a unit and period: what happened, who decides it, what to do; all else in one fold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from cts_lib import charts, display
from cts_lib.charts.chart import Chart, headed
from cts_lib.charts.evaluate import comparison_message
from cts_lib.charts.govern import bridge_message, of_assumed_goods, signal_message
from cts_lib.charts.profile.capacity import capacity_finding
from cts_lib.charts.profile.costs import channel_finding
from cts_lib.display import Reader
from cts_lib.display.conditions import beyond_limits
from cts_lib.display.govern import action_sentences, signal_sentence, surest
from cts_lib.display.profile.answer import assumed_goods, beyond_the_ledger, borne_by_nobody, rough_margin
from cts_lib.display.strategy import plan_message, service_message
from cts_lib.replay.money import plan_money
from cts_lib.reporting.foundations import doubts, foundations, of_mapping
from cts_lib.reporting.page import NOTEBOOKS, Link, page_name, templates, unit_page
from cts_lib.reporting.render import on_page
from cts_lib.reporting.section import Section
from cts_lib.reporting.tiles import is_booked, is_mostly_beyond, operating, tiles
from cts_lib.store import read_table

_MOST_SIGNALS = 5
_CURVE = 2.15
"""Height of the whale curve, inches: that of the matrix beside it."""


@dataclass(frozen=True)
class Executive:
    """The page ``index.html``, and what of it goes into the period's mail."""

    page: str
    mail: dict[str, Any]


def executive(folder: Path, manifest: dict[str, Any], reader: Reader) -> Executive:
    """Return the executive page of a unit's folder, made from its manifest and stored tables."""
    table = partial(read_table, folder)
    kpis, statement, compared, quality = map(table, ("kpis", "statement", "comparison", "quality"))
    strategy, decisions, capacity_plan = map(table, ("strategy", "decisions", "capacity_plan"))
    customers, by_channel = table("customer_profit"), table("channel_profit")
    evaluation, conditions, kept, backtest = map(table, ("evaluation", "conditions", "kept_capacity", "backtest"))
    whale = charts.whale_curve(customers, reader, height=_CURVE)
    money = plan_money(strategy, decisions, capacity_plan)
    plan = plan_message(money, decisions, reader)
    service = service_message(table("strategy_frontier"), strategy, money, reader)
    matrix = charts.segment_matrix(table("segment_matrix"), reader, table("segments"))
    moved = of_assumed_goods(table("bridge"), by_channel)
    bridge = charts.bridge(moved, statement, reader, brief=True)
    headline = [
        _operating_message(statement, moved, reader),
        *beyond_the_ledger(statement, reader, is_headline=True),
    ]
    if is_mostly_beyond(statement):
        headline = [_unbooked_message(by_channel, statement, table("resources"), reader)]
    if not is_booked(table("resources")):
        bridge = Chart(reader.text("What moved operating profit is not known: no ledger is given."))
    headline += [*assumed_goods(by_channel, reader), *borne_by_nobody(table("resources"), reader)]
    first = [" ".join(headline), plan]
    also = [
        *rough_margin(by_channel, reader),
        headed(channel_finding(by_channel, reader)),
        *_of_capacity(table("resources"), table("node_plan"), reader),
        signal_message(kpis, reader),
    ]
    signals = _signals(kpis, reader)
    to_do = Section(
        "actions",
        reader.text("What is to be done"),
        pieces=[on_page(display.actions(table("actions"), reader, rows=10))],
    )
    page = templates().get_template("executive.html.j2").render(
        page=unit_page("index", manifest["label"], manifest["period"], reader, bool(manifest.get("shared"))),
        headlines=first,
        tiles=tiles(kpis, statement, moved, reader),
        figures=[on_page(whale), on_page(matrix)],
        decisions=on_page(display.first_decisions(decisions, reader, service=service)),
        customers=on_page(
            display.customer_terms(
                table("customer_terms"), customers, table("customer_reasons"), reader, rows=10, brief=True
            )
        ),
        bridge=on_page(bridge),
        service=on_page(display.service_against_targets(kpis, table("kpi_tree"), reader)),
        doubts=[
            *of_mapping(manifest, reader),
            *doubts(quality, by_channel, customers, compared, evaluation, conditions, kept, backtest, reader),
            *beyond_limits(table("node_plan"), reader),
        ],
        words={
            "figures": reader.text("Key figures"),
            "decisions": reader.text("What is proposed"),
            "customers": reader.text("Who loses most, and what to do"),
            "why": reader.text("Why operating profit changed"),
            "service": reader.text("Service"),
            "doubts": reader.text("How sure this is"),
            "more": reader.text("Everything else"),
        },
        also=also,
        sections=[*([signals] if signals.points else []), to_do, *foundations(manifest, quality, statement, reader)],
        links=_links(folder, reader),
    )  # fmt: skip
    mail = {
        "label": manifest["label"],
        "headlines": [*first, *filter(None, [service]), whale.title, *also, comparison_message(compared, reader)],
        "signals": signals.points,
        "actions": action_sentences(table("actions"), reader),
    }
    return Executive(page, mail)


def _operating_message(statement: pd.DataFrame, bridge: pd.DataFrame, reader: Reader) -> str:
    """Say how operating profit changed and by what, or what it is where there is nothing to compare with."""
    return bridge_message(bridge, reader) or reader.text(
        "Operating profit is {profit}.", profit=reader.money(operating(statement), compact=True)
    )


def _unbooked_message(
    channel_profit: pd.DataFrame, statement: pd.DataFrame, resources: pd.DataFrame, reader: Reader
) -> str:
    """Say what the customers leave where the ledger, if there is one, books little of what they cost."""
    left = {"profit": reader.money(float(channel_profit["profit"].sum()), compact=True)}
    if not is_booked(resources):
        return reader.text(
            "What customers leave after being served is {profit}. No ledger is given, so operating profit is not "
            "known.",
            **left,
        )
    beyond = float(statement.loc[statement["line"] == "outside_ledger", "amount"].sum())
    return reader.text(
        "What customers leave after being served is {profit}. Operating profit, {operating}, is before {amount} that "
        "they carry and the ledger does not book.",
        operating=reader.money(operating(statement), compact=True),
        amount=reader.money(beyond, compact=True),
        **left,
    )


def _of_capacity(resources: pd.DataFrame, node_plan: pd.DataFrame, reader: Reader) -> list[str]:
    """Say what the resources' capacity is used for; where only warehouses have one, nothing of resources."""
    if len(node_plan) and not (resources["capacity_minutes"].fillna(0) > 0).any():
        return []
    return [headed(capacity_finding(resources, reader))]


def _signals(kpis: pd.DataFrame, reader: Reader) -> Section:
    found = surest(kpis)
    shown = [signal_sentence(row, reader) for row in found.head(_MOST_SIGNALS).to_dict("records")]
    more = len(found) - len(shown)
    if more > 0:
        shown.append(reader.plural("{count} more signal on page Govern.", "{count} more signals on page Govern.", more))
    return Section("signals", reader.text("What moved by more than chance"), points=shown)


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
