"""Refuses what no chain with days can be given: shapes that do not fit, and figures that mean nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cts_lib.errors import CtsError, DataError, Problems
from cts_lib.simulate.chain import Arrivals, Chain, Floats, Nodes, Resources, Stock


def check(arrivals: Arrivals, chain: Chain) -> None:
    """Raise ValueError where arrays do not fit together, else DataError (several: Problems) by name."""
    _check_shapes(arrivals, chain)
    _check_order(arrivals, len(chain.resources.capacity), len(chain.nodes.names))
    problems: list[CtsError] = [
        *_of_arrivals(arrivals, chain),
        *_of_resources(arrivals, chain.resources),
        *_of_nodes(arrivals, chain.nodes),
        *_of_stock(chain.stock),
    ]
    if problems:
        raise Problems(problems) if len(problems) > 1 else problems[0]


def _check_shapes(arrivals: Arrivals, chain: Chain) -> None:
    resources, nodes, stock = chain.resources, chain.nodes, chain.stock
    lines, days, replications = len(arrivals.day), len(resources.capacity), len(arrivals.starts) - 1
    orders = int(arrivals.order[-1]) + 1 if lines else 0
    of_lines = {name: getattr(arrivals, name) for name in ("order", "stream", "node", "quantity")}
    if arrivals.due is not None:
        of_lines["due"] = arrivals.due
    of_streams = {name: value for name, value in vars(stock).items() if name != "names"}
    wanted: list[tuple[str, NDArray[Any], tuple[int, ...]]] = [
        *((name, array, (lines,)) for name, array in of_lines.items()),
        ("minutes", arrivals.minutes, (orders, len(resources.names))),
        ("lead_days", arrivals.lead_days, (replications, days, len(stock.names))),
        ("capacity", resources.capacity, (days, len(resources.names))),
        ("overtime", resources.overtime, (len(resources.names),)),
        ("order_share", resources.order_share, (len(resources.names),)),
        ("picks", nodes.picks, (days, len(nodes.names))),
        *((name, array, (len(stock.names),)) for name, array in of_streams.items()),
    ]
    for name, array, shape in wanted:
        if array.shape != shape:
            raise ValueError(f"{name} is {array.shape}; {shape} is right")
    if arrivals.starts[0] != 0 or arrivals.starts[-1] != lines or (np.diff(arrivals.starts) < 0).any():
        raise ValueError(f"starts is {arrivals.starts}; it has to rise from 0 to {lines}")


def _check_order(arrivals: Arrivals, days: int, nodes: int) -> None:
    """Hold days and orders to the order of arrival, which the loops rely on."""
    if not len(arrivals.day):
        return
    first = np.zeros(len(arrivals.day), bool)
    first[arrivals.starts[:-1][np.diff(arrivals.starts) > 0]] = True
    step, later = np.diff(arrivals.order, prepend=-1), np.diff(arrivals.day, prepend=0)
    if not (np.isin(step, (0, 1)).all() and (step[first] == 1).all()):
        raise ValueError("order has to count up from 0, without a gap, and anew where a replication begins")
    if (later[~first] < 0).any() or (later[(step == 0)] != 0).any():
        raise ValueError("day has to rise within a replication, and be one for all lines of an order")
    for name, array, lowest, count in (
        ("day", arrivals.day, 0, days),
        ("stream", arrivals.stream, -1, arrivals.lead_days.shape[2]),
        ("node", arrivals.node, -1, nodes),
    ):
        if array.min() < lowest or array.max() >= count:
            raise ValueError(f"{name} goes from {array.min()} to {array.max()}; from {lowest} to {count - 1} is right")


def _of_arrivals(arrivals: Arrivals, chain: Chain) -> Iterator[DataError]:
    resources, streams = chain.resources.names, chain.stock.names
    for (line,) in _some(~_is_number(arrivals.quantity) | (arrivals.quantity == 0)):
        yield DataError(f"line {line}", f"quantity {arrivals.quantity[line]:g}", "above 0 is right")
    for order, place in _some(~_is_number(arrivals.minutes)):
        minutes = arrivals.minutes[order, place]
        yield DataError(f"resource {resources[place]}, order {order}", f"{minutes:g} minutes", "0 or more is right")
    for one, day, place in _some(arrivals.lead_days < 0):
        lead = arrivals.lead_days[one, day, place]
        yield DataError(f"stream {streams[place]}, day {day}", f"a lead time of {lead} days", "0 or more is right")


def _of_resources(arrivals: Arrivals, resources: Resources) -> Iterator[DataError]:
    work = arrivals.minutes.sum(axis=0)
    for place, name in enumerate(resources.names):
        overtime, share = resources.overtime[place], resources.order_share[place]
        yield from _of_capacity(
            f"resource {name}", resources.capacity[:, place], f"{work[place]:,.0f} minutes of work", work[place] > 0
        )
        if not (_is_number(overtime) and overtime < np.inf):
            yield DataError(f"resource {name}", f"overtime {overtime:g}", "a share of capacity, 0 or more, is right")
        if not 0 < share <= 1:
            yield DataError(f"resource {name}", f"order_share {share:g}", "above 0, and 1 at most, is right")


def _of_nodes(arrivals: Arrivals, nodes: Nodes) -> Iterator[DataError]:
    lines = np.bincount(arrivals.node[arrivals.node >= 0], minlength=len(nodes.names))
    for place, name in enumerate(nodes.names):
        work = f"{lines[place]:,} lines to pick"
        yield from _of_capacity(f"node {name}", nodes.picks[:, place], work, lines[place] > 0)


def _of_capacity(where: str, capacity: Floats, work: str, has_work: bool) -> Iterator[DataError]:
    for (day,) in _some(~(capacity >= 0)):
        yield DataError(f"{where}, day {day}", f"capacity {capacity[day]:g}", "0 or more is right")
    if has_work and (capacity == 0).all():
        expected = "without capacity on some day that never ends"
        yield DataError(where, f"capacity 0 on every day, and {work}", expected)


def _of_stock(stock: Stock) -> Iterator[DataError]:
    for place, name in enumerate(stock.names):
        where, low, high = f"stream {name}", stock.reorder_point[place], stock.order_up_to[place]
        for field in ("on_hand", "order_quantity", "review_days"):
            value = getattr(stock, field)[place]
            if not 0 <= value < np.inf:
                yield DataError(where, f"{field} {value:g}", "0 or more is right")
        if not low < np.inf:
            yield DataError(where, f"reorder_point {low:g}", "a number of units is right")
        elif low > -np.inf and stock.order_quantity[place] == 0 and not low <= high < np.inf:
            yield DataError(where, f"reorder_point {low:g} above order_up_to {high:g}", "at most as high is right")


def _is_number(values: Floats) -> NDArray[np.bool_]:
    return (values >= 0) & (values < np.inf)


def _some(wrong: NDArray[np.bool_]) -> list[tuple[int, ...]]:
    """Return where it is wrong first, if anywhere."""
    return [tuple(int(at) for at in np.unravel_index(int(wrong.argmax()), wrong.shape))] if wrong.any() else []
