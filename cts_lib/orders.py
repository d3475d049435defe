"""What is asked of a run, a unit's part of it, and what those who work on it tell."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from cts_lib import limits
from cts_lib.errors import CtsError, DataError
from cts_lib.params import UnitParams
from cts_lib.params.period import Period
from cts_lib.run import STAGES
from cts_lib.store import write_text

Tell = Callable[["Message"], None]
Periods = dict[str, list[Period]]
"""The periods of each unit, by its name."""


@dataclass(frozen=True)
class Order:
    """What the command line asks for; ``restating`` is why closed periods are published anew.

    A unit takes at most ``timeout`` seconds for a period, its process at most ``memory`` bytes; without, all that the
    machine has, shared out by ``jobs``. With either, each unit is worked off in a process of its own.

    With ``resume`` what is up to date is not done again.

    With ``scheduler``, the address of a Dask cluster, its workers do the units.

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
    resume: bool = False
    scheduler: str | None = None

    @property
    def seconds(self) -> float:
        return self.timeout or limits.USUAL_SECONDS


@dataclass(frozen=True)
class Message:
    """What a worker tells: ``progress`` of a period, that it is ``done`` or was ``current``, or that it ``failed``.

    ``is_held`` where somebody else was at work; ``seconds`` is what the period took.
    """

    unit: str
    period: str
    kind: str
    text: str = ""
    rejected: pd.DataFrame | None = None
    remarks: list[dict[str, Any]] = field(default_factory=list)
    is_held: bool = False
    seconds: float = 0.0


@dataclass(frozen=True)
class Work:
    """A unit's part of an order: its periods."""

    order: Order
    unit: UnitParams
    periods: list[Period]
    report: bool


@dataclass(kw_only=True)
class Course:
    """How far a unit has come: what is left of its work, the period it is at, since when, and what it said last."""

    work: Work | None = None
    since: float = 0.0
    at: str = ""
    said: str = ""

    def hear(self, message: Message) -> None:
        """Note where it stands; a period that is done or failed is none of its work any more."""
        if message.period != self.at:
            self.at, self.since = message.period, time.monotonic()
        self.said = message.text
        if message.kind != "progress" and self.work:
            self.work = replace(self.work, periods=[each for each in self.work.periods if str(each) != message.period])
            self.since, self.said = time.monotonic(), ""

    @property
    def where(self) -> str:
        at = str(self.work.periods[0]) if self.work and self.work.periods else self.at
        return f"{at}, {self.said}" if self.said else at


def late(order: Order, where: str) -> DataError:
    """Return the error of a unit that took too long; ``where`` is its period and what it was at."""
    expected = "give --timeout more seconds, or the unit less to do"
    return DataError(where, f"took more than {order.seconds:g} seconds and was ended", expected)


def write_record(out: Path, begun: datetime, messages: Sequence[Message], problems: Sequence[CtsError] = ()) -> None:
    """Write ``run.json``: what became of each unit's period in this run, for machines.

    ``state`` is done, current (up to date before) or failed, with the ``error`` as it was told; with ``problems``
    nothing was begun.
    """
    periods = [
        {"unit": each.unit, "period": each.period, "state": each.kind, "seconds": round(each.seconds, 1)}
        | {"error": each.text if each.kind == "failed" else None}
        for each in messages
    ]
    counts = {state: sum(each.kind == state for each in messages) for state in ("done", "current", "failed")}
    record: dict[str, Any] = {"start": _at(begun), "end": _at(datetime.now(UTC)), **counts, "periods": periods}
    record["problems"] = [str(problem) for problem in problems]
    write_text(out / "run.json", json.dumps(record, indent=2, ensure_ascii=False) + "\n")


def _at(time: datetime) -> str:
    return time.isoformat(timespec="seconds")
