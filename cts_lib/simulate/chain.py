"""What the chain with days is given: the lines that arrive, and who works, stocks and picks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Days = NDArray[np.int32]
Whole = NDArray[np.int64]
Names = tuple[str, ...]


@dataclass(frozen=True)
class Arrivals:
    """The lines of simulated periods in the order in which they arrive: by replication, day and order.

    Attributes
    ----------
    starts : int64, replications + 1
        Where the lines of each replication begin, and where the last ones end.
    day : int32, lines
        The day on which a line arrives, from 0.
    order : int64, lines
        The number of its order, from 0 without a gap over all replications; lines of an order are neighbours.
    stream, node : int32, lines
        The stock that it is served from and the node that picks it; -1: none is simulated.
    quantity : float64, lines
        Units, above 0.
    minutes : float64, orders × resources
        The work that an order brings to each resource.
    lead_days : int32, replications × days × streams
        How long a replenishment takes that is ordered on that day; 0: it is there the same evening.
    due : int32, lines
        The day on which a line has to leave: what is due first is worked on and picked first, an order as the first of
        its lines. None: first in, first out.
    """

    starts: Whole
    day: Days
    order: Whole
    stream: Days
    node: Days
    quantity: Floats
    minutes: Floats
    lead_days: Days
    due: Days | None = None


@dataclass(frozen=True)
class Resources:
    """Who processes orders.

    Attributes
    ----------
    capacity : days × resources
        Minutes that can be worked on each day; infinite: no limit.
    overtime : resources
        Share of a day's capacity that is worked beyond it when it does not suffice.
    order_share : resources
        Share of a day's capacity that a single order can take: 1 where all can work on it, 1/people where one does.
    """

    names: Names
    capacity: Floats
    overtime: Floats
    order_share: Floats

    def some(self, places: Whole) -> Resources:
        """Return some of them."""
        names = tuple(self.names[at] for at in places)
        return Resources(names, self.capacity[:, places], self.overtime[places], self.order_share[places])


@dataclass(frozen=True)
class Nodes:
    """Where lines are picked; ``picks``, days × nodes, is how many a day (infinite: no limit)."""

    names: Names
    picks: Floats


@dataclass(frozen=True)
class Stock:
    """How streams (a product in a warehouse) are replenished; each array has a value a stream.

    Attributes
    ----------
    on_hand : float64
        Units when the first day begins.
    reorder_point : float64
        At this position or below a review orders; minus infinity: never.
    order_up_to : float64
        What the position is brought to, reorder_point at least; base stock where they are the same.
    order_quantity : float64
        Where above 0, as many of it are ordered as bring the position above the reorder point; else 0.
    review_days : int64
        Days from review to review, from day 0 on; 0 or 1: each day.
    is_lost : bool
        What is not there is lost and does not wait.
    """

    names: Names
    on_hand: Floats
    reorder_point: Floats
    order_up_to: Floats
    order_quantity: Floats
    review_days: Whole
    is_lost: NDArray[np.bool_]

    def some(self, places: Whole) -> Stock:
        """Return some of them."""
        values = {name: value[places] for name, value in vars(self).items() if name != "names"}
        return Stock(tuple(self.names[at] for at in places), **values)

    def begun(self, share: Floats, cycle: Floats) -> Floats:
        """Return the units at hand when such a share of a cycle is gone, in whole units.

        Part of a unit would stay with the position for ever, and every order come half a unit late on average.
        """
        top = np.where(self.order_quantity > 0, self.reorder_point + self.order_quantity, self.order_up_to)
        gone = share * cycle
        return np.asarray(np.maximum(top - np.where(cycle >= 1, np.floor(gone), gone), 0.0))


@dataclass(frozen=True)
class Chain:
    """A strategy's chain; figures of streams count the days after the first ``warm_up`` ones."""

    resources: Resources
    nodes: Nodes
    stock: Stock
    warm_up: int = 0
