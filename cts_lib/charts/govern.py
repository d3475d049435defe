"""Figures of governing: the indicators against their limits, and why profit changed."""

from __future__ import annotations

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from cts_lib.charts.bars import height_of, pairs, waterfall, write_names
from cts_lib.charts.chart import (
    HIGHLIGHT,
    INK,
    LOSS,
    PALE,
    PROFIT,
    Chart,
    canvas,
    cents,
    finish,
    legend_above,
    money_axis,
    room,
    styled,
)
from cts_lib.display import Reader
from cts_lib.display.profile.answer import assumed_share, beyond_the_ledger
from cts_lib.names import CELL, NONE, totals

_LEAST_REACH = 0.1
"""A scale spans at least a tenth of the indicator to either side, so that a small change looks small."""

_MOST_ASSUMED = 0.5
"""A share of the cost of goods from which on its change is no cause of its own."""
_LIMITS = ("value", "previous", "target", "lower_limit", "upper_limit")


@styled
def kpi_scorecard(kpis: pd.DataFrame, reader: Reader) -> Chart:
    """Draw the whole unit's indicators, each on its own scale, with last period, target and control limits.

    Parameters
    ----------
    kpis : DataFrame
        segment, channel, kpi, value, target, status, previous, lower_limit, upper_limit, signal.
    """
    shown = totals(kpis, *CELL).dropna(subset=["value"])
    if shown.empty:
        return Chart(reader.text("No indicator could be computed."))
    figure, axes = canvas(height_of(len(shown)) + 0.35)
    for position, (_, row) in enumerate(shown.iterrows()):
        seen = row[list(_LIMITS)].dropna().astype(float)
        middle, reach = (seen.max() + seen.min()) / 2, (seen.max() - seen.min()) / 2
        reach = max(reach, _LEAST_REACH * abs(middle)) or 1.0
        at = {name: (float(x) - middle) / reach * 0.9 for name, x in seen.items()}
        if "lower_limit" in at and "upper_limit" in at:
            left, right = at["lower_limit"], at["upper_limit"]
            axes.barh(position, right - left, left=left, height=0.5, color=PALE)
        if "target" in at:
            axes.plot([at["target"]] * 2, [position - 0.32, position + 0.32], color=HIGHLIGHT, linewidth=3)
        if "previous" in at:
            axes.plot([at["previous"]], [position], "o", color="white", markeredgecolor=INK, markersize=7)
        signal = row["signal"] not in (NONE, None)
        axes.plot([at["value"]], [position], "o", color=LOSS if signal else PROFIT, markersize=8.5)
        text = reader.measure(float(row["value"]), row["kpi"], compact=True)
        axes.annotate(text, (1.1, position), va="center", fontweight="bold", fontsize=9.5)
    axes.set_xlim(-1.05, 1.75 if room(axes, 2) == 2 else 2.3)
    write_names(axes, [reader.label(kpi) for kpi in shown["kpi"]])
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.grid(visible=False)
    axes.set_xlabel(reader.text("Each indicator on its own scale"))
    legend_above(figure, _scorecard_legend(shown, reader))
    alt = "; ".join(
        f"{reader.label(kpi)}: {reader.measure(value, kpi)}"
        for kpi, value in zip(shown["kpi"], shown["value"], strict=True)
    )
    return finish(figure, signal_message(kpis, reader), alt, "kpis", reader)


def _scorecard_legend(shown: pd.DataFrame, reader: Reader) -> list[Artist]:
    """Return the keys of what the scorecard shows, and of nothing else."""
    keys: list[Artist] = [Line2D([], [], color=PROFIT, label=reader.text("Now"), marker="o", linestyle="")]
    if (shown["signal"] != NONE).any():
        keys.append(Line2D([], [], color=LOSS, label=reader.text("Now, signal"), marker="o", linestyle=""))
    if shown["previous"].notna().any():
        before = reader.text("Before")
        keys.append(Line2D([], [], color="white", markeredgecolor=INK, label=before, marker="o", linestyle=""))
    if shown["target"].notna().any():
        keys.append(Line2D([], [], color=HIGHLIGHT, linewidth=3, label=reader.text("Target")))
    if shown["upper_limit"].notna().any():
        keys.append(Patch(color=PALE, label=reader.text("Control limits")))
    return keys


def signal_message(kpis: pd.DataFrame, reader: Reader) -> str:
    """Return in one sentence which of the unit's indicators moved by more than chance or missed their target."""
    shown = totals(kpis, *CELL)
    signals = shown.loc[shown["signal"].fillna(NONE) != NONE, "kpi"]
    if len(signals):
        return reader.plural(
            "{count} indicator of the unit moved by more than chance: {names}.",
            "{count} indicators of the unit moved by more than chance: {names}.",
            len(signals),
            names=reader.listed([reader.label(kpi).lower() for kpi in signals]),
        )
    missed = shown.loc[shown["status"] == "missed", "kpi"]
    without_limits = shown["upper_limit"].isna().all()
    if len(missed) and without_limits:
        return reader.plural(
            "The history is too short for control limits; {count} indicator missed its target: {names}.",
            "The history is too short for control limits; {count} indicators missed their targets: {names}.",
            len(missed),
            names=reader.listed([reader.label(kpi).lower() for kpi in missed]),
        )
    if len(missed):
        return reader.plural(
            "No indicator of the unit moved by more than chance; {count} missed its target: {names}.",
            "No indicator of the unit moved by more than chance; {count} missed their targets: {names}.",
            len(missed),
            names=reader.listed([reader.label(kpi).lower() for kpi in missed]),
        )
    if without_limits and shown["target"].isna().all():
        return reader.text("No target is set, and the history is too short for control limits.")
    if without_limits and (shown["status"] == "met").sum() < shown["target"].notna().sum():
        return reader.text(
            "No target is missed, but not all can be judged; the history is too short for control limits."
        )
    if without_limits:
        return reader.text("Every target is met; the history is too short for control limits.")
    return reader.text("No indicator of the unit moved by more than chance or missed its target.")


def bridge_message(frame: pd.DataFrame, reader: Reader) -> str:
    """Return in one sentence how operating profit changed and by what most; nothing where there is no period before."""
    parts = _parts(frame)
    if parts.empty:
        return ""
    change, most = float(parts.sum()), _ends(parts)[0]
    values = {
        "change": reader.money(abs(change), compact=True),
        "component": reader.word(most, "component").lower(),
        "amount": reader.signed_money(float(parts[most])),
    }
    if cents(change) == 0:
        return reader.text("Operating profit did not change; {component} added most, {amount}.", **values)
    if change < 0:
        return reader.text("Operating profit fell by {change}; the most by {component}, {amount}.", **values)
    return reader.text("Operating profit rose by {change}; the most by {component}, {amount}.", **values)


def _parts(frame: pd.DataFrame) -> pd.Series:
    """Return the components that are not 0 of what happened to operating profit."""
    parts = totals(frame, *CELL).groupby("component", sort=False)["amount"].sum()
    return parts.loc[parts != 0]


def _ends(parts: pd.Series) -> tuple[str, str]:
    """Return the component that moved operating profit most as it moved, and the one most against it."""
    highest, lowest = str(parts.idxmax()), str(parts.idxmin())
    return (highest, lowest) if parts.sum() >= 0 else (lowest, highest)


def of_assumed_goods(frame: pd.DataFrame, channel_profit: pd.DataFrame) -> pd.DataFrame:
    """Return the bridge with price and cost of goods in one where most of the cost of goods is assumed.

    A share of sales moves with price: alone, each would be a cause that nobody observed.
    """
    if assumed_share(channel_profit) <= _MOST_ASSUMED:
        return frame
    both = dict.fromkeys(("price", "goods"), "price_less_goods")
    return frame.assign(component=frame["component"].astype("object").replace(both))


@styled
def bridge(
    frame: pd.DataFrame,
    statement: pd.DataFrame,
    reader: Reader,
    brief: bool = False,
    channel_profit: pd.DataFrame | None = None,
) -> Chart:
    """Draw from the previous period's operating profit to this one's, by what changed.

    Parameters
    ----------
    frame : DataFrame
        segment, channel, component, amount; the rows of the whole unit explain operating profit.
    statement : DataFrame
        line, amount of this period, with operating_profit.
    brief : bool
        Rows stand close, below a headline that says what operating profit leaves out.
    channel_profit : DataFrame, optional
        cogs, assumed_cogs: whether price and cost of goods are told as one (`of_assumed_goods`).
    """
    told = frame if channel_profit is None else of_assumed_goods(frame, channel_profit)
    is_joined, frame = told is not frame, told
    parts = _parts(frame)
    if parts.empty:
        return Chart(reader.text("There is no previous period to compare with."))
    now = float(statement.loc[statement["line"] == "operating_profit", "amount"].sum())
    change = float(parts.sum())
    signed = [reader.signed_money(amount) for amount in parts]
    words = {name: reader.word(name, "component") for name in parts.index}
    names = [reader.text("Before"), *[words[name] for name in parts.index], reader.text("Now")]
    texts = [reader.money(now - change, compact=True), *signed, reader.money(now, compact=True)]
    figure, axes = canvas(height_of(len(names), brief=brief))
    waterfall(axes, names, [now - change, *parts.astype(float), now], [True, *[False] * len(parts), True], texts)
    money_axis(axes, reader, reader.label("operating_profit"))
    most, against = _ends(parts)
    title = bridge_message(frame, reader)
    if parts[most] * parts[against] < 0:
        title += " " + reader.text(
            "Most against it: {component}, {amount}.",
            component=words[against].lower(),
            amount=reader.signed_money(float(parts[against])),
        )
    if is_joined:
        title += " " + reader.text(
            "Price and cost of goods are one, for the cost of goods is assumed as a share of sales."
        )
    title = " ".join([title, *([] if brief else beyond_the_ledger(statement, reader))])
    return finish(figure, title, pairs(names, texts), "bridge, statement", reader)
