"""Who waits where: lines by the place that serves them, in the order in which it does."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cts_lib.simulate.chain import Days, Whole
from cts_lib.simulate.compiled import compiled


class Queues(NamedTuple):
    """``lines`` of a replication's place lie from ``ends[replication, place]`` to the next, by day and number."""

    lines: Whole
    ends: Whole


@compiled
def line_up(starts: Whole, day: Days, place: Days, days: int, places: int) -> Queues:
    """Line up the lines of each replication by place, day and number, but for those at -1 or after all days."""
    ends = np.zeros((len(starts) - 1, places + 1), np.int64)
    by_day, lines = np.empty(len(day), np.int64), np.empty(len(day), np.int64)
    at_day, at_place = np.empty(days + 1, np.int64), np.empty(places + 1, np.int64)
    placed = 0
    for replication in range(len(starts) - 1):
        at_day[:] = 0
        at_place[:] = 0
        for line in range(starts[replication], starts[replication + 1]):
            if place[line] >= 0 and day[line] < days:
                at_day[day[line] + 1] += 1
                at_place[place[line] + 1] += 1
        at_place[0] = placed
        for one in range(days):
            at_day[one + 1] += at_day[one]
        for one in range(places):
            at_place[one + 1] += at_place[one]
        count = at_day[days]
        ends[replication] = at_place
        for line in range(starts[replication], starts[replication + 1]):
            if place[line] >= 0 and day[line] < days:
                by_day[at_day[day[line]]] = line
                at_day[day[line]] += 1
        for line in by_day[:count]:
            lines[at_place[place[line]]] = line
            at_place[place[line]] += 1
        placed += count
    return Queues(lines, ends)
