"""What is known of each customer in each channel: money, behaviour and its own attributes, one row each."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from cts_lib.costing.costed import Costed
from cts_lib.customers.behaviour import BEHAVIOUR, behaviour_of
from cts_lib.measures import of
from cts_lib.names import CUSTOMER

GEOGRAPHY = ("country", "region", "city")
_NO_DIMENSION = ("customer_id", "channel", "name", "latitude", "longitude", "customer_since", "new_customer")
SALES_BEFORE = "net_sales_before"
"""What a customer to be placed bought in the period before, where growth is its value."""
DIGITS = 9
"""Decimals of an axis: customers that differ by less, as all do where cost is spread over sales, are alike."""


def facts_of(costed: Costed) -> pd.DataFrame:
    """Return the facts of a costed period in the order of customer and channel.

    Returns
    -------
    DataFrame
        customer_id, channel, the money of ``customer_channel_profit``, how the customer orders, and its attributes.
    """
    by_channel = costed.tables["customer_channel_profit"]
    behaviour = behaviour_of(by_channel, costed.customer_sums)
    money = by_channel.drop(columns=["orders"])
    known = costed.customers.drop(columns=["channel"], errors="ignore").set_index("customer_id")
    known = known.drop(columns=[name for name in known if name in money or name in behaviour])
    attributes = known.reindex(by_channel["customer_id"]).set_axis(by_channel.index)
    return pd.concat([money, behaviour, attributes], axis=1).sort_values(CUSTOMER, ignore_index=True)


def attributes_of(facts: pd.DataFrame, costed: Costed) -> list[str]:
    """Return the customers' own columns that may be dimensions; places on the map tell no way of buying."""
    left_out = {*_NO_DIMENSION, *GEOGRAPHY, *BEHAVIOUR}
    names = [name for name in costed.customers if name not in left_out and name in facts]
    return [str(name) for name in names if pd.api.types.is_numeric_dtype(facts[name]) or _is_text(facts[name])]


def _is_text(values: pd.Series) -> bool:
    return pd.api.types.is_string_dtype(values)


def measure(
    name: str, facts: pd.DataFrame, sales_before: pd.Series | None, of_channel: Mapping[str, float]
) -> pd.Series:
    """Return an axis of the matrix; a share of nothing is 0, or infinite where something was there.

    Parameters
    ----------
    sales_before : Series, optional
        Net sales of the period before by customer_id and channel, for ``growth``; else a column of ``facts`` has them.
    of_channel : mapping
        Net sales of each channel, for ``channel_share``.
    """
    if name == "growth":
        before = _before(facts, sales_before)
        return share(facts["net_sales"] - before, before).round(DIGITS)
    if name == "channel_share":
        return share(facts["net_sales"], facts["channel"].map(of_channel).astype("float64")).round(DIGITS)
    part, whole = of(name).part, of(name).whole
    values = share(facts[part], facts[whole]) if part and whole else facts[name]
    return values.astype("float64").round(DIGITS)


def share(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Return part ÷ whole, where whole is nothing 0 or, of something, infinite; what is not known stays so."""
    nothing = pd.Series(np.where(part > 0, np.inf, 0.0), index=part.index)
    return (part / whole).where(whole > 0, nothing).where(part.notna() & whole.notna())


def _before(facts: pd.DataFrame, sales_before: pd.Series | None) -> pd.Series:
    if sales_before is None:
        return facts[SALES_BEFORE].astype("float64").clip(lower=0.0)
    sales = sales_before.reindex(pd.MultiIndex.from_frame(facts[CUSTOMER]))
    return sales.fillna(0.0).clip(lower=0.0).set_axis(facts.index)


def sales_of(costed: Costed | None) -> pd.Series | None:
    """Return net sales by customer_id and channel; None without a costed period."""
    return None if costed is None else costed.tables["customer_channel_profit"].set_index(CUSTOMER)["net_sales"]


def channel_sales(facts: pd.DataFrame) -> dict[str, float]:
    """Return net sales of each channel."""
    return {str(name): float(sales) for name, sales in facts.groupby("channel")["net_sales"].sum().items()}
