"""Classes beside the matrix: ABC by money and by customers, XYZ by steadiness of demand, recency-frequency-money.

Sources: E. A. Silver, D. F. Pyke and D. J. Thomas, Inventory and Production Management in Supply Chains, 2017 (ABC);
H. Hartmann, Materialwirtschaft, 2002 (XYZ by the coefficient of variation); A. M. Hughes, Strategic Database Marketing,
1994 (recency, frequency and money in fifths).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cts_lib.customers.demand import Bucket, buckets, median_orders, rhythm, variation
from cts_lib.names import CUSTOMER
from cts_lib.notes import Note, amount
from cts_lib.params.period import Period
from cts_lib.params.segmentation import ABC, Segmentation
from cts_lib.segment.matrix import abc_cuts

XYZ = ("X", "Y", "Z")
"""Steady, varying and erratic demand."""
_FIFTHS = 5
_FEWEST_BUCKETS = 3


def customer_classes(
    facts: pd.DataFrame, demand: pd.DataFrame, paced: pd.DataFrame, period: Period, params: Segmentation
) -> tuple[pd.DataFrame, list[Note]]:
    """Return ``customer_classes``: how much a customer brings, how steadily and how recently it orders.

    Parameters
    ----------
    demand, paced : DataFrame
        customer_id, channel, bucket, orders, quantity, net_sales, by the usual buckets and by those of the unit's
        rhythm; a bucket without a row is one without demand.
    """
    table = facts[CUSTOMER].copy()
    sales = facts["net_sales"].to_numpy("float64")
    for convention, shares in (("money", params.abc_money), ("customers", params.abc_customers)):
        cuts = abc_cuts(sales, "money" if convention == "money" else "customers", shares)
        table[f"abc_{convention}"] = np.array(ABC)[np.searchsorted(cuts, sales, side="right")]
    pace = rhythm(params.xyz_bucket, demand, period)
    starts, count = [pd.Timestamp(day) for day in buckets(period)], len(buckets(period, pace))
    sums = demand.groupby(CUSTOMER).agg(orders=("orders", "sum"), last=("bucket", "max"))
    sums = sums.assign(variation=variation(paced, count) if count >= _FEWEST_BUCKETS else np.nan)
    sums = sums.reindex(pd.MultiIndex.from_frame(table[CUSTOMER])).set_axis(table.index)
    table["variation"] = sums["variation"]
    known = table["variation"].notna()
    letters = np.array(XYZ)[np.searchsorted(params.xyz, table["variation"].fillna(0.0).to_numpy("float64"))]
    steadiness = pd.Series(letters, index=table.index, dtype="str")
    table["xyz"] = steadiness.where(known)
    table["abc_xyz"] = (table["abc_money"].astype("str") + steadiness).where(known)
    notes = [_abc_note(params), _pace_note(params, pace, demand, period)]
    if count < _FEWEST_BUCKETS:
        notes.append(Note("The period is too short to tell steady demand from erratic demand."))
    places = {start: place for place, start in enumerate(starts)}
    table["recency"] = len(starts) - 1 - sums["last"].map(places).astype("float64")
    repeated = sums["orders"] > 1
    if repeated.mean() < 0.5:
        notes.append(
            Note(
                "Only {share} of the customers ordered more than once in the period, so recency and frequency of "
                "orders tell nothing.",
                {"share": amount(float(repeated.mean()) if len(repeated) else 0.0, "percent")},
            )
        )
        return table.assign(rfm=None), notes
    scores = [
        _fifths(-table["recency"]),
        _fifths(sums["orders"]),
        _fifths(facts["net_sales"].where(sums["orders"] > 0)),
    ]
    known = scores[0].notna() & scores[1].notna() & scores[2].notna()
    code = sum(score.fillna(0).astype("int64") * weight for score, weight in zip(scores, (100, 10, 1), strict=True))
    table["rfm"] = pd.Series(code, index=table.index).astype("str").where(known)
    return table, notes


def _abc_note(params: Segmentation) -> Note:
    first, second = params.abc_money
    top, next_ = params.abc_customers
    return Note(
        "ABC by money: A are the customers that bring the first {first} of sales, B up to {second}. ABC by customers: "
        "A are the {top} of customers with the highest sales, B up to {next}.",
        {
            "first": amount(first, "percent"),
            "second": amount(second, "percent"),
            "top": amount(top, "percent"),
            "next": amount(next_, "percent"),
        },
    )


def _pace_note(params: Segmentation, pace: Bucket, demand: pd.DataFrame, period: Period) -> Note:
    if params.xyz_bucket != "auto":
        if pace == "week":
            return Note("X, Y and Z look at demand by the week, as segmentation.xyz_bucket says.")
        return Note("X, Y and Z look at demand by the month, as segmentation.xyz_bucket says.")
    values = {"orders": amount(median_orders(demand), "decimal"), "weeks": len(buckets(period, "week"))}
    if pace == "week":
        return Note(
            "X, Y and Z look at demand by the week: the median customer ordered {orders} times in {weeks} weeks, at "
            "least once a week on average.",
            values,
        )
    return Note(
        "X, Y and Z look at demand by the month: the median customer ordered {orders} times in {weeks} weeks, less "
        "than once a week on average.",
        values,
    )


def _fifths(values: pd.Series) -> pd.Series:
    """Return 5 for the highest fifth down to 1; equal values share the lowest fifth that one of them is in.

    >>> _fifths(pd.Series([10.0, 20, 30, 40, 50])).tolist(), _fifths(pd.Series([10.0, 10, 10, 40, 50])).tolist()
    ([1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 1.0, 1.0, 4.0, 5.0])
    """
    places = values.rank(method="min", pct=True) * _FIFTHS - 1e-9
    return places.map(np.ceil).clip(1, _FIFTHS)
