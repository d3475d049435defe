"""What turns sums of each segment and channel into money and the elements of the supply chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cts_lib.measures import ratios
from cts_lib.names import CELL
from cts_lib.params import CostModel, Strategy
from cts_lib.replay.options import PlacedLever
from cts_lib.replay.whom import GoingAlong

RATIOS = ("service_level", "in_full", "speed_days", "visibility")
ELEMENTS = ("service_level", "in_full", "responsiveness", "speed_days", "speed_p95_days", "visibility")


@dataclass(frozen=True)
class Books:
    """What turns outcomes into figures of cells.

    ``going_shares`` says what of an activity's cost leaves the ledger with the work, ``resources`` is that table,
    ``years`` the run's period as a share of the years over which an investment is spread.
    """

    model: CostModel
    strategy: Strategy
    levers: list[PlacedLever]
    going: GoingAlong
    going_shares: Mapping[str, float]
    resources: pd.DataFrame
    years: float


def with_money(sums: pd.DataFrame) -> pd.DataFrame:
    """Add margin, profit, profit less investment, and the elements of the chain that are shares or means."""
    table = sums.assign(margin=sums["net_sales"] - sums["cogs"])
    table["profit"] = table["margin"] - table["cost_to_serve"]
    table["net_profit"] = table["profit"] - table["investment"]
    return table.assign(**ratios(table, RATIOS))


def with_responsiveness(table: pd.DataFrame, today: pd.DataFrame, books: Books) -> pd.DataFrame:
    """Add ``responsiveness``: the share of a surge's extra work that the slack of the resources can do in time.

    With the surge's demand d, capacity C and use U of a resource, all of the period, its extra work is (d − 1) U and
    its slack C − U; a cell's share is the least of min(1, slack ÷ extra work) over the resources that work for it. An
    option changes U by what its own cell uses more or less. Unknown where no resource with a capacity works for it.
    """
    extra = books.strategy.surge.demand - 1
    least = np.full(len(table), np.nan)
    before = today.set_index(CELL)
    rows = pd.MultiIndex.from_frame(table[CELL])
    for row in books.resources.dropna(subset=["capacity_minutes", "used_minutes"]).to_dict("records"):
        column = f"uses_{row['resource']}"
        own = table[column].to_numpy("float64")
        used = row["used_minutes"] + own - before[column].reindex(rows).to_numpy("float64")
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.clip((row["capacity_minutes"] - used) / (extra * used), 0.0, 1.0)
        least = np.where(own > 0, np.fmin(least, share), least)
    return table.assign(responsiveness=least)
