"""What few replications would show if they were as many as those of today and the proposal.

Scenarios and other plans meet the demand of the first of these replications alone. By how much these few differ from
all is known of today's strategy and the proposal, and taken off (control variates with a coefficient of 1: A. M. Law,
*Simulation Modeling and Analysis*), so that what a scenario leaves as it was is shown as it was.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cts_lib.names import BASE, CELL
from cts_lib.replay.options import CURRENT, PROPOSED

_KEYS = ["strategy", *CELL, "kpi"]


def as_of_all(values: pd.DataFrame, few: range) -> pd.DataFrame:
    """Return indicators, those of few replications as if they were of all; other plans move as the proposal does.

    ``values`` has the keys of `runs.kpis_of`, and ``scenario``. A share of one replication may come to lie beyond 1: it
    is their mean that is put right.
    """
    is_whole = (values["scenario"] == BASE) & values["strategy"].isin([CURRENT, PROPOSED])
    whole = values[is_whole]
    of_few = whole[whole["replication"].isin(few)]
    missed = whole.groupby(_KEYS)["value"].mean() - of_few.groupby(_KEYS)["value"].mean()
    like = values[_KEYS].assign(strategy=values["strategy"].where(values["strategy"] == CURRENT, PROPOSED))
    by = missed.reindex(pd.MultiIndex.from_frame(like)).to_numpy("float64", copy=True)
    by[is_whole.to_numpy()] = 0.0
    return values.assign(value=values["value"] + np.nan_to_num(by))
