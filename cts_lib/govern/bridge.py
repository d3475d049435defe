"""Why profit changed between two periods: an exact bridge, every component computed by itself.

A customer that both periods know is compared family by family (sales) and activity by activity (cost to serve):

- volume: more or fewer units at the old margin, more or fewer activities at the old cost;
- mix: the margin of buying other families at the same volume;
- price: a family's net sales a unit, at the new volume;
- efficiency: minutes or driver units an activity takes, at the old rate;
- rate: what a minute or driver unit costs;
- other: a family's cost of goods a unit, and what has no positive quantity to compare.

Customers that only one period knows are ``customers``. ``capacity`` is unused and overdriven capacity, which no
customer carries.
"""

from __future__ import annotations

import pandas as pd

from cts_lib.names import CUSTOMER

COMPONENTS = ("price", "volume", "mix", "efficiency", "rate", "capacity", "customers", "other")


def sales_components(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Return price, volume, mix and other per customer, channel and family; they sum to the change of gross margin.

    Parameters
    ----------
    now, before : DataFrame
        customer_id, channel, family, quantity, net_sales, cogs.

    >>> old = pd.DataFrame({"customer_id": ["a"], "channel": ["x"], "family": ["f"], "quantity": [10.0],
    ...                     "net_sales": [100.0], "cogs": [60.0]})
    >>> new = old.assign(quantity=20.0, net_sales=220.0, cogs=120.0)
    >>> sales_components(new, old)[["price", "volume", "mix", "other"]].to_dict("records")
    [{'price': 20.0, 'volume': 40.0, 'mix': 0.0, 'other': 0.0}]
    """
    rows = now.merge(before, on=[*CUSTOMER, "family"], how="outer", suffixes=("", "_before")).fillna(0.0)
    sums = rows.groupby(CUSTOMER)[["quantity", "quantity_before"]].transform("sum")
    comparable = (sums["quantity_before"] > 0) & (sums["quantity"] >= 0)
    grown = _ratio(sums["quantity"], sums["quantity_before"])
    sold, sold_before = rows["quantity"], rows["quantity_before"]
    margin, margin_before = rows["net_sales"] - rows["cogs"], rows["net_sales_before"] - rows["cogs_before"]
    nothing, nothing_before = (sold == 0) & (margin == 0), (sold_before == 0) & (margin_before == 0)
    kept = comparable & (sold > 0) & (sold_before > 0)
    ended = comparable & nothing & (sold_before > 0)
    begun = comparable & nothing_before & (sold > 0)
    odd = ~(kept | ended | begun)
    volume = (grown - 1) * margin_before
    mix = (sold - sold_before * grown) * _ratio(margin_before, sold_before)
    price = sold * (_ratio(rows["net_sales"], sold) - _ratio(rows["net_sales_before"], sold_before))
    goods = sold * (_ratio(rows["cogs_before"], sold_before) - _ratio(rows["cogs"], sold))
    return rows[[*CUSTOMER, "family"]].assign(
        price=price.where(kept, 0.0),
        volume=volume.where(kept | ended, 0.0),
        mix=mix.where(kept | ended, 0.0).where(~begun, margin),
        other=goods.where(kept, 0.0).where(~odd, margin - margin_before),
    )


def cost_components(
    now: pd.DataFrame, before: pd.DataFrame, rates: pd.DataFrame, rates_before: pd.DataFrame
) -> pd.DataFrame:
    """Return volume, efficiency and rate per customer, channel and activity; they sum to minus the change of cost.

    Parameters
    ----------
    now, before : DataFrame
        Table ``customer_costs`` of both periods.
    rates, rates_before : DataFrame
        activity and price of both periods.
    """
    keys = [*CUSTOMER, "activity"]
    sides = [
        costs.assign(quantity=costs["minutes"].fillna(costs["driver_quantity"]))[[*keys, "volume", "quantity"]]
        for costs in (now, before)
    ]
    rows = sides[0].merge(sides[1], on=keys, how="outer", suffixes=("", "_before")).fillna(0.0)
    used = {
        name: set(side.loc[side["quantity"] != 0, "activity"])
        for name, side in zip(("now", "before"), sides, strict=True)
    }
    new, old = rates.set_index("activity")["price"], rates_before.set_index("activity")["price"]
    new_price = new.where(new.index.isin(used["now"]), old.reindex(new.index))
    old_price = old.where(old.index.isin(used["before"]), new.reindex(old.index))
    price = rows["activity"].map(new_price).astype("float64").fillna(0.0)
    price_before = rows["activity"].map(old_price).astype("float64").fillna(0.0)
    happened, happened_before = rows["volume"], rows["volume_before"]
    both = (happened != 0) & (happened_before != 0)
    expected = happened * _ratio(rows["quantity_before"], happened_before)
    grown = (expected - rows["quantity_before"]).where(both, rows["quantity"] - rows["quantity_before"])
    return rows[keys].assign(
        volume=-grown * price_before,
        efficiency=-(rows["quantity"] - rows["quantity_before"] - grown) * price_before,
        rate=-rows["quantity"] * (price - price_before),
    )


def _ratio(part: pd.Series, whole: pd.Series) -> pd.Series:
    return (part / whole.where(whole != 0)).fillna(0.0)
