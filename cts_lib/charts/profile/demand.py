"""Figures of demand over time: the unit's months with their trend, and the classes of customers' demand."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from cts_lib.charts.chart import (
    HIGHLIGHT,
    NEUTRAL,
    PROFIT,
    Chart,
    canvas,
    finish,
    legend_above,
    money_axis,
    room,
    styled,
)
from cts_lib.display import Reader
from cts_lib.names import totals

_CLEAR = 0.4
"""Strength from which on a season is spoken of."""
_FULL, _YEAR = 36, 12


@styled
def monthly_sales(frame: pd.DataFrame, seasonality: pd.DataFrame, reader: Reader) -> Chart:
    """Draw the unit's net sales month by month, with the trend and with trend and season where they can be told.

    Parameters
    ----------
    frame : DataFrame
        channel, month, net_sales, trend, season; the row ``(all)`` is drawn.
    seasonality : DataFrame
        channel, months, season_strength, yearly_change, peak_month, peak, trough_month, trough.
    """
    rows = totals(frame, "channel").sort_values("month")
    if len(rows) < 2:
        return Chart(reader.text("Fewer than two months have sales, so there is no course to draw."))
    figure, axes = canvas(3.3)
    months, sales = np.arange(len(rows)), rows["net_sales"].to_numpy(float)
    axes.bar(months, sales, width=0.8, color=NEUTRAL)
    handles: list[Patch | Line2D] = [Patch(color=NEUTRAL, label=reader.text("Net sales"))]
    if rows["trend"].notna().all():
        trend, season = rows["trend"].to_numpy(float), rows["season"].to_numpy(float)
        axes.plot(months, trend + season, color=HIGHLIGHT, linewidth=1.6)
        axes.plot(months, trend, color=PROFIT, linewidth=2.4)
        handles.append(Line2D([], [], color=PROFIT, linewidth=2.4, label=reader.text("Trend")))
        handles.append(Line2D([], [], color=HIGHLIGHT, linewidth=1.6, label=reader.text("Trend and season")))
    axes.set_ylim(min(0.0, float(sales.min()) * 1.1), max(float(sales.max()) * 1.12, 1.0))
    axes.grid(visible=False, axis="x")
    ticks = np.arange(0, len(months), max(1, round(len(months) / room(axes, 6))))
    axes.set_xticks(months[ticks], [f"{month:%Y-%m}" for month in rows["month"].iloc[ticks]])
    money_axis(axes, reader, reader.text("Net sales a month"), "y")
    legend_above(figure, handles)
    strength = totals(seasonality, "channel").iloc[0]
    alt = reader.plural(
        "Bar of net sales of {count} month, {first}.",
        "Bars of net sales over {count} months, from {first} in the first to {last} in the last.",
        len(rows),
        first=reader.money(sales[0], compact=True),
        last=reader.money(sales[-1], compact=True),
    )
    return finish(
        figure, _message(strength, rows["trend"].to_numpy(float), reader), alt, "monthly_sales, seasonality", reader
    )


def _message(strength: pd.Series, trend: np.ndarray, reader: Reader) -> str:
    months = len(trend)
    if pd.isna(strength["season_strength"]):
        return reader.plural(
            "{count} month of sales: with fewer than 24 there is no trend or season to tell.",
            "{count} months of sales: with fewer than 24, or all of them alike, there is no trend or season to tell.",
            months,
        )
    sentences = []
    if pd.notna(strength["yearly_change"]):
        sentences.append(
            reader.text(
                "Over {count} months the trend is {change} a year, over the last twelve {last}.",
                count=reader.number(months),
                change=_signed_percent(strength["yearly_change"], reader),
                last=_signed_percent(trend[-1] / trend[-_YEAR - 1] - 1, reader),
            )
        )
    if strength["season_strength"] < _CLEAR or pd.isna(strength["peak"]):
        sentences.append(reader.text("There is no clear season."))
    else:
        season = reader.text(
            "{peak_month} stands {peak} above the trend, {trough_month} {trough} below it.",
            peak_month=reader.month(strength["peak_month"]),
            peak=reader.percent(strength["peak"], 0),
            trough_month=reader.month(strength["trough_month"]),
            trough=reader.percent(abs(strength["trough"]), 0),
        )
        sentences.append(season[:1].upper() + season[1:])
    if months < _FULL:
        sentences.append(reader.text("With fewer than three years a season is easily seen where there is none."))
    return " ".join(sentences)


def _signed_percent(x: float, reader: Reader) -> str:
    return ("+" if x > 0 else "") + reader.percent(x)
