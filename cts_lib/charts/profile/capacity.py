"""The figure of capacity: what was paid for, what was used of it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.patches import Patch

from cts_lib.charts.bars import finish_rows, height_of, pairs, write_beside, write_names
from cts_lib.charts.chart import LOSS, PALE, PROFIT, Chart, canvas, cents, finish, legend_above, percent_axis, styled
from cts_lib.display import Reader


@styled
def capacity(resources: pd.DataFrame, reader: Reader) -> Chart:
    """Draw how much of each resource's practical capacity was used, was left, or was exceeded."""
    shown = resources.loc[resources["capacity_minutes"].fillna(0) > 0]
    if shown.empty:
        return Chart(capacity_finding(resources, reader))
    shown = shown.sort_values("utilisation", ascending=False, kind="stable")
    used = shown["utilisation"].astype(float).tolist()
    names = [reader.word(name, "resource") for name in shown["resource"]]
    figure, axes = canvas(height_of(len(shown)) + 0.35)
    texts = []
    for position, (share, unused, over) in enumerate(zip(used, shown["unused"], shown["overdriven"], strict=True)):
        axes.barh(position, 1, height=0.62, color=PALE)
        axes.barh(position, min(share, 1), height=0.62, color=PROFIT)
        axes.barh(position, max(share - 1, 0), left=1, height=0.62, color=LOSS)
        written, left, beyond = reader.percent(share, 0), reader.money(unused, True), reader.money(over, True)
        text = reader.text("{share}, {money} unused", share=written, money=left)
        if share > 1:
            text = reader.text("{share}, {money} beyond capacity", share=written, money=beyond)
        texts.append(text)
        write_beside(axes, max(share, 1), position, text)
    write_names(axes, names)
    finish_rows(axes, 0, max([1.0, *used]), max(len(text) for text in texts))
    percent_axis(axes, reader, reader.text("Share of practical capacity"))
    parts = ((PROFIT, reader.text("Used")), (PALE, reader.text("Unused")), (LOSS, reader.text("Beyond capacity")))
    legend_above(figure, [Patch(color=colour, label=label) for colour, label in parts])
    return finish(figure, capacity_finding(resources, reader), pairs(names, texts), "resources", reader)


def capacity_finding(resources: pd.DataFrame, reader: Reader) -> str:
    """Return what the figure says, for a page that does not draw it."""
    shown = resources.loc[resources["capacity_minutes"].fillna(0) > 0]
    if shown.empty:
        return reader.text("No resource has a stated capacity.")
    shown = shown.sort_values("utilisation", ascending=False, kind="stable")
    overloaded = [reader.word(name, "resource") for name in shown.loc[shown["utilisation"] > 1, "resource"]]
    return capacity_message(overloaded, float(shown["unused"].sum()), reader)


def capacity_message(overloaded: Sequence[str], unused: float, reader: Reader) -> str:
    """Return in one sentence which resources worked beyond capacity, and what is paid for capacity left over."""
    named = {"names": reader.listed(overloaded), "money": reader.money(unused, compact=True)}
    if cents(unused) <= 0:
        return (
            reader.text("{names} worked beyond capacity.", **named)
            if overloaded
            else reader.text("No resource is overloaded, and no money pays for capacity that nobody used.")
        )
    if overloaded:
        return reader.text(
            "{names} worked beyond capacity, while {money} pays for capacity elsewhere that nobody used.", **named
        )
    return reader.text("No resource is overloaded; {money} pays for capacity that nobody used.", **named)
