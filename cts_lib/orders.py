"""What is asked of a run, a unit's part of it, and what those who work on it tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from cts_lib import limits
from cts_lib.errors import DataError
from cts_lib.params import UnitParams
from cts_lib.params.period import Period
from cts_lib.run import STAGES

Tell = Callable[["Message"], None]
Periods = dict[str, list[Period]]
"""The periods of each unit, by its name."""


@dataclass(frozen=True)
class Order:
    """What the command line asks for; ``restating`` is why closed periods are published anew.

    A unit takes at most ``timeout`` seconds for a period, its process at most ``memory`` bytes; without, all that the
    machine has, shared out by ``jobs``. With either, each unit is worked off in a process of its own.

    With ``share`` an edition that may leave the house is written beside each result, with ``pdf`` each page as PDF too.
    """

    params: Path
    out: Path
    units: Sequence[str] = ()
    periods: Sequence[str] = ()
    overrides: Sequence[str] = ()
    language: str = "en"
    jobs: int = 2
    stages: Sequence[str] = STAGES
    xlsx: bool = False
    restating: str = ""
    share: bool = False
    pdf: bool = False
    timeout: float | None = None
    memory: int | None = None

    @property
    def seconds(self) -> float:
        return self.timeout or limits.USUAL_SECONDS


@dataclass(frozen=True)
class Message:
    """What a worker tells: progress, a finished period, or a failure; ``is_held`` where somebody else was at work."""

    unit: str
    period: str
    kind: str
    text: str = ""
    rejected: pd.DataFrame | None = None
    remarks: list[dict[str, Any]] = field(default_factory=list)
    is_held: bool = False


@dataclass(frozen=True)
class Work:
    """A unit's part of an order: its periods."""

    order: Order
    unit: UnitParams
    periods: list[Period]
    report: bool


def late(order: Order, where: str) -> DataError:
    """Return the error of a unit that took too long; ``where`` is its period and what it was at."""
    expected = "give --timeout more seconds, or the unit less to do"
    return DataError(where, f"took more than {order.seconds:g} seconds and was ended", expected)
