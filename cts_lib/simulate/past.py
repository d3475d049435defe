"""What each customer ordered on each day of the past, what that cost at today's prices and how it was served."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from cts_lib.costing.rates import price
from cts_lib.cube.cube import build_cube
from cts_lib.customers.sums import build_customer_sums
from cts_lib.engine import Engine
from cts_lib.model.compiled import CompiledActivity
from cts_lib.model.drivers import Transactions, finish
from cts_lib.names import CUSTOMER
from cts_lib.params.on_time import OnTime
from cts_lib.params.period import Period

_DAY = "CAST(DATE_DIFF('day', DATE '1970-01-01', {date}) AS BIGINT) AS day"
SUMS = (
    *("net_sales", "cogs", "cost_to_serve", "lead_days", "lead_lines", "promised_lines", "on_time_lines"),
    *("counted_lines", "full_lines"),
)
"""What is kept of a day."""
_OF_ORDERS = ("line", "order", "shipment")


def days_of_the_past(
    engine: Engine,
    activities: Sequence[CompiledActivity],
    rates: pd.DataFrame,
    filled: Collection[str],
    electronic_methods: Sequence[str],
    on_time: OnTime,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the days with orders and those with events, of the lines and events that the engine holds.

    Columns of both: customer_id, channel, day (from 1970-01-01), cost_to_serve; of orders also the other
    `SUMS`. Cost that a customer has by itself, without an order or event, is of no day and left out.
    """
    engine.create("days_lines", f"SELECT lines.*, {_DAY.format(date='posting_date')} FROM lines", view=True)
    engine.create("days_events", f"SELECT events.*, {_DAY.format(date='event_date')} FROM events", view=True)
    source = finish(engine, Transactions("days_lines", "days_events", ("day",)))
    daily = [each for each in activities if each.grain.name != "customer"]
    keys = [*CUSTOMER, "day"]
    costs = price(build_cube(engine, daily, source), rates)[[*keys, "activity", "cost"]]
    of_orders = {each.name for each in daily if each.grain.name in _OF_ORDERS}
    is_order = costs["activity"].isin(of_orders)
    spent, events = (_spent(costs[part], keys) for part in (is_order, ~is_order))
    del costs
    sums = build_customer_sums(engine, electronic_methods, on_time, filled, source).astype(
        dict.fromkeys(CUSTOMER, "str")
    )
    orders = sums.merge(spent, on=keys, how="left", validate="one_to_one").fillna({"cost_to_serve": 0.0})
    for relation in source.finished.values():
        engine.forget(relation)
    return orders[[*keys, *SUMS]], events


def _spent(costs: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return the cost of each customer, channel and day, in their order."""
    sums = costs.groupby(keys, observed=True)["cost"].sum().rename("cost_to_serve").reset_index()
    return sums.astype(dict.fromkeys(CUSTOMER, "str")).sort_values(keys, ignore_index=True)


def with_period(days: pd.DataFrame, like: Period) -> pd.DataFrame:
    """Return the days with the period of each, an ordered category, as long as another and of its calendar."""
    codes, found = pd.factorize(days["day"])
    fiscal = like.calendar if like.is_fiscal else None
    dates = [each.date() for each in pd.to_datetime(found, unit="D", origin="unix")]
    periods = [Period.containing(each, like.months, fiscal).under(like.calendar) for each in dates]
    known = pd.Index(sorted(set(periods)), dtype="object")
    place = known.get_indexer(pd.Index(periods, dtype="object"))
    return days.assign(period=pd.Categorical.from_codes(place[codes], dtype=pd.CategoricalDtype(known, ordered=True)))


def earlier(days: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return the days of the periods before one; where they stand first, nothing is copied."""
    column = days["period"].cat
    is_before = column.codes.to_numpy() < bisect_left(list(column.categories), period)
    count = int(is_before.sum())
    return days.iloc[:count] if is_before[:count].all() else days[is_before]


def compact(days: pd.DataFrame) -> pd.DataFrame:
    """Return the days with customers and channels as categories: years of days are millions; see `named`."""
    return days.assign(day=days["day"].astype("int32"), **{name: days[name].astype("category") for name in CUSTOMER})


def named(days: pd.DataFrame) -> pd.DataFrame:
    """Return days with the names of customers and channels as text."""
    return days.astype(dict.fromkeys(CUSTOMER, "str"))


def together(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Put compact days of several periods below each other, column by column, so that they are never held twice.

    The parts are emptied.
    """
    names, columns = list(parts[0]), []
    while parts:
        part = parts.pop(0)
        columns.append({name: part[name].copy() for name in names})
    for name in ("period", *CUSTOMER):
        known = sorted({value for each in columns for value in each[name].cat.categories})
        for each in columns:
            each[name] = each[name].cat.set_categories(known, ordered=name == "period")
    whole = {name: pd.concat([each.pop(name) for each in columns], ignore_index=True) for name in names}
    return pd.DataFrame(whole, copy=False)


def bounds(period: Period) -> tuple[int, int]:
    """Return the first day of a period and the first after it, counted from 1970-01-01."""
    return _day(period.start), _day(period.end)


def _day(day: object) -> int:
    return int(np.datetime64(str(day), "D").astype("int64"))
