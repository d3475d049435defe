"""How much of a term is needed until profit is where it must be.

Profit moves almost in a line with fees and prices: from today and one step, the secant method (the line through the
last two points tried) finds the root, each point a replay of all customers with their own values. Of what has no line,
such as a rhythm, a few values are tried; the smallest that does is taken.

Frames of what is ``wanted`` have customer_id, channel, net_sales, profit, term, and ``share``, that of net sales which
profit must be; what is found has besides needed_number, net_sales_then, profit_then and possible.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cts_lib.names import CUSTOMER
from cts_lib.strategy.trials import Trials

PAID_ON = {"fee_per_order": "orders", "fee_per_drop": "shipments", "price": "net_sales"}
"""Fees and prices, and what they are paid on."""
_GRAIN = {"fee_per_order": 0.01, "fee_per_drop": 0.01, "price": 0.0001}
_ROUNDED_OFF = 0.5
"""Money that rounding up may bring at the most; where a grain brings more, it is a finer one."""
_ROUNDS = 4
_ENOUGH = -1e-6
"""What is missing by the dust of doubles alone."""
_KEYS = [*CUSTOMER, "term"]
_THEN = ["net_sales_then", "profit_then"]


def first_steps(losing: pd.DataFrame) -> pd.DataFrame:
    """Return as trials what would do if nothing else moved; with ``most``, what doubles the customer's sales."""
    steps = []
    for term, base in PAID_ON.items():
        paying = losing[(losing[base] > 0) & (losing["net_sales"] > 0)]
        value, most = -paying["profit"] / paying[base], paying["net_sales"] / paying[base]
        steps.append(paying[CUSTOMER].assign(term=term, value=value, most=most))
    return pd.concat(steps, ignore_index=True)


def smallest(wanted: pd.DataFrame, tried: pd.DataFrame) -> pd.DataFrame:
    """Return the smallest value tried that does; where none does, what the best of them comes to."""
    found = wanted.reset_index(names="row").merge(tried[[*_KEYS, "value", *_THEN]], on=_KEYS, how="left")
    found["possible"] = _beyond(found) >= _ENOUGH
    found["order"] = found["value"].where(found["possible"], -found["profit_then"])
    found = found.sort_values(["possible", "order"], ascending=[False, True], kind="stable").drop_duplicates("row")
    found["needed_number"] = found["value"].where(found["possible"])
    return found.set_index("row").rename_axis(None)[[*wanted.columns, "needed_number", *_THEN, "possible"]]


def solved(wanted: pd.DataFrame, steps: pd.DataFrame, trials: Trials) -> pd.DataFrame:
    """Return the fees and prices needed, rounded up; none where it would more than double the customer's sales.

    ``steps`` is what came of the `first_steps`.
    """
    found = wanted.assign(needed_number=np.nan, net_sales_then=np.nan, profit_then=np.nan, possible=False)
    rows = wanted.reset_index(names="row").merge(steps[[*_KEYS, "value", "most", *_THEN]], on=_KEYS).set_index("row")
    grain_of = rows["term"].map(_GRAIN).astype("float64")
    at, beyond = rows["value"], _beyond(rows)
    before, beyond_before = 0.0 * at, _beyond(rows.assign(net_sales_then=rows["net_sales"], profit_then=rows["profit"]))
    for _ in range(_ROUNDS):
        slope = ((beyond - beyond_before) / (at - before)).where(lambda slope: slope > 0)
        value, grain = _rounded_up(at - beyond / slope, slope, grain_of[rows.index])
        searched = (value > 0) & (value <= rows["most"])
        if not searched.any():
            break
        rows, slope, grain = rows[searched], slope[searched], grain[searched]
        before, beyond_before, at = at[searched], beyond[searched], value[searched]
        rows = trials.outcomes(rows.drop(columns=_THEN).assign(value=at))
        beyond = _beyond(rows)
        best = found["needed_number"].reindex(rows.index)
        # a price is paid on what is sold, of which returns leave less: its step may ask more than ``most`` says
        doubled = rows["net_sales_then"] > 2 * rows["net_sales"] - _ENOUGH
        does = rows[(beyond >= _ENOUGH) & ~(best <= at) & ~doubled]
        found.loc[does.index, ["needed_number", *_THEN]] = does[["value", *_THEN]].to_numpy()
        found.loc[does.index, "possible"] = True
        off = ~beyond.between(_ENOUGH, 2 * grain * slope)
        rows, at, before = rows[off], at[off], before[off]
        beyond, beyond_before = beyond[off], beyond_before[off]
    return found


def _beyond(frame: pd.DataFrame) -> pd.Series:
    """Return by how much profit is beyond the share of net sales that it must be."""
    return frame["profit_then"] - frame["share"] * frame["net_sales_then"].clip(lower=0.0)


def _rounded_up(value: pd.Series, slope: pd.Series, grain: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Round values up to a grain, or to one so much finer that rounding brings little; also return the grains.

    >>> of = pd.Series([3.14159, 3.14159])
    >>> _rounded_up(of, pd.Series([2.0, 700.0]), pd.Series([0.01, 0.01]))[0].tolist()
    [3.15, 3.1416]
    """
    finer = np.ceil(np.log10((grain * slope / _ROUNDED_OFF).clip(lower=1.0)))
    digits = (finer.fillna(0.0) - np.log10(grain)).round().astype("int64")
    scale = 10.0**digits
    steps = np.ceil(value * scale - 1e-6)
    rounded = [round(step / size, digit) for step, size, digit in zip(steps, scale, digits, strict=True)]
    return pd.Series(rounded, value.index, dtype="float64"), 1 / scale
