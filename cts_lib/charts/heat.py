"""Heat maps with their values written in the cells."""

from __future__ import annotations

from typing import Any

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import Colormap

from cts_lib.charts.chart import INK, LOSS, PROFIT, shorten

_LIGHT = 0.5

DIVERGING: Colormap = sns.blend_palette([LOSS, "#f7f7f7", PROFIT], as_cmap=True)
"""Loss, nothing, profit."""


def heat_map(
    axes: Axes, values: np.ndarray[Any, Any], texts: np.ndarray[Any, Any], colours: Colormap, least: float
) -> None:
    """Colour each cell by its value from ``least`` to the largest magnitude, and write its text in readable ink."""
    largest = float(np.nanmax(np.abs(values))) or 1.0
    sns.heatmap(
        values,
        annot=texts,
        fmt="",
        cmap=colours,
        vmin=least * largest,
        vmax=largest,
        cbar=False,
        ax=axes,
        linewidths=1.5,
        annot_kws={"fontsize": 9},
    )
    for text, (column, row) in ((text, text.get_position()) for text in axes.texts):
        value = values[int(row), int(column)]
        place = (value - least * largest) / (largest - least * largest)
        red, green, blue, _ = colours(place)
        dark = 0.299 * red + 0.587 * green + 0.114 * blue < _LIGHT
        text.set_color("white" if dark else INK)


def name_map(axes: Axes, rows: list[str], columns: list[str]) -> None:
    """Write the names of the rows at the left and of the columns above."""
    axes.set_yticks(np.arange(len(rows)) + 0.5, [shorten(name) for name in rows], rotation=0)
    slanted = len(columns) * max(len(shorten(name, 18)) for name in columns) > 52
    names = [shorten(name, 18) for name in columns]
    axes.xaxis.tick_top()
    axes.set_xticks(
        np.arange(len(columns)) + 0.5, names, rotation=25 if slanted else 0, ha="left" if slanted else "center"
    )
    axes.tick_params(length=0)
    axes.set_xlabel("")
    axes.set_ylabel("")
