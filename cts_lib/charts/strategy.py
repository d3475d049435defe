"""Figures of strategy: what the choice changes in each cell, and what service costs on the frontier."""

from __future__ import annotations

import pandas as pd
import seaborn as sns

from cts_lib.charts.bars import height_of, horizontal_bars
from cts_lib.charts.chart import (
    HIGHLIGHT,
    INK,
    LOSS,
    NEUTRAL,
    PROFIT,
    Chart,
    canvas,
    cell,
    finish,
    money_axis,
    percent_axis,
    styled,
)
from cts_lib.display import Reader
from cts_lib.display.decisions import only_cells

_MOST_CELLS = 16


@styled
def strategy_change(frame: pd.DataFrame, reader: Reader) -> Chart:
    """Draw what the chosen option adds to the profit of each cell, for those that change most.

    Parameters
    ----------
    frame : DataFrame
        segment, channel, current_option, chosen_option, current_profit, gain, cash_gain.
    """
    cells = only_cells(frame)
    changed = cells.loc[cells["chosen_option"] != cells["current_option"]]
    if changed.empty:
        return Chart(reader.text("No allowed option is better than what is done today: nothing changes."))
    shown = changed.sort_values("gain", ascending=False, kind="stable").head(_MOST_CELLS)
    names = [cell(s, c, reader) for s, c in zip(shown["segment"], shown["channel"], strict=True)]
    today, won = shown["current_profit"].astype(float), shown["gain"].astype(float)
    gains = [
        reader.text(
            "{gain} ({before} → {after})",
            gain=reader.signed_money(gain),
            before=reader.money(before, compact=True),
            after=reader.money(before + gain, compact=True),
        )
        for before, gain in zip(today, won, strict=True)
    ]
    figure, axes = canvas(height_of(len(shown)))
    colours = [PROFIT if gain >= 0 else LOSS for gain in shown["gain"]]
    horizontal_bars(axes, names, shown["gain"].astype(float).tolist(), colours, gains)
    money_axis(axes, reader, reader.text("Change of profit, less investment"))
    title = reader.plural(
        "Changing {count} of {all} cells would add {gain} at full cost: cash {cash}, capacity set free {freed}.",
        "Changing {count} of {all} cells would add {gain} at full cost: cash {cash}, capacity set free {freed}.",
        len(changed),
        all=reader.number(len(cells)),
        gain=reader.money(float(cells["gain"].sum()), compact=True),
        cash=reader.signed_money(float(cells["cash_gain"].sum())),
        freed=reader.money(float((cells["gain"] - cells["cash_gain"]).sum()), compact=True),
    )
    alt = "; ".join(f"{name}: {gain}" for name, gain in zip(names, gains, strict=True))
    return finish(figure, title, alt, "strategy", reader)


@styled
def frontier(frame: pd.DataFrame, reader: Reader) -> Chart:
    """Draw the most profit that each service level allows.

    Parameters
    ----------
    frame : DataFrame
        point, service_level, profit; a point named ``current`` or ``chosen`` is marked.
    """
    if frame["service_level"].notna().sum() < 2:
        return Chart(reader.text("One strategy is best at every service level: there is nothing to trade."))
    shown = frame.dropna(subset=["service_level", "profit"]).sort_values(["service_level", "profit"], kind="stable")
    named = shown["point"].astype(str).isin(["current", "chosen"])
    figure, axes = canvas(3.2)
    line = shown.loc[~named]
    sns.lineplot(x=line["service_level"], y=line["profit"], ax=axes, color=NEUTRAL, errorbar=None, sort=False)
    axes.plot(line["service_level"], line["profit"], "o", color=PROFIT, markersize=7)
    for point, service, profit in shown.loc[named, ["point", "service_level", "profit"]].itertuples(index=False):
        axes.plot([service], [profit], "D", color=HIGHLIGHT, markeredgecolor=INK, markersize=8, zorder=4)
        axes.annotate(reader.label(point), (service, profit), (8, -3), textcoords="offset points", va="top")
    axes.margins(x=0.08, y=0.15)
    percent_axis(axes, reader, reader.text("Service level"))
    money_axis(axes, reader, reader.text("Profit"), "y")
    first, last = shown.iloc[0], shown.iloc[-1]
    title = reader.text(
        "Raising the service level from {low} to {high} changes the best profit by {amount}.",
        low=reader.percent(first["service_level"]),
        high=reader.percent(last["service_level"]),
        amount=reader.signed_money(float(last["profit"] - first["profit"])),
    )
    alt = "; ".join(
        f"{reader.percent(service)}: {reader.money(profit, compact=True)}"
        for service, profit in zip(shown["service_level"], shown["profit"], strict=True)
    )
    return finish(figure, title, alt, "strategy_frontier", reader)
