"""Work that waits for who does it: orders for resources, lines for nodes; first in, first out, a day after another."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cts_lib.simulate.chain import Days, Floats, Whole
from cts_lib.simulate.compiled import NOTHING, compiled
from cts_lib.simulate.queues import Queues


class Desks(NamedTuple):
    """Who works: by day what can be worked, beyond it which share of it, and the share one item can take of it."""

    capacity: Floats
    overtime: Floats
    order_share: Floats


@compiled
def process(
    lines: tuple[Whole, Days, Whole], minutes: Floats, desks: Desks, found: tuple[Days, Floats, Floats]
) -> None:
    """Find the day on which the last resource has done its work on each line's order.

    ``lines`` are where replications start, the lines' days and orders; ``found`` gets the lines' days, and by
    replication, day and resource the minutes left and those beyond.
    """
    starts, day, order = lines
    processed, left, beyond = found
    for replication in range(len(starts) - 1):
        first, last = starts[replication], starts[replication + 1]
        if first == last:
            continue
        lowest, highest = order[first], order[last - 1] + 1
        arrived = np.empty(highest - lowest, np.int32)
        for line in range(first, last):
            arrived[order[line] - lowest] = day[line]
        ready = arrived.copy()
        for resource in range(len(desks.overtime)):
            work = minutes[lowest:highest, resource].copy()
            limits = (desks.overtime[resource], desks.order_share[resource])
            told = (left[replication, :, resource], beyond[replication, :, resource])
            done = _work_off(arrived, work, desks.capacity[:, resource], limits, told)
            for item in range(len(done)):
                ready[item] = max(ready[item], done[item])
        for line in range(first, last):
            processed[line] = ready[order[line] - lowest]


@compiled
def pick(in_stock: Days, queues: Queues, picks: Floats, picked: Days, waiting: Floats) -> None:
    """Find the day on which each line is picked, and by replication, day and node how many lines wait.

    ``in_stock`` are the days on which lines can be picked, ``queues`` those of nodes.
    """
    days, nodes = picks.shape
    beyond = np.empty(days)
    for replication in range(len(queues.ends)):
        for place in range(nodes):
            queue = queues.lines[queues.ends[replication, place] : queues.ends[replication, place + 1]]
            ready, work = np.empty(len(queue), np.int32), np.empty(len(queue))
            for item in range(len(queue)):
                ready[item] = in_stock[queue[item]]
                work[item] = 1.0
            done = _work_off(ready, work, picks[:, place], (0.0, 1.0), (waiting[replication, :, place], beyond))
            for item in range(len(queue)):
                picked[queue[item]] = done[item]


@compiled
def _work_off(
    ready: Days, work: Floats, capacity: Floats, limits: tuple[float, float], told: tuple[Floats, Floats]
) -> Days:
    """Work items off, first in, first out; return the days on which they are done.

    ``work`` is used up; ``limits`` are the share of overtime and the share that one item can take; ``told`` gets by day
    what is left and what is worked beyond capacity.
    """
    left, beyond = told
    days = len(capacity)
    overtime, share = limits
    done = np.empty(len(ready), np.int32)
    done[:] = days
    head = tail = 0
    waiting = 0.0
    for day in range(days):
        while tail < len(ready) and ready[tail] == day:
            if work[tail] <= NOTHING:
                work[tail] = 0.0
                done[tail] = day
            waiting += work[tail]
            tail += 1
        budget = capacity[day] * (1 + overtime)
        most = budget * share
        given = 0.0
        item = head
        while item < tail and budget > NOTHING:
            part = min(most, budget)
            if work[item] <= part + NOTHING:
                part = work[item]
                if part > 0:
                    done[item] = day
                work[item] = 0.0
            else:
                work[item] -= part
            given += part
            budget -= part
            item += 1
        while head < tail and work[head] == 0:
            head += 1
        waiting = max(waiting - given, 0.0) if head < tail else 0.0
        left[day] = waiting
        beyond[day] = given - capacity[day] if given > capacity[day] + NOTHING else 0.0
    return done
