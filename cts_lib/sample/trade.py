"""What is on each order: the lines of one unit and month with their money, quantities, freight and dates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cts_lib.sample.behaviours import CHANNELS, ORDER_METHODS
from cts_lib.sample.calendar import inflation
from cts_lib.sample.customers import Conduct, Customers, Floats, Integers
from cts_lib.sample.orders import EXPRESS, GROUPAGE, PARCEL, SHIP_MODES, Orders
from cts_lib.sample.products import Products

_INCOMPLETE_SHARE = 0.05
_UNDELIVERED_SHARE = 0.006
_EXCHANGED_SHARE = 0.012
_RETURNED_PART = 0.35
FREIGHT_BASE = {GROUPAGE: 42.0, PARCEL: 16.0, EXPRESS: 34.0}
FREIGHT_PER_KG = {GROUPAGE: 0.05, PARCEL: 0.10, EXPRESS: 0.16}
FREIGHT_PER_KG_KM = {GROUPAGE: 0.00028, PARCEL: 0.0003, EXPRESS: 0.0006}
ORDERS_PER_MONTH = 10_000_000
"""Order numbers a month may use up; the month's own are counted on from its place times this."""


@dataclass(frozen=True)
class Trade:
    """Lines of a unit's month, one array entry a line; ``order`` and ``parcel`` are places of order and shipment.

    A split order's second half is another shipment: ``parcel`` is twice the carrying order's place, plus one for it.
    """

    order: Integers
    customer: Integers
    product: Integers
    line_no: Integers
    quantity: Integers
    gross: Floats
    net: Floats
    cogs: Floats
    parcel: Integers
    weight: Floats
    volume: Floats
    freight: Floats
    delivered_quantity: Integers
    returned_quantity: Integers
    undelivered: NDArray[np.bool_]


def draw_trade(
    customers: Customers, products: Products, conduct: Conduct, orders: Orders, month: int, rng: np.random.Generator
) -> Trade:
    """Draw the lines of the month's orders. Money is rounded to cents."""
    order = np.repeat(np.arange(len(orders.lines)), orders.lines)
    count = len(order)
    customer = orders.customer[order]
    line_no = np.arange(count) - np.repeat(orders.lines.cumsum() - orders.lines, orders.lines) + 1
    product = np.searchsorted(products.popularity.cumsum()[:-1], rng.random(count), side="right")
    returned = orders.returned[order]
    mean = conduct.quantity[customer] * np.where(returned, _RETURNED_PART, 1.0)
    quantity = np.maximum(1, np.rint(mean * rng.lognormal(-0.06, 0.35, count))).astype(np.int64)
    pieces = quantity
    quantity = np.where(returned, -quantity, quantity)
    price_level = inflation(month)
    gross = (quantity * products.price[product] * price_level).round(2)
    discount = conduct.discount[customer] * rng.uniform(0.8, 1.2, count)
    net = (gross * (1 - discount)).round(2)
    cogs = (quantity * products.cost[product] * price_level).round(2)
    weight = (pieces * products.weight[product]).round(3)
    second_half = orders.split[order] & (line_no > orders.lines[order] // 2)
    parcel = orders.shipment[order] * 2 + second_half
    incomplete = (rng.random(count) < _INCOMPLETE_SHARE) & ~returned
    delivered_quantity = np.where(incomplete, (quantity * rng.uniform(0.4, 0.95, count)).astype(np.int64), quantity)
    exchanged = (rng.random(count) < _EXCHANGED_SHARE) & ~returned
    returned_quantity = np.where(exchanged, np.maximum(1, quantity // 5), 0)
    freight = _freight(orders.mode[order], customers.distance[customer], parcel, weight) * customers.unit.exchange
    return Trade(
        order,
        customer,
        product,
        line_no,
        quantity,
        gross,
        net,
        cogs,
        parcel,
        weight,
        (pieces * products.volume[product]).round(5),
        (freight * price_level).round(2),
        delivered_quantity,
        returned_quantity,
        (rng.random(count) < _UNDELIVERED_SHARE) | returned,
    )


def _freight(mode: Integers, distance: Floats, parcel: Integers, weight: Floats) -> Floats:
    """The carrier's bill of each shipment, shared among its lines by weight; own trucks send no bill."""
    total = np.bincount(parcel, weight)[parcel]
    bill = np.zeros(len(mode))
    for carrier, base in FREIGHT_BASE.items():
        carried = mode == carrier
        per_kg = FREIGHT_PER_KG[carrier] + FREIGHT_PER_KG_KM[carrier] * distance[carried]
        bill[carried] = base + per_kg * total[carried]
    return bill * weight / total


def order_lines(customers: Customers, products: Products, orders: Orders, trade: Trade, month: int) -> pa.Table:
    """The month's lines as the canonical table; ``order_date`` and ``quantity`` are text, as extracts often are."""
    unit, order = customers.unit, trade.order
    count = len(order)
    numbers = month * ORDERS_PER_MONTH + np.arange(len(orders.customer))
    parcels, parcel = np.unique(trade.parcel, return_inverse=True)
    shipped = orders.shipped_day[order]
    # The second half of a split order follows two days later.
    delivered = orders.delivered_day[order] + 2 * (trade.parcel % 2)
    returned = orders.returned[order]
    return pa.table(
        {
            "business_unit": _text(np.array([unit.name]), np.zeros(count, np.int64)),
            "order_id": _numbered(f"{unit.prefix}-", numbers).take(pa.array(order)),
            "line_no": pa.array(trade.line_no.astype(np.int32)),
            "customer_id": _text(customers.ids, trade.customer),
            "product_id": _text(products.ids, trade.product),
            "order_date": _day_text(orders.order_day).take(pa.array(order)),
            "posting_date": _dates(orders.posting_day[order]),
            "quantity": pa.array(trade.quantity).cast(pa.string()),
            "gross_sales": pa.array(trade.gross),
            "net_sales": pa.array(trade.net),
            "cogs": pa.array(trade.cogs),
            "channel": _text(np.array(CHANNELS), orders.channel[order]),
            "order_method": _text(np.array(ORDER_METHODS), orders.method[order]),
            "priority": _text(np.array(["standard", "rush"]), orders.rush[order].astype(np.int64)),
            "promised_date": _dates(orders.promised_day[order], returned),
            "shipped_date": _dates(shipped + 2 * (trade.parcel % 2), returned),
            "delivered_date": _dates(delivered, trade.undelivered),
            "delivered_quantity": pa.array(trade.delivered_quantity, mask=trade.undelivered),
            "returned_quantity": pa.array(trade.returned_quantity, mask=trade.returned_quantity == 0),
            "shipment_id": _numbered(f"{unit.prefix}S", 2 * month * ORDERS_PER_MONTH + parcels).take(pa.array(parcel)),
            "ship_mode": _text(np.array(SHIP_MODES), orders.mode[order]),
            "warehouse": _text(
                np.array([unit.places[which][0] for which in unit.warehouses]), customers.warehouse[trade.customer]
            ),
            "distance_km": pa.array(customers.distance[trade.customer]),
            "weight_kg": pa.array(trade.weight),
            "volume_m3": pa.array(trade.volume),
            "freight_cost": pa.array(trade.freight),
        }
    )


def _text(values: NDArray[np.str_], places: Integers) -> pa.Array:
    return pa.array(values).take(pa.array(places))


def _numbered(prefix: str, numbers: Integers) -> pa.Array:
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), 9, "0")
    return pc.binary_join_element_wise(prefix, digits, "")


def _dates(days: Integers, missing: NDArray[np.bool_] | None = None) -> pa.Array:
    return pa.array(days.astype(np.int32), mask=missing).cast(pa.date32())


def _day_text(days: Integers) -> pa.Array:
    return _dates(days).cast(pa.string())
