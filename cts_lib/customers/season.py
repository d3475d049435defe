"""The unit's sales month by month, and what of them is trend and season.

Method: STL (R. B. Cleveland and others, *STL: A Seasonal-Trend Decomposition Procedure Based on Loess*, Journal of
Official Statistics 6, 1990); strength of trend and season after X. Wang, K. Smith and R. Hyndman,
*Characteristic-Based Clustering for Time Series Data*, Data Mining and Knowledge Discovery 13, 2006.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cts_lib import sql
from cts_lib.engine import Engine, fetch_frame
from cts_lib.names import ALL
from cts_lib.params.period import Period

MEASURES = ("lines", "orders", "net_sales")
LONGEST, FEWEST = 36, 24
_YEAR = 12


def build_months(engine: Engine, business_unit: str, period: Period) -> pd.DataFrame:
    """Return lines, orders and net sales of up to 36 whole months until the period's end, by channel and for ``(all)``.

    Each channel starts with its first month; months without a line in between are 0. Lines whose date or net sales
    cannot be read are missing; nothing else is checked, for the contracts look at one period at a time.
    """
    end = Period.containing(period.end, 1)
    last = end.first_month
    first = end.moved(-max(LONGEST, period.months))
    query = sql.load("months", None, business_unit=business_unit, start=first.start, end=end.start)
    by_channel = fetch_frame(engine, query)
    whole = by_channel.groupby("month", as_index=False)[list(MEASURES)].sum().assign(channel=ALL)
    table = pd.concat([by_channel, whole], ignore_index=True)
    begun = table.groupby("channel", sort=True)["month"].min().astype("int64")
    length = last - begun.to_numpy()
    month = np.arange(length.sum()) - np.repeat(np.cumsum(length) - last, length)
    every = pd.DataFrame({"channel": begun.index.repeat(length), "month": month})
    frame = every.merge(table, on=["channel", "month"], how="left").fillna(dict.fromkeys(MEASURES, 0.0))
    starts = {number: np.datetime64(Period(number, 1).start, "s") for number in frame["month"].unique().tolist()}
    frame["month"] = frame["month"].map(starts).astype("datetime64[s]")
    return frame[["channel", "month", *MEASURES]]


def monthly_sales(months: pd.DataFrame) -> pd.DataFrame:
    """Return table ``monthly_sales``: the months, and what of net sales is trend and season where two years show it."""
    table = months.sort_values("channel", kind="stable", ignore_index=True)
    net_sales, shown = table["net_sales"].to_numpy(float), np.full((3, len(table)), np.nan)
    for rows in table.groupby("channel", sort=False).indices.values():
        decomposed = decompose(net_sales[rows])
        if decomposed is not None:
            shown[:, rows] = decomposed
    return table.assign(**dict(zip(("trend", "season", "remainder"), shown, strict=True)))


def decompose(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...] | None:
    """Return trend, season and remainder of a series of months; None with fewer than two years, or if all is alike."""
    if len(values) < FEWEST or np.ptp(values) == 0:
        return None
    from statsmodels.tsa.seasonal import STL  # pages tell seasons without it

    fit = STL(values, period=_YEAR).fit()
    return np.asarray(fit.trend), np.asarray(fit.seasonal), np.asarray(fit.resid)


def seasonality(monthly: pd.DataFrame) -> pd.DataFrame:
    """Return table ``seasonality``: how strong trend and season of net sales are in each channel, and the peak month.

    Strength of season F = max(0, 1 − Var(remainder) ÷ Var(season + remainder)), of trend likewise. ``yearly_change``
    is the trend's growth from the first to the last month, a year; ``peak`` and ``trough`` are the season of the last
    year as a share of its mean trend.
    """
    rows = []
    is_shown = monthly["trend"].notna().to_numpy()
    for channel, own in sorted(monthly.groupby("channel").indices.items()):
        row: dict[str, object] = {"channel": channel, "months": len(own)}
        if is_shown[own].all():
            part = monthly.iloc[own]
            remainder, year = part["remainder"], part.iloc[-_YEAR:]
            mean, season = year["trend"].mean(), year.set_index(year["month"].dt.month)["season"]
            first, last = part["trend"].iloc[0], part["trend"].iloc[-1]
            row |= {
                "season_strength": _strength(part["season"] + remainder, remainder),
                "trend_strength": _strength(part["trend"] + remainder, remainder),
                "yearly_change": (last / first) ** (_YEAR / (len(part) - 1)) - 1 if min(first, last) > 0 else None,
                "peak_month": season.idxmax(),
                "peak": season.max() / mean if mean > 0 else None,
                "trough_month": season.idxmin(),
                "trough": season.min() / mean if mean > 0 else None,
            }
        rows.append(row)
    names = ["season_strength", "trend_strength", "yearly_change", "peak_month", "peak", "trough_month", "trough"]
    return pd.DataFrame(rows, columns=["channel", "months", *names])


def _strength(whole: pd.Series, remainder: pd.Series) -> float:
    variance = whole.var()
    return float(max(0.0, 1 - remainder.var() / variance)) if variance > 0 else 0.0
