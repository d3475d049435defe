"""Simulated periods: canonical transactions drawn from the customers' own orders and events.

What a customer ordered on one day in a channel, with all that shares an order or shipment with it, is drawn as a whole:
when it comes again is said by `arrivals`, how often by `common` too. Its dates move with it. An event happens as often
as its customer orders more, and at random. The draws do not depend on the strategy, so that all meet the same demand
(common random numbers); each replication has its own random numbers, however many are drawn together.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from cts_lib.engine import Engine, fetch_frame, quoted
from cts_lib.model.drivers import Transactions
from cts_lib.names import CUSTOMER
from cts_lib.params.period import Period
from cts_lib.simulate.arrivals import Streams
from cts_lib.simulate.common import Common
from cts_lib.simulate.past import bounds, earlier

MOVED = ("order_date", "posting_date", "promised_date", "shipped_date", "delivered_date")
DRAWN = Transactions("drawn_lines", "drawn_events")


@dataclass(frozen=True)
class Surge:
    """So many times the orders and events of some days, counted from 0, of the streams that are marked."""

    factor: float
    days: range
    streams: np.ndarray

    def more(self, random: np.random.Generator, stream: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Return how often each comes: once, or as often as the surge has it, at random between; of no stream, -1."""
        inside = np.append(self.streams, False)[stream] & (day >= self.days.start) & (day < self.days.stop)
        whole, part = divmod(self.factor, 1)
        return np.where(inside, whole + (random.random(len(day)) < part), 1).astype("int64")


@dataclass(frozen=True)
class Demand:
    """What a period's demand is drawn from.

    ``orders`` has the unit of each order (customer_id, channel, order_id, unit); ``days`` and ``of_unit`` are the first
    day and the stream of each unit. ``events`` has each event's customer_id, day, and stream, or -1. Without ``common``
    the next period is like this one.
    """

    period: Period
    streams: Streams
    common: Common | None
    orders: pd.DataFrame
    days: np.ndarray
    of_unit: np.ndarray
    events: pd.DataFrame

    def leave(self, engine: Engine) -> None:
        """Leave the unit of each order in the engine."""
        engine.register("orders_of_units", self.orders)

    @property
    def customers(self) -> pd.DataFrame:
        """The customer and channel of each unit."""
        return self.streams.streams[CUSTOMER].iloc[self.of_unit].reset_index(drop=True)

    @classmethod
    def of(cls, engine: Engine, period: Period, past: pd.DataFrame | None) -> Self:
        """Estimate the demand of the lines and events that the engine holds.

        ``past`` has the days with orders of this period and of those before: customer_id, channel, day, period.
        """
        orders = fetch_frame(
            engine,
            "SELECT customer_id, channel, order_id, shipment_id, CAST(DATE_DIFF('day', DATE '1970-01-01', posting_date)"
            " AS BIGINT) AS day FROM lines GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5",
        )
        orders["unit"] = units(orders)
        first = orders.groupby("unit", as_index=False).agg({"customer_id": "first", "channel": "first", "day": "min"})
        before = None if past is None else earlier(past, period)
        streams = Streams.of(first, *bounds(period), before)
        common = None if past is None else Common.of(streams.streams, streams.variation, past, period.following)
        every = ", ".join(quoted(name) for name in engine.columns("events"))
        engine.create("numbered_events", f"SELECT *, ROW_NUMBER() OVER (ORDER BY {every}) - 1 AS _number FROM events")
        whose = fetch_frame(
            engine,
            "SELECT event.customer_id, customer.channel, CAST(DATE_DIFF('day', DATE '1970-01-01', event.event_date) AS "
            "BIGINT) AS day FROM numbered_events AS event JOIN customers AS customer "
            "ON customer.customer_id = event.customer_id ORDER BY event._number",
        )
        index = pd.MultiIndex.from_frame(streams.streams[CUSTOMER].astype("str"))
        whose["stream"] = index.get_indexer(pd.MultiIndex.from_frame(whose[CUSTOMER].astype("str")))
        listed = orders[[*CUSTOMER, "order_id", "unit"]].drop_duplicates()
        of_unit = index.get_indexer(pd.MultiIndex.from_frame(first[CUSTOMER].astype("str")))
        events = whose[["customer_id", "day", "stream"]]
        return cls(period, streams, common, listed, first["day"].to_numpy("int64"), of_unit, events)

    def draw(
        self, seed: int, replication: int, known: bool, surge: Surge | None = None
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return one replication: unit, copy and days moved of what is ordered; number of each event that happens.

        ``known`` takes this period's rates for the true ones and leaves out what periods have in common.
        """
        random = np.random.default_rng([seed, replication])
        factor = np.ones(len(self.streams.counts))
        if self.common and not known:
            factor = self.common.draw(random)
        day, unit = self.streams.draw(random, factor, known=known)
        surging = np.random.default_rng([seed, replication, 1])
        if surge:
            often = surge.more(surging, self.of_unit[unit], day - self.streams.first)
            day, unit = np.repeat(day, often), np.repeat(unit, often)
        orders = pd.DataFrame({"unit": unit, "days": day - self.days[unit], "replication": replication})
        orders["copy"] = orders.groupby("unit").cumcount()
        stream = self.events["stream"].to_numpy()
        often = np.append(factor, 1.0)[stream]
        if not known:
            often = often * random.exponential(size=len(often))
        number = np.repeat(np.arange(len(often)), random.poisson(often))
        if surge:
            days = self.events["day"].to_numpy()[number] - self.streams.first
            number = np.repeat(number, surge.more(surging, stream[number], days))
        return orders, pd.DataFrame({"number": number, "replication": replication})


@dataclass(frozen=True)
class Draws:
    """Some replications: ``orders`` has unit, copy, days (moved) and replication, ``events`` number and replication."""

    replications: range
    orders: pd.DataFrame
    events: pd.DataFrame

    @classmethod
    def of(cls, demand: Demand, replications: range, seed: int, known: bool, surge: Surge | None) -> Self:
        """Draw them."""
        drawn = [demand.draw(seed, replication, known, surge) for replication in replications]
        orders, events = (pd.concat(frames, ignore_index=True) for frames in zip(*drawn, strict=True))
        return cls(replications, orders, events)

    def without(self, demand: Demand, gone: Collection[str]) -> Draws:
        """Return them without the orders and events of some customers."""
        if not gone:
            return self
        ordering, calling = (each["customer_id"].isin(list(gone)) for each in (demand.customers, demand.events))
        orders = self.orders[~ordering.to_numpy()[self.orders["unit"]]].reset_index(drop=True)
        events = self.events[~calling.to_numpy()[self.events["number"]]].reset_index(drop=True)
        return Draws(self.replications, orders, events)

    def leave(self, engine: Engine, demand: Demand, lines: str, those: np.ndarray) -> Transactions:
        """Leave the lines of those units, marked, and all events in the engine, and say where.

        Lines have ``_drawn_from``, the order that they were, and ``_moved``, the days by which they are later.
        ``lines`` is the relation that the period's lines are taken from.
        """
        engine.register("order_draws", self.orders)
        engine.register("event_draws", self.events)
        engine.register("drawn_units", pd.DataFrame({"unit": np.flatnonzero(those)}))
        moved = ", ".join(f"{value} AS {name}" for name, value in later(demand.period).items())
        engine.create(
            DRAWN.lines,
            "SELECT line.* REPLACE (line.order_id || '~' || draw.copy AS order_id, line.shipment_id || '~' || "
            f"draw.copy AS shipment_id, {moved}), draw.replication, line.order_id AS _drawn_from, draw.days AS _moved "
            f"FROM {lines} AS line JOIN orders_of_units AS whole "
            "ON whole.customer_id = line.customer_id AND whole.channel = line.channel "
            "AND whole.order_id = line.order_id JOIN drawn_units AS those ON those.unit = whole.unit "
            "JOIN order_draws AS draw ON draw.unit = whole.unit",
        )
        engine.create(
            DRAWN.events,
            "SELECT event.* EXCLUDE (_number), draw.replication FROM numbered_events AS event "
            "JOIN event_draws AS draw ON draw.number = event._number",
        )
        return DRAWN

    @staticmethod
    def forget(engine: Engine) -> None:
        """Forget what `leave` left."""
        for relation in (DRAWN.lines, DRAWN.events, "order_draws", "event_draws", "drawn_units"):
            engine.forget(relation)


def later(period: Period) -> dict[str, str]:
    """Return the SQL of the dates of a ``line`` that is drawn anew as a ``draw``.

    What is posted some days after its order stays in the period.
    """
    moved = {name: f"line.{name} + CAST(draw.days AS INTEGER)" for name in MOVED}
    moved["posting_date"] = f"LEAST({moved['posting_date']}, DATE '{period.end - timedelta(days=1)}')"
    return moved


def units(orders: pd.DataFrame) -> np.ndarray:
    """Number what is drawn as a whole: a customer's orders in a channel that share an order, a shipment or a day."""
    places = [
        pd.factorize(pd.MultiIndex.from_frame(orders[[*CUSTOMER, key]]))[0]
        for key in ("order_id", "shipment_id", "day")
    ]
    sizes = [int(place.max()) + 1 if len(place) else 0 for place in places]
    rows = np.concatenate([places[0], places[0]])
    columns = np.concatenate([places[1] + sizes[0], places[2] + sizes[0] + sizes[1]])
    links = coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(sum(sizes), sum(sizes)))
    _, labels = connected_components(links, directed=False)
    return np.asarray(pd.factorize(labels[places[0]])[0])
