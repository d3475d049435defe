"""Figures of strategy: what the choice changes in each cell, and what service costs on the frontier."""

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
    cell,
    cents,
    finish,
    money_axis,
    percent_axis,
    styled,
)
from cts_lib.display import Reader
from cts_lib.display.strategy import gain_in_parts
from cts_lib.names import CELL, without_totals

_MOST_CELLS = 16


@styled
def strategy_change(frame: pd.DataFrame, reader: Reader) -> Chart:
    """Draw what the chosen option adds to the profit of each cell, for those that change most.

    Parameters
    ----------
    frame : DataFrame
        segment, channel, current_option, chosen_option, current_profit, chosen_profit, and gain with its parts.
    """
    cells = without_totals(frame, *CELL)
    changed = cells.loc[cells["chosen_option"] != cells["current_option"]]
    if changed.empty:
        return Chart(reader.text("No allowed option is better than what is done today: nothing changes."))
    shown = changed.sort_values("gain", ascending=False, kind="stable").head(_MOST_CELLS)
    names = [cell(s, c, reader) for s, c in zip(shown["segment"], shown["channel"], strict=True)]
    today, won = shown["current_profit"].astype(float), shown["gain"].astype(float)
    gains = [
        reader.text("{gain} ({way})", gain=reader.signed_money(gain), way=_way(before, after, reader))
        for before, after, gain in zip(today, shown["chosen_profit"].astype(float), won, strict=True)
    ]
    figure, axes = canvas(height_of(len(shown)))
    colours = [PROFIT if gain >= 0 else LOSS for gain in shown["gain"]]
    horizontal_bars(axes, names, shown["gain"].astype(float).tolist(), colours, gains)
    money_axis(axes, reader, reader.text("Change of profit, less investment"))
    title = reader.plural(
        "Changing {count} of {all} cells would add {gain} at full cost: {parts}.",
        "Changing {count} of {all} cells would add {gain} at full cost: {parts}.",
        len(changed),
        all=reader.number(len(cells)),
        gain=reader.money(float(cells["gain"].sum()), compact=True),
        parts=gain_in_parts(frame, reader),
    )
    if cents(cells["gain"].sum()) < 0:
        title = reader.plural(
            "Changing {count} of {all} cells, as the constraints ask, would cost {loss} at full cost.",
            "Changing {count} of {all} cells, as the constraints ask, would cost {loss} at full cost.",
            len(changed),
            all=reader.number(len(cells)),
            loss=reader.money(-float(cells["gain"].sum()), compact=True),
        )
    if len(changed) > len(shown):
        title += " " + reader.text("Drawn are the {count} that gain most.", count=reader.number(len(shown)))
    return finish(figure, title, pairs(names, gains), "strategy", reader)


def _way(before: float, after: float, reader: Reader) -> str:
    """Return two amounts as short as they can still be told apart."""
    short, whole = ([reader.money(amount, compact) for amount in (before, after)] for compact in (True, False))
    return " → ".join(short if short[0] != short[1] else whole)


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
