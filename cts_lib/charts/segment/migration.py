"""Who moved from which segment to which: an alluvial picture of two periods."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from cts_lib.charts.chart import INK, NEUTRAL, PALE_LOSS, PALE_PROFIT, Chart, canvas, finish, styled
from cts_lib.charts.names import fitted
from cts_lib.display import Reader

_GAP = 0.03
_BAR = 0.035
_ENDS = ("(new)", "(lost)")
_TWO_LINES = 0.06
"""Share of all customers from which on a bar is high enough for two lines."""


@styled
def segment_migration(frame: pd.DataFrame, reader: Reader, scheme: str = "segments") -> Chart:
    """Draw how the customers of the period before, left, spread over today's segments, right.

    Parameters
    ----------
    frame : DataFrame
        scheme, from_segment, to_segment, customers.
    scheme : str
        ``segments`` or ``groups``.
    """
    flows = frame[frame["scheme"] == scheme]
    both = flows[~flows["from_segment"].isin(_ENDS) & ~flows["to_segment"].isin(_ENDS)]
    if flows.empty:
        return Chart(reader.text("There is no period before to tell who moved."))
    names = sorted(set(flows["from_segment"]) | set(flows["to_segment"]), key=_ends_last)
    sizes = [
        flows.groupby(side)["customers"].sum().reindex(names).fillna(0.0) for side in ("from_segment", "to_segment")
    ]
    figure, axes = canvas(1.2 + 0.75 * len(names))
    tops = [_tops(size) for size in sizes]
    places = [top.copy() for top in tops]
    total = float(flows["customers"].sum())
    for row in flows.sort_values(["from_segment", "to_segment"], key=lambda c: c.map(names.index)).to_dict("records"):
        height = float(row["customers"]) / total
        left, right = places[0][row["from_segment"]], places[1][row["to_segment"]]
        stayed = row["from_segment"] == row["to_segment"]
        gone = row["from_segment"] in _ENDS or row["to_segment"] in _ENDS
        colour = "#dfe4e8" if stayed else (PALE_LOSS if gone else PALE_PROFIT)
        _flow(axes, left, right, height, colour)
        places[0][row["from_segment"]] = left - height
        places[1][row["to_segment"]] = right - height
    for side, (top, size) in enumerate(zip(tops, sizes, strict=True)):
        _bars(axes, side, top, size / total, size, reader)
    axes.set_xlim(-0.62, 1.62)
    axes.set_ylim(
        min(float(top.min()) - float(size.iloc[-1]) / total for top, size in zip(tops, sizes, strict=True)) - 0.05, 1.08
    )
    axes.set_xticks([0, 1], [reader.text("Period before"), reader.text("This period")])
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_yticks([])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    moved = both[both["from_segment"] != both["to_segment"]]
    title = reader.text("No customer bought in both periods")
    if len(both):
        share = reader.percent(moved["customers"].sum() / both["customers"].sum())
        title = reader.text(
            "Of the customers of both periods, counted in each of their channels, {share} changed segment", share=share
        )
    if len(moved):
        title += _most_often(moved, reader)
    alt = "; ".join(
        " → ".join(reader.word(row[side], "segment") for side in ("from_segment", "to_segment"))
        + f": {reader.number(row['customers'])}"
        for row in flows.to_dict("records")
    )
    return finish(figure, f"{title}.", alt, "segment_migration", reader)


def _most_often(moved: pd.DataFrame, reader: Reader) -> str:
    """Say which moves most customers made, all of them where several are as frequent."""
    largest = moved[moved["customers"] == moved["customers"].max()]
    moves = [
        reader.text(
            "from {before} to {now}",
            before=reader.word(row["from_segment"], "segment"),
            now=reader.word(row["to_segment"], "segment"),
        )
        for row in largest.to_dict("records")
    ]
    values = {"moves": reader.listed(moves), "customers": reader.number(largest["customers"].iloc[0])}
    return reader.plural(
        "; most often {moves} ({customers})", "; most often {moves} ({customers} each)", len(moves), **values
    )


def _ends_last(name: str) -> tuple[bool, str]:
    return name in _ENDS, name


def _tops(sizes: pd.Series) -> pd.Series:
    shares = sizes / sizes.sum()
    before = (shares.cumsum() - shares).to_numpy() + _GAP * np.arange(len(shares))
    return pd.Series(1.0 - before, index=sizes.index)


def _flow(axes: Axes, left: float, right: float, height: float, colour: str) -> None:
    """Draw a band of one height between two bars."""
    start, end = _BAR, 1 - _BAR
    points = [
        (start, left), (0.5, left), (0.5, right), (end, right),
        (end, right - height), (0.5, right - height), (0.5, left - height), (start, left - height), (start, left),
    ]  # fmt: skip
    curve = [Path.CURVE4] * 3
    axes.add_patch(
        PathPatch(
            Path(points, [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY]), fc=colour, ec="white", lw=0.5
        )
    )


def _bars(axes: Axes, side: int, tops: pd.Series, shares: pd.Series, counts: pd.Series, reader: Reader) -> None:
    labels = fitted([reader.word(name, "segment") for name in tops.index], 24, 2)
    for label, top, height, count in zip(labels, tops, shares, counts, strict=True):
        if not count:
            continue
        axes.add_patch(Rectangle((side - _BAR, top - height), 2 * _BAR, height, facecolor=NEUTRAL, edgecolor="white"))
        joint = ": " if height < _TWO_LINES else "\n"
        axes.annotate(
            f"{label}{joint}{reader.number(count)}",
            (side - _BAR if side == 0 else side + _BAR, top - height / 2),
            (-6 if side == 0 else 6, 0),
            textcoords="offset points",
            ha="right" if side == 0 else "left",
            va="center",
            fontsize=9,
            color=INK,
        )
