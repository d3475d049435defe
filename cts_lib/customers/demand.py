"""Demand over time: what each customer ordered week by week or month by month.

How regular demand is looks at weeks, at months where the period is long; how steady it is at the unit's own rhythm.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

import numpy as np
import pandas as pd
from sqlglot import exp

from cts_lib import sql
from cts_lib.engine import Engine, fetch_frame
from cts_lib.model.drivers import ACTUAL, Transactions
from cts_lib.names import CUSTOMER
from cts_lib.params.period import Period

Bucket = Literal["week", "month"]
_LONGEST_IN_WEEKS = 6
"""Months; a longer period is cut into months."""
LONGEST_INTERVAL, LARGEST_VARIATION = 1.32, 0.49
"""Where demand stops being regular (ADI) and even (CV²)."""


def usual_bucket(period: Period) -> Bucket:
    """Return weeks, or months of a long period."""
    return "month" if period.months > _LONGEST_IN_WEEKS else "week"


def rhythm(wanted: Literal["week", "month", "auto"], demand: pd.DataFrame, period: Period) -> Bucket:
    """Return the wanted bucket; ``auto`` is the shortest in which the median customer ordered at least once on average.

    That customer is the median of those with an order, each in each channel; without any, it is the month.

    >>> orders = pd.DataFrame({"customer_id": ["a", "b", "c"], "channel": "web", "orders": [3.0, 12.0, 40.0]})
    >>> rhythm("auto", orders, Period.parse("2026-Q1")), rhythm("auto", orders.head(2), Period.parse("2026-Q1"))
    ('week', 'month')
    """
    if wanted != "auto":
        return wanted
    return "week" if median_orders(demand) >= len(buckets(period, "week")) else "month"


def median_orders(demand: pd.DataFrame) -> float:
    """Return how often the median customer with an order ordered in a channel."""
    return float(demand.groupby(CUSTOMER)["orders"].sum().median()) if len(demand) else 0.0


def buckets(period: Period, bucket: Bucket | None = None) -> list[date]:
    """Return the first day of each bucket, by default of the usual ones: months, or weeks from the first day on.

    The last week takes the days that are left over, so that no bucket is shorter than a week.

    >>> weeks = buckets(Period.parse("2026-Q3"))
    >>> len(weeks), weeks[0], weeks[-1]
    (13, datetime.date(2026, 7, 1), datetime.date(2026, 9, 23))
    >>> len(buckets(Period.parse("2026")))
    12
    """
    if (bucket or usual_bucket(period)) == "month":
        return [month.start for month in period.parts(1)]
    return [period.start + timedelta(days=7 * week) for week in range(period.days // 7)]


def bucket_of(period: Period, bucket: Bucket) -> str:
    """Return the SQL of the place, from 0, of a line's bucket among those of the period."""
    if bucket == "month" and period.is_fiscal:
        begun = [f"CASE WHEN line.posting_date >= DATE '{month.start}' THEN 1 ELSE 0 END" for month in period.parts(1)]
        return " + ".join(begun[1:]) or "0"
    if bucket == "month":
        month = "EXTRACT(YEAR FROM line.posting_date) * 12 + EXTRACT(MONTH FROM line.posting_date)"
        return f"{month} - {period.first_month + 1}"
    week = f"FLOOR(DATE_DIFF('day', DATE '{period.start}', line.posting_date) / 7)"
    return f"LEAST({week}, {len(buckets(period, bucket)) - 1})"


def build_demand(
    engine: Engine, period: Period, bucket: Bucket | None = None, source: Transactions = ACTUAL
) -> pd.DataFrame:
    """Return what was ordered per customer, channel and bucket, one row where something was, in this order.

    Returns
    -------
    DataFrame
        customer_id, channel, bucket (its first day), orders, quantity, net_sales; of lines sold, without returns.
    """
    bucket = bucket or usual_bucket(period)
    place: exp.Expr = exp.maybe_parse(bucket_of(period, bucket), dialect="duckdb")
    query = exp.replace_placeholders(sql.load("demand", {"lines": source.lines}), bucket=place)
    frame = fetch_frame(engine, query)
    starts = pd.Series(pd.to_datetime(buckets(period, bucket)).astype("datetime64[s]"))
    frame["bucket"] = starts.take(frame["bucket"].to_numpy("int64")).to_numpy()
    return frame


def variation(demand: pd.DataFrame, count: int, keys: Sequence[str] = CUSTOMER) -> pd.Series:
    """Return the coefficient of variation of each customer's demand in each channel over all ``count`` buckets.

    ``keys`` name whose demand it is instead; it has a row a bucket.

    s ÷ m with m = Σx ÷ N and s² = Σ(x − m)² ÷ (N − 1), where a bucket without a row is one without demand.

    >>> weeks = pd.DataFrame({"customer_id": "c", "channel": "web", "quantity": [2.0, 4.0]})
    >>> variation(weeks, 4).round(4).tolist()  # 2, 4, 0, 0
    [1.2766]
    """
    sizes = demand.groupby(list(keys))["quantity"].agg(["size", "sum", "mean", "var"])
    active, mean = sizes["size"], sizes["sum"] / count
    within = sizes["var"].fillna(0.0) * (active - 1)
    between = active * (sizes["mean"] - mean) ** 2 + (count - active) * mean**2
    return np.sqrt((within + between) / (count - 1)) / mean if count > 1 else mean * np.nan


def customer_demand(demand: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return table ``customer_demand``: how regular and how even each customer's demand is in each channel.

    Over all buckets N and those n with demand x > 0: the mean Σx ÷ N, the coefficient of variation over all buckets,
    ADI = N ÷ n, and CV² of the demands x themselves. The classes are those of A. A. Syntetos, J. E. Boylan and J. D.
    Croston, *On the categorization of demand patterns*, Journal of the Operational Research Society 56, 2005: cut at
    ADI 1.32 and CV² 0.49. One bucket with demand has no CV² and no class.
    """
    count = len(buckets(period))
    sizes = demand.groupby(CUSTOMER)["quantity"].agg(["size", "mean", "var"]).reset_index()
    active = sizes["size"]
    frame = sizes[CUSTOMER].assign(buckets=count, active_buckets=active, mean_quantity=sizes["mean"] * active / count)
    frame["variation"] = variation(demand, count).to_numpy()
    frame["demand_interval"] = count / active
    frame["squared_variation"] = sizes["var"] / sizes["mean"] ** 2
    frame["demand_class"] = np.select(
        [
            active < 2,
            (frame["demand_interval"] < LONGEST_INTERVAL) & (frame["squared_variation"] < LARGEST_VARIATION),
            frame["demand_interval"] < LONGEST_INTERVAL,
            frame["squared_variation"] < LARGEST_VARIATION,
        ],
        ["once", "smooth", "erratic", "intermittent"],
        "lumpy",
    )
    return frame
