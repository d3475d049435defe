"""What the period's own days show that resources can do: what left between two days was worked between them.

On which day between order and leaving an order's work was done is not recorded. But all of what was ordered from one
day on and had left by another has to fit between them, whoever comes first: the least multiple of an even day's
capacity at which it does is what a day can do at least.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cts_lib.evaluate.arrived import Arrived
from cts_lib.simulate.chain import Floats, Resources, Whole
from cts_lib.simulate.days import LEAST_LEFT


def as_done(resources: Resources, period: slice, actual: Arrived, busy: Floats) -> Resources:
    """Return resources whose days can do what the actual lines show: as overtime where they have any, else anyway.

    ``busy`` are minutes by resource that no order brings.
    """
    lines, work = actual.lines, actual.work
    days = period.stop - period.start
    cells = np.searchsorted(known := np.unique(_key(lines.day, lines.customer)), _key(lines.day, lines.customer))
    left = np.zeros(len(known), "int64")
    np.maximum.at(left, cells, lines.day + lines.spare)
    gone = left[np.searchsorted(known, _key(work.day, work.customer))]
    is_known = (work.day >= 0) & (gone < days) & (work.customer % 2 == 1)  # of what comes back nobody knows
    total = resources.capacity[period].sum(axis=0)
    left_over = resources.capacity[period] * np.maximum(1 - busy / np.where(total > 0, total, 1.0), LEAST_LEFT)
    multiples = np.array(
        [
            least_multiple(left_over[:, at], work.day[is_known], gone[is_known], minutes)
            for at, minutes in enumerate(work.minutes[is_known].T)
        ]
    )
    has_overtime = resources.overtime > 0
    overtime = np.where(has_overtime, np.maximum(resources.overtime, multiples - 1), 0.0)
    capacity = resources.capacity * np.where(has_overtime, 1.0, np.maximum(multiples, 1.0))
    return replace(resources, capacity=capacity, overtime=overtime)


def least_multiple(capacity: Floats, came: Whole, left: Whole, minutes: Floats) -> float:
    """Return the least multiple of each day's capacity at which all work fits between the days it came and left.

    >>> least_multiple(np.array([10.0, 10.0, 10.0]), np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([8.0, 9, 7]))
    1.2
    """
    days = len(capacity)
    work = np.zeros((days, days))
    np.add.at(work, (came, left), minutes)
    within = np.cumsum(np.cumsum(work[::-1], axis=0)[::-1], axis=1)
    ends = np.concatenate([[0.0], np.cumsum(capacity)])
    there = ends[None, 1:] - ends[:-1, None]
    is_open = np.triu(there > 0)
    return float((within[is_open] / there[is_open]).max(initial=0.0))


def _key(day: Whole, customer: Whole) -> Whole:
    return np.asarray(day * 2**31 + customer)
