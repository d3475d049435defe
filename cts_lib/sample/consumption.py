"""What each customer truly consumed in a month, at the planted unit times and before any rounding by a model."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cts_lib.sample.behaviours import CHANNELS, ORDER_METHODS
from cts_lib.sample.calendar import quarter_of
from cts_lib.sample.customers import Customers, Floats
from cts_lib.sample.events import EVENTS, EXPEDITE, SALES_VISIT, SERVICE_CALL
from cts_lib.sample.orders import OWN_FLEET, Orders
from cts_lib.sample.planted import COLLECTION_TERMS_DAYS, FINANCING_RATE, UNIT_TIMES, VISIT_RATE
from cts_lib.sample.products import Products
from cts_lib.sample.trade import Trade

COLUMNS = (
    "customer_service",
    "warehouse",
    "dispatch",
    "returns_dock",
    "billing",
    "kg_km",
    "drop",
    "chilled_m3",
    "key_account_sales",
    "orders",
    "freight",
    "outside_ledger",
    "net_sales",
    "gross_margin",
)
"""Minutes of the five time resources, then drivers, then money."""


def consumption(
    customers: Customers, products: Products, orders: Orders, trade: Trade, events: pa.Table, month: int
) -> Floats:
    """One row a customer, one column each of ``COLUMNS``."""
    size = len(customers.ids)

    def by_customer(customer: NDArray[np.int64], values: Floats) -> Floats:
        return np.bincount(customer, values, minlength=size).astype(np.float64)

    event_kind = pc.index_in(events["event"], pa.array(EVENTS)).to_numpy()
    event_customer = np.searchsorted(customers.ids, events["customer_id"].to_numpy(zero_copy_only=False).astype(str))
    amount = pc.fill_null(events["amount"], 0.0).to_numpy()
    calls, visits = ((event_kind == kind).astype(np.float64) for kind in (SERVICE_CALL, SALES_VISIT))
    new = (customers.first_month > 0) & (customers.first_month // 3 == quarter_of(month))
    shipped, packing, kg_km = _shipments(customers, orders, trade)
    chilled = trade.volume * products.chilled[trade.product]
    net = by_customer(trade.customer, trade.net)
    placed = by_customer(orders.customer, np.ones(len(orders.customer)))
    terms = customers.terms[trade.customer] / 365
    figures = {
        "customer_service": by_customer(orders.customer, _order_entry(orders, new))
        + by_customer(event_customer, calls * UNIT_TIMES["complaints"]["call"]),
        "warehouse": by_customer(trade.customer, _picking(products, trade)),
        "dispatch": by_customer(shipped, packing),
        "returns_dock": by_customer(orders.customer, _returns(orders, trade)),
        "billing": by_customer(orders.customer, _invoicing(orders))
        + placed * UNIT_TIMES["collection"]["order"] * (customers.terms > COLLECTION_TERMS_DAYS),
        "kg_km": by_customer(shipped, kg_km),
        "drop": by_customer(shipped, (kg_km > 0).astype(np.float64)),
        "chilled_m3": by_customer(trade.customer, chilled),
        "key_account_sales": np.where(customers.channel == CHANNELS.index("key account"), np.maximum(net, 0.0), 0.0),
        "orders": placed,
        "freight": by_customer(trade.customer, trade.freight),
        "outside_ledger": by_customer(event_customer, amount * (event_kind == EXPEDITE))
        + by_customer(event_customer, visits) * VISIT_RATE * customers.unit.exchange
        + by_customer(trade.customer, trade.net * terms) * FINANCING_RATE,
        "net_sales": net,
        "gross_margin": net - by_customer(trade.customer, trade.cogs),
    }
    return np.column_stack([figures[column] for column in COLUMNS])


def _order_entry(orders: Orders, new: NDArray[np.bool_]) -> Floats:
    times = UNIT_TIMES["order_entry"]
    by_method = np.array([times.get(method, 0.0) for method in ORDER_METHODS])
    minutes: Floats = (
        times["order"]
        + times["line"] * orders.lines
        + times["rush"] * orders.rush
        + times["new_customer"] * new[orders.customer]
        + by_method[orders.method]
    )
    return minutes


def _picking(products: Products, trade: Trade) -> Floats:
    times = UNIT_TIMES["picking"]
    each = times["line"] + times["fragile"] * products.fragile + times["bulky"] * products.bulky
    minutes: Floats = (each[trade.product] + times["unit"] * trade.quantity) * (trade.quantity > 0)
    return minutes


def _shipments(customers: Customers, orders: Orders, trade: Trade) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Customer, packing minutes and kg·km on own trucks of each shipment."""
    _, first, shipment = np.unique(trade.parcel, return_index=True, return_inverse=True)
    order = trade.order[first]
    weight = np.bincount(shipment, trade.weight)
    times = UNIT_TIMES["packing"]
    packing = (
        times["shipment"]
        + times["line"] * np.bincount(shipment)
        + times["kg"] * weight
        + times["rush"] * orders.rush[order]
    ) * ~orders.returned[order]
    kg_km = weight * customers.distance[orders.customer[order]] * (orders.mode[order] == OWN_FLEET)
    return orders.customer[order], packing, kg_km


def _returns(orders: Orders, trade: Trade) -> Floats:
    times = UNIT_TIMES["returns"]
    back = np.where(trade.quantity < 0, -trade.quantity, trade.returned_quantity)
    units = np.bincount(trade.order, back, minlength=len(orders.lines))
    return (times["order"] + times["line"] * orders.lines * orders.returned + times["unit"] * units) * (units > 0)


def _invoicing(orders: Orders) -> Floats:
    times = UNIT_TIMES["invoicing"]
    edi = orders.method == ORDER_METHODS.index("edi")
    minutes: Floats = np.where(edi, times["edi"], times["other"]) + times["line"] * orders.lines
    return minutes
