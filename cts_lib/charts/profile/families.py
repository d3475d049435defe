"""The figure of what product families leave after cost to serve."""

from __future__ import annotations

import pandas as pd

from cts_lib.charts.bars import height_of, horizontal_bars, pairs
from cts_lib.charts.chart import LOSS, PROFIT, Chart, canvas, cents, finish, money_axis, styled
from cts_lib.display import Reader
from cts_lib.display.profile.families import by_family

_MOST = 14


@styled
def family_profit(frame: pd.DataFrame, reader: Reader) -> Chart:
    """Draw each family's profit after cost to serve; of many, those furthest from nothing.

    Parameters
    ----------
    frame : DataFrame
        customer_id, channel, family, net_sales, gross_margin, cost_to_serve, profit.
    """
    found = by_family(frame)
    if len(found) < 2:
        return Chart(reader.text("There are no product families to compare after cost to serve."))
    shown = found.loc[found["profit"].abs().nlargest(_MOST).index].sort_index()
    names = [reader.value(name, "family") for name in shown["family"]]
    money = shown[["profit", "gross_margin"]].map(lambda x: reader.money(x, compact=True))
    texts = [
        reader.text("{profit} of {margin} margin", profit=profit, margin=margin)
        for profit, margin in zip(money["profit"], money["gross_margin"], strict=True)
    ]
    figure, axes = canvas(height_of(len(shown)))
    colours = [PROFIT if profit >= 0 else LOSS for profit in shown["profit"]]
    horizontal_bars(axes, names, shown["profit"].astype(float).tolist(), colours, texts)
    money_axis(axes, reader, reader.text("Profit after cost to serve"))
    return finish(figure, message(found, reader), pairs(names, texts), "family_profit", reader)


def message(found: pd.DataFrame, reader: Reader) -> str:
    """Return which families lose after cost to serve, and what others pay for.

    ``found`` has family, profit, gross_margin and carried_loss.
    """
    losing = found[found["profit"].map(cents) < 0].sort_values("profit", kind="stable")
    if len(losing):
        text = reader.plural(
            "{names} loses {loss} after cost to serve.",
            "{names} lose {loss} after cost to serve.",
            len(losing),
            names=reader.listed([reader.value(name, "family") for name in losing["family"]]),
            loss=reader.money(-float(losing["profit"].sum()), compact=True),
        )
    else:
        text = reader.text("No product family loses money after cost to serve.")
    carried = float(found["carried_loss"].sum())
    if cents(carried) <= 0:
        return text
    told = reader.text(
        "At customers that leave a profit all the same, all families together lose {loss}, for which others pay.",
        loss=reader.money(carried, compact=True),
    )
    return f"{text} {told}"
