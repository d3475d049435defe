"""How sure the verdicts on customers are: spreads, rival methods, and what would really go away."""

from __future__ import annotations

import pandas as pd

from cts_lib.display.reader import Reader
from cts_lib.display.table import Shown, table


def fragile(customer_profit: pd.DataFrame, reader: Reader, rows: int = 10) -> Shown:
    """Show the customers whose verdict would flip within the spread of the assumptions, the largest sales first."""
    title = reader.text("Verdicts that would flip within the spread")
    if customer_profit["profit_low"].isna().all():
        title = reader.text("The cost model gives no spread, so no verdict can be called fragile")
    frame = customer_profit[customer_profit["fragile"]].sort_values("net_sales", ascending=False, kind="stable")
    columns = {"customer_id": "text", "name": "text", "channel": "text", "net_sales": "money", "profit_low": "money"}
    columns |= {"profit": "money", "profit_high": "money", "probability_unprofitable": "percent"}
    note = reader.text("Profit between its central 90% of the draws; a fragile verdict is one whose interval holds 0.")
    return table(frame, reader, columns, title, note=note, rows=rows)


def assumptions(assumption_shares: pd.DataFrame, reader: Reader) -> Shown:
    """Show which assumption the verdicts hang on."""
    title = reader.text("What the uncertainty comes from")
    columns = {"assumption": "label", "variance_share": "percent", "fragile_share": "percent"}
    note = reader.text("Share of the variance of customers' profit, on average over all and over the fragile ones.")
    return table(assumption_shares, reader, columns, title, note=note, bars=("variance_share",))


def rivals(rival_allocations: pd.DataFrame, reader: Reader) -> Shown:
    """Show what customers carry by each method, and for how many of them the sign of profit changes."""
    grouped = rival_allocations.groupby("method", sort=False)
    frame = grouped[["cost_to_serve", "profit"]].sum().reset_index()
    frame["customers_that_change_sign"] = grouped["changes_sign"].sum().to_numpy()
    columns = {"method": "label", "cost_to_serve": "money", "profit": "money", "customers_that_change_sign": "number"}
    note = reader.text("By driver shares and by sales, capacity that nobody used is charged to customers too.")
    return table(frame, reader, columns, reader.text("The same transactions by rival methods"), note=note)


def worth_keeping(customer_profit: pd.DataFrame, reader: Reader, rows: int = 10) -> Shown:
    """Show the loss-makers whose margin is more than the cost that would go away with them."""
    title = reader.text("Loss-makers that still pay for what they really cause")
    frame = customer_profit[customer_profit["worth_keeping"]].sort_values(
        "avoidable_margin", ascending=False, kind="stable"
    )
    columns = {"customer_id": "text", "name": "text", "channel": "text", "gross_margin": "money"}
    columns |= {"cost_to_serve": "money", "profit": "money", "avoidable_cost": "money", "avoidable_margin": "money"}
    note = reader.text(
        "Avoidable is the variable share of each resource's cost; the rest stays when the customer goes."
    )
    return table(frame, reader, columns, title, note=note, bars=("avoidable_margin",), rows=rows)
