"""One unit through its stages: opens the source once, costs period after period, hands each stage what it reads."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import pandas as pd

from cts_lib.costing.calibration import unit_times
from cts_lib.costing.costed import Costed
from cts_lib.costing.driver_costs import driver_costs
from cts_lib.costing.evidence import Evidence, gather, together
from cts_lib.costing.rates import accepted_ledger, check_ledger
from cts_lib.costing.trace import Trace, customer_things, trace
from cts_lib.costing.what_if import repriced
from cts_lib.cube.cube import cube_query
from cts_lib.engine import Engine, open_engine
from cts_lib.errors import CtsError, DataError, ParamsError, Problems
from cts_lib.evaluate import evaluate
from cts_lib.govern import govern
from cts_lib.intake import Intake, Source, attach, take_in
from cts_lib.intake.raw import extra_kinds
from cts_lib.intake.rows import have_data, newest_day
from cts_lib.levers.policy import Assignment
from cts_lib.model.compiled import CompiledActivity, compile_model
from cts_lib.model.drivers import finish
from cts_lib.notes import Note
from cts_lib.params import CostModel, UnitParams, load, parse_override
from cts_lib.params.period import Period
from cts_lib.profile import profile
from cts_lib.segment import Model, place, segment
from cts_lib.strategy import strategy
from cts_lib.tables import conform

STAGES = ("profile", "segment", "strategy", "evaluate", "govern")
_NEEDS = {
    "profile": (),
    "segment": ("profile",),
    "strategy": ("profile", "segment"),
    "evaluate": ("profile", "segment", "strategy"),
    "govern": ("profile", "segment"),
}
Progress = Callable[[str], None]
Tables = dict[str, pd.DataFrame]


def quiet(message: str) -> None:
    """Tell nobody."""


@dataclass
class Results:
    """What a unit's period yielded: tables and notes by stage, and the manifest."""

    tables: dict[str, Tables] = field(default_factory=dict)
    notes: dict[str, list[Note]] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)

    @property
    def all_tables(self) -> Tables:
        return {name: table for tables in self.tables.values() for name, table in tables.items()}


class UnitRun:
    """A unit's open source; computes any of its periods.

    ``kpi_history`` holds the KPIs of earlier periods and grows with each period computed.
    """

    def __init__(self, unit: UnitParams, kpi_history: pd.DataFrame | None = None) -> None:
        self.unit = unit
        self.kpi_history = pd.DataFrame() if kpi_history is None else kpi_history
        self._engine: Engine = open_engine(unit.params.source)
        self._costed: dict[Period, Costed] = {}
        self._kept: Model | None = None
        self._loaded: Period | None = None
        self._uncovered: list[str] = []
        try:
            self._source: Source = attach(self._engine, unit)
            self._activities: list[CompiledActivity] = compile_model(
                unit.params.cost_model, extra_kinds(self._engine, self._source)
            )
        except CtsError:
            self._engine.close()
            raise

    def close(self) -> None:
        self._engine.close()

    def newest_quarter(self) -> Period:
        """The newest quarter whose last day is not after the newest posting date."""
        day = newest_day(self._engine, self.unit)
        if day is None:
            raise DataError(f"{self.unit.name}, order_lines", "no dated row", have_data(self._engine, self.unit))
        return Period.newest_quarter(day)

    def check(self, period: Period) -> list[CtsError]:
        """Return what keeps the period from being costed, without costing it."""
        try:
            self._take_in(period)
            check_ledger(self.unit, accepted_ledger(self._engine), self._uncovered, period)
        except Problems as error:
            return list(error.problems)
        except CtsError as error:
            return [error]
        return []

    @property
    def fingerprint(self) -> str:
        """The same for the same params, inputs and version."""
        told = json.dumps(
            [self.unit.tree, self._source.digests, version("cost-to-serve-workbook")], sort_keys=True, default=str
        )
        return hashlib.sha256(told.encode()).hexdigest()

    def query(self) -> str:
        """The exact SQL of the cost engine, as the engine is given it."""
        return self._engine.shown(cube_query(self._engine, self._activities))

    def compute(
        self,
        period: Period,
        stages: Sequence[str] = STAGES,
        progress: Progress = quiet,
        plan: pd.DataFrame | None = None,
    ) -> Results:
        """Compute the chosen stages of a period and whatever they need; only the chosen ones are in the results.

        ``plan`` is a stored table ``strategy`` that govern reads where the strategy is not computed again.
        """
        started = datetime.now(UTC)
        wanted = {need for stage in stages for need in (*_NEEDS[stage], stage)}
        before, kept = self._earlier(period, progress, compared=True) if "segment" in wanted else (None, None)
        progress("profile")
        profiled = self.cost(period)
        params = self.unit.params.segmentation
        segmented: Tables = {}
        segment_notes: list[Note] = []
        if "segment" in wanted:
            progress("segment")
            segmented, segment_notes = segment(profiled, params, period, before, kept)
            if params.keep_from and kept is None and Period.parse(params.keep_from) < period:
                segment_notes.append(
                    Note(
                        "The segments of {period} could not be computed to be kept; this period has its own.",
                        {"period": params.keep_from},
                    )
                )
        tables: dict[str, Tables] = {"profile": profiled.tables, "segment": segmented}
        notes: dict[str, list[Note]] = {"profile": profiled.notes, "segment": segment_notes}
        assignment: Assignment | None = None
        if "strategy" in wanted:
            progress("strategy")
            tables["strategy"], notes["strategy"], assignment = strategy(
                self._engine, self.unit, period, self._activities, profiled, segmented["segments"]
            )
        if "evaluate" in wanted and assignment is not None:
            progress("evaluate")
            tables["evaluate"], notes["evaluate"] = evaluate(
                self._engine, self.unit, period, self._activities, profiled, segmented["segments"], assignment
            )
        if "govern" in wanted:
            progress("govern")
            now = (profiled, segmented["segments"])
            previous = None
            if before is not None:
                by_groups = params.named_by == "groups"
                previous = before, place(before, params, period.previous, None, kept, by_groups).segments
            unbooked = sorted(set(before.unbooked) - set(profiled.unbooked)) if before is not None else []
            tables["govern"], notes["govern"] = govern(
                self.unit,
                period,
                now,
                None if unbooked else previous,
                tables["strategy"]["strategy"] if assignment else plan,
                self.kpi_history,
            )
            if unbooked:
                values = {"period": str(period.previous), "resources": ", ".join(unbooked)}
                notes["govern"].append(
                    Note("The ledger of {period} books nothing for {resources}, which this period's does.", values)
                )
            self._remember(period, tables["govern"]["kpis"])
        results = Results(
            {
                stage: {name: conform(name, table, self.unit.name) for name, table in tables[stage].items()}
                for stage in STAGES
                if stage in stages
            },
            {stage: notes[stage] for stage in STAGES if stage in stages},
        )
        results.manifest = self._manifest(period, results, profiled.tables, started)
        return results

    def explain(self, period: Period, customer_id: str) -> Trace:
        """Trace a customer's cost to serve of a period back to activities, resources and ledger rows."""
        params = self.unit.params.segmentation
        before, kept = self._earlier(period, quiet, compared=False)
        profiled = self.cost(period)
        segments = place(profiled, params, period, before, kept, params.named_by == "groups").segments
        usual = profiled.drivers.usual(profiled.tables["customer_channel_profit"], segments)
        tables = profiled.tables | {"segments": segments, "segment_drivers": usual}
        things = customer_things(self._engine, self._activities, profiled.rates, customer_id)
        own, where = profiled.drivers.of(customer_id), f"{self.unit.name}, {period}"
        return trace(tables, self.unit.params.cost_model, customer_id, things, own, where)

    def behind(self, period: Period, customer_id: str, told: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the things and drivers of a customer's cost at stored prices, without costing the period.

        ``told`` is table ``activities``.
        """
        if self._loaded != period:
            self._take_in(period)
        things = customer_things(self._engine, self._activities, told, customer_id)
        return things, driver_costs(self._engine, self._activities, told).of(customer_id)

    def what_if(self, period: Period, overrides: Sequence[str], profit: pd.DataFrame) -> pd.DataFrame:
        """Price the period by another cost model, given as for ``--set``; ``profit`` is today's ``customer_profit``."""
        for text in overrides:
            if set(parse_override(text)) != {"cost_model"}:
                raise ParamsError(
                    f"what_if {text}", "is not of the cost model", "ask cost_model.…=…; else run with --set"
                )
        unit = load(self.unit.folder, [self.unit.name], [*self.unit.overrides, *overrides])[0]
        activities = compile_model(unit.params.cost_model, extra_kinds(self._engine, self._source))
        if self._loaded != period:
            self._take_in(period)
        return repriced(self._engine, unit, period, activities, self._uncovered, profit)

    def calibrate(self, period: Period, months: int = 24) -> pd.DataFrame:
        """Hold the unit times against up to so many months that end with the period; no cost changes.

        Periods are read one by one, for a customer is new in its own; the first that cannot be read ends the search.
        """
        parts: list[Evidence] = []
        at = period
        while not parts or sum(part.months for part in parts) + at.months <= months:
            try:
                self._take_in(at)
            except CtsError:
                if not parts:
                    raise
                break
            parts.append(gather(self._engine, self.unit, self._activities, at))
            at = at.previous
        return unit_times(together(parts[::-1]), self.unit.params.cost_model)

    def _take_in(self, period: Period) -> Intake:
        self._loaded = None
        intake = take_in(self._engine, self._source, self.unit, period)
        finish(self._engine)
        self._loaded, self._uncovered = period, intake.uncovered
        return intake

    def cost(self, period: Period) -> Costed:
        """Cost a period; return what the later stages work with."""
        if period not in self._costed or self._loaded != period:
            intake = self._take_in(period)
            costed = profile(self._engine, self.unit, period, intake, self._activities)
            self._costed = {key: value for key, value in self._costed.items() if key == period.previous}
            self._costed[period] = costed
        return self._costed[period]

    def _earlier(self, period: Period, progress: Progress, compared: bool) -> tuple[Costed | None, Model | None]:
        """The period before, costed with today's params (None where it cannot be), and the segments that are kept."""
        params = self.unit.params.segmentation
        since = Period.parse(params.keep_from) if params.keep_from else period
        growing = params.value == "growth"
        if since < period and self._kept is None:
            before = self._tried(since.previous, progress) if growing else None
            costed = self._tried(since, progress)
            self._kept = None if costed is None else place(costed, params, since, before).model
        before = self._tried(period.previous, progress) if compared or growing else None
        return before, self._kept if since < period else None

    def _tried(self, period: Period, progress: Progress) -> Costed | None:
        if period not in self._costed:
            progress(f"earlier period {period}")
            try:
                self.cost(period)
            except CtsError:
                return None
        return self._costed[period]

    def _remember(self, period: Period, kpis: pd.DataFrame) -> None:
        if len(self.kpi_history):
            self.kpi_history = self.kpi_history[self.kpi_history["period"] != str(period)]
        self.kpi_history = pd.concat([self.kpi_history, kpis.assign(period=str(period))], ignore_index=True)

    def _manifest(self, period: Period, results: Results, profiled: Tables, started: datetime) -> dict[str, Any]:
        unit, resources = self.unit, profiled["resources"]
        terms = ("ledger", "assigned", "unused", "overdriven", "sustaining", "unassigned", "difference")
        return {
            "unit": unit.name,
            "label": unit.label,
            "business_unit": unit.business_unit,
            "currency": unit.params.unit.currency,
            "period": str(period),
            "previous_period": str(period.previous),
            "params": unit.tree,
            "overrides": list(unit.overrides),
            "defaults_used": unit.defaults_used,
            "inputs": self._source.digests,
            "fingerprint": self.fingerprint,
            "versions": _versions(),
            "seed": unit.params.evaluation.seed,
            "start": started.isoformat(timespec="seconds"),
            "end": datetime.now(UTC).isoformat(timespec="seconds"),
            "state": "done",
            "stages": list(results.tables),
            "reconciliation": {term: float(resources[term].sum()) for term in terms}
            | {"tolerance": unit.params.quality.ledger_tolerance},
            "quality": profiled["quality"].replace({float("nan"): None}).to_dict("records"),
            "assumptions": [*self._source.assumptions, *_assumed(results)],
            "notes": [
                {"stage": stage, "text": note.text, "values": note.values}
                for stage, notes in results.notes.items()
                for note in notes
            ],
            "sql": [["customers and channels", self.query()]] if self._activities else [],
            "error": None,
        }


def open_sound(unit: UnitParams) -> tuple[UnitRun, list[CtsError]]:
    """Open a unit, without a cost model where that is wrong; return what is wrong of it."""
    try:
        return UnitRun(unit), []
    except CtsError as error:
        wrong = error.problems if isinstance(error, Problems) else [error]
        if not all(problem.where.startswith("cost_model.") for problem in wrong):
            raise
    bare = unit.params.model_copy(update={"cost_model": CostModel(resources={}, activities={})})
    return UnitRun(replace(unit, params=bare, sound=False)), wrong


def _assumed(results: Results) -> list[dict[str, Any]]:
    """The notes that say what a figure rests on, with the stage that uses it."""
    return [
        {"text": note.text, "values": note.values, "where": stage}
        for stage, notes in results.notes.items()
        for note in notes
        if note.assumed
    ]


def _versions() -> dict[str, str]:
    names = ("cost-to-serve-workbook", "duckdb", "pandas", "numpy", "scipy", "scikit-learn", "statsmodels", "sqlglot")
    return {"python": platform.python_version()} | {name: version(name) for name in names}
