"""Figures of strategy: what each decision brings, and what service costs on the frontier."""

from __future__ import annotations

import pandas as pd
import seaborn as sns

from cts_lib.charts.bars import height_of, horizontal_bars, pairs
from cts_lib.charts.chart import (
    HIGHLIGHT,
    INK,
    LOSS,
    NEUTRAL,
    PROFIT,
    Chart,
    canvas,
    finish,
    money_axis,
    percent_axis,
    styled,
)
from cts_lib.display import Reader
from cts_lib.display.strategy import MOST_DECISIONS, decided, plan_message, plan_money


@styled
def decisions(frame: pd.DataFrame, strategy: pd.DataFrame, capacity_plan: pd.DataFrame, reader: Reader) -> Chart:
    """Draw what each decision brings in cash in a year.

    Parameters
    ----------
    frame : DataFrame
        lever, setting, customers_reached, cash_a_year, gain_a_year.
    strategy, capacity_plan : DataFrame
        These tables, of which the plan's money is the sum.
    """
    title = plan_message(plan_money(strategy, frame, capacity_plan), frame, reader)
    shown = frame.loc[~frame["small"].astype(bool)].head(MOST_DECISIONS)
    if shown.empty:
        return Chart(title)
    names = [reader.word(name, "option") for name in decided(shown)]
    cash = shown["cash_a_year"].astype(float).tolist()
    words = [
        reader.plural(
            "{cash} a year; {gain} at full cost; {count} customer",
            "{cash} a year; {gain} at full cost; {count} customers",
            int(row["customers_reached"]),
            cash=reader.signed_money(row["cash_a_year"]),
            gain=reader.signed_money(row["gain_a_year"]),
        )
        for row in shown.to_dict("records")
    ]
    figure, axes = canvas(height_of(len(shown)))
    amounts = [reader.signed_money(each) for each in cash]
    horizontal_bars(axes, names, cash, [PROFIT if each >= 0 else LOSS for each in cash], amounts)
    money_axis(axes, reader, reader.text("Cash a year"))
    if len(frame) > len(shown):
        title += " " + reader.text("Drawn are the {count} that bring most.", count=reader.number(len(shown)))
    return finish(figure, title, pairs(names, words), "decisions", reader)


@styled
def frontier(frame: pd.DataFrame, strategy: pd.DataFrame, reader: Reader) -> Chart:
    """Draw the most profit that each service level allows, and where today and the proposal stand.

    Parameters
    ----------
    frame : DataFrame
        service_level, profit.
    strategy : DataFrame
        promised_lines, and for ``current`` and ``chosen`` the service level and profit of each segment and channel.
    """
    if frame["service_level"].notna().sum() < 2:
        return Chart(reader.text("One strategy is best at every service level: there is nothing to trade."))
    shown = frame.dropna(subset=["service_level", "profit"]).sort_values(["service_level", "profit"], kind="stable")
    marks = {side: _whole_unit(strategy, side) for side in ("current", "chosen")}
    figure, axes = canvas(3.2)
    sns.lineplot(x=shown["service_level"], y=shown["profit"], ax=axes, color=NEUTRAL, errorbar=None, sort=False)
    axes.plot(shown["service_level"], shown["profit"], "o", color=PROFIT, markersize=7)
    higher = max(marks, key=lambda side: marks[side][1])
    for side, place in marks.items():
        axes.plot(*place, "D", color=HIGHLIGHT, markeredgecolor=INK, markersize=8, zorder=4)
        offset, at = ((-8, 5), "bottom") if side == higher else ((-8, -5), "top")
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}
        axes.annotate(reader.label(side), place, offset, textcoords="offset points", va=at, ha="right", bbox=box)
    axes.margins(x=0.08, y=0.15)
    percent_axis(axes, reader, reader.text("Service level"))
    money_axis(axes, reader, reader.text("Profit"), "y")
    before, last = shown.iloc[-2], shown.iloc[-1]
    title = reader.text(
        "The last step up in service, from {low} to {high}, changes the best profit by {amount}.",
        low=reader.percent(before["service_level"]),
        high=reader.percent(last["service_level"]),
        amount=reader.signed_money(float(last["profit"] - before["profit"])),
    )
    sides = [(reader.label(side) + " ", *place) for side, place in marks.items()]
    points = [("", *place) for place in zip(shown["service_level"], shown["profit"], strict=True)]
    alt = "; ".join(
        f"{name}{reader.percent(service)}: {reader.money(profit, compact=True)}"
        for name, service, profit in sides + points
    )
    return finish(figure, title, alt, "strategy_frontier, strategy", reader)


def _whole_unit(strategy: pd.DataFrame, side: str) -> tuple[float, float]:
    """Return the service level and the profit of all cells together."""
    lines = strategy["promised_lines"]
    on_time = (strategy[f"{side}_service_level"] * lines).sum()
    return float(on_time / lines.sum()), float(strategy[f"{side}_profit"].sum())
