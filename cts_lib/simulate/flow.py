"""The chain with days: when the work on each order is done, when stock for each line is there, when it is picked.

A day goes like this. Orders arrive. Each resource works off what lies there, what is due first or came first, each by
itself; what a day's capacity (and overtime) leaves waits for the next. When its last resource is done with an order,
the order's lines ask for stock. Replenishments that are due have come; lines that wait are served before those that ask
today, these in the order in which they arrived, with parts where there is no more. Then stock is reviewed and ordered,
by the position: what is at hand and on order less what is owed. Then nodes pick the lines whose last unit is there.

Source of the policies: E. A. Silver, D. F. Pyke and D. J. Thomas, Inventory and Production Management in Supply Chains,
4th ed., 2017, chapter 6.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cts_lib.simulate.chain import Arrivals, Chain, Days, Floats, Stock
from cts_lib.simulate.checks import check
from cts_lib.simulate.queues import line_up
from cts_lib.simulate.stock import Rules, Stocked, serve
from cts_lib.simulate.work import Desks, pick, process


@dataclass(frozen=True)
class Streams:
    """What became of each stream: replications × streams, over the days that count unless it says otherwise.

    ``on_hand`` is the mean at the end of a day; ``ordered`` units and ``orders``; ``cycles`` how often replenishment
    came, ``short_cycles`` how often something had been missing since it came before; ``short`` the units that were not
    there on the day they were asked for; ``left``, ``owed`` and ``on_order`` are units when all days are over.
    """

    on_hand: Floats
    ordered: Floats
    orders: Floats
    cycles: Floats
    short_cycles: Floats
    short: Floats
    left: Floats
    owed: Floats
    on_order: Floats


@dataclass(frozen=True)
class Flow:
    """What became of lines and days.

    Attributes
    ----------
    processed, in_stock, picked : lines
        The day on which work on the line's order is done, on which its last unit is there, on which it is picked: each
        no earlier than the one before. What has not happened when all days are over says the number of days. A line
        that is lost as a whole is picked when it asks.
    filled : lines
        Units that arrive: the quantity, less what was lost.
    backlog, overtime_minutes : replications × days × resources
        Minutes open at the end of a day, and those worked beyond its capacity.
    queue : replications × days × nodes
        Lines that wait to be picked at the end of a day; one begun counts in part.
    on_hand, backorders, ordered : replications × days
        Units of all streams at the end of a day, and ordered on it.
    """

    processed: Days
    in_stock: Days
    picked: Days
    filled: Floats
    backlog: Floats
    overtime_minutes: Floats
    queue: Floats
    on_hand: Floats
    backorders: Floats
    ordered: Floats
    streams: Streams


def flow(arrivals: Arrivals, chain: Chain) -> Flow:
    """Return what becomes of the arrivals in a chain: the same to the bit, however replications are batched.

    Errors: DataError for figures that no chain can have, ValueError for arrays that do not fit together.

    >>> import numpy as np
    >>> from cts_lib.simulate.chain import Nodes, Resources, Stock
    >>> desk = Resources(("desk",), np.full((5, 1), 60.0), np.zeros(1), np.ones(1))
    >>> stock = Stock(("soap",), *np.array([[3.0], [0.0], [4.0], [0.0]]), np.array([0]), np.array([False]))
    >>> lead_days = np.full((1, 5, 1), 2)
    >>> lines = Arrivals(np.array([0, 3]), *np.array([[0, 0, 1], [0, 1, 2], [0, 0, 0], [0, 0, 0]]),
    ...     np.array([2.0, 2.0, 1.0]), np.array([[40.0], [40.0], [10.0]]), lead_days)
    >>> found = flow(lines, Chain(desk, Nodes(("north",), np.full((5, 1), 1.0)), stock))
    >>> found.processed.tolist(), found.in_stock.tolist(), found.picked.tolist()
    ([0, 1, 1], [0, 3, 3], [0, 3, 4])
    """
    check(arrivals, chain)
    starts, order = (_plain(each, "int64") for each in (arrivals.starts, arrivals.order))
    stream, node, lead_days = (_plain(each, "int32") for each in (arrivals.stream, arrivals.node, arrivals.lead_days))
    processed, quantity = arrivals.day.astype("int32"), _plain(arrivals.quantity, "float64")
    replications, days, streams = lead_days.shape
    resources = chain.resources
    due = processed if arrivals.due is None else _plain(np.clip(arrivals.due, 0, days - 1), "int32")
    desks = Desks(
        *(_plain(each, "float64") for each in (resources.capacity, resources.overtime, resources.order_share))
    )
    backlog = np.zeros((replications, days, len(resources.names)))
    overtime_minutes = np.zeros_like(backlog)
    work = _plain(arrivals.minutes, "float64")
    process((starts, processed.copy(), order, due.copy()), work, desks, (processed, backlog, overtime_minutes))
    stocked = found_nothing(quantity, stream, processed, lead_days.shape)
    asks = (processed, quantity)
    at_streams = line_up(starts, processed, stream, days, streams)
    serve(asks, at_streams, rules_of(chain.stock), lead_days, chain.warm_up, stocked)
    picks = _plain(chain.nodes.picks, "float64")
    picked, queue = stocked.day.copy(), np.zeros((replications, *picks.shape))
    at_nodes = line_up(starts, picked, np.where(stocked.filled > 0, node, np.int32(-1)), *picks.shape)
    pick((stocked.day, stocked.day if arrivals.due is None else due), at_nodes, picks, picked, queue)
    return Flow(
        processed,
        stocked.day,
        picked,
        stocked.filled,
        backlog,
        overtime_minutes,
        queue,
        stocked.on_hand,
        stocked.backorders,
        stocked.ordered,
        Streams(*stocked.by_stream),
    )


def found_nothing(quantity: Floats, stream: Days, asked: Days, shape: tuple[int, ...]) -> Stocked:
    """Return what `serve` fills in, for replications × days × streams, before it does."""
    replications, days, streams = shape
    return Stocked(
        quantity.copy(),
        np.where(stream < 0, asked, np.int32(days)),
        on_hand=np.zeros((replications, days)),
        backorders=np.zeros((replications, days)),
        ordered=np.zeros((replications, days)),
        by_stream=np.zeros((len(fields(Streams)), replications, streams)),
    )


def rules_of(stock: Stock) -> Rules:
    """Return the rules as `serve` takes them."""
    on_hand, low, high, lot = (
        _plain(each, "float64")
        for each in (stock.on_hand, stock.reorder_point, stock.order_up_to, stock.order_quantity)
    )
    review = np.maximum(_plain(stock.review_days, "int64"), 1)
    return Rules(on_hand, low, high, lot, review, _plain(stock.is_lost, "int64"))


def _plain(array: NDArray[Any], kind: str) -> NDArray[Any]:
    """Return the array as the one kind that loops are compiled for."""
    return np.require(array, kind, ["C", "W"])
