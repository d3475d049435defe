"""Figures of the chain day by day: what waits, and where capacity runs out and when."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.colors import Colormap
from matplotlib.lines import Line2D

from cts_lib.charts.chart import (
    LOSS,
    NEUTRAL,
    PROFIT,
    Chart,
    canvas,
    finish,
    legend_above,
    number_axis,
    room,
    styled,
)
from cts_lib.charts.names import fitted, grow
from cts_lib.display import Reader
from cts_lib.display.reader import uncapitalised
from cts_lib.names import BASE

COLOURS = {"current": NEUTRAL, "proposed": PROFIT}
FULL = 0.5
"""From so much of a day's work on that waits overnight capacity has run out."""
_MOST = 3.0
_HEAT: Colormap = sns.blend_palette(["#f4f6f8", LOSS], as_cmap=True)


@styled
def backlog(frame: pd.DataFrame, reader: Reader) -> Chart:
    """Draw the days of work that wait where most does, day by day, today and under the proposal.

    Parameters
    ----------
    frame : DataFrame
        strategy, scenario, measure, place, day, mean, median, low, high; measure ``behind`` is drawn.
    """
    behind = _behind(frame)
    if behind.empty:
        return Chart(reader.text("Nothing of the chain is simulated day by day."))
    place = str(behind.groupby("place", sort=False)["median"].max().idxmax())
    shown = behind[behind["place"] == place]
    figure, axes = canvas(3.1)
    handles, told = [], {}
    for strategy, colour in COLOURS.items():
        rows = shown[shown["strategy"] == strategy].sort_values("day")
        if rows.empty:
            continue
        day = rows["day"].to_numpy()
        axes.fill_between(day, rows["low"], rows["high"], color=colour, alpha=0.3, linewidth=0)
        axes.plot(day, rows["median"], color=colour, linewidth=2.2)
        handles.append(Line2D([], [], color=colour, linewidth=2.2, label=reader.word(strategy, "strategy")))
        told[strategy] = float(rows["median"].mean()), float(rows["median"].max()), float(rows["high"].max())
    axes.set_ylim(0, max(1.0, float(shown["high"].max()) * 1.05))
    axes.set_xlim(1, int(shown["day"].max()))
    axes.set_xlabel(reader.text("Day of the simulated period"))
    number_axis(axes, reader, reader.text("Days of work that wait"), "y")
    legend_above(figure, handles)
    alt = "; ".join(
        reader.text(
            "{name}: half of the periods have less than {usual} days on an average day and {most} on the worst, nine "
            "of ten less than {high}",
            name=reader.word(strategy, "strategy"),
            usual=reader.number(usual, 1),
            most=reader.number(most, 1),
            high=reader.number(high, 1),
        )
        for strategy, (usual, most, high) in told.items()
    )
    return finish(figure, backlog_message(frame, reader), alt, "chain_days", reader)


def backlog_message(frame: pd.DataFrame, reader: Reader) -> str:
    """Say in one sentence where most work waits, under which strategy, and how much waits there under the other."""
    behind = _behind(frame)
    largest = behind.groupby(["place", "strategy"], sort=False)["median"].max()
    place, strategy = largest.index[int(largest.argmax())]
    values = {name: reader.number(float(largest.get((place, name), 0.0)), 1) for name in COLOURS}
    values["place"] = uncapitalised(reader.word(place, "resource"))
    if strategy == "current":
        return reader.text(
            "Today most work waits at {place}: on the worst day {current} days of it, {proposed} under the proposal, "
            "in half of the simulated periods or more.",
            **values,
        )
    return reader.text(
        "Under the proposal most work waits at {place}: on the worst day {proposed} days of it, {current} today, in "
        "half of the simulated periods or more.",
        **values,
    )


@styled
def full_days(frame: pd.DataFrame, reader: Reader) -> Chart:
    """Draw on which days how much work waits overnight, for each resource and warehouse, today and proposed.

    Parameters
    ----------
    frame : DataFrame
        strategy, scenario, measure, place, day, median; measure ``behind`` is drawn.
    """
    behind = _behind(frame)
    if behind.empty:
        return Chart(reader.text("So no day is known on which work waits overnight."))
    wide = behind.pivot_table(index=["place", "strategy"], columns="day", values="median", sort=False)
    places = list(dict.fromkeys(wide.index.get_level_values("place")))
    keys = [(place, strategy) for place in places for strategy in COLOURS if (place, strategy) in wide.index]
    both = [(reader.word(place, "resource"), reader.word(strategy, "strategy")) for place, strategy in keys]
    names = [f"{place} · {strategy}" for place, strategy in both]
    values = wide.loc[keys].to_numpy("float64")
    figure, axes = canvas(0.24 * len(keys) + 1.2)
    most = max(_MOST, float(np.nanmax(values)))
    image = axes.imshow(values, cmap=_HEAT, vmin=0, vmax=most, aspect="auto", interpolation="nearest")
    axes.grid(visible=False)
    written = fitted(names, room(axes, 34), 2)
    grow(axes, written, 1, len(keys))
    axes.set_yticks(range(len(keys)), written)
    days = wide.columns.to_numpy()
    at = np.arange(0, len(days), max(1, len(days) // room(axes, 6)))
    axes.set_xticks(at, [str(day) for day in days[at]])
    axes.set_xlabel(reader.text("Day of the simulated period"))
    side, along = ("right", "y") if room(axes, 2) == 2 else ("bottom", "x")
    scale = figure.colorbar(image, ax=axes, location=side, shrink=0.8, pad=0.02)
    number_axis(scale.ax, reader, reader.text("Days of work that wait"), along)
    full = dict(zip(names, (values >= FULL).sum(axis=1).tolist(), strict=True))
    alt = "; ".join(
        reader.plural("{name}: {count} day", "{name}: {count} days", n, name=name) for name, n in full.items()
    )
    return finish(figure, _full_message(keys, values, days, reader), alt, "chain_days", reader)


def _full_message(keys: list[tuple[str, str]], values: np.ndarray, days: np.ndarray, reader: Reader) -> str:
    parts = []
    for strategy in COLOURS:
        of = [(place, values[at] >= FULL) for at, (place, name) in enumerate(keys) if name == strategy]
        ran_out = [(place, int(full.sum()), int(days[full.argmax()])) for place, full in of if full.any()]
        if ran_out:
            place, count, first = max(ran_out, key=lambda each: each[1])
            parts.append(
                reader.plural(
                    "{strategy}: at {place} half a day's work or more waits overnight on {count} day, "
                    "first on day {day}",
                    "{strategy}: at {place} half a day's work or more waits overnight on {count} days, "
                    "first on day {day}",
                    count,
                    strategy=reader.word(strategy, "strategy"),
                    place=uncapitalised(reader.word(place, "resource")),
                    day=reader.number(first),
                )
            )
        elif of:
            name = reader.word(strategy, "strategy")
            parts.append(reader.text("{strategy}: nowhere does half a day's work wait overnight", strategy=name))
    return reader.text("{waits}; so in half of the simulated periods or more.", waits="; ".join(parts))


def _behind(frame: pd.DataFrame) -> pd.DataFrame:
    kept = (frame["measure"] == "behind") & (frame["scenario"] == BASE) & frame["strategy"].isin(list(COLOURS))
    return frame[kept]
