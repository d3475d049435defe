"""What turns sums of each segment and channel into money and the elements of the supply chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cts_lib.measures import ratios
from cts_lib.names import CELL
from cts_lib.params import CostModel, Strategy
from cts_lib.replay.options import PlacedLever, read_option
from cts_lib.replay.whom import GoingAlong
from cts_lib.strategy.choice import Capacity
from cts_lib.strategy.surge import StockInSurge

RATIOS = ("service_level", "in_full", "speed_days", "visibility")
ELEMENTS = ("service_level", "in_full", "responsiveness", "speed_days", "speed_p95_days", "visibility")


@dataclass(frozen=True)
class Books:
    """What turns outcomes into figures of cells.

    ``going_shares`` says what of an activity's cost leaves the ledger with the work, ``resources`` is that table,
    ``years`` the run's period as a share of the years over which an investment is spread, ``stock`` what stock can do
    in a surge, where anybody asks.
    """

    model: CostModel
    strategy: Strategy
    levers: list[PlacedLever]
    going: GoingAlong
    going_shares: Mapping[str, float]
    resources: pd.DataFrame
    years: float
    stock: StockInSurge | None = None


def with_money(sums: pd.DataFrame) -> pd.DataFrame:
    """Add margin, profit, profit less investment, and the elements of the chain that are shares or means."""
    table = sums.assign(margin=sums["net_sales"] - sums["cogs"])
    table["profit"] = table["margin"] - table["cost_to_serve"]
    table["net_profit"] = table["profit"] - table["investment"]
    return table.assign(**ratios(table, RATIOS))


def with_responsiveness(
    table: pd.DataFrame, today: pd.DataFrame, books: Books, at_work: Sequence[Capacity] = ()
) -> pd.DataFrame:
    """Add ``responsiveness``: the share of a surge that the slack of the resources and the stock can serve in time.

    With the surge's demand d, capacity C and use U of a resource, all of the period, its extra work is (d − 1) U and
    its slack C − U; a cell's share is the least of min(1, slack ÷ extra work) over the resources that work for it, and
    of the share that its stock can serve (`StockInSurge`). An option changes U by what its own cell uses more or less;
    rows of whole plans come with the capacities ``at_work``: U changes by what all cells of a plan do, C by the steps
    that are best for it. Unknown where no resource with a capacity works for it and no stock is known.
    """
    extra = books.strategy.surge.demand - 1
    least = np.full(len(table), np.nan)
    before = today.set_index(CELL)
    rows = pd.MultiIndex.from_frame(table[CELL])
    for row in books.resources.dropna(subset=["capacity_minutes", "used_minutes"]).to_dict("records"):
        column = f"uses_{row['resource']}"
        own = table[column].to_numpy("float64")
        used = row["used_minutes"] + own - before[column].reindex(rows).to_numpy("float64")
        minutes = row["capacity_minutes"]
        for each in at_work:
            if each.column == column:
                used = table.groupby("plan")[column].transform("sum").to_numpy("float64")
                minutes = np.array([each.minutes_after(each.steps_for(amount)) for amount in used])
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.clip((minutes - used) / (extra * used), 0.0, 1.0)
        least = np.where(own > 0, np.fmin(least, share), least)
    if books.stock is not None:
        keys = table[[*CELL, "option"]].itertuples(index=False, name=None)
        of_stock = [books.stock.share(segment, channel, read_option(name)) for segment, channel, name in keys]
        least = np.fmin(least, of_stock)
    return table.assign(responsiveness=least)
