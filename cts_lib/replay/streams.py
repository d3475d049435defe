"""What stock each stream has today: a product in a warehouse with a rule of replenishment and sales in the period."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cts_lib import sql
from cts_lib.engine import Engine, fetch_frame
from cts_lib.inventory.lot_size import economic_order_quantity
from cts_lib.inventory.service import lead_time_demand_sd

STREAM = ["product_id", "warehouse"]
_YEAR = 365


def todays_streams(engine: Engine, days: int) -> pd.DataFrame:
    """Return the streams of a period of so many days.

    Columns: product_id, warehouse; ``quantity`` sold; ``daily`` and ``sd`` of a day's demand, ``lead`` and ``late``
    (mean and standard deviation) of the days of replenishment, ``lasts``, the days that stock has to last; ``spread``,
    the standard deviation of their demand; ``cycle``, what is ordered at once; ``safety``, today's safety stock, null
    where it is not known; ``holding``, what a unit costs that lies there the whole period, null where the rule does not
    say it; ``margin``, what a unit sold brings; ``review``, the days from review to review, and ``order_up_to``,
    ``order_quantity`` and ``order_cost`` as the rule has them.
    """
    frame = fetch_frame(engine, sql.load("stock_streams", days=float(days)))
    numbers = [name for name in frame if name not in STREAM]
    frame = frame.astype(dict.fromkeys(STREAM, "object") | dict.fromkeys(numbers, "float64"))
    review, lead = frame["review_days"].fillna(0.0), frame["lead_time_days"]
    unit_cost = (frame["cogs"] / frame["quantity"]).clip(lower=0.0)
    streams = frame.assign(
        sd=np.sqrt(frame["squares"] / (days - 1)),
        lead=lead,
        late=frame["lead_time_sd_days"].fillna(0.0),
        lasts=lead + review,
        holding=frame["holding_rate"] * unit_cost * days / _YEAR,
        review=review,
        margin=(frame["net_sales"] - frame["cogs"]) / frame["quantity"],
    )
    streams["spread"] = spread(streams)
    streams["cycle"] = _cycle(streams, review, frame["holding_rate"] * unit_cost)
    streams["safety"] = _safety(streams, review)
    kept = ["quantity", "daily", "sd", "lead", "late", "lasts", "spread", "cycle", "safety", "holding"]
    return streams[[*STREAM, *kept, "margin", "review", "order_up_to", "order_quantity", "order_cost"]]


def spread(streams: pd.DataFrame, factor: float = 1.0) -> pd.Series:
    """Return the standard deviation of demand while stock has to last, where that of a day is so much of today's."""
    sd = lead_time_demand_sd(streams["daily"], factor * streams["sd"], streams["lasts"], streams["late"])
    return pd.Series(sd, streams.index)


def _cycle(streams: pd.DataFrame, review: pd.Series, unit_year: pd.Series) -> pd.Series:
    """Return what is ordered at once; ``unit_year`` is what a unit costs that lies there for a year."""
    of_review, top = streams["daily"] * review, streams["order_up_to"]
    best = economic_order_quantity(
        streams["order_cost"], unit_year.where(unit_year > 0), streams["daily"] * _YEAR
    ).quantity
    found = _first(
        streams["order_quantity"],
        top - streams["reorder_point"],
        of_review.where(top.notna()),
        pd.Series(best, streams.index),
        streams["daily"] * review.clip(lower=1.0),
        above=0.0,
    )
    return found.where(found > of_review, of_review)


def _safety(streams: pd.DataFrame, review: pd.Series) -> pd.Series:
    needed = streams["daily"] * streams["lasts"]
    level = streams["order_up_to"].where(review > 0, streams["order_up_to"] - streams["order_quantity"])
    at_hand = streams["on_hand"] - streams["cycle"] / 2
    return _first(streams["reorder_point"] - needed, level - needed, at_hand.where(at_hand >= 0))


def _first(*several: pd.Series, above: float = -np.inf) -> pd.Series:
    """Return, row by row, the first value that is known and above a limit."""
    return pd.concat([each.where(each > above) for each in several], axis=1).bfill(axis=1).iloc[:, 0]
