"""How each stream, a product in a warehouse, is replenished in the chain with days: today, and under a policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cts_lib.engine import Engine, fetch_frame, quoted
from cts_lib.levers.stock import TO_ORDER
from cts_lib.replay.options import PlacedLever
from cts_lib.replay.streams import STREAM, todays_streams
from cts_lib.simulate.chain import Floats, Stock
from cts_lib.simulate.days import Leads

STREAMS = "chain_streams"


@dataclass(frozen=True)
class Stocks:
    """The streams whose rule is known, or follows from today's stock; a row each.

    Columns of ``streams``: product_id, warehouse, stream (its number), quantity, safety, spread, cycle, review, low
    (the reorder point), top (what is ordered up to), lot (what is ordered at once; 0: up to the top), is_lost, lead,
    late.
    ``total`` is how many have a rule at all; ``is_small`` where none is simulated, for they have too few lines.
    """

    streams: pd.DataFrame
    total: int
    is_small: bool = False

    @classmethod
    def of(cls, engine: Engine, days: int) -> Self:
        """Read today's rules, and leave the streams' numbers in the engine."""
        every = todays_streams(engine, days)
        known = every[every["safety"].notna() & (every["cycle"] > 0)].reset_index(drop=True)
        low = known["safety"] + known["daily"] * known["lasts"]
        is_topped = known["order_up_to"].notna() & ~(known["order_quantity"] > 0)
        short = fetch_frame(
            engine,
            "SELECT product_id, warehouse FROM lines WHERE quantity > 0 AND delivered_quantity < quantity "
            "GROUP BY product_id, warehouse",
        )
        has_short = pd.MultiIndex.from_frame(known[STREAM]).isin(pd.MultiIndex.from_frame(short.astype("object")))
        streams = known.assign(
            stream=np.arange(len(known)),
            low=low,
            lot=known["cycle"].where(~is_topped, 0.0),
            top=np.maximum(known["order_up_to"].where(is_topped, low + known["cycle"]), low),
            is_lost=has_short,
        )
        return cls(streams, len(every)).numbered(engine)

    def numbered(self, engine: Engine) -> Self:
        """Leave the streams' numbers in the engine."""
        engine.register(STREAMS, self.streams[[*STREAM, "stream"]].astype(dict.fromkeys(STREAM, "str")))
        return self

    @property
    def leads(self) -> Leads:
        return Leads(self._values("lead"), self._values("late"))

    def today(self) -> tuple[Stock, Floats]:
        """Return the rules of today, and how much of a cycle there can be less at the start."""
        return self._stock(np.ones(len(self.streams)), np.zeros(len(self.streams)))

    def under(
        self, engine: Engine, lines: str, levers: list[PlacedLever], plans: Sequence[str]
    ) -> dict[str, tuple[Stock, Floats]]:
        """Return the rules under each of the plans that made these lines of the period's.

        They grow and shrink with what is sold from the stream. Where levers of stock are at work on a part of it, that
        part's safety stock is theirs, or it needs none because it waits.
        """
        plan = plan_of(levers)
        sold = fetch_frame(
            engine,
            f"SELECT line.scenario, known.stream, {plan} AS plan, CAST(SUM(CAST(line.quantity AS DECIMAL(38, 12))) AS "
            f"DOUBLE) AS sold FROM {lines} AS line JOIN {STREAMS} AS known ON known.product_id = line.product_id AND "
            f"known.warehouse = line.warehouse WHERE line.quantity > 0 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        )
        return {name: self._planned(sold[sold["scenario"] == name]) for name in plans}

    def _planned(self, sold: pd.DataFrame) -> tuple[Stock, Floats]:
        """Return the rules under which so much is ``sold`` by stream and plan of stock."""
        part, moved = np.zeros(len(self.streams)), np.zeros(len(self.streams))
        quantity, safety, spread = (self._values(name) for name in ("quantity", "safety", "spread"))
        for plan, rows in sold.groupby(sold["plan"].fillna("").astype("str")):
            stream = rows["stream"].to_numpy("int64")
            share = rows["sold"].to_numpy("float64") / quantity[stream]
            if plan != TO_ORDER:
                part[stream] += share
                if plan:
                    moved[stream] += share * (ndtri(float(plan)) * spread[stream] - safety[stream])
        return self._stock(part, moved)

    def _stock(self, part: Floats, moved: Floats) -> tuple[Stock, Floats]:
        """Return rules for a part of today's sales, with reorder points moved by so many units."""
        low = part * self._values("low") + moved
        stock = Stock(
            tuple(f"{product}, {warehouse}" for product, warehouse in self.streams[STREAM].to_numpy()),
            np.zeros(len(low)),
            low,
            np.maximum(part * self._values("top") + moved, low),
            np.where(part > 0, part, 1.0) * self._values("lot"),
            self.streams["review"].to_numpy("int64"),
            self.streams["is_lost"].to_numpy(bool),
        )
        return stock, part * self._values("cycle")

    def _values(self, name: str) -> Floats:
        return self.streams[name].to_numpy("float64")


def plan_of(levers: list[PlacedLever]) -> str:
    """Return the SQL of the plan of stock that a rewritten ``line`` falls under; null where none does."""
    stocked = [lever.place for lever in levers if lever.kind.name == "stock"]
    cases = " ".join(f"WHEN line.{quoted(place['touched'])} = 1 THEN line.{quoted(place['plan'])}" for place in stocked)
    return f"CASE {cases} END" if cases else "CAST(NULL AS VARCHAR)"


def columns_of_plans(levers: list[PlacedLever]) -> set[str]:
    """Return the columns of rewritten lines that `plan_of` reads."""
    return {lever.place[name] for lever in levers if lever.kind.name == "stock" for name in ("touched", "plan")}
