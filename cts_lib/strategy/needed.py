"""How much of a term is needed until profit is where it must be.

Profit moves almost in a line with fees and prices: from today and one step, the secant method (the line through the
last two points tried) finds the root, each point a replay of all customers with their own values. Where an equation
makes it leap, halving what lies between finds the leap. Of what has no line, such as a rhythm, a few values are tried;
the smallest that does is taken.

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
_ROUNDS = 30
_ENOUGH = -1e-6
"""What is missing by the dust of doubles alone."""
_KEYS = [*CUSTOMER, "term"]
_THEN = ["net_sales_then", "profit_then"]


def first_steps(losing: pd.DataFrame) -> pd.DataFrame:
    """Return as trials what would do if nothing else moved."""
    steps = []
    for term, base in PAID_ON.items():
        paying = losing[(losing[base] > 0) & (losing["net_sales"] > 0)]
        steps.append(paying[CUSTOMER].assign(term=term, value=-paying["profit"] / paying[base]))
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
    """Return the least fees and prices that do, rounded up; none where it would more than double the customer's sales.

    ``steps`` is what came of the `first_steps`.
    """
    found = wanted.assign(needed_number=np.nan, net_sales_then=np.nan, profit_then=np.nan, possible=False)
    rows = wanted.reset_index(names="row").merge(steps[[*_KEYS, "value", *_THEN]], on=_KEYS).set_index("row")
    more = rows["net_sales_then"] - rows["net_sales"]
    rows["most"] = (rows["value"] * rows["net_sales"] / more).where(more > 0)
    today = _beyond(rows.assign(net_sales_then=rows["net_sales"], profit_then=rows["profit"]))
    rows = rows.assign(at=rows["value"], beyond=_beyond(rows), before=0.0, beyond_before=today, high=np.nan)
    rows["slope"] = _slope(rows)
    rows["grain"] = _grain(rows["slope"], rows["term"].map(_GRAIN).astype("float64"))
    rows["low"] = rows["at"].where(rows["beyond"] < _ENOUGH, 0.0)
    for _ in range(_ROUNDS):
        rows = rows.assign(value=_next(rows)).drop(columns=_THEN)
        rows = rows[rows["value"].notna()]
        if rows.empty:
            break
        rows["before"], rows["beyond_before"], rows["at"] = rows["at"], rows["beyond"], rows["value"]
        rows = trials.outcomes(rows)
        rows["beyond"] = _beyond(rows)
        does = rows["beyond"] >= _ENOUGH
        rows["low"], rows["high"] = rows["low"].where(does, rows["at"]), rows["high"].mask(does, rows["at"])
        rows["slope"] = np.fmin(rows["slope"], _slope(rows))
        found.loc[rows.index[does], ["needed_number", *_THEN]] = rows.loc[does, ["value", *_THEN]].to_numpy()
        found.loc[rows.index[does], "possible"] = True
        rows = rows[~does | (rows["beyond"] >= rows["grain"] * rows["slope"])]
    return found


def easiest(table: pd.DataFrame, asked: pd.Series) -> pd.Series:
    """Return which term asks least of each customer in money, to a thousandth of its sales; else the first of them."""
    possible = table.assign(asked=asked.round(3))[table["possible"]].sort_values("asked", kind="stable")
    chosen = possible.drop_duplicates([*CUSTOMER, "aim"]).index
    return pd.Series(table.index.isin(chosen), table.index)


def _next(rows: pd.DataFrame) -> pd.Series:
    """Return what is tried next: where the line meets, within what is known not to do and to do, else half way.

    Nothing where less than a grain lies in between; where nothing is known to do, at the most what may be asked.
    """
    line = _rounded_up(rows["at"] - rows["beyond"] / _slope(rows), rows["grain"])
    half = _rounded_up((rows["low"] + rows["high"]) / 2, rows["grain"])
    most = np.floor(rows["most"] / rows["grain"] + 1e-6) * rows["grain"]
    value = line.where((line > rows["low"]) & (line < rows["high"].fillna(np.inf)) & (line <= most))
    value = value.fillna(half.where(rows["high"].notna(), most))
    return value.where((value > rows["low"]) & ~(value >= rows["high"]))


def _slope(rows: pd.DataFrame) -> pd.Series:
    slope = (rows["beyond"] - rows["beyond_before"]) / (rows["at"] - rows["before"])
    return slope.where(slope > 0)


def _beyond(frame: pd.DataFrame) -> pd.Series:
    """Return by how much profit is beyond the share of net sales that it must be."""
    return frame["profit_then"] - frame["share"] * frame["net_sales_then"].clip(lower=0.0)


def _grain(slope: pd.Series, grain: pd.Series) -> pd.Series:
    """Return the grains, or ones so much finer that rounding up brings little.

    >>> _grain(pd.Series([2.0, 700.0]), pd.Series([0.01, 0.01])).tolist()
    [0.01, 0.0001]
    """
    finer = np.ceil(np.log10((grain * slope / _ROUNDED_OFF).clip(lower=1.0)))
    finest: pd.Series = 10.0 ** (np.log10(grain) - finer.fillna(0.0)).round()
    return finest


def _rounded_up(value: pd.Series, grain: pd.Series) -> pd.Series:
    """Round values up to a grain.

    >>> _rounded_up(pd.Series([3.14159, 3.14]), pd.Series([0.01, 0.01])).tolist()
    [3.15, 3.14]
    """
    digits = -np.log10(grain).round().astype("int64")
    steps = np.ceil(value / grain - 1e-6)
    rounded = [round(step * size, digit) for step, size, digit in zip(steps, grain, digits, strict=True)]
    return pd.Series(rounded, value.index, dtype="float64")
