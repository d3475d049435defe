"""The indicators of simulated periods, of their sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from cts_lib.evaluate.cells import COST
from cts_lib.measures import SERVICE, kind_of, ratios
from cts_lib.names import CELL

KPIS = ("net_sales", "cost_to_serve", "profit", *SERVICE)
RUN = ["strategy", "replication"]


def dearer(runs: pd.DataFrame, factors: Mapping[str, float]) -> pd.DataFrame:
    """Return runs where the work of resources costs a multiple."""
    more = pd.Series(0.0, runs.index)
    for resource, factor in factors.items():
        if f"{COST}{resource}" in runs:
            more += (factor - 1) * runs[f"{COST}{resource}"]
    return runs.assign(cost_to_serve=runs["cost_to_serve"] + more)


def kpis_of(runs: pd.DataFrame, borne: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Return the indicators of runs, one a row: the keys, kpi, value.

    ``borne`` has the investment that each strategy bears in the period, by segment and channel; profit is less it.
    """
    investment = np.zeros(len(runs))
    for strategy, by_cell in borne.items():
        rows = (runs["strategy"] == strategy).to_numpy()
        cells = pd.MultiIndex.from_frame(runs.loc[rows, CELL])
        investment[rows] = by_cell.reindex(cells).fillna(0.0).to_numpy()
    runs = runs.assign(profit=runs["net_sales"] - runs["cogs"] - runs["cost_to_serve"] - investment)
    runs = pd.concat([runs, ratios(runs, SERVICE)], axis=1)
    return runs.melt([*CELL, *RUN], list(KPIS), "kpi", "value")


def moved(values: pd.DataFrame, by: np.ndarray) -> pd.DataFrame:
    """Return indicators moved by amounts, where these are known, each within what it can be."""
    return within(values.assign(value=values["value"] + np.nan_to_num(by)), ["value"])


def within(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return a table of indicators with shares of these columns within 0 and 1, and days not below 0."""
    highest = np.where(table["kpi"].isin([kpi for kpi in SERVICE if kind_of(kpi) == "percent"]), 1.0, np.inf)
    lowest = np.where(table["kpi"].isin(SERVICE), 0.0, -np.inf)
    return table.assign(**{name: table[name].clip(lowest, highest) for name in columns})
