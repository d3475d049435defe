"""The one shape of a stage: ``run(inputs, unit) -> StageResult``, so that any runs alone from stored results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from cts_lib.engine import Engine
from cts_lib.errors import CtsError
from cts_lib.intake import Intake
from cts_lib.model.compiled import CompiledActivity
from cts_lib.model.drivers import Extras
from cts_lib.names import CELL, CUSTOMER
from cts_lib.notes import Note
from cts_lib.params.period import Period

Tables = dict[str, pd.DataFrame]
EARLIER = ["period", *CUSTOMER, "segment", "net_sales", "profit"]
"""What is read of each customer in a channel and period before."""
HISTORY = ["period", "params", *CELL, "kpi", "value", "observations"]
"""What is read of the KPIs of earlier periods, as far as it is known."""
PLANNED = ["segment", "channel", "kpi", "mean", "low", "high"]
"""What is read of the plan of the period before."""
PLAN = ("strategy", "evaluate")
"""The stages that make the plan: governing reads them too where they are there, for its actions."""


@dataclass(frozen=True)
class StageResult:
    """What a stage yields: its tables, remarks, and ``state``, further tables that later stages read."""

    tables: Tables
    notes: list[Note]
    state: Tables = field(default_factory=dict)


@dataclass(frozen=True)
class Accepted:
    """The period's accepted rows in the engine, the activities that price them, and columns beyond the contract."""

    engine: Engine
    intake: Intake
    activities: list[CompiledActivity]
    extras: Extras


@dataclass(frozen=True)
class Compared:
    """Another period than the one before, to compare with: its stage profile, or why not, and its segments then."""

    period: Period
    profile: StageResult | CtsError
    segments: pd.DataFrame


@dataclass(frozen=True)
class Inputs:
    """What a stage may read besides params.

    ``accepted`` reads the period's rows, where a stage needs the transactions themselves; ``results`` holds the stages
    before it, ``before`` stage profile of the period before, whose rows ``accepted_before`` reads in place of the
    period's, ``kept`` the table ``segment_model`` of the period whose
    segments are kept, each an error where it could not be had. ``history`` holds the KPIs of the periods that were over
    when this one began, with the columns `HISTORY`, each row with the fingerprint of the params that made it, where
    this period's is ``model``. ``past`` yields the rows of the
    periods before, as far as they reach without a gap, and of the period, some after others and each in place of those
    before; an error may come where they cannot be had. ``earlier`` reads what each customer brought in the stored
    periods of the same length before this one, with the columns `EARLIER`, ``planned`` what the plan of the period
    before foretold of this one, with the columns `PLANNED`. ``compared`` is the period that govern compares with, where
    that is not the one before.
    """

    period: Period
    accepted: Callable[[], Accepted]
    results: Mapping[str, StageResult] = field(default_factory=dict)
    before: StageResult | CtsError | None = None
    accepted_before: Callable[[], Accepted] | None = None
    kept: pd.DataFrame | CtsError | None = None
    history: pd.DataFrame = field(default_factory=pd.DataFrame)
    past: Callable[[], Iterator[Accepted]] = lambda: iter(())
    compared: Compared | None = None
    model: str = ""
    earlier: Callable[[], pd.DataFrame] = lambda: pd.DataFrame(columns=EARLIER)
    planned: Callable[[], pd.DataFrame] = lambda: pd.DataFrame(columns=PLANNED)


def why_not(error: CtsError) -> dict[str, str]:
    """Return the values of a remark on a period that could not be had: its reason."""
    return {"reason": f"{error.where}: {error.problem}"}
