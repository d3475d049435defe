"""The three years of the sample: twelve whole quarters of months, their working days and their season."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MONTHS = tuple((2023 + (9 + offset) // 12, (9 + offset) % 12 + 1) for offset in range(36))
"""Year and month, 2023-10 to 2026-09."""

QUARTERS = tuple(f"{year}-Q{(month + 2) // 3}" for year, month in MONTHS[::3])

_SEASON = (0.93, 0.94, 1.00, 1.00, 1.03, 1.04, 0.98, 0.88, 1.02, 1.03, 1.10, 1.12)
_YEARLY_GROWTH = 0.02
_YEARLY_INFLATION = 0.02


def quarter_of(month: int) -> int:
    """Place in ``QUARTERS`` of the month at place ``month`` of ``MONTHS``."""
    return month // 3


def season(month: int) -> float:
    """How much busier than usual a month is, growth included."""
    return float(_SEASON[MONTHS[month][1] - 1] * (1 + _YEARLY_GROWTH) ** ((month - 18) / 12))


def inflation(month: int) -> float:
    """Prices and wages relative to the middle of the three years."""
    return float((1 + _YEARLY_INFLATION) ** ((month - 18) / 12))


def month_name(month: int) -> str:
    """The month as the ledger writes it, ``2026-07``."""
    return "{}-{:02d}".format(*MONTHS[month])


def first_day(month: int) -> int:
    """Days from 1970-01-01 to the month's first."""
    return int(np.datetime64(month_name(month), "D").astype(np.int64))


def last_day(month: int) -> int:
    """Days from 1970-01-01 to the month's last."""
    return (
        int((np.datetime64(month_name(month), "M") + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64))
        - 1
    )


def working_days(month: int) -> NDArray[np.int64]:
    """Mondays to Fridays of the month, in days from 1970-01-01."""
    days = np.arange(first_day(month), last_day(month) + 1, dtype=np.int64)
    return days[(days + 3) % 7 < 5]
