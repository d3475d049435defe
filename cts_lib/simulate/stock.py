"""Stock of a product in a warehouse: who waits for it, what comes, when it is ordered, day by day."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from cts_lib.simulate.chain import Days, Floats, Whole
from cts_lib.simulate.compiled import NOTHING, compiled
from cts_lib.simulate.queues import Queues

ON_HAND, ORDERED, ORDERS, CYCLES, SHORT_CYCLES, SHORT, LEFT, OWED, ON_ORDER = range(9)
"""What `serve` tells of a stream, row by row of ``by_stream``: the fields of `flow.Streams`."""
HERE, POSITION, OWED_NOW, REST, COMING, MISSED = range(6)
"""Units of a stream as days go by; the rest is of the first line that waits, missed is since replenishment came."""


class Rules(NamedTuple):
    """How each stream is replenished; a ``lot`` of 0 orders up to ``up_to``, ``is_lost`` is 1 where nothing waits."""

    on_hand: Floats
    reorder_point: Floats
    up_to: Floats
    lot: Floats
    review: Whole
    is_lost: Whole


class Stocked(NamedTuple):
    """What `serve` finds: by line; by replication and day of all streams together; by replication and stream."""

    filled: Floats
    day: Days
    on_hand: Floats
    backorders: Floats
    ordered: Floats
    by_stream: Floats


@compiled
def serve(
    lines: tuple[Days, Floats], queues: Queues, rules: Rules, lead_days: Days, warm_up: int, found: Stocked
) -> None:
    """Find the day on which the last unit of each line is in stock, and how much there is of it.

    ``lines`` are the days on which they ask and their quantities, ``queues`` those of streams.
    """
    replications, _, streams = lead_days.shape
    for replication in range(replications):
        for place in range(streams):
            queue = queues.lines[queues.ends[replication, place] : queues.ends[replication, place + 1]]
            lead = lead_days[replication, :, place]
            _serve_stream(queue, lines, rules, lead, warm_up, found, (replication, place))


@compiled
def _serve_stream(
    queue: Whole, asks: tuple[Days, Floats], rules: Rules, lead: Days, warm_up: int, found: Stocked, at: tuple[int, int]
) -> None:
    asked, quantity = asks
    replication, place = at
    days, is_lost = len(lead), rules.is_lost[place]
    due, units, told = np.zeros(days), np.zeros(6), found.by_stream[:, replication, place]
    units[HERE] = units[POSITION] = rules.on_hand[place]
    head = tail = 0  # the lines between wait
    for day in range(days):
        counted = 1.0 if day >= warm_up else 0.0
        if due[day] > 0:
            units[COMING] -= due[day]
            _receive(due[day], counted, units, told)
        new = tail
        while tail < len(queue) and asked[queue[tail]] == day:
            tail += 1
        if is_lost:
            missing = _sell(queue[new:tail], quantity, day, units, found)
            head = tail
        else:
            wanted = 0.0
            for line in queue[new:tail]:
                wanted += quantity[line]
            units[OWED_NOW] += wanted
            units[POSITION] -= wanted
            if head == new < tail:
                units[REST] = quantity[queue[head]]
            head = _hand_out((queue, quantity, found.day), head, tail, day, units)
            missing = min(wanted, units[OWED_NOW])
        units[MISSED] += missing
        told[SHORT] += counted * missing
        ordered = _review(units[POSITION], rules, place, day)
        if ordered > 0:
            units[POSITION] += ordered
            told[ORDERED] += counted * ordered
            told[ORDERS] += counted
            found.ordered[replication, day] += ordered
            if lead[day] == 0:
                _receive(ordered, counted, units, told)
                head = _hand_out((queue, quantity, found.day), head, tail, day, units)
            else:
                units[COMING] += ordered
                if day + lead[day] < days:
                    due[day + lead[day]] += ordered
        told[ON_HAND] += counted * units[HERE]
        found.on_hand[replication, day] += units[HERE]
        found.backorders[replication, day] += units[OWED_NOW]
    told[ON_HAND] /= max(days - warm_up, 1)
    told[LEFT], told[OWED], told[ON_ORDER] = units[HERE], units[OWED_NOW], units[COMING]


@compiled
def _receive(received: float, counted: float, units: Floats, told: Floats) -> None:
    units[HERE] += received
    told[CYCLES] += counted
    if units[MISSED] > NOTHING:
        told[SHORT_CYCLES] += counted
    units[MISSED] = 0.0


@compiled
def _sell(lines: Whole, quantity: Floats, day: int, units: Floats, found: Stocked) -> float:
    """Give lines what is at hand; return how many units are lost."""
    lost = 0.0
    for line in lines:
        sold = quantity[line]
        if sold > units[HERE] + NOTHING:
            lost += sold - units[HERE]
            sold = units[HERE]
        found.filled[line] = sold
        found.day[line] = day
        units[HERE] = max(units[HERE] - sold, 0.0)
        units[POSITION] -= sold
    return lost


@compiled
def _hand_out(lines: tuple[Whole, Floats, Days], head: int, tail: int, day: int, units: Floats) -> int:
    """Give the lines that wait what is at hand, one after another; return which is first now."""
    queue, quantity, served_on = lines
    while head < tail and units[HERE] + NOTHING >= units[REST]:
        served_on[queue[head]] = day
        units[HERE] = max(units[HERE] - units[REST], 0.0)
        units[OWED_NOW] -= units[REST]
        head += 1
        units[REST] = quantity[queue[head]] if head < tail else 0.0
    if head == tail:
        units[OWED_NOW] = 0.0
    else:
        units[REST] -= units[HERE]
        units[OWED_NOW] -= units[HERE]
        units[HERE] = 0.0
    return head


@compiled
def _review(position: float, rules: Rules, place: int, day: int) -> float:
    """Return how many units a stream orders on a day."""
    low, lot = float(rules.reorder_point[place]), float(rules.lot[place])
    if day % rules.review[place] != 0 or position > low + NOTHING:
        return 0.0
    if lot > 0:
        return lot * (math.floor((low - position) / lot + NOTHING) + 1)
    ordered = rules.up_to[place] - position
    return ordered if ordered > NOTHING else 0.0
