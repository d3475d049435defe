"""Figures of how customers order: what serving takes by the size of their orders, and the families they buy."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cts_lib.charts.bars import height_of, horizontal_bars, pairs
from cts_lib.charts.chart import LOSS, PROFIT, Chart, canvas, cents, finish, foremost, money_axis, percent_axis, styled
from cts_lib.display import Reader
from cts_lib.names import CUSTOMER, totals

_GROUPS, _FEWEST = 5, 10
_MOST_FAMILIES = 14


@styled
def order_size(customer_behaviour: pd.DataFrame, customer_channel_profit: pd.DataFrame, reader: Reader) -> Chart:
    """Draw cost to serve as a share of sales for fifths of the customers by the value of their orders.

    Parameters
    ----------
    customer_behaviour : DataFrame
        customer_id, channel, order_value.
    customer_channel_profit : DataFrame
        customer_id, channel, net_sales, cost_to_serve.
    """
    rows = customer_behaviour.merge(
        customer_channel_profit[["customer_id", "channel", "net_sales", "cost_to_serve"]], on=CUSTOMER
    )
    rows = rows[(rows["order_value"] > 0) & (rows["net_sales"] > 0)]
    rows = rows.sort_values(["order_value", "customer_id", "channel"], ignore_index=True)
    fifth = (rows["order_value"].rank(method="min") - 1) * _GROUPS // max(len(rows), 1)
    if len(rows) < _FEWEST or fifth.nunique() < _GROUPS:
        return Chart(
            reader.text("There are too few customers, or their orders are too alike, to compare sizes of order.")
        )
    grouped = rows.groupby(fifth)
    sums, ends = grouped[["net_sales", "cost_to_serve"]].sum(), grouped["order_value"].agg(["min", "max"])
    shares = (sums["cost_to_serve"] / sums["net_sales"]).tolist()
    names = [
        reader.text("orders of {low} to {high}", low=_money(low, reader), high=_money(high, reader))
        for low, high in zip(ends["min"], ends["max"], strict=True)
    ]
    texts = [reader.percent(share) for share in shares]
    figure, axes = canvas(height_of(_GROUPS))
    horizontal_bars(axes, names, shares, [LOSS if share == max(shares) else PROFIT for share in shares], texts)
    percent_axis(axes, reader, reader.text("Cost to serve, share of sales"))
    title = reader.text(
        "The fifth of the customers with the smallest orders takes {small} of its sales to serve, the one with the "
        "largest {large}.",
        small=texts[0],
        large=texts[-1],
    )
    return finish(figure, title, pairs(names, texts), "customer_behaviour, customer_channel_profit", reader)


@styled
def product_mix(frame: pd.DataFrame, reader: Reader) -> Chart:
    """Draw gross margin by product family, or by handling class where there are no families.

    Parameters
    ----------
    frame : DataFrame
        dimension, value, products, net_sales, gross_margin, tail_products, tail_line_share.
    """
    for dimension in ("family", "handling_class"):
        rows = frame[(frame["dimension"] == dimension) & (frame["net_sales"] != 0)]
        if len(rows) > 1:
            break
    else:
        return Chart(reader.text("The products have neither families nor handling classes to compare."))
    shown = rows.sort_values("gross_margin", ascending=False, kind="stable").head(_MOST_FAMILIES)
    names = [reader.value(name, dimension) for name in shown["value"]]
    margins = shown["gross_margin"].astype(float).tolist()
    shares = [m / s if s > 0 else None for m, s in zip(margins, shown["net_sales"].astype(float), strict=True)]
    texts = [f"{reader.money(m, compact=True)} · {reader.percent(s)}" for m, s in zip(margins, shares, strict=True)]
    figure, axes = canvas(height_of(len(shown)))
    horizontal_bars(axes, names, margins, [PROFIT if m >= 0 else LOSS for m in margins], texts)
    money_axis(axes, reader, reader.text("Gross margin, and its share of sales"))
    title = mix_message(names, margins, totals(frame, "dimension").iloc[0], reader)
    return finish(figure, title, pairs(names, texts), "product_mix", reader)


def _money(x: float, reader: Reader) -> str:
    return reader.money(round(x), compact=True)


def mix_message(names: Sequence[str], margins: Sequence[float], whole: pd.Series, reader: Reader) -> str:
    """Return which of the families brings most margin, if any brings some, and how long the tail is.

    ``whole`` has products, and the figures of the tail, of all products.
    """
    if cents(max(margins)) > 0:
        most = reader.plural(
            "{best} brings most margin, {margin}",
            "{best} bring most margin, {margin} each",
            len(foremost(names, margins)),
            best=reader.listed(foremost(names, margins)),
            margin=reader.money(max(margins), compact=True),
        )
    else:
        most = reader.text("None brings a margin")
    return reader.plural(
        "{most}; {count} of {products} products is the tail, with {share} of the lines, {margin} of margin and {cost} "
        "of work.",
        "{most}; {count} of {products} products are the tail, with {share} of the lines, {margin} of margin and {cost} "
        "of work.",
        int(whole["tail_products"]),
        most=most,
        products=reader.number(whole["products"]),
        share=reader.percent(whole["tail_line_share"], 0),
        margin=reader.money(whole["tail_margin"], compact=True),
        cost=reader.money(whole["tail_cost"], compact=True),
    )
