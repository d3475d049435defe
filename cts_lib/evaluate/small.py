"""Which resources have too little work, and which stock too few lines, for the chain to say what waits.

Where few orders a day come, one large order fills a day, and who works on it when is not a matter of queues: somebody
begins early, or two share it. Whether work is so little is counted in the orders that bring it, which no capacity and
no rule changes, so that a wrong one is still found out. A resource of little work stays simulated where the chain lets
the period's own orders leave when they left. So it is with stock: what is sold once or twice a period says nothing of
demand during a lead time.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cts_lib.evaluate.arrived import Arrived
from cts_lib.simulate.chain import Days, Floats, Whole
from cts_lib.simulate.days import Setup, pass_through

LITTLE = 10.0
"""Orders a day of work, below which a queue by the day may mean nothing."""
FEW = 5
"""Lines of a period for each stream of stock, below which its rule of replenishment may mean nothing."""
TIMES, _DRAWN = 20, 5
HELD = 0.05
"""Such a share of sold lines may the queue hold beyond the day on which they left."""


def too_small(setup: Setup, found: list[Arrived], steady: Floats) -> list[str]:
    """Return the resources of little work that hold the actual lines longer than was observed.

    ``steady`` are the minutes by resource that customers take by themselves.
    """
    small = list[str]()
    for at, name in enumerate(setup.resources.names):
        if orders_a_day(setup, found, at) < LITTLE:
            place = np.array([at])
            alone = replace(setup, resources=setup.resources.some(place))
            own = [_of(each, place, np.full(len(each.lines.day), -1, "int32")) for each in found]
            if held_beyond(alone, own, steady[place]) > HELD:
                small.append(name)
    return small


def orders_a_day(setup: Setup, found: list[Arrived], at: int) -> float:
    """Return how many orders bring work to a resource on a day on which it works."""
    worked = int((setup.resources.capacity[setup.calendar.period, at] > 0).sum())
    return sum(int((each.work.minutes[:, at] > 0).sum()) for each in found) / max(worked, 1)


def stock_too_small(setup: Setup, found: list[Arrived]) -> bool:
    """Say whether streams of few lines hold the actual lines longer than was observed."""
    lines = sum(int((each.lines.stream >= 0).sum()) for each in found)
    alone = replace(setup, resources=setup.resources.some(np.arange(0)))
    own = [_of(each, np.arange(0), each.lines.stream) for each in found]
    return lines < FEW * len(setup.stock.names) and held_beyond(alone, own, np.zeros(0)) > HELD


def held_beyond(alone: Setup, found: list[Arrived], steady: Floats) -> float:
    """Return the share of sold lines that a part of the chain by itself has not done with on the day they left.

    It is that of the actual orders, and of as many that come on days drawn among theirs, so often: what only just fits
    in the order of the days that were is held as soon as two orders meet.
    """
    held = total = 0
    for each in found:
        sold = each.lines.customer % 2 == 1
        orders, of_line = np.unique(each.lines.day * 2**31 + each.lines.customer, return_inverse=True)
        of_work = np.searchsorted(orders, each.work.day * 2**31 + each.work.customer)
        for time in range(TIMES + 1):
            random = np.random.default_rng([alone.seed, time, _DRAWN])
            days = random.choice(orders // 2**31, len(orders)) if time else orders // 2**31
            moved, work = replace(each.lines, day=days[of_line]), replace(each.work, day=days[of_work])
            passed = pass_through(alone, moved, work, each.busy + steady, time)
            held, total = held + int((passed.wait[sold] > 0).sum()), total + int(sold.sum())
    return held / max(total, 1)


def _of(arrived: Arrived, places: Whole, stream: Days) -> Arrived:
    """Return what comes to some of the resources and to these streams, and is not picked anywhere."""
    own = arrived.of(places)
    return replace(own, lines=replace(own.lines, stream=stream, node=np.full(len(stream), -1, "int32")))
