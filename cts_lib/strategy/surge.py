"""What share of a surge of demand today's stock, and that of each setting of its levers, can serve.

A stream's safety stock stands against what the surge asks beyond usual demand, until a replenishment ordered at its
start is there: (d − 1) × a day's demand × the days of the surge, at most those that stock has to last.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cts_lib.engine import Engine, fetch_frame
from cts_lib.levers.stock import TO_ORDER, Stock
from cts_lib.levers.visibility import Visibility
from cts_lib.names import CELL, CUSTOMER
from cts_lib.params.strategy import Surge
from cts_lib.replay.options import Option, PlacedLever
from cts_lib.replay.streams import STREAM, spread, todays_streams
from cts_lib.replay.whom import GoingAlong

Kept = tuple[str | None, float | None]
"""How stock is kept: by which plan, and by a forecast of which factor; None where no lever says so."""


class StockInSurge:
    """Says of a cell under an option what share of a surge's demand its stock can serve.

    ``days`` are those of the period whose lines the engine holds.
    """

    def __init__(self, engine: Engine, levers: list[PlacedLever], going: GoingAlong, surge: Surge, days: int) -> None:
        settings = [setting for lever in levers for setting in lever.settings.values()]
        plans = {setting.plan for setting in settings if isinstance(setting, Stock)}
        factors = {setting.cv_factor for setting in settings if isinstance(setting, Visibility)}
        ways = list(product([None, *sorted(plans)], [None, *sorted(each for each in factors if each)]))
        streams = todays_streams(engine, days)
        shares = _shares(streams[streams["safety"].notna()], ways, surge)
        self._levers, self._going = levers, going
        self._rows = going.cells.groupby(CELL, sort=False).indices
        self._place = {way: at for at, way in enumerate(ways)}
        self._sums = _sums_of_customers(engine, shares, going.cells)
        self._known = dict[tuple[str, str, str], float]()

    def share(self, segment: str, channel: str, option: Option) -> float:
        """Return the share, by quantity of the streams whose stock of today is known; nan where there is none.

        Who leaves under the option asks for nothing.
        """
        key = segment, channel, option.name
        if key not in self._known:
            rows = self._staying(np.asarray(self._rows[segment, channel]), option)
            sold = float(self._sums[rows, -1].sum())
            served = float(self._sums[rows, self._ways(rows, option)].sum())
            self._known[key] = served / sold if sold else float("nan")
        return self._known[key]

    def _staying(self, rows: np.ndarray, option: Option) -> np.ndarray:
        leaves = np.zeros(len(rows), "bool")
        for choice in option.settings.items():
            leaves |= self._going.leaving[choice][rows]
        return rows[~leaves]

    def _ways(self, rows: np.ndarray, option: Option) -> np.ndarray:
        """Return the place of how each customer's stock is kept; the first lever that says so counts."""
        kept: list[Kept] = [(None, None)] * len(rows)
        for lever in self._levers:
            name = option.settings.get(lever.name)
            if name is None:
                continue
            setting, along = lever.settings[name], self._going.those[lever.name, name][rows]
            for at in np.flatnonzero(along):
                plan, factor = kept[at]
                if isinstance(setting, Stock):
                    kept[at] = plan or setting.plan, factor
                elif isinstance(setting, Visibility):
                    kept[at] = plan, factor or setting.cv_factor
        return np.array([self._place[way] for way in kept], "int64")


def _shares(streams: pd.DataFrame, ways: list[Kept], surge: Surge) -> pd.DataFrame:
    """Return product_id, warehouse, and the share of a surge that each way of keeping stock serves: s0, s1 …"""
    extra = (surge.demand - 1) * streams["daily"] * streams["lasts"].clip(upper=surge.days)
    served = {
        f"s{at}": (_safety(streams, way) / extra.where(extra > 0)).clip(0.0, 1.0).fillna(1.0)
        for at, way in enumerate(ways)
    }
    return streams[STREAM].assign(**served).astype(dict.fromkeys(STREAM, "str"))


def _safety(streams: pd.DataFrame, way: Kept) -> pd.Series:
    """Return the safety stock of streams kept in a way."""
    plan, factor = way
    after = spread(streams, factor or 1.0)
    if plan == TO_ORDER:
        return pd.Series(0.0, streams.index)
    if plan is not None:
        return float(ndtri(float(plan))) * after
    varies = streams["spread"] > 0
    spared = (1 - after / streams["spread"].where(varies, 1.0)).where(varies, 0.0)
    return streams["safety"] - streams["safety"].clip(lower=0.0) * spared


def _sums_of_customers(engine: Engine, shares: pd.DataFrame, cells: pd.DataFrame) -> np.ndarray:
    """Return, for each row of the cells, what of its demand each way serves, and last that demand."""
    engine.register("stock_in_surge", shares)
    names = [name for name in shares if name not in STREAM]
    sums = [f"SUM(line.quantity * stream.{name}) AS {name}" for name in names]
    frame = fetch_frame(
        engine,
        f"SELECT line.customer_id, line.channel, {', '.join(sums)}, SUM(line.quantity) AS sold FROM lines AS line "
        "JOIN stock_in_surge AS stream ON stream.product_id = line.product_id AND stream.warehouse = line.warehouse "
        "WHERE line.quantity > 0 GROUP BY line.customer_id, line.channel",
    )
    by_customer = frame.astype(dict.fromkeys(CUSTOMER, "object")).set_index(CUSTOMER)[[*names, "sold"]]
    wanted = pd.MultiIndex.from_frame(cells[CUSTOMER].astype("object"))
    return by_customer.astype("float64").reindex(wanted).fillna(0.0).to_numpy()
