"""Money per customer and channel, per customer in the order of profit, and per channel."""

from __future__ import annotations

import pandas as pd

from cts_lib.names import CUSTOMER
from cts_lib.params import UnitParams

MONEY = ("gross_sales", "discounts", "net_sales", "cogs", "gross_margin", "cost_to_serve", "profit", "assumed_cogs")
COUNTS = ("orders", "lines", "quantity")


def channel_profit_of(customer_sums: pd.DataFrame, costs: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """Return money per customer and channel: ``orders`` … ``profit``; customers with events alone are kept."""
    keys = CUSTOMER
    served = costs.groupby(keys)["cost"].sum().rename("cost_to_serve").reset_index()
    sold = customer_sums[[*keys, "orders", "lines", "quantity", "gross_sales", "net_sales", "cogs", "assumed_cogs"]]
    table = sold.merge(served, on=keys, how="outer")
    idle = customers.loc[~customers["customer_id"].isin(table["customer_id"]), CUSTOMER]
    table = pd.concat([table, idle], ignore_index=True).sort_values(keys, ignore_index=True)
    numbers = [name for name in table.columns if name not in keys]
    table[numbers] = table[numbers].astype("float64").fillna(0.0)
    table["discounts"] = table["gross_sales"] - table["net_sales"]
    table["gross_margin"] = table["net_sales"] - table["cogs"]
    table["profit"] = table["gross_margin"] - table["cost_to_serve"]
    return table[[*keys, *COUNTS, *MONEY]].astype({"orders": "int64", "lines": "int64"})


def customer_profit(by_channel: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """Return the whale curve's table: customers from most to least profitable, with the running total.

    ``channel`` is the one the customer buys most in.
    """
    table = by_channel.groupby("customer_id", as_index=False)[[*COUNTS, *MONEY]].sum()
    table = table.sort_values(["profit", "customer_id"], ascending=[False, True], ignore_index=True)
    largest = by_channel.sort_values(["customer_id", "net_sales", "channel"], ascending=[True, False, True])
    table = table.merge(largest.drop_duplicates("customer_id")[CUSTOMER], on="customer_id", how="left")
    table = table.merge(customers[["customer_id", "name"]], on="customer_id", how="left")
    table["rank"] = range(1, len(table) + 1)
    table["cumulative_profit"] = table["profit"].cumsum()
    return table


def channel_profit(by_channel: pd.DataFrame, resources: pd.DataFrame, unit: UnitParams) -> pd.DataFrame:
    """Return money per channel, and what the channel costs beyond its customers."""
    table = by_channel.groupby("channel", as_index=False)[[*COUNTS, *MONEY]].sum()
    sustaining = resources.set_index("resource")["sustaining"]
    own = {
        name: item.channel
        for name, item in unit.params.cost_model.resources.items()
        if item.level == "channel" and item.channel
    }
    kept = pd.Series(own, dtype="object").rename("channel").to_frame().assign(sustaining=sustaining)
    sums = kept.groupby("channel")["sustaining"].sum()
    missing = [channel for channel in sums.index if channel not in set(table["channel"])]
    table = pd.concat([table, pd.DataFrame({"channel": missing})], ignore_index=True) if missing else table
    table["sustaining"] = table["channel"].map(sums).astype("float64")
    return table.fillna(dict.fromkeys([*COUNTS, *MONEY, "sustaining"], 0.0)).sort_values("channel", ignore_index=True)
