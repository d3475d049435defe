"""Rules of stock that cost least on simulated demand: a search from given rules, all streams at once.

Streams do not meet in stock, so one pass over the simulated periods tries another rule of every stream. Each stream's
reorder point and, where an order has a price, what is ordered at once are moved by a step that is halved where no move
is cheaper (pattern search: R. Hooke and T. A. Jeeves, Journal of the ACM 8, 1961). A rule has to be cheaper by more
than its saving scatters; else the given one stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cts_lib.simulate.chain import Days, Floats, Stock
from cts_lib.simulate.flow import found_nothing, rules_of
from cts_lib.simulate.queues import Queues, line_up
from cts_lib.simulate.stock import ON_HAND as AT_HAND
from cts_lib.simulate.stock import ORDERS, SHORT, serve

MOVES = ((1, 0), (-1, 0), (0, 1), (0, -1), (-1, 1), (1, -1))
"""Steps of the reorder point and of what is ordered at once."""
MOST_ROUNDS = 40
ON_HAND, MISSING, ASKED, COST = range(4)
"""Rows of what `play` finds."""


@dataclass(frozen=True)
class Asked:
    """What is asked of streams in a simulated period and the days around it.

    ``day`` is the one on which a line asks for stock, ``due`` on which it has to leave; ``lead_days`` has a row a day,
    ``begun`` is which share of its cycle each stream is through on the first.
    """

    day: Days
    due: Days
    stream: Days
    quantity: Floats
    lead_days: Days
    begun: Floats
    warm_up: int

    @property
    def queues(self) -> Queues:
        days, streams = self.lead_days.shape
        return line_up(np.array([0, len(self.day)]), self.day, self.stream, days, streams)


@dataclass(frozen=True)
class Prices:
    """What a stream costs: a unit that lies there for a period, an order, a lost unit, a late line and its every day.

    ``part`` is the period's part of the days that count; an order whose price is not known is nan.
    """

    holding: Floats
    order: Floats
    lost: Floats
    late: float
    late_day: float
    part: float


@dataclass(frozen=True)
class Rules:
    """Rules of stock and their cycles (see `Setup`)."""

    stock: Stock
    cycle: Floats

    @property
    def size(self) -> Floats:
        """What is ordered at once: the lot, or from the reorder point to the top."""
        stock = self.stock
        return np.where(stock.order_quantity > 0, stock.order_quantity, stock.order_up_to - stock.reorder_point)

    def at(self, low: Floats, size: Floats) -> Rules:
        """Return them with other reorder points and sizes, whichever were tried before."""
        lots = self.stock.order_quantity > 0
        stock = replace(
            self.stock,
            reorder_point=low,
            order_quantity=np.where(lots, size, 0.0),
            order_up_to=np.where(lots, self.stock.order_up_to, low + size),
        )
        return Rules(stock, np.maximum(self.cycle + size - self.size, 0.0))


def play(asked: Sequence[Asked], rules: Rules, prices: Prices) -> Floats:
    """Return units at hand, missing and asked for, and the cost of a period: 4 × replications × streams."""
    return np.stack([_play(each, each.queues, rules, prices) for each in asked], axis=1)


def tuned(asked: Sequence[Asked], given: Rules, prices: Prices, spread: Floats) -> Rules:
    """Return rules that cost less than the given ones; ``spread`` is the scatter of demand while stock has to last.

    Where what is missing has no price, no more may be missing than by the given rules.
    """
    prepared = [(each, each.queues) for each in asked]

    def tried(rules: Rules) -> Floats:
        return np.stack([_play(each, queues, rules, prices) for each, queues in prepared], axis=1)

    first = tried(given)
    is_priced = np.where(given.stock.is_lost, prices.lost > 0, prices.late + prices.late_day > 0)
    most = np.where(is_priced, np.inf, first[MISSING].mean(axis=0) + 1e-9)
    sized = (prices.order > 0) & (given.size > 0)
    best_low, best_size, cost = given.stock.reorder_point, given.size, first[COST].mean(axis=0)
    step_low, step_size = (
        np.maximum(np.rint(spread / 2), 1.0),
        np.where(sized, np.maximum(np.rint(given.size / 4), 1), 0),
    )
    least_size = np.where(given.stock.order_quantity > 0, 1.0, 0.0)
    for _ in range(MOST_ROUNDS):
        improved = np.zeros(len(cost), bool)
        for low, size in MOVES if sized.any() else MOVES[:2]:
            new_size = np.maximum(best_size + size * step_size, np.minimum(least_size, best_size))
            floor = np.where(given.stock.is_lost, 0.0, -new_size)  # below it none is ever ordered
            new_low = best_low + low * step_low
            new_low = np.where(new_low >= floor, new_low, best_low)
            found = tried(given.at(new_low, new_size)).mean(axis=1)
            is_better = (found[COST] < cost - 1e-9) & (found[MISSING] <= most)
            best_low, best_size = np.where(is_better, new_low, best_low), np.where(is_better, new_size, best_size)
            cost = np.where(is_better, found[COST], cost)
            improved |= is_better
        is_done = ~improved & (step_low <= 1) & (step_size <= 1)
        if is_done.all():
            break
        step_low = np.where(improved, step_low, np.maximum(step_low // 2, 1))
        step_size = np.where(improved | (step_size <= 1), step_size, step_size // 2)
    saved = first[COST] - tried(given.at(best_low, best_size))[COST]
    is_sure = saved.mean(axis=0) > saved.std(axis=0, ddof=1) / np.sqrt(len(asked))
    return given.at(np.where(is_sure, best_low, given.stock.reorder_point), np.where(is_sure, best_size, given.size))


def _play(asked: Asked, queues: Queues, rules: Rules, prices: Prices) -> Floats:
    stock = replace(rules.stock, on_hand=rules.stock.begun(asked.begun, rules.cycle))
    count = len(stock.names)
    found = found_nothing(asked.quantity, asked.stream, asked.day, asked.lead_days[None].shape)
    serve((asked.day, asked.quantity), queues, rules_of(stock), asked.lead_days[None], asked.warm_up, found)
    counts = asked.day >= asked.warm_up
    stream, late = asked.stream[counts], np.maximum(found.day - asked.due, 0)[counts]
    told, late_lines = found.by_stream[:, 0], np.bincount(stream[late > 0], minlength=count)
    missing = told[SHORT] * prices.part
    cost = prices.holding * told[AT_HAND] + np.where(stock.is_lost, prices.lost, 0.0) * missing
    waiting = prices.late * late_lines + prices.late_day * np.bincount(stream, late, minlength=count)
    cost = cost + prices.part * (np.nan_to_num(prices.order) * told[ORDERS] + waiting)
    units = np.bincount(stream, asked.quantity[counts], minlength=count) * prices.part
    return np.stack([told[AT_HAND], missing, units, cost])
