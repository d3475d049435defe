"""Product families as a table reads them: what each leaves after cost to serve, and where another pays for it."""

from __future__ import annotations

import pandas as pd

from cts_lib.display.pieces import Shown
from cts_lib.display.reader import Reader
from cts_lib.display.table import table
from cts_lib.measures import kind_of, kinds, ratio

_MONEY = ["net_sales", "gross_margin", "cost_to_serve", "profit"]


def by_family(family_profit: pd.DataFrame) -> pd.DataFrame:
    """Sum up each family: customers, money, those at which it loses, and the loss that other families pay for there.

    Another family pays where the customer leaves a profit all the same.

    >>> rows = {"customer_id": ["a", "a"], "channel": "x", "family": ["f", "g"], "profit": [9.0, -4.0]}
    >>> money = dict.fromkeys(["net_sales", "gross_margin", "cost_to_serve"], 1.0)
    >>> by_family(pd.DataFrame(rows | money))[["family", "unprofitable_customers", "carried_loss"]].values.tolist()
    [['f', 0, 0.0], ['g', 1, 4.0]]
    """
    rows = family_profit.groupby(["customer_id", "family"], as_index=False)[_MONEY].sum()
    loses = rows["profit"] < 0
    is_carried = loses & (rows.groupby("customer_id")["profit"].transform("sum") >= 0)
    rows = rows.assign(customers=1, unprofitable_customers=loses.astype("int64"))
    rows["carried_loss"] = (-rows["profit"]).where(is_carried, 0.0)
    sums = ["customers", *_MONEY, "unprofitable_customers", "carried_loss"]
    summed = rows.groupby("family", as_index=False)[sums].sum()
    return summed.sort_values(["profit", "family"], ascending=[False, True], ignore_index=True)


def families(family_profit: pd.DataFrame, reader: Reader, rows: int = 25) -> Shown:
    """Show what each family leaves after cost to serve, the best first."""
    shown = by_family(family_profit)
    shown = shown.assign(
        family=[reader.value(name, "family") for name in shown["family"]],
        margin_share=ratio(shown, "gross_margin_share"),
        profit_margin=ratio(shown, "profit_margin"),
    )
    columns = {"family": "code"} | kinds("customers", "net_sales")
    columns |= {"margin_share": kind_of("gross_margin_share")} | kinds("cost_to_serve", "profit", "profit_margin")
    columns |= kinds("unprofitable_customers", "carried_loss")
    note = reader.text(
        "Customers that lose money: those at which the family loses. Other families pay where the customer leaves a "
        "profit all the same."
    )
    title = reader.text("Product families after cost to serve")
    sums = ("net_sales", "cost_to_serve", "profit", "carried_loss")
    return table(shown, reader, columns, title, note=note, bars=("profit",), rows=rows, sums=sums)
