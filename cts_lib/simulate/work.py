"""Work that waits for who does it: orders for resources, lines for nodes; what is due first is done first."""

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


class Waiting(NamedTuple):
    """Items in line by the day on which they are due: first and last of a day, and who is behind each (-1: nobody)."""

    front: Whole
    back: Whole
    behind: Whole


@compiled
def process(
    lines: tuple[Whole, Days, Whole, Days], minutes: Floats, desks: Desks, found: tuple[Days, Floats, Floats]
) -> None:
    """Find the day on which the last resource has done its work on each line's order.

    ``lines`` are where replications start, the lines' days, orders and the days on which they are due; ``found`` gets
    the lines' days, and by replication, day and resource the minutes left and those beyond.
    """
    starts, day, order, due = lines
    processed, left, beyond = found
    for replication in range(len(starts) - 1):
        first, last = starts[replication], starts[replication + 1]
        if first == last:
            continue
        lowest, highest = order[first], order[last - 1] + 1
        arrived, urgent = np.empty(highest - lowest, np.int32), np.empty(highest - lowest, np.int32)
        urgent[:] = len(desks.capacity)
        for line in range(first, last):
            arrived[order[line] - lowest] = day[line]
            urgent[order[line] - lowest] = min(urgent[order[line] - lowest], due[line])
        ready = arrived.copy()
        for resource in range(len(desks.overtime)):
            work = minutes[lowest:highest, resource].copy()
            limits = (desks.overtime[resource], desks.order_share[resource])
            told = (left[replication, :, resource], beyond[replication, :, resource])
            done = _work_off((arrived, urgent), work, desks.capacity[:, resource], limits, told)
            for item in range(len(done)):
                ready[item] = max(ready[item], done[item])
        for line in range(first, last):
            processed[line] = ready[order[line] - lowest]


@compiled
def pick(lines: tuple[Days, Days], queues: Queues, picks: Floats, picked: Days, waiting: Floats) -> None:
    """Find the day on which each line is picked, and by replication, day and node how many lines wait.

    ``lines`` are the days on which they can be picked and are due, ``queues`` those of nodes.
    """
    in_stock, due = lines
    days, nodes = picks.shape
    beyond = np.empty(days)
    for replication in range(len(queues.ends)):
        for place in range(nodes):
            queue = queues.lines[queues.ends[replication, place] : queues.ends[replication, place + 1]]
            ready, urgent = np.empty(len(queue), np.int32), np.empty(len(queue), np.int32)
            work = np.ones(len(queue))
            for item in range(len(queue)):
                ready[item], urgent[item] = in_stock[queue[item]], due[queue[item]]
            told = (waiting[replication, :, place], beyond)
            done = _work_off((ready, urgent), work, picks[:, place], (0.0, 1.0), told)
            for item in range(len(queue)):
                picked[queue[item]] = done[item]


@compiled
def _work_off(
    items: tuple[Days, Days], work: Floats, capacity: Floats, limits: tuple[float, float], told: tuple[Floats, Floats]
) -> Days:
    """Work items off, what is due first before the others; return the days on which they are done.

    ``items`` are the days from which they can be worked on, in order, and on which they are due; ``work`` is used up;
    ``limits`` are the share of overtime and the share that one item can take; ``told`` gets by day what is left and
    what is worked beyond capacity.
    """
    ready, due = items
    left, beyond = told
    days = len(capacity)
    overtime, share = limits
    done = np.empty(len(ready), np.int32)
    done[:] = days
    line = Waiting(np.full(days, -1), np.full(days, -1), np.full(len(ready), -1))
    tail = in_line = 0
    lowest, waiting = days, 0.0
    for day in range(days):
        while tail < len(ready) and ready[tail] == day:
            if work[tail] <= NOTHING:
                work[tail] = 0.0
                done[tail] = day
            else:
                _join(line, due[tail], tail)
                lowest = min(lowest, due[tail])
                in_line += 1
            waiting += work[tail]
            tail += 1
        budget = capacity[day] * (1 + overtime)
        most = budget * share
        given = 0.0
        place, open_items = lowest, in_line
        while open_items > 0 and budget > NOTHING:
            before, item = -1, line.front[place]
            while item >= 0 and budget > NOTHING:
                part, after = min(most, budget), line.behind[item]
                open_items -= 1
                if work[item] <= part + NOTHING:
                    part = work[item]
                    done[item] = day
                    work[item] = 0.0
                    in_line -= 1
                    _leave(line, place, before, after)
                else:
                    work[item] -= part
                    before = item
                given += part
                budget -= part
                item = after
            place += 1
        while lowest < days and line.front[lowest] < 0:
            lowest += 1
        waiting = max(waiting - given, 0.0) if in_line > 0 else 0.0
        left[day] = waiting
        beyond[day] = given - capacity[day] if given > capacity[day] + NOTHING else 0.0
    return done


@compiled
def _join(line: Waiting, due: int, item: int) -> None:
    if line.front[due] < 0:
        line.front[due] = item
    else:
        line.behind[line.back[due]] = item
    line.back[due] = item


@compiled
def _leave(line: Waiting, due: int, before: int, after: int) -> None:
    """Take out who is between two others, or before the first or behind the last (-1)."""
    if before < 0:
        line.front[due] = after
    else:
        line.behind[before] = after
    if after < 0:
        line.back[due] = before
