"""Simulated periods: canonical transactions drawn from the customers' own orders and events.

Each customer's orders in a channel arrive as a Poisson process with the rate of the period; each arrival is one of the
customer's own orders, with its lines, dates and deliveries. Drawing every order a Poisson(1) number of times is the
same (Poissonization), so one table of counts makes all replications. The draws do not depend on the strategy, so
current and proposed are compared on the same demand (common random numbers).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cts_lib.costing.drivers import Transactions
from cts_lib.engine import Engine, fetch_frame, fetch_rows

_ORDERS = ["customer_id", "channel", "order_id"]


DRAWN = Transactions("drawn_lines", "drawn_events")


def draw_transactions(engine: Engine, replications: int, seed: int) -> Transactions:
    """Leave the drawn lines and events of all replications in the engine, and say where."""
    orders = fetch_frame(engine, "SELECT DISTINCT customer_id, channel, order_id FROM lines ORDER BY ALL")
    every_column = ", ".join(f'"{name}"' for name in engine.columns("events"))
    engine.create(
        "numbered_events", f"SELECT *, ROW_NUMBER() OVER (ORDER BY {every_column}) - 1 AS _number FROM events"
    )
    events = fetch_rows(engine, "SELECT COUNT(*) AS n FROM numbered_events")[0]["n"]
    order_source, event_source = np.random.SeedSequence(seed).spawn(2)
    engine.register("order_draws", _counts(orders, replications, order_source))
    numbers = pd.DataFrame({"_number": np.arange(events)})
    engine.register("event_draws", _counts(numbers, replications, event_source))
    engine.create(
        DRAWN.lines,
        "SELECT line.* REPLACE (line.order_id || '~' || draw.copy AS order_id, line.shipment_id || '~' || draw.copy AS "
        "shipment_id), draw.replication FROM lines AS line JOIN order_draws AS draw "
        "ON draw.customer_id = line.customer_id AND draw.channel = line.channel AND draw.order_id = line.order_id",
    )
    engine.create(
        DRAWN.events,
        "SELECT event.* EXCLUDE (_number), draw.replication FROM numbered_events AS event JOIN event_draws AS draw "
        "ON draw._number = event._number",
    )
    return DRAWN


def _counts(things: pd.DataFrame, replications: int, source: np.random.SeedSequence) -> pd.DataFrame:
    """Return one row for each time a thing is drawn in a replication, with a copy number."""
    generator = np.random.default_rng(source)
    counts = generator.poisson(1.0, size=(replications, len(things))).astype("int64")
    replication, thing = np.nonzero(counts)
    times = counts[replication, thing]
    rows = np.repeat(np.arange(len(times)), times)
    first = np.repeat(np.cumsum(times) - times, times)
    drawn = things.iloc[thing[rows]].reset_index(drop=True)
    return drawn.assign(replication=replication[rows], copy=np.arange(len(rows)) - first)
