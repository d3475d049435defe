"""A chart: a figure that says its message in words, its unit on the axis, its source below, and what it shows aloud."""

from __future__ import annotations

import base64
import functools
import textwrap
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import ParamSpec, cast

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from cts_lib.charts.names import cut_names, told_in_full
from cts_lib.charts.svg import to_svg
from cts_lib.display import Reader
from cts_lib.display.pieces import empty, render
from cts_lib.measures import kind_of
from cts_lib.names import NONE

PROFIT, LOSS, NEUTRAL, HIGHLIGHT, INK = "#1f6699", "#c8562b", "#a9b4be", "#e3a72f", "#22313f"
"""Blue earns, orange loses, grey is context, yellow draws the eye: told apart by every kind of colour sight."""
PALE_PROFIT, PALE_LOSS, PALE = "#a9c9e0", "#eebfa8", "#e6eaee"
CATEGORIES = (PROFIT, HIGHLIGHT, "#3b9c86", LOSS, "#7b6aa8", "#6b7780")
WIDTH, NARROW = 5.5, 3.7
"""Of a figure, inches: on a page, and on a telephone."""
_width = ContextVar("_width", default=WIDTH)
SMALL = 8.8
"""Size of names on a telephone, points."""
_STEPS = (1, 2, 5, 10)
"""Between ticks: figures that a reader adds up."""
_MOST_TICKS = 5
_BETWEEN_TICKS = 0.6
"""Inches that the figure at a tick takes."""
_LINE = 60
"""Characters below a figure in one line."""
_BELOW = 0.75
"""Of a figure's height, what stands below and above its axis, inches."""
_LETTER = 0.078
"""Width of a letter of what an axis shows, inches."""
_SHORTEST = 12
"""Characters beside an axis in one line at least."""
_FILLED = 0.8
"""Of an axis, what is drawn at least where all of it has ticks; the rest is room for texts."""

_STYLE = sns.axes_style(
    "whitegrid",
    {
        "axes.edgecolor": "#8a96a1",
        "axes.labelcolor": INK,
        "axes.spines.left": False,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "font.family": ["sans-serif"],
        "font.sans-serif": ["DejaVu Sans"],
        "grid.color": "#e3e7eb",
        "text.color": INK,
        "xtick.color": INK,
        "ytick.color": INK,
    },
) | {
    "axes.labelsize": 10,
    "axes.titlesize": 10.5,
    "font.size": 10,
    "grid.linewidth": 0.8,
    "legend.fontsize": 9.5,
    "svg.fonttype": "none",
    "svg.hashsalt": "cost to serve",
    "text.parse_math": False,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 10,
}

Arguments = ParamSpec("Arguments")


@dataclass(frozen=True)
class Chart:
    """A figure with its words.

    Parameters
    ----------
    title : str
        The message, with its figures, in the reader's language.
    alt : str
        What the figure shows, told from the data, for whoever does not see it.
    source : str
        What has to be known to read it, and the tables it was drawn from.
    svg : str
        The figure; empty when there was nothing to draw, the title then says so.
    figure : Figure, optional
        What was drawn, for a caller that wants another format.
    in_full : str
        The names that did not fit, in full.
    narrower : callable, optional
        Draws the figure as a telephone shows it; it is called where the chart is shown.
    """

    title: str
    alt: str = ""
    source: str = ""
    svg: str = ""
    figure: Figure | None = None
    in_full: str = ""
    narrower: Callable[[], Chart] | None = field(default=None, compare=False, repr=False)

    @property
    def narrow(self) -> Chart | None:
        """The figure in the width of a telephone, where its text is as large as in the wide one."""
        return self.narrower() if self.svg and self.narrower else None

    def _repr_html_(self) -> str:
        if not self.svg:
            return empty(self.title).html
        narrow = self.narrow
        data, narrow_data = (base64.b64encode(each.svg.encode()).decode() if each else "" for each in (self, narrow))
        told = {"": self.in_full, "on-page": "", "on-telephone": ""}
        if narrow and narrow.in_full != self.in_full:
            told = {"": "", "on-page": self.in_full, "on-telephone": narrow.in_full}
        return str(render("figure", chart=self, data=data, narrow=narrow_data, told=told))

    __html__ = _repr_html_

    def __repr__(self) -> str:
        return f"{self.title} {self.alt}".strip()


@dataclass(frozen=True)
class Charts:
    """Several charts shown one below the other, the last ones folded away."""

    charts: tuple[Chart, ...]
    folded: tuple[Chart, ...] = ()
    folded_under: str = ""

    def _repr_html_(self) -> str:
        return str(render("folded", shown=self.charts, folded=self.folded, under=self.folded_under))

    __html__ = _repr_html_

    def __repr__(self) -> str:
        return "\n".join(repr(chart) for chart in (*self.charts, *self.folded))


def styled(draw: Callable[Arguments, Chart]) -> Callable[Arguments, Chart]:
    """Let ``draw`` work in the workbook's style, also for a telephone, and leave everybody else's settings alone."""

    @functools.wraps(draw)
    def drawn(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Chart:
        def narrower() -> Chart:
            token = _width.set(NARROW)
            try:
                return in_style()
            finally:
                _width.reset(token)

        def in_style() -> Chart:
            with mpl.rc_context(_STYLE), told_in_full():
                return draw(*args, **kwargs)

        return replace(in_style(), narrower=narrower)

    return drawn


def canvas(height: float) -> tuple[Figure, Axes]:
    """Return an empty figure of a report's width, and its axes; pyplot never knows of it."""
    figure = Figure(figsize=(_width.get(), height), layout="constrained")
    return figure, figure.add_subplot()


def room(axes: Axes, of_page: int) -> int:
    """Return how many things stand in a figure's width, of which ``of_page`` do on a page."""
    figure = axes.get_figure(root=True)
    return int(of_page * figure.get_figwidth() / WIDTH) if figure else of_page


def finish(figure: Figure, title: str, alt: str, tables: str, reader: Reader, note: str = "") -> Chart:
    """Return the chart of a drawn figure; what an axis shows ends where the axis does, so that nothing is cut.

    ``note`` is what has to be known to read it; it stands before the source.
    """
    height = int((figure.get_figheight() - _BELOW) / _LETTER)
    for axes in figure.axes:
        beside = axes.yaxis.label
        beside.set_text("\n".join(textwrap.wrap(beside.get_text(), max(height, _SHORTEST), break_long_words=False)))
        told = axes.xaxis.label
        told.set(x=1.0, ha="right", text="\n".join(textwrap.wrap(told.get_text(), room(axes, _LINE))))
    below = " ".join(text for text in (note, reader.text("Source: {tables}.", tables=tables)) if text)
    cut = cut_names()
    in_full = reader.text("Names in full: {names}.", names=reader.listed(cut)) if cut else ""
    return Chart(headed(title), alt, below, to_svg(figure), figure, in_full)


def headed(message: str) -> str:
    """Return a message as a title: it may begin with a name that is written small."""
    return message[:1].upper() + message[1:]


class _Ticks(MaxNLocator):
    """Ticks as far as something is drawn: none in the room that bars leave for their texts."""

    def __call__(self) -> Sequence[float]:
        axis = cast("Axis", self.axis)
        view, drawn = (sorted(each) for each in (axis.get_view_interval(), axis.get_data_interval()))
        low, high = max(view[0], drawn[0]), min(view[1], drawn[1])
        if not low < high or high - low > _FILLED * (view[1] - view[0]):
            low, high = view
        size = axis.axes.get_window_extent()
        inch = (size.width if axis is axis.axes.xaxis else size.height) / axis.axes.figure.dpi / (view[1] - view[0])
        self.set_params(nbins=int(np.clip(inch * (high - low) / _BETWEEN_TICKS, 1, _MOST_TICKS)))
        ticks = [float(tick) for tick in self.tick_values(low, high) if view[0] <= tick <= view[1]]
        ticks = [tick for tick in ticks if tick <= high or tick <= ticks[1]]
        apart = inch * (ticks[1] - ticks[0]) if len(ticks) > 1 else _BETWEEN_TICKS
        every = int(np.ceil(_BETWEEN_TICKS / apart))
        zero = next((place for place, tick in enumerate(ticks) if np.isclose(tick, 0, atol=1e-9)), 0)
        return ticks[zero % every :: every]


def money_axis(axes: Axes, reader: Reader, label: str, axis: str = "x") -> None:
    """Write the axis in compact figures and name what it shows and its currency."""
    scale = axes.xaxis if axis == "x" else axes.yaxis
    scale.set_major_locator(_Ticks(_MOST_TICKS, steps=_STEPS))
    scale.set_major_formatter(FuncFormatter(lambda x, _: reader.number(x, _decimals(scale, 1), compact=True)))
    scale.set_label_text(f"{label} ({reader.currency})")


def number_axis(axes: Axes, reader: Reader, label: str, axis: str = "x") -> None:
    """Write the axis in figures of the reader's language and name what it shows."""
    scale = axes.xaxis if axis == "x" else axes.yaxis
    scale.set_major_locator(_Ticks(_MOST_TICKS, steps=_STEPS))
    scale.set_major_formatter(FuncFormatter(lambda x, _: reader.number(x, _decimals(scale, 1))))
    scale.set_label_text(label)


def percent_axis(axes: Axes, reader: Reader, label: str, axis: str = "x") -> None:
    """Write the axis in percentages and name what it shows."""
    scale = axes.xaxis if axis == "x" else axes.yaxis
    scale.set_major_locator(_Ticks(_MOST_TICKS, steps=_STEPS))
    scale.set_major_formatter(FuncFormatter(lambda x, _: reader.percent(x, _decimals(scale, 100))))
    scale.set_label_text(label)


def measure_axis(axes: Axes, reader: Reader, measure: str, label: str, change: bool = False) -> None:
    """Write the axis in the unit of a measure, a change of a share in percentage points, and name what it shows."""
    kind = kind_of(measure)
    if kind == "money":
        return money_axis(axes, reader, label)
    if kind == "percent" and not change:
        return percent_axis(axes, reader, label)
    factor = 100 if kind == "percent" else 1
    scale, unit = axes.xaxis, {"percent": reader.text("pp"), "days": reader.text("days")}.get(kind)
    scale.set_major_locator(_Ticks(_MOST_TICKS, steps=_STEPS))
    scale.set_major_formatter(FuncFormatter(lambda x, _: reader.number(factor * x, _decimals(scale, factor))))
    scale.set_label_text(f"{label} ({unit})" if unit else label)
    return None


def _decimals(scale: Axis, factor: int) -> int:
    """Return how many decimals tell the ticks of an axis apart, two at most."""
    ticks = factor * np.asarray(scale.get_majorticklocs())
    return next((digits for digits in (0, 1) if np.allclose(ticks, ticks.round(digits), atol=1e-9)), 2)


_HANDLE, _LETTER = 0.4, 0.075
"""Inches that an entry of a legend takes beside its words, and a letter of them."""


def legend_above(figure: Figure, handles: Sequence[Artist]) -> None:
    """Put the legend above everything, where it hides nothing and takes no width from the axes."""
    width = figure.get_figwidth()
    longest = _HANDLE + _LETTER * max((len(str(handle.get_label())) for handle in handles), default=0)
    figure.legend(
        handles=handles,
        loc="outside upper left",
        ncols=max(1, min(int(3 * width / WIDTH), int(width / longest))),
        frameon=False,
        borderaxespad=0.2,
        handlelength=1.2,
        columnspacing=1.4,
    )


def cents(amount: float) -> float:
    """Return an amount to the cent: less than half of one is nothing earned and nothing lost."""
    return round(amount, 2) or 0.0


def foremost(names: Sequence[str], amounts: Sequence[float]) -> list[str]:
    """Return the names that share the largest amount, to the cent.

    >>> foremost(["web", "shops", "export"], [7.001, 7, -2])
    ['web', 'shops']
    """
    largest = cents(max(amounts))
    return [name for name, amount in zip(names, amounts, strict=True) if cents(amount) == largest]


def cell(segment: str, channel: str, reader: Reader) -> str:
    """Return the name of a segment in a channel, of the segment alone where no channel is stated."""
    return " · ".join([reader.word(segment, "segment"), *[reader.word(channel, "channel")] * (channel != NONE)])
