"""What the unit's stock ties up: its worth on average over the period's counts."""

from __future__ import annotations

import pandas as pd

from cts_lib import sql
from cts_lib.engine import Engine, fetch_frame
from cts_lib.params.period import Period


def build_stock_value(engine: Engine, period: Period) -> pd.DataFrame:
    """Return one row: worth (money; null without counts, or where stock has no unit cost) and the period's days."""
    frame = fetch_frame(engine, sql.load("stock_value")).astype("float64")
    return pd.DataFrame({"worth": frame["worth"].where(frame["unpriced"] == 0), "days": float(period.days)})
