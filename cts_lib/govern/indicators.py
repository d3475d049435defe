"""The indicators of each segment and channel, with how much each scatters within its period."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cts_lib.costing.costed import Costed
from cts_lib.measures import KPIS, of, ratio
from cts_lib.names import ALL, CELL, CUSTOMER


def kpi_values(profiled: Costed, segments: pd.DataFrame) -> pd.DataFrame:
    """Return segment, channel, kpi, value, standard_error, observations, with total rows.

    Observations are the lines or customers of a share of them, orders of anything else.
    """
    money = profiled.tables["customer_channel_profit"]
    extra = [name for name in profiled.customer_sums.columns if name not in money.columns]
    rows = money.merge(profiled.customer_sums[["customer_id", "channel", *extra]], on=CUSTOMER, how="left")
    rows = rows.merge(segments[["customer_id", *CELL]], on=CUSTOMER)
    parts = []
    for totals in ([], ["segment"], ["channel"], CELL):
        keyed = _customers(rows.assign(**dict.fromkeys(totals, ALL)))
        sums = keyed.groupby(CELL).sum(numeric_only=True)
        parts += [
            pd.DataFrame(
                {
                    "value": ratio(sums, name),
                    "standard_error": _standard_error(keyed, sums, name),
                    "observations": sums[of(name).whole if is_share_of_counted(name) else "orders"],
                }
            )
            .assign(kpi=name)
            .reset_index()
            for name in KPIS
        ]
    numbers = ["value", "standard_error", "observations"]
    return pd.concat(parts, ignore_index=True)[[*CELL, "kpi", *numbers]].astype(dict.fromkeys(numbers, "float64"))


def _customers(rows: pd.DataFrame) -> pd.DataFrame:
    """Sum up each customer of each cell: one that buys in two channels is one customer of the unit."""
    table = rows.groupby([*CELL, "customer_id"]).sum(numeric_only=True).reset_index()
    loses = table["profit"] < 0
    return table.assign(
        customers=1.0,
        unprofitable_customers=loses.astype("float64"),
        lost_on_customers=(-table["profit"]).where(loses, 0.0),
    )


def is_share_of_counted(name: str) -> bool:
    """Tell whether an indicator counts some lines or customers among others, so that they alone make it scatter.

    >>> is_share_of_counted("on_time"), is_share_of_counted("unprofitable_share"), is_share_of_counted("profit_margin")
    (True, True, False)
    """
    measure = of(name)
    return measure.kind == "percent" and str(measure.whole).endswith(("lines", "customers"))


def _standard_error(rows: pd.DataFrame, sums: pd.DataFrame, name: str) -> pd.Series:
    """Return how much an indicator of each cell scatters by chance within the period.

    A share of lines or customers scatters as these drawn one by one do. Anything else scatters by how often customers
    order: orders come at random, and those of a customer are taken to be alike.
    """
    measure = of(name)
    if is_share_of_counted(name):
        count = sums[measure.whole].where(sums[measure.whole] > 0)
        share = (sums[measure.part].clip(lower=0) + 1) / (count + 2)  # where all are alike they scatter too
        return pd.Series(np.sqrt(share * (1 - share).clip(lower=0) / count))
    parts = rows[measure.part] if measure.part else rows[name]
    whole: pd.Series | float = 1.0
    if measure.part and measure.whole:
        value = ratio(sums, name)
        parts = parts - rows[measure.whole] * value.reindex(pd.MultiIndex.from_frame(rows[CELL])).to_numpy()
        whole = sums[measure.whole].where(sums[measure.whole] > 0)
    squares = (parts**2 / rows["orders"].clip(lower=1)).groupby([rows[name] for name in CELL]).sum(min_count=1)
    return pd.Series(np.sqrt(squares) / whole)
