"""What few replications would show if they were as many as those of today and the proposal.

Scenarios and other plans meet the demand of the first of these replications alone. By how much these few differ from
all is known of today's strategy and the proposal, and taken off (control variates with a coefficient of 1: A. M. Law,
*Simulation Modeling and Analysis*). What a scenario or plan leaves as it was in each of them is what it is in all: it
is told by all, with the interval and the verdict that it has there.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cts_lib.names import BASE, CELL
from cts_lib.replay.options import CURRENT, PROPOSED

_KEYS = ["strategy", *CELL, "kpi"]
_ALIKE = 1e-9
"""Figures of a replication that differ by no more than this share of themselves are one, added up in another order."""


def as_of_all(values: pd.DataFrame, few: range) -> pd.DataFrame:
    """Return indicators, those of few replications as if they were of all; other plans move as the proposal does.

    ``values`` has the keys of `indicators.kpis_of`, and ``scenario``. A share of one replication may come to lie beyond
    1: it is their mean that is put right.
    """
    is_whole = (values["scenario"] == BASE) & values["strategy"].isin([CURRENT, PROPOSED])
    whole = values[is_whole]
    of_few = whole[whole["replication"].isin(few)]
    missed = whole.groupby(_KEYS)["value"].mean() - of_few.groupby(_KEYS)["value"].mean()
    like = values[_KEYS].assign(strategy=values["strategy"].where(values["strategy"] == CURRENT, PROPOSED))
    by = missed.reindex(pd.MultiIndex.from_frame(like)).to_numpy("float64", copy=True)
    by[is_whole.to_numpy()] = 0.0
    return values.assign(value=values["value"] + np.nan_to_num(by))


def left_alone(values: pd.DataFrame) -> pd.DataFrame:
    """Return what scenarios leave as it was without them, and other plans as the proposal has it, in each replication.

    ``values`` are those of `as_of_all` before they are moved. Columns: scenario, strategy, segment, channel, kpi, and
    ``like``, the strategy whose figure without a scenario it is.
    """
    is_whole = (values["scenario"] == BASE) & values["strategy"].isin([CURRENT, PROPOSED])
    whole = values.loc[is_whole, [*_KEYS, "replication", "value"]].rename(columns={"strategy": "like", "value": "base"})
    rest = values[~is_whole]
    rest = rest.assign(like=rest["strategy"].where(rest["strategy"] == CURRENT, PROPOSED))
    both = rest.merge(whole, on=["like", *CELL, "kpi", "replication"], how="left")
    alike = (both["value"] - both["base"]).abs() <= _ALIKE * both["base"].abs()
    alike |= both["value"].isna() & both["base"].isna()
    always = alike.groupby([both[name] for name in ["scenario", *_KEYS, "like"]], sort=False).all()
    return always[always].index.to_frame(index=False)


def told_by_all(evaluation: pd.DataFrame, alone: pd.DataFrame) -> pd.DataFrame:
    """Return table ``evaluation`` with what is left alone as all replications have it."""
    return _as_in_base(evaluation, alone, ["strategy"])


def compared_by_all(comparison: pd.DataFrame, alone: pd.DataFrame) -> pd.DataFrame:
    """Return table ``comparison`` with what is left alone of both strategies as all replications have it."""
    sides = alone[alone["strategy"].isin([CURRENT, PROPOSED]) & (alone["scenario"] != BASE)]
    counts = sides.groupby(["scenario", *CELL, "kpi"])["strategy"].nunique()
    return _as_in_base(comparison, counts[counts == 2].index.to_frame(index=False), [])


def _as_in_base(table: pd.DataFrame, alone: pd.DataFrame, strategy: list[str]) -> pd.DataFrame:
    """Return a table in which rows of ``alone`` have the figures of the base; ``strategy`` is a key, or none."""
    keys = [*strategy, *CELL, "kpi"]
    base = table[table["scenario"] == BASE].drop(columns="scenario").set_index(keys)
    like = alone.assign(strategy=alone["like"]) if strategy else alone
    there = pd.MultiIndex.from_frame(table[["scenario", *keys]])
    at = there.get_indexer(pd.MultiIndex.from_frame(alone[["scenario", *keys]]))
    found = base.index.get_indexer(pd.MultiIndex.from_frame(like[keys]))
    known = (at >= 0) & (found >= 0)
    told = table.reset_index(drop=True)
    for name in base.columns:
        told.loc[at[known], name] = base[name].to_numpy()[found[known]]
    return told
