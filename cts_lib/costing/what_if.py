"""What the customers would leave under another cost model, at once: the same transactions, priced by the same code."""

from __future__ import annotations

import pandas as pd

from cts_lib.costing.priced import Priced
from cts_lib.costing.rates import cost_to_serve


def repriced(now: Priced, profit: pd.DataFrame) -> pd.DataFrame:
    """Return the customers' profit at other prices of the period's work.

    Parameters
    ----------
    profit : DataFrame
        Table ``customer_profit`` as it is: customer_id, name, net_sales, gross_margin, profit.

    Returns
    -------
    DataFrame
        customer_id, name, net_sales, gross_margin, cost_to_serve, profit, rank and cumulative_profit in the new order,
        and change: profit less what it is today.
    """
    served = pd.Series(cost_to_serve(now.cube, now.rates)).groupby(now.cube.cells["customer_id"]).sum()
    table = profit[["customer_id", "name", "net_sales", "gross_margin"]].copy()
    table["cost_to_serve"] = table["customer_id"].map(served).fillna(0.0)
    table["profit"] = table["gross_margin"] - table["cost_to_serve"]
    table["change"] = table["profit"] - profit["profit"]
    table = table.sort_values(["profit", "customer_id"], ascending=[False, True], ignore_index=True)
    return table.assign(rank=range(1, len(table) + 1), cumulative_profit=table["profit"].cumsum())


def utilisation(now: Priced) -> pd.DataFrame:
    """Return of each resource of minutes how much of its capacity is used: resource, utilisation."""
    used = now.rates[now.rates["basis"] == "minutes"].assign(
        minutes=lambda rates: rates["activity"].map(now.cube.totals).astype("float64")
    )
    minutes = used.groupby("resource")["minutes"].sum()
    pools = now.pools.frame[now.pools.frame["capacity_minutes"] > 0]
    shares = pools["resource"].map(minutes).astype("float64").fillna(0.0) / pools["capacity_minutes"]
    return pd.DataFrame({"resource": pools["resource"], "utilisation": shares}).reset_index(drop=True)
