"""Which resources have too little work for a queue by the day to say what waits.

Where few orders a day come, one large order fills a day, and who works on it when is not a matter of queues: somebody
begins early, or two share it. Whether work is so little is counted in the orders that bring it, which no capacity and
no rule changes, so that a wrong one is still found out. A resource of little work stays simulated where the chain lets
the period's own orders leave when they left.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cts_lib.evaluate.arrived import Arrived
from cts_lib.simulate.chain import Floats
from cts_lib.simulate.days import Setup, pass_through

LITTLE = 10.0
"""Orders a day of work, below which a queue by the day may mean nothing."""
TIMES, _DRAWN = 20, 5
HELD = 0.05
"""Such a share of sold lines may the queue hold beyond the day on which they left."""


def too_small(setup: Setup, found: list[Arrived], steady: Floats) -> list[str]:
    """Return the resources of little work that hold the actual lines longer than was observed.

    ``steady`` are the minutes by resource that customers take by themselves.
    """
    return [
        name
        for at, name in enumerate(setup.resources.names)
        if orders_a_day(setup, found, at) < LITTLE and held_beyond(setup, found, steady, at) > HELD
    ]


def orders_a_day(setup: Setup, found: list[Arrived], at: int) -> float:
    """Return how many orders bring work to a resource on a day on which it works."""
    worked = int((setup.resources.capacity[setup.calendar.period, at] > 0).sum())
    return sum(int((each.work.minutes[:, at] > 0).sum()) for each in found) / max(worked, 1)


def held_beyond(setup: Setup, found: list[Arrived], steady: Floats, at: int) -> float:
    """Return the share of sold lines that a resource by itself has not done with on the day on which they left.

    It is that of the actual orders, and of as many that come on days drawn among theirs, so often: what only just fits
    in the order of the days that were is held as soon as two orders meet.
    """
    place, held, total = np.array([at]), 0, 0
    alone = replace(setup, resources=setup.resources.some(place))
    for each in found:
        nowhere, own = np.full(len(each.lines.day), -1, "int32"), each.of(place)
        lines, sold = replace(each.lines, stream=nowhere, node=nowhere), each.lines.customer % 2 == 1
        orders, of_line = np.unique(each.lines.day * 2**31 + each.lines.customer, return_inverse=True)
        of_work = np.searchsorted(orders, own.work.day * 2**31 + own.work.customer)
        for time in range(TIMES + 1):
            random = np.random.default_rng([setup.seed, time, _DRAWN])
            days = random.choice(orders // 2**31, len(orders)) if time else orders // 2**31
            moved, work = replace(lines, day=days[of_line]), replace(own.work, day=days[of_work])
            passed = pass_through(alone, moved, work, own.busy + steady[place], each.replication)
            held, total = held + int((passed.wait[sold] > 0).sum()), total + int(sold.sum())
    return held / max(total, 1)
