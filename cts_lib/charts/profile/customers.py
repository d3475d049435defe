"""Figures of customers: the whale curve and the profit of each dimension's values."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.patches import Patch

from cts_lib.charts.bars import height_of, horizontal_bars, pairs
from cts_lib.charts.chart import (
    LOSS,
    NEUTRAL,
    PALE_LOSS,
    PALE_PROFIT,
    PROFIT,
    Chart,
    Charts,
    canvas,
    finish,
    legend_above,
    money_axis,
    percent_axis,
    styled,
)
from cts_lib.display import Reader
from cts_lib.names import ALL

_MOST_POINTS = 600
_BESIDE = 0.4
"""Share of the customers from which on the text of what is left stands below the curve."""
_LEAST_TAKEN = 0.0005
"""The share of the others' profit below which what is lost is told as money."""
_MOST_VALUES = 12
_MOST_DIMENSIONS = 5


@styled
def whale_curve(
    customer_profit: pd.DataFrame, reader: Reader, band: pd.DataFrame | None = None, height: float = 3.7
) -> Chart:
    """Draw cumulative profit over customers from the most to the least profitable.

    Parameters
    ----------
    customer_profit : DataFrame
        rank, profit, cumulative_profit.
    band : DataFrame, optional
        share, low, high: the central 90 % of the curve where the cost model gives spreads.
    height : float
        Of the figure, inches.
    """
    if customer_profit.empty:
        return Chart(reader.text("No customer bought in this period."))
    ordered = customer_profit.sort_values("rank")
    profits = ordered["profit"].to_numpy(float)
    curve = np.concatenate([[0.0], ordered["cumulative_profit"].to_numpy(float)])
    share = np.arange(len(curve)) / (len(curve) - 1)
    peak, last = int(curve.argmax()), len(curve) - 1
    losers, gained, lost = int((profits < 0).sum()), profits[profits > 0].sum(), -profits[profits < 0].sum()
    title = whale_message(losers, len(profits), gained, lost, reader)
    figure, axes = canvas(height)
    kept = np.unique(np.concatenate([np.linspace(0, last, _MOST_POINTS).astype(int), [peak, last]]))
    rising, falling = kept[kept <= peak], kept[kept >= peak]
    for part, line, fill in ((rising, PROFIT, PALE_PROFIT), (falling, LOSS, PALE_LOSS)):
        axes.plot(share[part], curve[part], color=line, linewidth=2.4)
        axes.fill_between(share[part], 0, curve[part], color=fill, alpha=0.45, linewidth=0)
    if band is not None and len(band):
        axes.fill_between(band["share"], band["low"], band["high"], color=NEUTRAL, alpha=0.5, linewidth=0)
        legend_above(figure, [Patch(color=NEUTRAL, alpha=0.5, label=reader.text("90% interval"))])
    axes.axhline(0, color="#8a96a1", linewidth=1)
    axes.axhline(curve[-1], color=NEUTRAL, linewidth=1.2, linestyle=(0, (4, 3)))
    reached = reader.text("Peak: {amount}", amount=reader.money(curve[peak], compact=True))
    if curve[peak] > (1 + _LEAST_TAKEN) * curve[-1] > 0:
        reached += f" ({reader.percent(curve[peak] / curve[-1], 0)})"
    centre = "center" if 0.25 < share[peak] < 0.75 else ("right" if share[peak] >= 0.75 else "left")
    axes.annotate(reached, (share[peak], curve[peak]), (0, 8), textcoords="offset points", ha=centre, fontweight="bold")
    kept_text = reader.text("What is left: {amount}", amount=reader.money(curve[-1], compact=True))
    below = min(curve[-1], curve[share >= _BESIDE].min())  # a curve that ends at its peak rises through that place
    axes.annotate(kept_text, (0.99, below), (0, -6), textcoords="offset points", ha="right", va="top")
    axes.set_xlim(0, 1)
    axes.set_ylim(min(0, curve.min()) * 1.1, max(curve[peak], 0) * 1.18 or None)
    percent_axis(axes, reader, reader.text("Customers, from the most to the least profitable"))
    money_axis(axes, reader, reader.text("Cumulative profit"), "y")
    alt = whale_told(len(profits), float(curve[peak]), float(share[peak]), float(curve[-1]), reader)
    return finish(figure, title, alt, "customer_profit", reader)


def whale_told(customers: int, peak: float, at: float, end: float, reader: Reader) -> str:
    """Return what the curve shows, for whoever does not see it; ``at`` is the share of customers at its peak."""
    return reader.plural(
        "Curve of cumulative profit of {count} customer: it rises to {peak} and ends at {end}.",
        "Curve of cumulative profit over {count} customers: it rises to {peak} at {share} of the customers "
        "and ends at {end}.",
        customers,
        peak=reader.money(peak, compact=True),
        share=reader.percent(at, 0),
        end=reader.money(end, compact=True),
    )


def whale_message(losers: int, customers: int, gained: float, lost: float, reader: Reader) -> str:
    """Return in one sentence how many customers lose money, and what they take of what the others earn."""
    if not losers and gained <= 0:
        return reader.text("No customer earns or loses money in this period.")
    if not losers:
        return reader.plural("The only customer earns money.", "None of the {count} customers loses money.", customers)
    if gained <= 0:
        return reader.text("No customer earns money in this period.")
    if lost < _LEAST_TAKEN * gained:
        return reader.plural(
            "{count} of {customers} customers loses money: {lost}.",
            "{count} of {customers} customers lose money: {lost} together.",
            losers,
            customers=reader.number(customers),
            lost=reader.money(lost, compact=True),
        )
    return reader.plural(
        "{count} of {customers} customers loses money; it takes {share} of the profit that the others make.",
        "{count} of {customers} customers lose money; they take {share} of the profit that the others make.",
        losers,
        customers=reader.number(customers),
        share=reader.percent(lost / gained, 0 if lost / gained >= 0.01 else 1),
    )


def profile_dimensions(profile: pd.DataFrame, reader: Reader) -> Charts | Chart:
    """Draw one chart for every dimension of customers with at least two values, the largest losses first.

    Dimensions of lines, such as a product's family, have no profit and are left out.
    """
    of_customers = profile["profit"].notna() & (profile["dimension"] != "channel")
    values = profile.loc[of_customers & (profile["value"] != ALL)]
    counts = values.groupby("dimension", sort=False)["value"].nunique()
    losses = values["profit"].clip(upper=0).groupby(values["dimension"], sort=False).sum()
    chosen = [str(name) for name in losses[counts.index[counts >= 2]].sort_values(kind="stable").index]
    if not chosen:
        return Chart(reader.text("The customers have no other dimension to compare."))
    drawn = tuple(profile_dimension(profile, name, reader) for name in chosen)
    folded = drawn[_MOST_DIMENSIONS:]
    more = reader.plural("{count} more dimension", "{count} more dimensions", len(folded))
    return Charts(drawn[:_MOST_DIMENSIONS], folded, more)


@styled
def profile_dimension(profile: pd.DataFrame, dimension: str, reader: Reader) -> Chart:
    """Draw profit by the values of one dimension; with many values those with the largest profit or loss.

    Parameters
    ----------
    profile : DataFrame
        dimension, value, customers, net_sales, profit.
    """
    values = profile.loc[(profile["dimension"] == dimension) & (profile["value"] != ALL)]
    of_dimension = values.dropna(subset=["profit"])
    if of_dimension.empty:
        return Chart(reader.text("{dimension}: nothing to show.", dimension=reader.word(dimension, "dimension")))
    largest = of_dimension["profit"].abs().sort_values(ascending=False, kind="stable").index[:_MOST_VALUES]
    shown = of_dimension.loc[largest].sort_values("profit", ascending=False, kind="stable")
    profits = shown["profit"].astype(float).tolist()
    margins = [p / s if s > 0 else None for p, s in zip(profits, shown["net_sales"].astype(float), strict=True)]
    names = [reader.value(value, dimension) for value in shown["value"]]
    texts = [
        f"{reader.money(p, compact=True)} · {reader.percent(m)}" if m is not None else reader.money(p, compact=True)
        for p, m in zip(profits, margins, strict=True)
    ]
    figure, axes = canvas(height_of(len(shown)))
    horizontal_bars(axes, names, profits, [PROFIT if p >= 0 else LOSS for p in profits], texts)
    money_axis(axes, reader, reader.text("Profit, and beside it its share of sales"))
    rated = [(margin, name) for margin, name in zip(margins, names, strict=True) if margin is not None]
    title = reader.text("{dimension}: nothing sold.", dimension=reader.word(dimension, "dimension"))
    if len(rated) == 1:
        title = reader.text(
            "{dimension}: profit is {share} of sales for “{only}”, the only one with sales.",
            dimension=reader.word(dimension, "dimension"),
            only=rated[0][1],
            share=reader.percent(rated[0][0]),
        )
    elif rated:
        title = reader.text(
            "{dimension}: profit is {high} of sales for “{best}”, {low} for “{worst}”.",
            dimension=reader.word(dimension, "dimension"),
            best=max(rated)[1],
            high=reader.percent(max(rated)[0]),
            worst=min(rated)[1],
            low=reader.percent(min(rated)[0]),
        )
    return finish(figure, title, pairs(names, texts), "profile", reader)
