"""What customers consume outside orders: sales visits, service calls, paid expediting."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from cts_lib.sample.behaviours import BEHAVIOURS
from cts_lib.sample.calendar import working_days
from cts_lib.sample.customers import Conduct, Customers
from cts_lib.sample.orders import Orders
from cts_lib.sample.planted import SPREAD_OF_MINUTES, UNIT_TIMES
from cts_lib.sample.trade import Trade

SALES_VISIT, SERVICE_CALL, EXPEDITE = range(3)
EVENTS = ("sales_visit", "service_call", "expedite")
_CALLS = np.array([behaviour.calls for behaviour in BEHAVIOURS])
_VISITS = np.array([behaviour.visits for behaviour in BEHAVIOURS])
_CALL_WHEN_LATE = 0.12
_CALL_WHEN_INCOMPLETE = 0.10
_CALL_WHEN_RETURNED = 0.20
_EXPEDITED_RUSH = 0.25


def draw_events(
    customers: Customers, conduct: Conduct, orders: Orders, trade: Trade, month: int, rng: np.random.Generator
) -> pa.Table:
    """Draw the month's events. Calls follow late, incomplete and returned orders; visits follow the sales plan."""
    count = len(orders.customer)
    short = np.bincount(trade.order, trade.delivered_quantity < trade.quantity, minlength=count) > 0
    late = orders.delivered_day > orders.promised_day
    chance = (
        _CALLS[conduct.segment[orders.customer]]
        + _CALL_WHEN_LATE * late
        + _CALL_WHEN_INCOMPLETE * short
        + _CALL_WHEN_RETURNED * orders.returned
    )
    called = np.flatnonzero(rng.random(count) < chance)
    expedited = np.flatnonzero(orders.rush & (rng.random(count) < _EXPEDITED_RUSH))
    planned = _VISITS[conduct.segment] * customers.pace * (conduct.orders > 0)
    visited = np.repeat(np.arange(len(planned)), rng.poisson(planned))
    customer = np.concatenate([visited, orders.customer[called], orders.customer[expedited]])
    kind = np.repeat([SALES_VISIT, SERVICE_CALL, EXPEDITE], [len(visited), len(called), len(expedited)])
    day = np.concatenate(
        [rng.choice(working_days(month), len(visited)), orders.posting_day[called], orders.posting_day[expedited]]
    )
    size = len(kind)
    mean = np.select([kind == SALES_VISIT, kind == SERVICE_CALL], [150.0, UNIT_TIMES["complaints"]["call"]], 0.0)
    minutes = mean * rng.lognormal(-(SPREAD_OF_MINUTES**2) / 2, SPREAD_OF_MINUTES, size)
    amount = (rng.uniform(36, 100, size) * customers.unit.exchange).round(2)
    return pa.table(
        {
            "business_unit": pa.array([customers.unit.name] * size, pa.string()),
            "customer_id": pa.array(customers.ids[customer]),
            "event_date": pa.array(day.astype(np.int32)).cast(pa.date32()),
            "event": pa.array(np.array(EVENTS)[kind]),
            "quantity": pa.array(np.ones(size, np.int64)),
            "minutes": pa.array(minutes.round(1), mask=kind == EXPEDITE),
            "amount": pa.array(amount, mask=kind != EXPEDITE),
        }
    )
