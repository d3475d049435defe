"""The map of customers, drawn from coordinates alone; bars where none are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from cts_lib.charts.bars import height_of, horizontal_bars, pairs
from cts_lib.charts.chart import (
    INK,
    LOSS,
    PROFIT,
    WIDTH,
    Chart,
    canvas,
    cents,
    finish,
    foremost,
    legend_above,
    money_axis,
    styled,
)
from cts_lib.charts.names import shortened
from cts_lib.display import Reader
from cts_lib.names import NONE

_MOST_PLACES, _MOST_LABELS, _MOST_BARS = 400, 10, 15
_LARGEST = 900.0
"""Area of the largest dot, in points²."""
_SEEN = 0.02
"""A dot of less of the largest's sales is too small to be named."""
_HEIGHTS = (2.6, 6.4)
_LABEL, _NAME = 8.5, 20
"""Size of a place's name, in points; a letter is about 0.6 of it wide."""


@styled
def places(frame: pd.DataFrame, reader: Reader) -> Chart:
    """Draw a dot a place, its area by sales and its colour by profit; or bars by region or country.

    Parameters
    ----------
    frame : DataFrame
        country, region, city, latitude, longitude, customers, net_sales, profit.
    """
    finest = sorted(("region", "country"), key=lambda name: -frame[name].nunique())
    words = {
        name: frame[name].map(lambda place, of=name: reader.value(place, of), na_action="ignore")
        for name in ("city", *finest)
    }
    frame = frame.assign(place=words["city"].fillna(words[finest[0]]).fillna(words[finest[1]]))
    located = frame[frame["latitude"].notna() & (frame["net_sales"] > 0)]
    if len(located) > 1:
        return _map(located, frame, reader)
    for name in (*finest, "city"):
        if frame[name].nunique() > 1:
            return _bars(frame, name, reader)
    if frame.empty:
        return Chart(reader.text("Where the customers are is not known: there is no country, city or coordinate."))
    return Chart(reader.text("All customers are in one place, so there is nothing to draw on a map."))


def _map(located: pd.DataFrame, frame: pd.DataFrame, reader: Reader) -> Chart:
    """Equirectangular: a degree of longitude is as wide as it is at the middle latitude."""
    shown = located.sort_values("net_sales", ascending=False, kind="stable").head(_MOST_PLACES)
    x, y = shown["longitude"].to_numpy(float), shown["latitude"].to_numpy(float)
    sales, profit = shown["net_sales"].to_numpy(float), shown["profit"].to_numpy(float)
    stretch = float(1 / max(np.cos(np.radians((y.min() + y.max()) / 2)), 0.1))
    wide, high = max(np.ptp(x), 0.5) * 1.24, max(np.ptp(y), 0.5) * 1.24
    figure, axes = canvas(float(np.clip((WIDTH - 0.9) * high * stretch / wide + 0.9, *_HEIGHTS)))
    colours = np.where(profit >= 0, PROFIT, LOSS)
    axes.scatter(x, y, s=_LARGEST * sales / sales.max(), c=colours, alpha=0.6, edgecolors="white", linewidths=0.7)
    axes.set_aspect(stretch, adjustable="datalim")
    axes.set_xlim((x.min() + x.max() - wide) / 2, (x.min() + x.max() + wide) / 2)
    axes.set_ylim((y.min() + y.max() - high) / 2, (y.min() + y.max() + high) / 2)
    _label(axes, shown, x, y, sales, reader)
    axes.set_xlabel(reader.text("Longitude, degrees"))
    axes.set_ylabel(reader.text("Latitude, degrees"))
    largest = reader.text(
        "largest dot {sales} ({currency})", sales=_short(sales.max(), reader), currency=reader.currency
    )
    legend_above(
        figure,
        [
            _dot(PROFIT, reader.text("Profit")),
            _dot(LOSS, reader.text("Loss")),
            Line2D([], [], linestyle="", label=largest),
        ],
    )
    missing = int(frame["customers"].sum() - located["customers"].sum())
    title = place_message(shown, reader)
    if missing:
        title += " " + reader.plural(
            "{count} customer is not on the map.", "{count} customers are not on the map.", missing
        )
    return finish(figure, title, _alt(shown.head(_MOST_LABELS), reader), "places", reader)


def _dot(colour: str, label: str) -> Line2D:
    return Line2D([], [], color=colour, label=label, marker="o", linestyle="", alpha=0.7, markersize=9)


def _label(axes: Axes, shown: pd.DataFrame, x: np.ndarray, y: np.ndarray, sales: np.ndarray, reader: Reader) -> None:
    """Name the dot that loses most and the largest, as far as their names do not run into each other."""
    axes.apply_aspect()
    points = axes.transData.transform(np.column_stack([x, y])) * 72 / axes.figure.dpi
    taken = list[tuple[float, float, float]]()
    rows, first = shown.to_dict("records"), int(shown["profit"].to_numpy().argmin())
    for place in sorted(range(len(rows)), key=lambda place: place != first):
        name = _name(rows[place])
        above = 4 + 0.5 * float(np.sqrt(_LARGEST * sales[place] / sales.max()))
        across, up, half = (
            float(points[place, 0]),
            float(points[place, 1]) + above,
            0.3 * _LABEL * min(len(name), _NAME),
        )
        near = any(abs(across - a) < half + other and abs(up - b) < 1.2 * _LABEL for a, b, other in taken)
        is_seen = place == first or sales[place] >= _SEEN * sales.max()
        if len(taken) == _MOST_LABELS or near or not name or not is_seen:
            continue
        at = (float(x[place]), float(y[place]))
        axes.annotate(
            shortened([name], _NAME)[0],
            at,
            (0, above),
            textcoords="offset points",
            ha="center",
            fontsize=_LABEL,
            color=INK,
        )
        taken.append((across, up, half))


def _bars(frame: pd.DataFrame, name: str, reader: Reader) -> Chart:
    sums = frame.assign(**{name: frame[name].fillna(NONE)}).groupby(name)[["net_sales", "profit"]].sum()
    shown = sums.sort_values("net_sales", ascending=False, kind="stable").head(_MOST_BARS)
    profits = shown["profit"].astype(float).tolist()
    names = [reader.value(value, name) for value in shown.index]
    margins = [reader.percent(p / s if s > 0 else None) for p, s in zip(profits, shown["net_sales"], strict=True)]
    texts = [f"{reader.money(p, compact=True)} · {m}" for p, m in zip(profits, margins, strict=True)]
    figure, axes = canvas(height_of(len(shown)))
    horizontal_bars(axes, names, profits, [PROFIT if p >= 0 else LOSS for p in profits], texts)
    money_axis(axes, reader, reader.text("Profit, and beside it its share of sales"))
    most, first = foremost(names, shown["net_sales"].tolist()), shown.iloc[0]
    title = reader.plural(
        "{place} buys most, {sales}, and leaves {profit}; there are no coordinates for a map.",
        "{place} buy most, {sales} each; there are no coordinates for a map.",
        len(most),
        place=reader.listed(most),
        sales=reader.money(first["net_sales"], compact=True),
        profit=reader.money(first["profit"], compact=True),
    )
    return finish(figure, title, pairs(names, texts), "places", reader)


def place_message(shown: pd.DataFrame, reader: Reader) -> str:
    """Return in one sentence which places lose money, or which buys most.

    Parameters
    ----------
    shown : DataFrame
        place (null: without a name), net_sales, profit.
    """
    names = [_name(row) for row in shown.to_dict("records")]
    profits, sales = shown["profit"].tolist(), shown["net_sales"].tolist()
    losing = sum(cents(profit) < 0 for profit in profits)
    if losing:
        worst = foremost(names, [-profit for profit in profits])
        return reader.plural(
            "{count} of {all} places loses money: {place}, {profit}.",
            "{count} of {all} places lose money, {place} most: {profit}.",
            losing,
            all=reader.number(len(names)),
            place=_several(worst, reader) or reader.text("one without a name"),
            profit=reader.money(min(profits), compact=True),
        )
    most = {
        "place": _several(foremost(names, sales), reader) or reader.text("the largest dot"),
        "sales": reader.money(max(sales), compact=True),
    }
    if cents(min(profits)) > 0:
        return reader.text("Every place earns money; the most goes to {place}, {sales}.", **most)
    return reader.text("No place loses money; the most goes to {place}, {sales}.", **most)


def _several(names: Sequence[str], reader: Reader) -> str:
    """Name those that have names."""
    return reader.listed([name for name in names if name])


def _alt(shown: pd.DataFrame, reader: Reader) -> str:
    return "; ".join(
        f"{_name(row) or '–'}: {reader.money(row['net_sales'], compact=True)}, "
        f"{reader.label_within('profit')} {reader.money(row['profit'], compact=True)}"
        for row in shown.to_dict("records")
    )


def _name(row: dict[Any, Any]) -> str:
    return row["place"] if isinstance(row["place"], str) else ""


def _short(x: float, reader: Reader) -> str:
    return reader.number(float(x), compact=True)
