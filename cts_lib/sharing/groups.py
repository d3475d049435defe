"""Rows of channels, dimensions, families and activities: those of customers enough."""

from __future__ import annotations

import pandas as pd

from cts_lib.names import ALL, OTHER
from cts_lib.sharing.known import GEOGRAPHY, Known, summed
from cts_lib.sharing.suppression import withheld_values


def of_channels(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Rows of channels: those that are told."""
    return table[table["channel"].isin([ALL, *known.told.channels])]


def channel_profit(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Add the channels that are not told to one, so that the sum is the unit's."""
    table["channel"] = table["channel"].where(table["channel"].isin(known.told.channels), OTHER)
    found = summed(table.drop(columns="worth_keeping"))
    keeps = (found["profit"] < 0) & (found["avoidable_margin"] > 0)
    return found.assign(worth_keeping=keeps)[list(table.columns)]


def of_all(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Only the unit's: a month or season of one channel may be a few customers'."""
    return table[table["channel"] == ALL]


def lead_times(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Lines by days, of all channels together."""
    return summed(table.assign(channel=ALL).astype({"days": "str"})).astype({"days": "int64"})


def profile(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Rows of dimensions: channels that are told, values with customers enough, nothing finer than a country."""
    table = table[~table["dimension"].isin(GEOGRAPHY)]
    table = table[(table["dimension"] != "channel") | table["value"].isin([ALL, *known.told.channels])]
    return values(table, known)


def values(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Rows of the values of dimensions: those with customers enough."""
    parts = []
    for dimension, rows in table.groupby("dimension", sort=False):
        single = rows[rows["value"] != ALL]
        counts = {str(name): int(count) for name, count in zip(single["value"], single["customers"], strict=True)}
        # those of the channels were taken out already, whose total every other table has
        shut = set() if dimension in ("channel", ALL) else withheld_values(counts)
        parts.append(rows[~rows["value"].isin(shut)])
    return pd.concat(parts) if parts else table


def families(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Say of families what all customers bought of each."""
    counts = table.groupby("family", observed=True)["customer_id"].nunique()
    shut = withheld_values({str(name): int(count) for name, count in counts.items()})
    family = table["family"].astype("str").where(~table["family"].isin(shut), OTHER)
    return summed(table.assign(customer_id=OTHER, channel=OTHER, family=family))


def activities(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Activities and resources: those whose cost customers enough cause."""
    columns = [name for name in ("activity", "resource", "subject") if name in table]
    return table[~table[columns].isin(known.few).any(axis=1)]


def effects(table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Effects: none of places."""
    return table[~table["effect"].isin(GEOGRAPHY)]
