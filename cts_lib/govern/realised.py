"""What an action brought: difference in differences against comparable customers that have no such action.

A customer's change is its mean profit a period from ``since`` on less its mean in the year before. Those without the
action say what the change would have been, by size where there are enough of them:

    saving = Σ over the action's customers of (change − a − b × net sales),  a and b from the others

Net sales are the mean of before and after: those of before alone fall back to their mean afterwards, and the line with
them.

Its central 90 % holds the scatter of the action's customers and of the line; where the action has fewer than five
customers, their scatter is taken from the others by size. Before and after are one figure each, so that what one period
shares with the next does not pass for evidence (Bertrand, Duflo and Mullainathan 2004); the line's error is that of HC2
(MacKinnon and White 1985), the degrees of freedom are Satterthwaite's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, stats

from cts_lib.names import ALL, CUSTOMER, NONE
from cts_lib.params.actions import Action
from cts_lib.params.period import Period

_FEWEST, _ENOUGH_FOR_SIZE, _OWN_SCATTER = 3, 6, 5
Numbers = npt.NDArray[np.float64]


class Saving(NamedTuple):
    """What an action brought a period, with its central 90 %."""

    saving: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        return "better" if self.low > 0 else "worse" if self.high < 0 else "no difference"


def realised(action: Action, kept: Sequence[Action], panel: pd.DataFrame, period: Period) -> Saving | None:
    """Return what an action brought a period up to this one; None where nothing can be compared.

    Parameters
    ----------
    kept : sequence of Action
        All that people keep: who is reached by another of them that works is not compared with.
    panel : DataFrame
        Columns `EARLIER`, of this period and earlier ones; who has no row in one of them brought nothing in it.
    """
    if not action.works_in(period) or action.since is None or panel.empty:
        return None
    since = period.named(action.since)
    starts = panel["period"].map({text: period.named(text).start for text in panel["period"].unique()})
    is_after = starts >= since.start
    is_before = ~is_after & (starts >= since.year_before.start)
    before, after = panel[is_before], panel[is_after]
    if before.empty or after.empty:
        return None
    last = before.assign(start=starts[is_before]).sort_values("start").groupby(CUSTOMER)[["segment"]].last()
    change = _mean(after, "profit").reindex(last.index, fill_value=0.0) - _mean(before, "profit").reindex(last.index)
    sales = (_mean(part, "net_sales").reindex(last.index, fill_value=0.0) for part in (before, after))
    size = sum(sales, start=pd.Series(0.0, last.index)) / 2
    who = last.reset_index()
    treated = _reached(action, who)
    if not treated.any():
        return None
    beside = who["channel"].isin(who.loc[treated, "channel"]) | who["segment"].isin(who.loc[treated, "segment"])
    others = [other for other in kept if other is not action and other.works_in(period)]
    taken = np.zeros(len(who), dtype=bool)
    for other in others:
        reached = _reached(other, who)
        taken |= reached if other.action == action.action or not reached.all() else False
    comparable = ~treated & beside.to_numpy() & ~taken
    if comparable.sum() < _FEWEST:
        return None
    values, sizes = np.asarray(change, dtype=np.float64), np.asarray(size, dtype=np.float64)
    return _difference(values[treated], sizes[treated], values[comparable], sizes[comparable])


def _mean(rows: pd.DataFrame, column: str) -> pd.Series:
    """Return the mean a period of each customer."""
    sums: pd.Series = rows.groupby(CUSTOMER)[column].sum() / rows["period"].nunique()
    return sums


def _reached(action: Action, who: pd.DataFrame) -> npt.NDArray[np.bool_]:
    reached = np.ones(len(who), dtype=bool)
    for column, value in (
        ("segment", action.segment),
        ("channel", action.channel),
        ("customer_id", action.customer_id),
    ):
        if value not in (ALL, NONE) or (value == NONE and column != "customer_id"):
            reached &= (who[column] == value).to_numpy()
    return reached


def _difference(changes: Numbers, sizes: Numbers, others: Numbers, their_sizes: Numbers) -> Saving:
    """Return the saving of those with the action, given what the others' change and size were."""
    count = len(changes)
    by_size = len(others) >= _ENOUGH_FOR_SIZE and np.ptp(their_sizes) > 0
    unit = float(np.mean(np.abs(their_sizes))) or 1.0
    design = np.column_stack([np.ones(len(others)), their_sizes / unit])[:, : 2 if by_size else 1]
    asked = np.column_stack([np.ones(count), sizes / unit])[:, : design.shape[1]]
    inverse = np.linalg.inv(design.T @ design)
    line = inverse @ design.T @ others
    residuals = others - design @ line
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    freed = residuals / np.sqrt(np.maximum(1 - leverage, 1e-9))
    whole = asked.sum(axis=0)
    of_line = float(np.sum((freed * (design @ inverse @ whole)) ** 2))
    degrees = len(others) - design.shape[1]
    rest = changes - asked @ line
    if count >= _OWN_SCATTER:
        own = count * float(np.var(rest, ddof=1))
        parts = own**2 / (count - 1) + of_line**2 / degrees
        freedom = (own + of_line) ** 2 / parts if parts > 0 else float(degrees)
    else:
        by_square = np.column_stack([np.ones(len(others)), (their_sizes / unit) ** 2])
        (level, slope), _ = optimize.nnls(by_square, residuals**2 * len(others) / degrees)
        own, freedom = float(np.sum(level + slope * (sizes / unit) ** 2)), float(degrees)
    half = float(stats.t.ppf(0.95, freedom)) * float(np.sqrt(own + of_line))
    saving = float(rest.sum())
    return Saving(saving, saving - half, saving + half)
