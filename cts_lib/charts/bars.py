"""Horizontal bars and waterfalls with their figures written beside them."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from cts_lib.charts.chart import INK, LOSS, NEUTRAL, PROFIT, SMALL, WIDTH, room
from cts_lib.charts.names import fitted, grow, shortened

_CHARACTER = 0.078
"""Width of a character of a label, inches."""
ROOM = 38
"""Characters of a row's name."""
_LINE = 28
"""Of them in one line, where there are several."""
_LINES, _FREE = 4, 2
"""In so many lines a name may stand; so many find room in a row."""
_MARGIN = 0.3
"""Between a text and the names or the frame, inches."""
_LEAST = 0.3
"""Of the width, what the bars take at least."""


def height_of(rows: int, least: float = 1.6, brief: bool = False) -> float:
    """Return the height, inches, that ``rows`` bars need with an axis below; in brief they stand close."""
    return 0.6 + 0.185 * rows if brief else max(least, 0.85 + 0.3 * rows)


def horizontal_bars(
    axes: Axes, names: Sequence[str], values: Sequence[float], colours: Sequence[str], texts: Sequence[str]
) -> None:
    """Draw one bar a name, from the top, each with its text beyond its end.

    Where names and texts leave no room for both sides, the text of a bar to the left stands right of zero.
    """
    axes.barh(range(len(names)), list(values), color=list(colours))
    write_names(axes, names)
    low, high, longest = min([0.0, *values]), max([0.0, *values]), max((len(text) for text in texts), default=0)
    one_side = low < 0 < high and 1 - 2 * _share(axes, longest) < _LEAST
    for position, (value, text) in enumerate(zip(values, texts, strict=True)):
        write_beside(axes, max(value, 0.0) if one_side else value, position, text, one_side or value >= 0)
    finish_rows(axes, low, high, longest, one_side)


def waterfall(
    axes: Axes, names: Sequence[str], amounts: Sequence[float], totals: Sequence[bool], texts: Sequence[str]
) -> None:
    """Draw amounts that add up: a total stands on zero, the others start where the one before ended."""
    level, edges, bars = 0.0, [0.0], list[tuple[float, float]]()
    for amount, total in zip(amounts, totals, strict=True):
        start = 0.0 if total else level
        level = amount if total else level + amount
        bars.append((start, level))
        edges += [start, level]
    low, high = min(edges), max(edges)
    longest = max((len(text) for text in texts), default=0)
    write_names(axes, names)
    for_text = beside(axes, high - low, longest)
    level = 0.0
    for position, ((start, end), amount, total, text) in enumerate(zip(bars, amounts, totals, texts, strict=True)):
        colour = NEUTRAL if total else (PROFIT if amount >= 0 else LOSS)
        axes.barh(position, end - start, left=start, height=0.66, color=colour)
        if position:
            axes.plot([level, level], [position - 1 + 0.33, position - 0.33], color="#8a96a1", linewidth=0.8)
        right = (end >= start if not total else end >= 0) or min(start, end) - for_text < low == 0
        write_beside(axes, max(start, end) if right else min(start, end), position, text, right)
        level = end
    finish_rows(axes, low, high, longest)


def write_names(axes: Axes, names: Sequence[str]) -> None:
    """Write the names of the rows from the top; on a telephone, and where one is long, in several lines."""
    axes.set_ylim(len(names) - 0.5, -0.5)
    figure, is_narrow = axes.get_figure(root=True), room(axes, ROOM) < ROOM
    is_long = max(map(len, names), default=0) > room(axes, ROOM)
    if figure and (is_narrow or is_long) and figure.get_figheight() >= height_of(len(names)):
        written = fitted(names, room(axes, _LINE if is_narrow else ROOM), _LINES)
        grow(axes, written, _FREE, len(names))
        axes.tick_params(axis="y", labelsize=SMALL)
    else:
        written = shortened(names, room(axes, ROOM))
    axes.set_yticks(range(len(names)), written)
    axes.tick_params(axis="y", length=0)
    axes.set_ylabel("")


def pairs(names: Sequence[str], texts: Sequence[str]) -> str:
    """Return what stands beside each name, for who does not see the figure."""
    return "; ".join(f"{name}: {text}" for name, text in zip(names, texts, strict=True))


def write_beside(axes: Axes, value: float, position: float, text: str, right: bool = True) -> None:
    """Write a figure just outside the end of its bar."""
    offset, side = ((5, 0), "left") if right else ((-5, 0), "right")
    axes.annotate(
        text, (value, position), offset, textcoords="offset points", ha=side, va="center", fontsize=9.5, color=INK
    )


def beside(axes: Axes, span: float, longest: int) -> float:
    """Return the room for the longest text beside bars that take ``span``, in their unit."""
    share = _share(axes, longest)
    return span * share / max(1 - share, _LEAST)


def _share(axes: Axes, longest: int) -> float:
    """Return the share of the room beside the names that the longest text takes."""
    written = (line for label in axes.get_yticklabels() for line in label.get_text().split("\n"))
    names = max((len(line) for line in written), default=0)
    return (_CHARACTER * longest + _MARGIN) / (room(axes, 100) / 100 * WIDTH - _CHARACTER * names)


def finish_rows(axes: Axes, low: float, high: float, longest: int, one_side: bool = False) -> None:
    """Mark zero, drop the horizontal grid, and leave room for the longest text on the sides that have one."""
    axes.grid(visible=False, axis="y")
    axes.axvline(0, color="#8a96a1", linewidth=1)
    text = _share(axes, longest)
    sides = 2 if low < 0 < high and not one_side else 1
    more = (high - low or 1.0) * text / max(1 - sides * text, _LEAST)
    axes.set_xlim(low - more if low < 0 and not one_side else low, high + (0.0 if low < 0 and high <= 0 else more))
