"""Stock rules of the winning strategy, tuned on the simulation: searched on some periods, judged on others.

What is asked of stock hangs on no rule of it, so that the simulated periods of the comparison are played again with
other rules. The first of them are searched, the rest the search never sees: what it found by chance is lost there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np
import pandas as pd

from cts_lib.evaluate.compare import ENDS, Horizon, half_width, verdicts
from cts_lib.evaluate.stocks import Stocks
from cts_lib.names import ALL
from cts_lib.notes import Note
from cts_lib.params.strategy import Values
from cts_lib.replay.streams import STREAM
from cts_lib.simulate.chain import Floats, Whole
from cts_lib.simulate.days import Passed, Setup
from cts_lib.simulate.tune import ASKED, COST, MISSING, ON_HAND, Asked, Prices, Rules, play, tuned

SEARCHED, JUDGED, FEWEST = 20, 40, 3
"""Simulated periods at most that are searched and that judge; and the fewest of either."""
MOST_STREAMS = 400
"""So many products in warehouses are tuned: those whose stock costs most."""
LINES, LEAD_DAYS = 2_000_000, 20_000_000
"""So many lines and days of replenishment of all periods are kept at most."""
POINTS = 100.0
COLUMNS = [
    *STREAM,
    *("reorder_point", "order_quantity", "order_up_to"),
    *("tuned_reorder_point", "tuned_order_quantity", "tuned_order_up_to"),
    *("on_hand", "tuned_on_hand", "fill_rate", "tuned_fill_rate", "cost", "tuned_cost"),
    *("saving", "low", "high", "verdict"),
]


@dataclass
class Tuning:
    """Keeps what is asked of stock in the first simulated periods of a strategy, until its rules are tuned.

    ``places`` are the tuned streams among all.
    """

    strategy: str
    stocks: Stocks
    values: Values
    places: Whole
    setup: Setup | None = None
    asked: list[Asked] = field(default_factory=list)

    @classmethod
    def of(cls, strategy: str, stocks: Stocks, values: Values) -> Self:
        """Choose the streams whose stock costs most, of those that it is known of what it costs."""
        streams = stocks.streams
        costs = streams["holding"] * (streams["safety"].clip(lower=0) + streams["cycle"] / 2)
        largest = costs[costs > 0].sort_values(ascending=False, kind="stable").index[:MOST_STREAMS]
        return cls(strategy, stocks, values, np.sort(largest.to_numpy("int64")))

    def take(self, strategy: str, setup: Setup, passed: Passed) -> None:
        """Keep what is asked in a replication of the strategy."""
        if strategy != self.strategy or not len(self.places) or len(self.asked) >= SEARCHED + JUDGED:
            return
        kept = len(self.asked) + 1
        arrivals, numbers = passed.arrivals, np.full(len(self.stocks.streams) + 1, -1, "int32")
        numbers[self.places] = np.arange(len(self.places))
        stream = numbers[arrivals.stream]
        own = (stream >= 0) & (passed.flow.processed < len(arrivals.lead_days[0]))
        lead_days = np.ascontiguousarray(arrivals.lead_days[0][:, self.places])
        if kept > 2 * FEWEST and (kept * own.sum() > LINES or kept * lead_days.size > LEAD_DAYS):
            return
        due = arrivals.day if arrivals.due is None else arrivals.due
        begun, warm_up = setup.begun(passed.replication)[self.places], setup.calendar.margin
        self.setup = setup
        self.asked.append(
            Asked(passed.flow.processed[own], due[own], stream[own], arrivals.quantity[own], lead_days, begun, warm_up)
        )

    @property
    def searched(self) -> int:
        """How many of the periods are searched."""
        return min(SEARCHED, len(self.asked) // 2)

    def table(self, horizon: Horizon) -> pd.DataFrame:
        """Return table ``tuned_stock``: the rules found, as the periods judge them that were not searched."""
        if self.setup is None or self.searched < FEWEST:
            return pd.DataFrame(columns=COLUMNS)
        streams = self.stocks.streams.iloc[self.places].reset_index(drop=True)
        given = Rules(self.setup.stock.some(self.places), self.setup.cycle[self.places])
        prices = self._prices(streams, self.setup)
        found = tuned(self.asked[: self.searched], given, prices, streams["spread"].to_numpy("float64"))
        judging = self.asked[self.searched :]
        before, after = (_with_total(play(judging, each, prices)) for each in (given, found))
        rules = pd.concat([_rules(given), _rules(found).add_prefix("tuned_")], axis=1)
        rules = pd.concat([streams[STREAM].astype("object"), rules], axis=1)
        rules = pd.concat([pd.DataFrame([dict.fromkeys(STREAM, ALL)]), rules], ignore_index=True)
        return pd.concat([rules, _figures(before, after, horizon)], axis=1)[COLUMNS]

    def _prices(self, streams: pd.DataFrame, setup: Setup) -> Prices:
        calendar = setup.calendar
        return Prices(
            streams["holding"].to_numpy("float64"),
            streams["order_cost"].to_numpy("float64"),
            np.where(streams["is_lost"], streams["margin"].clip(lower=0), 0.0),
            self.values.service_level * POINTS,
            self.values.speed_days,
            calendar.days / (calendar.length - calendar.margin),
        )


def tuned_stock(tuning: Tuning | None, horizon: Horizon) -> pd.DataFrame:
    """Return table ``tuned_stock``, without rows where no stock is simulated."""
    return tuning.table(horizon) if tuning else pd.DataFrame(columns=COLUMNS)


def _rules(rules: Rules) -> pd.DataFrame:
    stock = rules.stock
    lots = stock.order_quantity > 0
    return pd.DataFrame(
        {
            "reorder_point": stock.reorder_point,
            "order_quantity": np.where(lots, stock.order_quantity, np.nan),
            "order_up_to": np.where(lots, np.nan, stock.order_up_to),
        }
    )


def _with_total(played: Floats) -> Floats:
    """Return what `play` finds with the sum of all streams before them."""
    return np.concatenate([played.sum(axis=2, keepdims=True), played], axis=2)


def _figures(before: Floats, after: Floats, horizon: Horizon) -> pd.DataFrame:
    """Return what becomes of stock, service and cost, by what `play` finds under the given and the tuned rules."""
    table, (mean, then) = dict[str, np.ndarray](), (each.mean(axis=1) for each in (before, after))
    for prefix, each in (("", mean), ("tuned_", then)):
        asked = each[ASKED]
        missing = np.divide(each[MISSING], asked, out=np.full(len(asked), np.nan), where=asked > 0)
        table |= {f"{prefix}on_hand": each[ON_HAND], f"{prefix}fill_rate": 1 - missing, f"{prefix}cost": each[COST]}
    saved = before[COST] - after[COST]
    spread, count = saved.std(axis=0, ddof=1), np.full(saved.shape[1], len(saved))
    table["saving"] = saved.mean(axis=0)
    if horizon == "mean":
        half = half_width(pd.Series(spread), pd.Series(count)).to_numpy()
        table["low"], table["high"] = table["saving"] - half, table["saving"] + half
    else:
        table["low"], table["high"] = np.quantile(saved, ENDS, axis=0)
    table["verdict"] = verdicts(table["saving"], mean[COST], np.ones(len(count)), spread, count)
    return pd.DataFrame(table)


def notes_of_tuned(tuning: Tuning | None, table: pd.DataFrame) -> list[Note]:
    """Return how stock rules were tuned; nothing where none were."""
    if tuning is None or table.empty:
        return []
    return [
        Note(
            "Stock rules of {count} products in warehouses, those whose stock costs most, were tuned on {searched} "
            "simulated periods and judged on {judged} others. Their cost is holding, ordering where `order_cost` is "
            "known (else what is ordered at once stays as it is), the margin of what is lost, and what `values` say of "
            "late lines; where missing goods cost nothing by that, no more may be missing than by the given rules.",
            {
                "count": len(tuning.places),
                "searched": tuning.searched,
                "judged": len(tuning.asked) - tuning.searched,
            },
            assumed=True,
        )
    ]
