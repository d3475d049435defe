"""Rows of customers: pseudonyms, and neither segment nor channel where these would tell who it is.

Whoever has a description that few share stands without it: among the others of each channel where rows add up, with no
row where they do not, and with no channel on a row of the customer as a whole.
"""

from __future__ import annotations

import pandas as pd

from cts_lib.names import OTHER
from cts_lib.sharing.known import Known, summed


def of_customers(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Rows of customers as wholes, in their order, each with the channel that it may tell."""
    without = table["customer_id"].isin(known.without)
    if "channel" in table:
        table["channel"] = table["channel"].where(table["channel"].isin(known.told.channels) & ~without, OTHER)
    keys = [name for name in ("customer_id", "channel", "side", "place", "method", "term", "aim") if name in table]
    return _named(table.drop_duplicates(keys), known)


def rivals(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Rows of customers and methods, in the order of pseudonyms."""
    return _by_pseudonym(of_customers(table, known))


def in_channels(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Rows of customers in channels that do not add up."""
    table = _labelled(table[~table["customer_id"].isin(known.without)].copy(), known)
    keys = [name for name in ("customer_id", "channel", "method") if name in table]
    return _by_pseudonym(_named(table.drop_duplicates(keys), known))


def added(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Rows of customers in channels that add up."""
    if "activity" in table:
        few = table["activity"].isin(known.few) | table["resource"].isin(known.few)
        table["activity"] = table["activity"].astype("str").where(~few, OTHER)
        table["resource"] = table["resource"].astype("str").where(~few & table["resource"].notna(), None)
    table["customer_id"] = table["customer_id"].where(~table["customer_id"].isin(known.without), OTHER)
    return _by_pseudonym(summed(_named(_labelled(table, known), known)))


def _labelled(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Return rows with the segment, its classes and the channel that they may tell."""
    if "segment" in table:
        own = known.segments.reindex(pd.MultiIndex.from_frame(table[["customer_id", "channel"]])).to_numpy()
        cells = zip(own, table["channel"], strict=True)
        told = pd.Series([cell in known.told.cells for cell in cells], table.index, dtype="bool")
        for column in [name for name in ("segment", "value_class", "cost_class") if name in table]:
            table[column] = table[column].where(told, OTHER)
    table["channel"] = table["channel"].where(table["channel"].isin(known.told.channels), OTHER)
    return table


def _named(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Return rows with pseudonyms, and without what else describes a customer."""
    told_of_all = {"name": None, "need": OTHER, "cluster": 0, "strategic": False}
    table = table.assign(**{column: value for column, value in told_of_all.items() if column in table})
    return table.assign(customer_id=table["customer_id"].map(known.names.of))


def _by_pseudonym(table: pd.DataFrame) -> pd.DataFrame:
    """Return rows in the order of pseudonyms, for that of numbers tells whose they are."""
    return table.sort_values("customer_id", kind="stable")
