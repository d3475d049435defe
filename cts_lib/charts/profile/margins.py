"""The waterfall from gross sales to profit after cost to serve, of the unit or of one customer."""

from __future__ import annotations

import pandas as pd

from cts_lib.charts.bars import height_of, pairs, waterfall
from cts_lib.charts.chart import Chart, canvas, finish, money_axis, styled
from cts_lib.display import Reader

_MOST_GROUPS = 7
_OTHERS = "other_activities"
_THIN = 0.25
"""A smaller gross margin, as a share of the sales, is drawn without them."""


@styled
def margin_waterfall(
    customer_channel_profit: pd.DataFrame, customer_costs: pd.DataFrame, reader: Reader, customer_id: str | None = None
) -> Chart:
    """Draw gross sales, discounts, cost of goods, cost to serve by the resource that did the work, and profit.

    Where little is left of the sales, it begins with the gross margin: beside the sales nobody would see the rest.

    Parameters
    ----------
    customer_channel_profit : DataFrame
        customer_id, gross_sales, discounts, net_sales, cogs, gross_margin, cost_to_serve, profit.
    customer_costs : DataFrame
        customer_id, resource (null outside the ledger: the activity stands for it), activity, cost.
    customer_id : str, optional
        One customer; by default the whole unit.
    """
    if customer_id is not None:
        customer_channel_profit = customer_channel_profit[customer_channel_profit["customer_id"] == customer_id]
        customer_costs = customer_costs[customer_costs["customer_id"] == customer_id]
    if customer_channel_profit.empty:
        return Chart(reader.text("There is nothing to lead from sales to profit."))
    sums = customer_channel_profit[["gross_sales", "discounts", "net_sales", "cogs", "gross_margin", "profit"]].sum()
    steps = [("net_sales", float(sums["net_sales"]), True)]
    if sums["discounts"]:
        steps = [
            ("gross_sales", float(sums["gross_sales"]), True),
            ("discounts", -float(sums["discounts"]), False),
            *steps,
        ]
    steps.append(("cogs", -float(sums["cogs"]), False))
    if 0 < sums["gross_margin"] < _THIN * sums["net_sales"]:
        steps = []
    steps.append(("gross_margin", float(sums["gross_margin"]), True))
    steps += [(name, -cost, False) for name, cost in _groups(customer_costs)]
    steps.append(("profit", float(sums["profit"]), True))
    outside = set(customer_costs.loc[customer_costs["resource"].isna(), "activity"])
    names = [
        reader.label(name) if is_total or name in ("discounts", "cogs", _OTHERS)
        else reader.word(name, "activity" if name in outside else "resource")
        for name, _, is_total in steps
    ]  # fmt: skip
    texts = [reader.money(amount, compact=True) for _, amount, _ in steps]
    figure, axes = canvas(height_of(len(steps)))
    waterfall(axes, names, [amount for _, amount, _ in steps], [total for _, _, total in steps], texts)
    money_axis(axes, reader, reader.text("Amount"))
    title = _message(sums, customer_id, reader)
    return finish(figure, title, pairs(names, texts), "customer_channel_profit, customer_costs", reader)


def _groups(customer_costs: pd.DataFrame) -> list[tuple[str, float]]:
    """Cost by resource, or by the activity outside the ledger, the largest first; small ones stand together."""
    group = customer_costs["resource"].fillna(customer_costs["activity"])
    sums = customer_costs.groupby(group)["cost"].sum().sort_values(ascending=False, kind="stable")
    sums = sums[sums.abs() > 0]
    shown = [(str(name), float(cost)) for name, cost in sums.head(_MOST_GROUPS).items()]
    rest = float(sums.iloc[_MOST_GROUPS:].sum())
    return [*shown, (_OTHERS, rest)] if rest else shown


def _message(sums: pd.Series, customer_id: str | None, reader: Reader) -> str:
    sales = float(sums["net_sales"])
    values = {
        "sales": reader.money(sales, compact=True),
        "margin": reader.money(float(sums["gross_margin"]), compact=True),
        "profit": reader.money(float(sums["profit"]), compact=True),
    }
    if customer_id is None:
        return reader.text(
            "Of {sales} in net sales, {margin} is gross margin and {profit} is left after serving.", **values
        )
    return reader.text(
        "Customer {customer}: of {sales} in net sales, {margin} is gross margin and {profit} is left after serving.",
        customer=customer_id,
        **values,
    )
