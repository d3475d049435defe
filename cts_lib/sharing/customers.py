"""Rows of customers: pseudonyms, and neither segment nor channel where these would tell who it is."""

from __future__ import annotations

import pandas as pd

from cts_lib.names import OTHER
from cts_lib.sharing.known import Known, summed


def of_customers(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Rows of customers: pseudonyms, no name or trait, and no segment or channel where these would tell who it is."""
    without = table["customer_id"].isin(known.without)
    for column in ("segment", "channel"):
        if column in table:
            table[column] = table[column].where(~without, OTHER)
    for column in ("value_class", "cost_class"):
        if column in table:
            table[column] = table[column].where(~without, OTHER)
    told_of_all = {"name": None, "need": OTHER, "cluster": 0, "strategic": False}
    table = table.assign(**{column: value for column, value in told_of_all.items() if column in table})
    return table.assign(customer_id=table["customer_id"].map(known.names.of))


def one_channel(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Rows of customers in channels that do not add up: of one whose channels are not told, those of the largest."""
    keys = [name for name in ("customer_id", "method", "term", "aim") if name in table]
    without = table["customer_id"].isin(known.without)
    again = without & table.duplicated(keys)
    return of_customers(table[~again].copy(), known)


def of_one_channel(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """The same in the order of pseudonyms."""
    return _by_pseudonym(one_channel(table, known))


def _by_pseudonym(table: pd.DataFrame) -> pd.DataFrame:
    """Return rows in the order of pseudonyms, for that of numbers tells whose they are."""
    return table.sort_values("customer_id", kind="stable")


def rivals(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Rows of customers and methods, in the order of pseudonyms."""
    return _by_pseudonym(of_customers(table, known))


def added(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Rows of customers in channels that add up."""
    if "activity" in table:
        few = table["activity"].isin(known.few) | table["resource"].isin(known.few)
        table["activity"] = table["activity"].astype("str").where(~few, OTHER)
        table["resource"] = table["resource"].astype("str").where(~few & table["resource"].notna(), None)
    return _by_pseudonym(summed(of_customers(table, known)))
