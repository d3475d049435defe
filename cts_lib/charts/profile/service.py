"""Figures of service: lead times, and perfect orders."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from cts_lib.charts.bars import height_of, horizontal_bars, pairs
from cts_lib.charts.chart import INK, LOSS, NEUTRAL, PROFIT, Chart, canvas, finish, legend_above, percent_axis, styled
from cts_lib.display import Reader
from cts_lib.names import totals, without_totals

_MOST_BARS = 60


@styled
def lead_times(frame: pd.DataFrame, reader: Reader) -> Chart:
    """Draw how many lines were delivered after how many days, on time and late.

    Parameters
    ----------
    frame : DataFrame
        channel, days, lines, on_time_lines: a histogram of whole days.
    """
    if frame.empty or frame["lines"].sum() <= 0:
        return Chart(reader.text("No line has both an order date and a delivery date."))
    counts = frame.groupby("days")[["lines", "on_time_lines"]].sum().sort_index()
    days, lines = counts.index.to_numpy(float), counts["lines"].to_numpy(float)
    reached = np.cumsum(lines) / lines.sum()
    middle, slow = (float(days[int(np.searchsorted(reached, share))]) for share in (0.5, 0.9))
    width = max(1.0, np.ceil((days.max() - days.min() + 1) / _MOST_BARS))
    bins = counts.groupby(np.floor(days / width) * width).sum()
    on_time, left = bins["on_time_lines"].to_numpy(float), bins.index.to_numpy(float)
    late = bins["lines"].to_numpy(float) - on_time
    figure, axes = canvas(3.1)
    edges = left - 0.5 + 0.05 * width
    axes.bar(edges, on_time, width=0.9 * width, align="edge", color=PROFIT)
    other = LOSS if on_time.any() else NEUTRAL  # without a promise nothing is late
    axes.bar(edges, late, width=0.9 * width, align="edge", bottom=on_time, color=other)
    axes.grid(visible=False, axis="x")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    top = float((on_time + late).max())
    marks = ((middle, reader.text("half by day {days}", days=reader.number(middle))),
             (slow, reader.text("nine in ten by day {days}", days=reader.number(slow))))  # fmt: skip
    # The lower text keeps clear of the higher line, beyond which there is room: right where both days are early.
    early = slow < (left[0] + left[-1]) / 2
    after = early or middle - left[0] < slow - middle, early
    for height, (place, text), right in zip((1.2, 1.08) if early else (1.08, 1.2), marks, after, strict=True):
        axes.plot([place] * 2, [0, top * height], color=INK, linewidth=1, linestyle=(0, (4, 3)))
        beside, side = ((4, 0), "left") if right else ((-4, 0), "right")
        box = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
        at = (place, top * height)
        axes.annotate(text, at, beside, textcoords="offset points", va="center", ha=side, bbox=box)
    axes.set_ylim(0, top * 1.28)
    axes.yaxis.set_major_formatter(lambda x, _: reader.number(x, compact=True))
    axes.set_xlabel(reader.text("Days from order to delivery"))
    axes.set_ylabel(reader.text("Order lines"))
    parts = [(PROFIT, reader.text("On time")), (other, reader.text("Late, or without a promised date"))]
    parts = parts if on_time.any() else parts[1:]
    legend_above(figure, [Patch(color=colour, label=label) for colour, label in parts])
    share = float(counts["on_time_lines"].sum() / lines.sum())
    values = {"middle": reader.number(middle), "slow": reader.number(slow), "share": reader.percent(share, 0)}
    title = reader.text("Half of the lines arrive by day {middle}, nine in ten by day {slow}.", **values)
    if share > 0:
        title = reader.text(
            "Half of the lines arrive by day {middle}, nine in ten by day {slow}; {share} arrive by a promised date.",
            **values,
        )
    alt = reader.plural(
        "Histogram of {count} order line by days from order to delivery, from {first} to {last} days.",
        "Histogram of {count} order lines by days from order to delivery, from {first} to {last} days.",
        int(lines.sum()),
        first=reader.number(days.min()),
        last=reader.number(days.max()),
    )
    return finish(figure, title, alt, "lead_times", reader)


@styled
def perfect_orders(frame: pd.DataFrame, reader: Reader) -> Chart:
    """Draw which share of the orders was perfect in each channel, with that of the lines beside it.

    Parameters
    ----------
    frame : DataFrame
        channel, judged_orders, perfect_lines, perfect_orders; ``(all)`` is in the title.
    """
    known = frame[frame["perfect_orders"].notna()]
    rows = without_totals(known, "channel").sort_values("perfect_orders", ascending=False, kind="stable")
    if rows.empty:
        return Chart(reader.text("No order can be judged: promised dates and delivered quantities are not known."))
    shares = rows["perfect_orders"].astype(float).tolist()
    names = [reader.word(name, "channel") for name in rows["channel"]]
    texts = [
        reader.text("{orders} · lines {lines}", orders=reader.percent(orders), lines=reader.percent(lines))
        for orders, lines in zip(shares, rows["perfect_lines"], strict=True)
    ]
    figure, axes = canvas(height_of(len(rows)))
    horizontal_bars(axes, names, shares, [PROFIT] * len(rows), texts)
    percent_axis(axes, reader, reader.text("Perfect orders, share of those that can be judged"))
    whole = totals(known, "channel").iloc[0]
    title = reader.text(
        "{lines} of the lines are perfect, but only {orders} of the orders: one bad line spoils an order.",
        lines=reader.percent(whole["perfect_lines"], 0),
        orders=reader.percent(whole["perfect_orders"], 0),
    )
    if round(whole["perfect_orders"], 2) >= round(whole["perfect_lines"], 2):
        title = reader.text("{orders} of the orders are perfect.", orders=reader.percent(whole["perfect_orders"], 0))
    return finish(figure, title, pairs(names, texts), "service", reader)
