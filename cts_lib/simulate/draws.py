"""Simulated periods: canonical transactions drawn from the customers' own orders and events.

Each customer's orders in a channel arrive as a Poisson process with the rate of the period; each arrival is one of the
customer's own orders, with its lines and deliveries; orders that share a shipment come together. Drawing each a
Poisson(1) number of times is the same
(Poissonization), so one table of counts makes all replications. The first draw of an order keeps its days; a further
one happens in another week of the period, on the same weekday, for two orders of one day would be bundled for free.
The draws do not depend on the strategy, so current and proposed meet the same demand (common random numbers).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from cts_lib.engine import Engine, fetch_frame, fetch_rows, quoted
from cts_lib.model.drivers import Transactions
from cts_lib.params.period import Period

_MOVED = ("order_date", "posting_date", "promised_date", "shipped_date", "delivered_date")
DRAWN = Transactions("drawn_lines", "drawn_events")


def draw_transactions(
    engine: Engine, period: Period, replications: int, seed: int, at_once: int
) -> Iterator[tuple[range, Transactions]]:
    """Leave the drawn lines and events of some replications after others in the engine, and say which and where.

    The draws are the same however many replications are drawn ``at_once``.
    """
    orders = fetch_frame(
        engine,
        "SELECT customer_id, channel, order_id, shipment_id, MIN(posting_date) AS first_day, "
        "MAX(posting_date) AS last_day FROM lines GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
    )
    orders["bundle"] = _bundles(orders)
    bundles = orders.groupby("bundle", as_index=False).agg({"first_day": "min", "last_day": "max"})
    every_column = ", ".join(quoted(name) for name in engine.columns("events"))
    engine.create(
        "numbered_events", f"SELECT *, ROW_NUMBER() OVER (ORDER BY {every_column}) - 1 AS _number FROM events"
    )
    events = fetch_rows(engine, "SELECT COUNT(*) AS n FROM numbered_events")[0]["n"]
    engine.register("bundled_orders", orders[["customer_id", "channel", "order_id", "bundle"]].drop_duplicates())
    order_source, event_source, day_source = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(3))
    moved = ", ".join(f"line.{name} + CAST(draw.days AS INTEGER) AS {name}" for name in _MOVED)
    for first in range(0, replications, at_once):
        some = range(first, min(first + at_once, replications))
        draws = _counts(len(bundles), some, order_source)
        draws["days"] = _moves(bundles.iloc[draws["number"]], draws["copy"].to_numpy(), period, day_source)
        engine.register("order_draws", draws)
        engine.register("event_draws", _counts(events, some, event_source))
        engine.create(
            DRAWN.lines,
            "SELECT line.* REPLACE (line.order_id || '~' || draw.copy AS order_id, line.shipment_id || '~' || "
            f"draw.copy AS shipment_id, {moved}), draw.replication FROM lines AS line JOIN bundled_orders AS bundle "
            "ON bundle.customer_id = line.customer_id AND bundle.channel = line.channel "
            "AND bundle.order_id = line.order_id JOIN order_draws AS draw ON draw.number = bundle.bundle",
        )
        engine.create(
            DRAWN.events,
            "SELECT event.* EXCLUDE (_number), draw.replication FROM numbered_events AS event "
            "JOIN event_draws AS draw ON draw.number = event._number",
        )
        yield some, DRAWN
        for relation in (DRAWN.lines, DRAWN.events, "order_draws", "event_draws"):
            engine.forget(relation)


def _bundles(orders: pd.DataFrame) -> np.ndarray:
    """Number the bundles: orders of a customer and channel that share a shipment are drawn together."""
    places = [
        pd.factorize(pd.MultiIndex.from_frame(orders[["customer_id", "channel", key]]))[0]
        for key in ("order_id", "shipment_id")
    ]
    size = tuple(int(place.max()) + 1 if len(place) else 0 for place in places)
    links = coo_matrix((np.ones(len(orders)), (places[0], places[1] + size[0])), shape=(sum(size), sum(size)))
    _, labels = connected_components(links, directed=False)
    return np.asarray(labels)[places[0]]


def _counts(items: int, replications: range, generator: np.random.Generator) -> pd.DataFrame:
    """Return one row for each time an item is drawn in a replication: its number, the replication, the copy."""
    counts = generator.poisson(1.0, size=(len(replications), items)).astype("int64")
    replication, number = np.nonzero(counts)
    times = counts[replication, number]
    rows = np.repeat(np.arange(len(times)), times)
    first = np.repeat(np.cumsum(times) - times, times)
    drawn = {"number": number[rows], "replication": replication[rows] + replications.start}
    return pd.DataFrame(drawn | {"copy": np.arange(len(rows)) - first})


def _moves(bundles: pd.DataFrame, copies: np.ndarray, period: Period, generator: np.random.Generator) -> np.ndarray:
    """Return the days each draw is moved: none for the first of an order, whole weeks within the period otherwise."""
    start, last = pd.Timestamp(period.start), pd.Timestamp(period.end) - pd.Timedelta(days=1)
    earliest = -((pd.to_datetime(bundles["first_day"]) - start).dt.days.to_numpy() // 7)
    latest = (last - pd.to_datetime(bundles["last_day"])).dt.days.to_numpy() // 7
    drawn = generator.integers(earliest, np.maximum(latest, earliest + 1))
    weeks = np.where(drawn >= 0, drawn + 1, drawn)
    return np.where((copies == 0) | (latest <= earliest), 0, weeks * 7)
