"""What lines of simulated periods wait in a chain with days, and what of them is lost: one replication after another.

An order of the chain is what a customer asks for on a day in a channel, or gives back. What has to leave first comes
first; else what came first; else in an order that is drawn once for all and differs from day to day, so that nobody is
always first. Lead times and where stock begins are drawn for each replication, the same whatever the strategy (common
random numbers).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cts_lib.simulate.calendar import Calendar
from cts_lib.simulate.chain import Arrivals, Chain, Days, Floats, Nodes, Resources, Stock, Whole
from cts_lib.simulate.compiled import NOTHING
from cts_lib.simulate.flow import Flow, flow

_PRIME, _TURN, _STEP = 2**31 - 1, 48_271, 1_103_515_245
"""Customers are shuffled by a multiple of their number, and turned by a step a day."""
_LEAD, _BEGIN = 3, 4
"""Which of a replication's random numbers are which."""
LEAST_LEFT = 0.1
"""So much of a capacity is left for orders, whatever else it has to do."""


@dataclass(frozen=True)
class Lines:
    """Lines in a fixed order: what asks for stock and is picked (see `Arrivals`), for whom and when.

    ``day`` counts from the period's first and may lie outside; ``spare`` are the days from then until a line leaves if
    nothing waits, ``customer`` is a number each customer and channel has.
    """

    day: Whole
    spare: Whole
    customer: Whole
    stream: Days
    node: Days
    quantity: Floats

    def at(self, places: np.ndarray) -> Lines:
        """Return some of them."""
        return Lines(*(values[places] for values in vars(self).values()))

    def after(self, days: Whole) -> Lines:
        """Return them so many days later."""
        return replace(self, day=self.day + days)


@dataclass(frozen=True)
class Work:
    """The minutes of each resource (columns of ``minutes``) that customers who have lines on a day bring on it."""

    day: Whole
    customer: Whole
    minutes: Floats

    def at(self, items: np.ndarray) -> Work:
        """Return some of it."""
        return Work(self.day[items], self.customer[items], self.minutes[items])

    def of(self, resources: np.ndarray) -> Work:
        """Return that of some of the resources."""
        return replace(self, minutes=self.minutes[:, resources])

    def after(self, days: Whole) -> Work:
        """Return it so many days later."""
        return replace(self, day=self.day + days)


@dataclass(frozen=True)
class Leads:
    """The days that each stream's replenishment takes: mean and standard deviation."""

    mean: Floats
    sd: Floats

    def draw(self, random: np.random.Generator, days: int) -> Whole:
        """Return whole days for what is ordered on each day: days × streams, gamma distributed."""
        varies = (self.sd > 0) & (self.mean > 0)
        shape = np.where(varies, (self.mean / np.where(varies, self.sd, 1.0)) ** 2, 1.0)
        drawn = random.standard_gamma(shape, (days, len(shape))) * (self.mean / shape)
        return np.asarray(np.rint(np.where(varies, drawn, self.mean)), "int64")


@dataclass(frozen=True)
class Setup:
    """A strategy's chain over a calendar.

    ``stock`` begins at ``order_up_to`` or, in lots, at ``reorder_point`` and a lot, less a share of ``cycle`` that is
    drawn. ``shut`` is a node that nothing leaves on some days of the period, counted from 0, picked or not.
    """

    calendar: Calendar
    resources: Resources
    nodes: Nodes
    stock: Stock
    cycle: Floats
    leads: Leads
    seed: int
    shut: tuple[int, range] | None = None

    def chain(self, replication: int, busy: Floats) -> Chain:
        """Return the chain of one replication, in which capacity is less by ``busy``, evenly over the days."""
        stock = replace(self.stock, on_hand=self.stock.begun(self.begun(replication), self.cycle))
        capacity = self.resources.capacity
        total = capacity[self.calendar.period].sum(axis=0)
        left = np.where(total > 0, np.maximum(1 - busy / np.where(total > 0, total, 1.0), LEAST_LEFT), 1.0)
        return Chain(replace(self.resources, capacity=capacity * left), self.nodes, stock, self.calendar.margin)

    def begun(self, replication: int) -> Floats:
        """Return which share of its cycle each stream is through when a replication begins."""
        return np.random.default_rng([self.seed, replication, _BEGIN]).random(len(self.cycle))

    def lead_days(self, replication: int) -> Days:
        random = np.random.default_rng([self.seed, replication, _LEAD])
        return self.leads.draw(random, self.calendar.length)[None].astype("int32")


@dataclass(frozen=True)
class Passed:
    """One replication: the day on which each line comes, what arrives of it, and the flow behind.

    ``took`` are the days until the chain has done with a line, ``wait`` those of them beyond what it had to spare, and
    what it is held where nothing leaves.
    """

    day: Whole
    took: Whole
    wait: Whole
    filled: Floats
    arrivals: Arrivals
    flow: Flow
    replication: int


def pass_through(setup: Setup, lines: Lines, work: Work, busy: Floats, replication: int) -> Passed:
    """Return what becomes of the lines of one replication; ``busy`` are minutes by resource that no order brings."""
    arrivals, place = _arrivals(setup, lines, work, replication)
    found = flow(arrivals, setup.chain(replication, busy))
    took = np.maximum(found.picked[place] - arrivals.day[place], 0).astype("int64")
    missing = lines.quantity - found.filled[place]
    filled = np.where(missing > NOTHING, found.filled[place], lines.quantity)
    wait = np.maximum(took - lines.spare, 0)
    if setup.shut:
        node, days = setup.shut
        leaves = lines.day + lines.spare + wait
        is_held = (lines.node == node) & (filled > 0) & (leaves >= days.start) & (leaves < days.stop)
        wait = wait + np.where(is_held, days.stop - leaves, 0)
    return Passed(lines.day, took, wait, filled, arrivals, found, replication)


def _arrivals(setup: Setup, lines: Lines, work: Work, replication: int) -> tuple[Arrivals, Whole]:
    """Return the arrivals of a replication, and where among them each of its lines is."""
    calendar = setup.calendar
    which, key = _keyed(calendar, lines.day, lines.customer)
    sequence = np.argsort(key, kind="stable")
    which, key = which[sequence], key[sequence]
    opens = np.concatenate([[True], key[1:] != key[:-1]]) if len(key) else np.zeros(0, bool)
    known = key[opens]
    minutes = np.zeros((len(known), work.minutes.shape[1]))
    of_cell, cell_key = _keyed(calendar, work.day, work.customer)
    np.add.at(minutes, np.searchsorted(known, cell_key), work.minutes[of_cell])
    place = np.empty(len(lines.day), "int64")
    own = np.flatnonzero(sequence < len(place))
    place[which[own]] = own
    arrivals = Arrivals(
        np.array([0, len(which)]),
        (key // _PRIME).astype("int32"),
        np.cumsum(opens) - 1,
        lines.stream[which],
        lines.node[which],
        lines.quantity[which],
        minutes,
        setup.lead_days(replication),
        (key // _PRIME + lines.spare[which]).astype("int32"),
    )
    return arrivals, place


def _keyed(calendar: Calendar, day: Whole, customer: Whole) -> tuple[Whole, Whole]:
    """Return things and their copies before and after, by place, and a key by which customers of a day are shuffled."""
    placed = calendar.placed(day)
    copied, days = calendar.repeated(placed)
    which = np.concatenate([np.arange(len(day)), copied])
    days = np.concatenate([placed, days]) + calendar.margin
    return which, days * _PRIME + (customer[which] * _TURN + days * _STEP) % _PRIME
