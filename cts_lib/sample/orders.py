"""Who orders when: the orders of one unit and month, one array entry an order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cts_lib.sample.behaviours import BEHAVIOURS, CHANNELS, ORDER_METHODS
from cts_lib.sample.calendar import MONTHS, last_day, working_days
from cts_lib.sample.customers import Conduct, Customers, Floats, Integers

OWN_FLEET, GROUPAGE, PARCEL, EXPRESS = range(4)
SHIP_MODES = ("own fleet", "groupage", "parcel", "express")
_METHOD_ODDS = np.array([behaviour.methods for behaviour in BEHAVIOURS]).cumsum(axis=1)
_FLEET = np.array([behaviour.fleet for behaviour in BEHAVIOURS])
_CONSOLIDATED = np.array([behaviour.consolidated for behaviour in BEHAVIOURS])
_GROUPAGE_FROM_UNITS = 60.0
_RETURNED_LINES = 0.7
"""Lines of a return relative to the customer's orders."""
_LONGEST_WAIT_DAYS = 4
_SPLIT_SHARE = 0.10
_LATE_SHARE = 0.11
_EARLY_SHARE = 0.22


@dataclass(frozen=True)
class Orders:
    """Orders of a unit's month in the order they came in; days count from 1970-01-01.

    ``shipment`` is the place of the order whose shipment carries this one; ``split`` orders leave in two.
    """

    customer: Integers
    lines: Integers
    order_day: Integers
    posting_day: Integers
    promised_day: Integers
    shipped_day: Integers
    delivered_day: Integers
    channel: Integers
    method: Integers
    mode: Integers
    shipment: Integers
    rush: NDArray[np.bool_]
    returned: NDArray[np.bool_]
    split: NDArray[np.bool_]


def draw_orders(
    customers: Customers, conduct: Conduct, month: int, quota: int, progress: Floats, rng: np.random.Generator
) -> Orders:
    """Draw the orders of a month, with exactly ``quota`` lines between them.

    ``progress`` holds how many orders each customer has come to so far, fractions included; it is moved on, so
    that customers order in a steady rhythm from month to month.
    """
    earlier = np.floor(progress).astype(np.int64)
    customer = _rhythm(conduct, progress, quota, rng)
    turn = earlier[customer] + _turn_in_month(customer)
    returned = _every_so_often(turn, conduct.returns[customer], customer, 0.618)
    mean_lines = conduct.lines[customer] * np.where(returned, _RETURNED_LINES, 1.0)
    lines = _fit(1 + rng.poisson(np.maximum(mean_lines - 1, 0.0)), quota, rng)
    days = working_days(month)
    day = np.sort(rng.choice(days, len(customer)))
    posting = np.minimum(day + rng.integers(0, 3, len(day)), last_day(month))
    if month == len(MONTHS) - 1:
        day[-1] = posting[-1] = last_day(month)
    segment = conduct.segment[customer]
    rush = _every_so_often(turn, conduct.rush[customer], customer, 0.755) & ~returned
    method = (rng.random((len(day), 1)) >= _METHOD_ODDS[segment]).sum(axis=1).clip(max=len(ORDER_METHODS) - 1)
    channel = np.where(
        customers.second_channel[customer] & (rng.random(len(day)) < 0.35),
        CHANNELS.index("e-commerce"),
        customers.channel[customer],
    )
    waiting = rng.random(len(day)) < _CONSOLIDATED[segment]
    shipment = _consolidate(customer, channel, day, waiting, ~rush & ~returned)
    alone = np.bincount(shipment, minlength=len(day))[shipment] == 1
    split = (rng.random(len(day)) < _SPLIT_SHARE) & (lines > 1) & ~returned & alone
    large = conduct.quantity[customer] * lines > _GROUPAGE_FROM_UNITS
    mode = np.select([rush, rng.random(len(day)) < _FLEET[segment], large], [EXPRESS, OWN_FLEET, GROUPAGE], PARCEL)[
        shipment
    ]
    promised = (day + np.where(rush, 1, customers.lead_time[customer]))[shipment]
    chance = rng.random(len(day))
    delay = np.select([chance < _LATE_SHARE, chance > 1 - _EARLY_SHARE], [1 + rng.geometric(0.45, len(day)), -1], 0)
    delivered = np.maximum(promised + delay, day + 1)[shipment]
    shipped = np.maximum(delivered - np.where(mode == GROUPAGE, 2, 1), day)
    return Orders(
        customer,
        lines,
        day,
        posting,
        promised,
        shipped,
        delivered,
        channel,
        method,
        mode,
        shipment,
        rush,
        returned,
        split,
    )


def _rhythm(conduct: Conduct, progress: Floats, quota: int, rng: np.random.Generator) -> Integers:
    before = np.floor(progress)
    progress += conduct.orders
    customer = np.repeat(np.arange(len(progress)), (np.floor(progress) - before).astype(np.int64))
    if quota and not len(customer):
        customer = np.array([int(conduct.orders.argmax())])
    return rng.permutation(customer)[:quota]


def _fit(lines: Integers, quota: int, rng: np.random.Generator) -> Integers:
    """Take lines from or add lines to random orders until there are ``quota``; no order is left without a line."""
    order = np.arange(len(lines))
    excess = int(lines.sum()) - quota
    if excess > 0:
        return lines - np.bincount(rng.choice(np.repeat(order, lines - 1), excess, replace=False), minlength=len(lines))
    if excess < 0:
        return lines + np.bincount(rng.choice(np.repeat(order, lines), -excess), minlength=len(lines))
    return lines


def _turn_in_month(customer: Integers) -> Integers:
    """For each order how many the same customer placed before it in the month."""
    by_customer = np.argsort(customer, kind="stable")
    grouped = customer[by_customer]
    turn = np.empty_like(customer)
    turn[by_customer] = np.arange(len(customer)) - np.searchsorted(grouped, grouped)
    return turn


def _every_so_often(turn: Integers, share: Floats, customer: Integers, step: float) -> NDArray[np.bool_]:
    """Pick a share of each customer's orders, evenly over its turns; customers start ``step`` apart."""
    start = customer * step % 1
    picked: NDArray[np.bool_] = np.floor((turn + 1) * share + start) > np.floor(turn * share + start)
    return picked


def _consolidate(
    customer: Integers, channel: Integers, day: Integers, waiting: NDArray[np.bool_], eligible: NDArray[np.bool_]
) -> Integers:
    """For each order the one whose shipment carries it: itself, or for a waiting one the customer's next."""
    chosen = np.flatnonzero(eligible)
    chosen = chosen[np.lexsort((day[chosen], channel[chosen], customer[chosen]))]
    following = chosen[1:]
    joins = np.zeros(len(chosen), bool)
    joins[:-1] = (
        waiting[chosen[:-1]]
        & (customer[following] == customer[chosen[:-1]])
        & (channel[following] == channel[chosen[:-1]])
        & (day[following] - day[chosen[:-1]] <= _LONGEST_WAIT_DAYS)
    )
    leaders = np.flatnonzero(~joins)
    shipment = np.arange(len(customer))
    shipment[chosen] = chosen[leaders[np.searchsorted(leaders, np.arange(len(chosen)))]]
    return shipment
