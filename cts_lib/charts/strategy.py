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
def frontier(
    frame: pd.DataFrame, strategy: pd.DataFrame, decided: pd.DataFrame, capacity_plan: pd.DataFrame, reader: Reader
) -> Chart:
    """Draw the most cash that each service level allows, and where today and the proposal stand.

    Parameters
    ----------
    frame : DataFrame
        service_level, cash.
    strategy, decided, capacity_plan : DataFrame
        Tables ``strategy``, ``decisions`` and ``capacity_plan``, of which the plan's money is the sum.
    """
    shown = frame.dropna(subset=["service_level", "cash"]).sort_values(["service_level", "cash"], kind="stable")
    ends = [reader.percent(level) for level in shown["service_level"].iloc[[0, -1]]] if len(shown) else []
    if len(set(ends)) < len(["low", "high"]):
        return Chart(reader.text("One strategy is best at every service level: there is nothing to trade."))
    money = {"current": 0.0, "chosen": plan_money(strategy, decided, capacity_plan).cash}
    marks = {side: (_service_level(strategy, side), cash) for side, cash in money.items()}
    figure, axes = canvas(3.2)
    sns.lineplot(x=shown["service_level"], y=shown["cash"], ax=axes, color=NEUTRAL, errorbar=None, sort=False)
    axes.plot(shown["service_level"], shown["cash"], "o", color=PROFIT, markersize=7)
    higher = max(marks, key=lambda side: marks[side][1])
    for side, place in marks.items():
        axes.plot(*place, "D", color=HIGHLIGHT, markeredgecolor=INK, markersize=8, zorder=4)
        offset, at = ((-8, 5), "bottom") if side == higher else ((-8, -5), "top")
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}
        axes.annotate(reader.label(side), place, offset, textcoords="offset points", va=at, ha="right", bbox=box)
    axes.margins(x=0.08, y=0.15)
    percent_axis(axes, reader, reader.text("Service level"))
    money_axis(axes, reader, reader.text("Cash in the period"), "y")
    title = reader.text(
        "From {low} on time to {high} the best plan's cash changes by {amount} in the period.",
        low=ends[0],
        high=ends[1],
        amount=reader.signed_money(float(shown["cash"].iloc[-1] - shown["cash"].iloc[0])),
    )
    sides = [(reader.label(side) + " ", *place) for side, place in marks.items()]
    points = [("", *place) for place in zip(shown["service_level"], shown["cash"], strict=True)]
    alt = "; ".join(
        f"{name}{reader.percent(service)}: {reader.money(cash, compact=True)}" for name, service, cash in sides + points
    )
    return finish(figure, title, alt, "strategy_frontier, strategy, decisions, capacity_plan", reader)


def _service_level(strategy: pd.DataFrame, side: str) -> float:
    """Return the service level of all cells together."""
    lines = strategy["promised_lines"]
    return float((strategy[f"{side}_service_level"] * lines).sum() / lines.sum())
