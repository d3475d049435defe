"""Control limits and signals by hand: in plain numpy and scipy, from docs/stages/govern.md."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import f_oneway
from scipy.stats import t as student

ALL = "(all)"
SERIES = ["segment", "channel", "kpi"]
SUMS = {"net_sales", "gross_margin", "cost_to_serve", "profit", "orders", "lost_on_customers"}
SUMS |= {"unused_capacity", "overdriven_capacity"}
PARTS = {"fill_rate", "perfect_order_index"}
NEVER_NEGATIVE = {"unused_capacity", "overdriven_capacity", "lost_on_customers", "orders", "lines_per_order"}
SHARES = {"on_time", "in_full", "perfect_orders", "rush_share", "return_share", "unprofitable_share"}


@dataclass(frozen=True)
class Chart:
    """What limits come of: the year's number of periods, and the policies that params give."""

    a_year: int
    sigmas: float
    least: int
    change: pd.Period | None = None


def months_of(name: str) -> pd.Period:
    """Return a period, as 2026-05 or 2026-Q2, for pandas."""
    return pd.Period(name.replace("-Q", "Q"))


def usual_of(history: pd.DataFrame, now: pd.Period, chart: Chart) -> tuple[pd.DataFrame, int]:
    """Return values and observations of every period before this one, gaps as empty rows, and of how many limits come.

    Those are the first twelve with data, two years of months, or as many as a limit needs.
    """
    names = {name: months_of(name) for name in history["period"].unique()}
    wide = history.assign(at=history["period"].map(names)).pivot_table(
        index="at", columns=SERIES, values=["value", "observations"], dropna=False, sort=False
    )
    wide = wide[(wide.index < now) & ((wide.index >= chart.change) if chart.change is not None else True)]
    if wide.empty:
        return wide, 0
    first = sorted(wide.index)[: max(12, 2 * chart.a_year, chart.least)]
    every = wide.reindex(pd.period_range(wide.index.min(), now - 1))
    return every, (first[-1] - every.index[0]).n + 1


def season_of(base: pd.DataFrame, now: pd.Period, chart: Chart) -> tuple[np.ndarray, float, int]:
    """Return the values less their season, what this place in the year adds, and the freedom that a season takes."""
    values = base["value"].to_numpy("float64")
    places = np.array([(now - at).n % chart.a_year for at in base.index])
    groups = [values[(places == place) & np.isfinite(values)] for place in range(chart.a_year)]
    if chart.a_year < 2 or min(map(len, groups)) < 2 or any(np.ptp(group) == 0 for group in groups):
        return values, 0.0, 0
    if f_oneway(*groups).pvalue >= 0.01:
        return values, 0.0, 0
    effects = np.array([group.mean() for group in groups]) - np.nanmean(values)
    return values - effects[places], float(effects[0]), chart.a_year - 1


def limits(row: dict[str, object], base: pd.DataFrame, now: pd.Period, chart: Chart) -> tuple[float, float]:
    """Return the limits of an indicator from what is usual with it."""
    values, season, taken = season_of(base, now, chart)
    count = int(np.isfinite(values).sum())
    known = base["observations"].to_numpy("float64")
    if count < chart.least:
        return np.nan, np.nan
    least = 0.0 if row["kpi"] in SHARES | PARTS | NEVER_NEGATIVE else 1.0 if row["kpi"] == "peak_to_end" else -np.inf
    ends = (least, 1.0 if row["kpi"] in SHARES | PARTS else np.inf)
    seen = np.nanmean(np.append(known, row["observations"]))
    ranges = np.abs(np.diff(values))
    if not np.isfinite(ranges).any():  # no two periods in a row
        return np.nan, np.nan
    if seen < 10 and (row["segment"], row["channel"]) != (ALL, ALL):
        return np.nan, np.nan
    sigma = 2.66 * np.nanmean(ranges) / 3 * np.sqrt((count - 1) / (count - 1 - taken))
    if row["kpi"] not in SUMS:
        sigma *= np.sqrt(1 / row["observations"] / np.nanmean(1 / known[known > 0]))
    middle = np.nanmean(values) + season
    if row["kpi"] in SHARES:
        share = (np.clip(middle, 0, 1) * np.nansum(known) + 1) / (np.nansum(known) + 2)
        sigma = max(sigma, np.sqrt(share * (1 - share) / row["observations"]))
    return tuple(np.clip([middle - chart.sigmas * sigma, middle + chart.sigmas * sigma], *ends))


def chance(values: np.ndarray, least: int) -> float:
    """Return how often chance alone moves a sum of the unit as far: the least of its tests, times how many there are.

    ``values`` are those of every period, this one last.
    """
    found = []
    for window in (1, 2, 3, 4):
        usual, last = values[:-window], values[-window:]
        usual = usual[np.isfinite(usual)]
        if len(usual) < least or not np.isfinite(last).all() or np.ptp(usual) == 0:
            continue
        sigma, apart = usual.std(ddof=1), last - usual.mean()
        far = abs(apart.mean()) / (sigma * np.sqrt(1 / window + 1 / len(usual)))
        is_run = window == 1 or (apart >= sigma).all() or (apart <= -sigma).all()
        found.append(2 * student.sf(far, len(usual) - 1) if is_run else 1.0)
    if not found:
        return np.nan
    steps = np.diff(values[-7:])
    if len(steps) == 6 and np.isfinite(steps).all():
        found.append(2 / 5040 if (steps > 0).all() or (steps < 0).all() else 1.0)
    return min(1.0, min(found) * len(found))


def told_by(chances: pd.Series) -> pd.Series:
    """Return which are signals so that a tenth of them is false at most (Benjamini and Hochberg, 1995)."""
    ordered = chances.dropna().sort_values()
    keep = ordered <= 0.1 * np.arange(1, len(ordered) + 1) / len(ordered)
    last = int(np.flatnonzero(keep)[-1]) + 1 if keep.any() else 0
    return chances.index.to_series().isin(ordered.index[:last])
