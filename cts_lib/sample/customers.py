"""Who buys: the customers of one unit, the segment each was drawn from, and how some of them change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from cts_lib.sample.behaviours import BEHAVIOURS, BULK, CHANNELS, CORE, SMALL
from cts_lib.sample.calendar import MONTHS, QUARTERS, quarter_of, season
from cts_lib.sample.planted import BASE_LINES
from cts_lib.sample.units import Unit

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_CUSTOMERS_OF_BASE = 150
_FEWEST_CUSTOMERS = 20
_WORSE_QUARTERS = 5
_MIGRATION_QUARTER = QUARTERS.index("2026-Q2")
_SECOND_CHANNEL = 0.05
_CORE_MOVERS = 0.10
_SMALL_MOVERS = 0.08
_ORDERS_BY_SIZE = 0.12
"""How much more often larger customers order."""


@dataclass(frozen=True)
class Drift:
    """A change that was planted: what happened to whom, from which quarter on."""

    kind: str
    subject: str
    from_period: str
    before: str
    after: str


@dataclass(frozen=True)
class Conduct:
    """What each customer does in one month; one entry a customer."""

    orders: Floats
    lines: Floats
    quantity: Floats
    rush: Floats
    returns: Floats
    discount: Floats
    segment: Integers


@dataclass(frozen=True)
class Customers:
    """The customers of a unit, one entry each; ``segments`` has one row a month.

    ``pace`` turns the segments' usual orders a month into those that make the asked-for number of lines.
    """

    unit: Unit
    ids: NDArray[np.str_]
    segments: Integers
    size: Floats
    first_month: Integers
    last_month: Integers
    worse: int
    place: Integers
    latitude: Floats
    longitude: Floats
    distance: Floats
    warehouse: Integers
    channel: Integers
    second_channel: NDArray[np.bool_]
    terms: Integers
    lead_time: Integers
    drifts: tuple[Drift, ...]
    pace: float = 1.0

    def at_pace(self, pace: float) -> Customers:
        """The same customers ordering ``pace`` times as often."""
        return replace(self, pace=pace)

    def conduct(self, month: int) -> Conduct:
        """What the customers do in a month, season, growth and drifts included."""
        segment = self.segments[month]
        active = (self.first_month <= month) & (month <= self.last_month)
        orders = _of("orders", segment) * np.exp(_ORDERS_BY_SIZE * self.size) * season(month) * self.pace * active
        lines = _of("lines", segment)
        quantity = _of("quantity", segment) * np.exp(_of("spread", segment) * self.size)
        rush = _of("rush", segment)
        slide = max(0, quarter_of(month) - (len(QUARTERS) - 1 - _WORSE_QUARTERS)) / _WORSE_QUARTERS
        orders[self.worse] *= 1 + 2.2 * slide
        lines[self.worse] *= 1 - 0.68 * slide
        quantity[self.worse] *= 1 - 0.60 * slide
        rush[self.worse] += 0.40 * slide
        return Conduct(orders, lines, quantity, rush, _of("returns", segment), _of("discount", segment), segment)


def draw_customers(unit: Unit, lines: float, rng: np.random.Generator) -> Customers:
    """Draw the customers of a unit that sells ``lines`` order lines in the three years.

    Segments have fixed shares and sizes are spread evenly over their distribution, so that a unit's profit
    structure depends on neither seed nor number of lines.
    """
    # A small unit loses customers rather than orders a customer, so that a quarter still tells who is who.
    scale = lines / BASE_LINES
    count = max(_FEWEST_CUSTOMERS, round(_CUSTOMERS_OF_BASE * scale ** (0.5 if scale > 1 else 0.75)))
    segment, size = _segments_and_sizes(count, rng)
    first_month = np.where(rng.random(count) < 0.10, rng.integers(1, len(MONTHS) - 2, count), 0)
    last_month = np.full(count, len(MONTHS))
    by_size = np.argsort(-size, kind="stable")
    bulk, core, small = (by_size[segment[by_size] == which] for which in (BULK, CORE, SMALL))
    lost, worse = int(bulk[min(3, len(bulk) - 1)]), int(core[len(core) // 2])
    first_month[[lost, worse]] = 0
    lost_quarter = len(QUARTERS) - 1 - unit.number % 2
    last_month[lost] = lost_quarter * 3 - 1
    core_movers = _some(core[core != worse], _CORE_MOVERS)
    small_movers = _some(small, _SMALL_MOVERS)
    segments = np.tile(segment, (len(MONTHS), 1))
    segments[_MIGRATION_QUARTER * 3 :, core_movers] = SMALL
    segments[_MIGRATION_QUARTER * 3 :, small_movers] = CORE
    ids = np.array([f"{unit.prefix}{number:05d}" for number in range(1, count + 1)])
    channel = _draw_channels(segment, _even(segment, size, 0.618, rng))
    place = (_even(segment, size, 0.755, rng) * len(unit.places)).astype(np.int64)
    latitude, longitude = _scattered(unit, place, rng)
    distance, warehouse = _nearest_warehouse(unit, latitude, longitude)
    terms = np.array([rng.choice(BEHAVIOURS[which].terms) for which in segment])
    lead_time = np.array([rng.choice(BEHAVIOURS[which].lead_time) for which in segment])
    migrations = [(mover, CORE, SMALL) for mover in core_movers] + [(mover, SMALL, CORE) for mover in small_movers]
    drifts = (
        Drift("worse", str(ids[worse]), QUARTERS[-_WORSE_QUARTERS], "loyal_core", "smaller, more frequent, rush"),
        Drift("lost", str(ids[lost]), QUARTERS[lost_quarter], "efficient_bulk", "no orders"),
        *(
            Drift("migration", str(ids[who]), QUARTERS[_MIGRATION_QUARTER], BEHAVIOURS[was].name, BEHAVIOURS[now].name)
            for who, was, now in migrations
        ),
    )
    second_channel = (rng.random(count) < _SECOND_CHANNEL) & (channel == CHANNELS.index("retail"))
    return Customers(
        unit,
        ids,
        segments,
        size,
        first_month,
        last_month,
        worse,
        place,
        latitude,
        longitude,
        distance,
        warehouse,
        channel,
        second_channel,
        terms,
        lead_time,
        drifts,
    )


def _of(figure: str, segment: Integers) -> Floats:
    """One figure of each customer's segment."""
    return np.array([getattr(behaviour, figure) for behaviour in BEHAVIOURS], dtype=np.float64)[segment]


def _segments_and_sizes(count: int, rng: np.random.Generator) -> tuple[Integers, Floats]:
    ends = np.round(np.cumsum([behaviour.share for behaviour in BEHAVIOURS]) * count).astype(np.int64)
    segment = np.searchsorted(ends, np.arange(count), side="right")
    size = np.empty(count)
    for which, behaviour in enumerate(BEHAVIOURS):
        members = np.flatnonzero(segment == which)
        steps = (np.arange(len(members)) + 0.5) / len(members)
        even = np.array([NormalDist().inv_cdf(step) for step in steps])
        # Few members leave out the long tail; the shift gives them the sales that many would have.
        weight = behaviour.spread + _ORDERS_BY_SIZE
        size[members] = even + weight / 2 - np.log(np.exp(weight * even).mean()) / weight
    shuffled = rng.permutation(count)
    return segment[shuffled], size[shuffled]


def _some(customers: Integers, share: float) -> Integers:
    """At least one customer, evenly from the larger to the smaller."""
    count = max(1, round(len(customers) * share))
    return customers[((np.arange(count) + 0.5) * len(customers) / count).astype(np.int64)]


def _even(segment: Integers, size: Floats, step: float, rng: np.random.Generator) -> Floats:
    """Chances that are spread evenly over a segment's large and small customers alike, in steps of a fixed length."""
    chance = np.empty(len(segment))
    for which in range(len(BEHAVIOURS)):
        members = np.flatnonzero(segment == which)
        chance[members[np.argsort(-size[members])]] = (np.arange(len(members)) * step + rng.random()) % 1
    return chance


def _draw_channels(segment: Integers, chance: Floats) -> Integers:
    odds = np.array([behaviour.channels for behaviour in BEHAVIOURS])[segment].cumsum(axis=1)
    channel: Integers = (chance[:, None] * odds[:, -1:] >= odds).sum(axis=1).clip(max=len(CHANNELS) - 1)
    return channel


def _scattered(unit: Unit, place: Integers, rng: np.random.Generator) -> tuple[Floats, Floats]:
    latitude = np.array([each[2] for each in unit.places])[place] + rng.normal(0, 0.12, len(place))
    longitude = np.array([each[3] for each in unit.places])[place] + rng.normal(0, 0.15, len(place))
    return latitude.round(4), longitude.round(4)


def _nearest_warehouse(unit: Unit, latitude: Floats, longitude: Floats) -> tuple[Floats, Integers]:
    """Kilometres by road to the nearest warehouse, and which one it is."""
    kilometres = road_kilometres(unit, latitude, longitude)
    return kilometres.min(axis=1).clip(3.0).round(1), kilometres.argmin(axis=1)


def road_kilometres(unit: Unit, latitude: Floats, longitude: Floats) -> Floats:
    """Kilometres by road, a quarter more than the crow flies, to each of the unit's warehouses: one row a place."""
    stored = np.array([unit.places[which][2:] for which in unit.warehouses])
    north = (latitude[:, None] - stored[:, 0]) * 111.2
    east = (longitude[:, None] - stored[:, 1]) * 111.2 * np.cos(np.radians(latitude))[:, None]
    kilometres: Floats = 1.25 * np.hypot(north, east)
    return kilometres
