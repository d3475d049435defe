"""Workbooks whose lines come from a chain with days that is known: worked off, stocked and written down by hand."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from small_workbook import booked, line, make_workbook

FIRST, DAYS, BEFORE = date(2026, 1, 1), 90, 60
DAILY_MINUTES, MINUTES = 150, 10
WEEKDAYS = sum((FIRST + timedelta(day)).weekday() < 5 for day in range(DAYS))
WEEKS = 13 * 7
LEAD, QUANTITY, REORDER = 6, 60, 34
COUNT = 150
CUSTOMERS = [{"customer_id": f"c{at}", "name": f"C{at}", "channel": "direct"} for at in range(COUNT)]
PRODUCTS = [{"product_id": f"p{at}", "name": f"P{at}", "family": "goods"} for at in range(12)]
FREE = {
    "resources": {"desk": {}},
    "activities": {"entry": {"resource": "desk", "per": "order", "driver": "1"}},
}
"""A cost model whose work takes no time."""
Row = dict[str, Any]


def orders(seed: int, daily: float, weekend: bool = False) -> list[Row]:
    """Return one-line orders of some days before the quarter and of it: number, day, customer, product, units."""
    random, found = np.random.default_rng(seed), list[Row]()
    for day in range(-BEFORE, DAYS):
        if weekend or (FIRST + timedelta(day)).weekday() < 5:
            for _ in range(random.poisson(daily)):
                customer, product, units = random.integers([COUNT, 12, 4])
                found.append({"day": day, "customer": customer, "product": product, "units": int(units) + 1})
    return found


def worked_off(given: Sequence[Row], daily: float = DAILY_MINUTES) -> list[int]:
    """Return the days that each order waits for the desk: first in, first out, on weekdays."""
    done, queue, at = [0] * len(given), deque[list[float]](), 0
    for day in range(-BEFORE, DAYS + 60):
        while at < len(given) and given[at]["day"] == day:
            queue.append([at, MINUTES])
            at += 1
        left = daily if (FIRST + timedelta(day)).weekday() < 5 else 0
        while queue and left > 0:
            part = min(left, queue[0][1])
            queue[0][1] -= part
            left -= part
            if queue[0][1] == 0:
                number = int(queue.popleft()[0])
                done[number] = day - given[number]["day"]
    return done


def sold(given: Sequence[Row], to_the_top: bool) -> list[int]:
    """Return the units that each order gets from stock that is replenished in lots, or up to the top.

    What is not there is lost.
    """
    here, coming = [REORDER + QUANTITY // 2 + at * 2 for at in range(12)], [deque[tuple[int, int]]() for _ in range(12)]
    filled, at = [0] * len(given), 0
    for day in range(-BEFORE, DAYS):
        for product in range(12):
            while coming[product] and coming[product][0][0] == day:
                here[product] += coming[product].popleft()[1]
        while at < len(given) and given[at]["day"] == day:
            product = given[at]["product"]
            filled[at] = min(given[at]["units"], here[product])
            here[product] -= filled[at]
            at += 1
        for product in range(12):
            position = here[product] + sum(units for _, units in coming[product])
            if position <= REORDER:
                lot = REORDER + QUANTITY - position if to_the_top else QUANTITY
                coming[product].append((day + LEAD, lot))
    return filled


def desk(folder: Path, **sections: Any) -> Path:
    """Write a workbook whose orders wait for a desk alone."""
    given = orders(11, 12.6)
    lines = [
        written(at, order, wait=wait) for at, (order, wait) in enumerate(zip(given, worked_off(given), strict=True))
    ]
    capacity = DAILY_MINUTES * WEEKDAYS
    model = {
        "resources": {"desk": {"capacity_minutes": capacity}},
        "activities": {"entry": {"resource": "desk", "per": "order", "minutes": str(MINUTES)}},
    }
    return workbook(folder, given, lines, model, **sections)


def two_quarters(folder: Path, newest: float = DAILY_MINUTES) -> Path:
    """Write a workbook of two quarters of orders that wait for a desk, which works ``newest`` a day in the second."""
    model = {
        "resources": {"desk": {"capacity_minutes": DAILY_MINUTES * WEEKDAYS}},
        "activities": {"entry": {"resource": "desk", "per": "order", "minutes": str(MINUTES)}},
    }
    given, lines = list[Row](), list[Row]()
    for seed, earlier, daily in ((12, WEEKS, DAILY_MINUTES), (11, 0, newest)):
        some = orders(seed, 12.6)
        for at, (order, wait) in enumerate(zip(some, worked_off(some, daily), strict=True)):
            given.append(order)
            lines.append(written(at, order | {"day": order["day"] - earlier}, wait=wait, order_id=f"{seed}/{at}"))
    ledger = [booked("desk", 9000), booked("desk", 9000, "2025-Q4")]
    return workbook(folder, given, lines, model, ledger=ledger)


def counter(folder: Path, **sections: Any) -> Path:
    """Write a workbook of few large orders that left on the day they came, and were booked 13 weeks later."""
    given = [order for order in orders(7, 2.1) if order["day"] >= 0]
    lines = list[Row]()
    for at, order in enumerate(given):
        came = FIRST + timedelta(order["day"] - 91)
        dates = {"order_date": came, "shipped_date": came, "delivered_date": came + timedelta(1)}
        dates |= {"promised_date": dates["delivered_date"], "posting_date": FIRST + timedelta(order["day"])}
        lines.append(written(at, order) | {name: day.isoformat() for name, day in dates.items()})
    model = {
        "resources": {"desk": {"capacity_minutes": DAILY_MINUTES * WEEKDAYS}},
        "activities": {"entry": {"resource": "desk", "per": "order", "minutes": "60"}},
    }
    return workbook(folder, given, lines, model, **sections)


def dock(folder: Path, limit: int = DAILY_MINUTES // MINUTES, **sections: Any) -> Path:
    """Write a workbook whose orders wait to be picked; ``limit`` is what its table says of the warehouse."""
    given = orders(11, 12.6)
    lines = [
        written(at, order, wait=wait, warehouse="A")
        for at, (order, wait) in enumerate(zip(given, worked_off(given), strict=True))
    ]
    nodes = [{"business_unit": "north", "warehouse": "A", "capacity_lines_per_day": limit}]
    return workbook(folder, given, lines, FREE, nodes=nodes, **sections)


def shelf(folder: Path, lead: int = LEAD, to_the_top: bool = False, **sections: Any) -> Path:
    """Write a workbook whose orders are served from stock alone; ``lead`` is what its rules say of the lead time."""
    given = orders(5, 24, weekend=True)
    lines = [
        written(at, order, got=got, warehouse="A")
        for at, (order, got) in enumerate(zip(given, sold(given, to_the_top), strict=True))
    ]
    reached = {"order_up_to": REORDER + QUANTITY} if to_the_top else {"order_quantity": QUANTITY}
    rules = [
        {
            "business_unit": "north",
            "product_id": f"p{at}",
            "warehouse": "A",
            "lead_time_days": lead,
            "reorder_point": REORDER,
            **reached,
        }
        for at in range(12)
    ]
    return workbook(folder, given, lines, FREE, replenishment=rules, **sections)


def drawer(folder: Path, **sections: Any) -> Path:
    """Write a workbook whose few orders of each product never waited for stock, though its rules keep next to none."""
    given = orders(5, 0.4, weekend=True)
    lines = [written(at, order, warehouse="A", net_sales=50 + at) for at, order in enumerate(given)]
    rules = [
        {"business_unit": "north", "product_id": f"p{at}", "warehouse": "A", "lead_time_days": LEAD}
        | {"reorder_point": 1, "order_quantity": 1}
        for at in range(12)
    ]
    return workbook(folder, given, lines, FREE, replenishment=rules, **sections)


def written(at: int, order: Row, wait: int = 0, got: int | None = None, **more: Any) -> Row:
    """Return the line of an order that left after some days and was promised for the next."""
    ordered = FIRST + timedelta(order["day"])
    return line(
        more.pop("order_id", f"o{at}"),
        customer_id=f"c{order['customer']}",
        product_id=f"p{order['product']}",
        order_date=ordered.isoformat(),
        shipped_date=(ordered + timedelta(wait)).isoformat(),
        delivered_date=(ordered + timedelta(wait + 1)).isoformat(),
        promised_date=(ordered + timedelta(2)).isoformat(),
        quantity=order["units"],
        delivered_quantity=order["units"] if got is None else got,
        **more,
    )


def workbook(folder: Path, given: Sequence[Row], lines: Sequence[Row], model: Any, **sections: Any) -> Path:
    kept = [row for order, row in zip(given, lines, strict=True) if order["day"] >= 0]
    evaluation = {"replications": 20, "scenarios": {}} | sections.pop("evaluation", {})
    return make_workbook(
        folder,
        kept,
        model,
        customers=CUSTOMERS,
        products=PRODUCTS,
        ledger=sections.pop("ledger", [booked("desk", 9000)]),
        evaluation=evaluation | {"horizon": "mean"},
        **sections,
    )
