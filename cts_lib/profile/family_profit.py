"""Profit by product: what each family, or each product, leaves of what a customer bought, after what serving it took.

The cost of lines, orders and shipments is known by product (`product_work`); that of events and customers goes by net
sales, or by lines where nothing was sold.
"""

from __future__ import annotations

import pandas as pd

from cts_lib.model.compiled import CompiledActivity
from cts_lib.names import CUSTOMER, NONE

_SUMS = ["lines", "quantity", "net_sales", "cogs", "cost"]
_SHOWN = ["quantity", "net_sales", "cogs", "gross_margin", "cost_to_serve", "profit"]


def of_customers(costs: pd.DataFrame, activities: list[CompiledActivity]) -> pd.Series:
    """Return what the activities of events and customers cost each customer and channel."""
    names = [item.name for item in activities if item.grain.name in ("event", "customer")]
    chosen: pd.Series = costs[costs["activity"].isin(names)].groupby(CUSTOMER, observed=True)["cost"].sum()
    return chosen


def family_profit(families: pd.DataFrame, others: pd.Series) -> pd.DataFrame:
    """Return table ``family_profit``.

    Parameters
    ----------
    families : DataFrame
        customer_id, channel, named (the family), lines, quantity, net_sales, cogs and cost.
    others : Series
        Further cost of each customer and channel; where one has no lines, it stands in family ``(none)``.

    >>> sold = {"customer_id": "a", "channel": "x", "named": ["f", "g"], "lines": 1.0, "quantity": 1.0}
    >>> families = pd.DataFrame(sold | {"net_sales": [30.0, 10.0], "cogs": 5.0, "cost": 2.0})
    >>> others = pd.Series([8.0], pd.MultiIndex.from_tuples([("a", "x")], names=CUSTOMER))
    >>> family_profit(families, others)["cost_to_serve"].tolist()
    [8.0, 4.0]
    """
    table = families.groupby([*CUSTOMER, "named"], as_index=False)[_SUMS].sum().rename(columns={"named": "family"})
    table["cost"] += _spread(table, others)
    bare = others[~others.index.isin(pd.MultiIndex.from_frame(table[CUSTOMER]))]
    without = bare[bare != 0].rename("cost").reset_index().assign(family=NONE)
    return _with_profit(table, without, ["family"])


def product_profit(work: pd.DataFrame | None, by_family: pd.DataFrame) -> pd.DataFrame:
    """Return table ``product_profit``, which sums to ``family_profit``; empty where nobody wants it.

    Parameters
    ----------
    work : DataFrame
        customer_id, channel, product_id, family, lines, quantity, net_sales, cogs and cost.
    """
    keys = [*CUSTOMER, "family"]
    if work is None:
        return pd.DataFrame(columns=[*keys, "product_id", *_SHOWN]).astype(dict.fromkeys([*keys, "product_id"], "str"))
    table = work.groupby([*keys, "product_id"], as_index=False)[_SUMS].sum()
    own = table.groupby(keys)["cost"].sum()
    whole = by_family.set_index(keys)["cost_to_serve"]
    table["cost"] += _spread(table, whole.sub(own, fill_value=0.0), keys)
    bare = whole[~whole.index.isin(own.index)].rename("cost").reset_index().assign(product_id=NONE)
    return _with_profit(table, bare, ["family", "product_id"])


def _spread(table: pd.DataFrame, cost: pd.Series, keys: list[str] = CUSTOMER) -> pd.Series:
    """Return each row's part of the cost of its group: by net sales, by lines where a group has none."""
    group = pd.MultiIndex.from_frame(table[keys])
    weight, lines = table["net_sales"].clip(lower=0), table["lines"]
    grouped = [table[name] for name in keys]
    sold = weight.groupby(grouped).transform("sum")
    share = (weight / sold).where(sold > 0, lines / lines.groupby(grouped).transform("sum"))
    spread: pd.Series = share * cost.reindex(group).fillna(0.0).to_numpy()
    return spread


def _with_profit(sold: pd.DataFrame, without: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return the rows in order with their profit; ``without`` has the cost of who bought nothing."""
    table = pd.concat([sold, without], ignore_index=True).fillna(dict.fromkeys(_SUMS, 0.0))
    table = table.sort_values([*CUSTOMER, *keys], ignore_index=True)
    table["gross_margin"] = table["net_sales"] - table["cogs"]
    table["cost_to_serve"] = table["cost"]
    table["profit"] = table["gross_margin"] - table["cost_to_serve"]
    return table[[*CUSTOMER, *keys, *_SHOWN]]
