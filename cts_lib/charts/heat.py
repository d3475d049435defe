"""Heat maps with their values written in the cells."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import Colormap

from cts_lib.charts.chart import INK, LOSS, PROFIT, SMALL, room
from cts_lib.charts.names import fitted, grow, shortened

_ROOM = 52
"""So many characters stand above a map in one line."""
_WORD = 10
"""So many characters of a column's name stand above it, though it be narrower."""
_MOST_LINES, _ABOVE = 3, 2
"""In so many lines a name stands at most; above a map there is room for so many."""
_LIGHT = 0.24
"""Below this luminance white stands out more than ink."""

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
        annot_kws={"fontsize": 9 if room(axes, _ROOM) == _ROOM else SMALL},
    )
    for text, (column, row) in ((text, text.get_position()) for text in axes.texts):
        value = values[int(row), int(column)]
        place = (value - least * largest) / (largest - least * largest)
        text.set_color("white" if _luminance(colours(place)) < _LIGHT else INK)


def _luminance(colour: Sequence[float]) -> float:
    """Return how much light a colour gives to the eye, 0 to 1 (WCAG 2)."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def name_map(axes: Axes, rows: list[str], columns: list[str], lines: int = 1) -> None:
    """Write the names of the rows at the left and of the columns above; a row has room for so many lines."""
    is_wide = room(axes, _ROOM) == _ROOM
    if not is_wide:
        axes.tick_params(labelsize=SMALL)
    written = fitted(rows, room(axes, 26), max(lines, _MOST_LINES))
    grow(axes, written, lines, len(rows))
    axes.set_yticks(np.arange(len(rows)) + 0.5, written, rotation=0)
    width = max(room(axes, _ROOM) // len(columns), 1)
    wrapped = [textwrap.wrap(name, width, break_long_words=False) for name in columns]
    slanted = any(len(each) > _MOST_LINES or max(map(len, each)) > max(width, _WORD) for each in wrapped)
    names = shortened(columns, 24 if is_wide else 18) if slanted else ["\n".join(each) for each in wrapped]
    if not slanted:
        grow(axes, names, _ABOVE, 1)
    axes.xaxis.tick_top()
    axes.set_xticks(
        np.arange(len(columns)) + 0.5,
        names,
        rotation=(25 if is_wide else 60) if slanted else 0,
        ha="left" if slanted else "center",
    )
    axes.tick_params(length=0)
    axes.set_xlabel("")
    axes.set_ylabel("")
