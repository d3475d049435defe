"""One unit through its stages: opens the source once, costs period after period, hands each stage what it reads."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from cts_lib import evaluate, govern, profile, segment, strategy
from cts_lib.costing.calibration import unit_times
from cts_lib.costing.costed import Costed
from cts_lib.costing.driver_costs import driver_costs
from cts_lib.costing.evidence import Evidence, gather, together
from cts_lib.costing.rates import accepted_ledger, check_ledger
from cts_lib.costing.trace import Trace, customer_things, trace
from cts_lib.costing.what_if import repriced
from cts_lib.engine import Engine, open_engine
from cts_lib.errors import CtsError, ModelError, ParamsError, Problems, problems_of
from cts_lib.intake import Intake, Source, attach, take_in
from cts_lib.intake.newest import Newest, newest_quarter
from cts_lib.intake.raw import extra_kinds
from cts_lib.intake.reserved import unknown_channels
from cts_lib.model.compiled import CompiledActivity, compile_model
from cts_lib.model.drivers import finish
from cts_lib.notes import Note
from cts_lib.params import CostModel, UnitParams, load, parse_override
from cts_lib.params.labels import OF_MODEL, nearest
from cts_lib.params.period import Period
from cts_lib.profile.dimensions import dimension_names
from cts_lib.segment import Model, place
from cts_lib.stage import Accepted, Inputs, StageResult, Tables
from cts_lib.store import BEFORE, read_stage, unit_folder
from cts_lib.tables import conform

PACKAGE = "cost-to-serve-workbook"
STAGES = ("profile", "segment", "strategy", "evaluate", "govern")
STAGE: dict[str, Callable[[Inputs, UnitParams], StageResult]] = {
    "profile": profile.run,
    "segment": segment.run,
    "strategy": strategy.run,
    "evaluate": evaluate.run,
    "govern": govern.run,
}
NEEDS: dict[str, tuple[str, ...]] = {
    "profile": (),
    "segment": ("profile",),
    "strategy": ("profile", "segment"),
    "evaluate": ("profile", "segment", "strategy"),
    "govern": ("profile", "segment"),
}
READS: dict[str, tuple[str, ...]] = {
    "profile": (
        *("unit", "source", "cost_model", "profile", "quality"),
        *("strategy.electronic_methods", "segmentation.xyz_bucket"),
    ),
    "segment": ("segmentation",),
    "strategy": ("strategy",),
    "evaluate": ("evaluation",),
    "govern": ("governance",),
}
"""The keys of params that each stage reads, besides those that the stages it needs read."""
Progress = Callable[[str], None]


def quiet(message: str) -> None:
    """Tell nobody."""


@dataclass
class Results:
    """What a unit's period yielded: the chosen stages, stage profile of the period before, and the manifest."""

    stages: dict[str, StageResult] = field(default_factory=dict)
    before: StageResult | None = None
    manifest: dict[str, Any] = field(default_factory=dict)

    @property
    def tables(self) -> dict[str, Tables]:
        return {stage: result.tables for stage, result in self.stages.items()}

    @property
    def notes(self) -> dict[str, list[Note]]:
        return {stage: result.notes for stage, result in self.stages.items()}

    @property
    def all_tables(self) -> Tables:
        return {name: table for result in self.stages.values() for name, table in result.tables.items()}


class UnitRun:
    """A unit's open source; computes any of its periods.

    ``kpi_history`` holds the KPIs of earlier periods and grows with each period computed. Stages that earlier runs left
    below ``out`` are read instead of computed where they rest on the same input, params and version.
    """

    def __init__(self, unit: UnitParams, kpi_history: pd.DataFrame | None = None, out: Path | None = None) -> None:
        self.unit = unit
        self.kpi_history = pd.DataFrame() if kpi_history is None else kpi_history
        self._out = out
        self._engine: Engine = open_engine(unit.params.source)
        self._profiles: dict[Period, StageResult] = {}
        self._kept: pd.DataFrame | CtsError | None = None
        self._loaded: tuple[Period, Intake] | None = None
        try:
            self._source: Source = attach(self._engine, unit)
            self._activities: list[CompiledActivity] = compile_model(
                unit.params.cost_model, extra_kinds(self._engine, self._source)
            )
            if wrong := unknown_channels(self._engine, unit.params.cost_model):
                raise Problems([*wrong])
        except CtsError:
            self._engine.close()
            raise

    def close(self) -> None:
        self._engine.close()

    def newest(self) -> Newest:
        """The newest quarter of the unit's order lines, and what is newer."""
        return newest_quarter(self._engine, self.unit)

    def check(self, period: Period) -> list[CtsError]:
        """Return what keeps the period from being costed, without costing it."""
        try:
            intake = self._take_in(period)
            check_ledger(self.unit, accepted_ledger(self._engine), intake.uncovered, period)
        except CtsError as error:
            return [problem.of(self.unit.name) for problem in problems_of(error)]
        return []

    def unknown_labels(self) -> list[CtsError]:
        """Return what params label that is neither a name of the model nor a dimension of the data."""
        known = [*OF_MODEL, *dimension_names(extra_kinds(self._engine, self._source))]
        return [
            ParamsError(self.unit.where("labels", name), f"unknown key {name!r}", nearest(name, known))
            for name in self.unit.params.labels
            if name not in known
        ]

    def fingerprint(self, stage: str, period: Period) -> str:
        """The same for the same version, inputs and params that the stage and those before it read."""
        keys = sorted({key for each in (*NEEDS[stage], stage) for key in READS[each]})
        read = [_at(self.unit.tree, key) for key in keys]
        rests_on = json.dumps([version(PACKAGE), str(period), self._source.digests, read], sort_keys=True, default=str)
        return hashlib.sha256(rests_on.encode()).hexdigest()

    def valid(self, manifest: dict[str, Any], period: Period) -> set[str]:
        """Return the stages of a stored manifest that rest on what they would rest on now."""
        prints = manifest.get("fingerprints", {})
        return {stage for stage in manifest["stages"] if prints.get(stage) == self.fingerprint(stage, period)}

    def compute(self, period: Period, stages: Sequence[str] = STAGES, progress: Progress = quiet) -> Results:
        """Compute the chosen stages of a period; what they need besides is read where it is stored, else computed."""
        started = datetime.now(UTC)
        try:
            done = self._stages(period, stages, progress)
        except CtsError as error:
            raise error.of(self.unit.name) from error
        before = self._profiles.get(period.previous) if "segment" in done else None
        results = Results({stage: done[stage] for stage in STAGES if stage in stages}, before)
        results.manifest = self._manifest(period, results, done["profile"], started)
        return results

    def _stages(self, period: Period, stages: Sequence[str], progress: Progress) -> dict[str, StageResult]:
        wanted = {need for stage in stages for need in (*NEEDS[stage], stage)}
        trusted = [stage for stage in STAGES if self._source.is_digested or stage not in wanted]
        done = {stage: result for stage in trusted if stage not in stages and (result := self._stored(stage, period))}
        missing = [stage for stage in STAGES if stage in wanted and stage not in done]
        inputs = Inputs(period, lambda: self._accepted(period), done, history=self.kpi_history)
        if {"segment", "govern"} & set(missing):
            kept = self._kept_model(period, progress)
            inputs = replace(inputs, before=self._profile_before(period, progress), kept=kept)
        for stage in missing:
            progress(stage)
            if stage == "profile":
                done[stage] = self._profile(period)
            else:
                done[stage] = _conformed(STAGE[stage](inputs, self.unit))
        if "govern" in missing:
            self._remember(period, done["govern"].tables["kpis"])
        return done

    def explain(self, period: Period, customer_id: str) -> Trace:
        """Trace a customer's cost to serve of a period back to activities, resources and ledger rows."""
        try:
            return self._explain(period, customer_id)
        except CtsError as error:
            raise error.of(self.unit.name) from error

    def _explain(self, period: Period, customer_id: str) -> Trace:
        params = self.unit.params.segmentation
        kept, before = self._kept_model(period, quiet), None
        if params.value == "growth":
            earlier = self._profile_before(period, quiet)
            before = Costed.of(earlier) if isinstance(earlier, StageResult) else None
        profiled = Costed.of(self._profile(period))
        model = Model.read(kept) if isinstance(kept, pd.DataFrame) else None
        segments = place(profiled, params, period, before, model, params.named_by == "groups").segments
        usual = profiled.drivers.usual(profiled.tables["customer_channel_profit"], segments)
        tables = profiled.tables | {"segments": segments, "segment_drivers": usual}
        self._accepted(period)
        things = customer_things(self._engine, self._activities, profiled.rates, customer_id)
        drivers = profiled.drivers.of(customer_id)
        return trace(tables, self.unit.params.cost_model, customer_id, things, drivers, str(period))

    def behind(self, period: Period, customer_id: str, told: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the things and drivers of a customer's cost at stored prices, without costing the period.

        ``told`` is table ``activities``.
        """
        self._accepted(period)
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
        uncovered = self._accepted(period).intake.uncovered
        return repriced(self._engine, unit, period, activities, uncovered, profit)

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
        self._loaded = period, intake
        return intake

    def _accepted(self, period: Period) -> Accepted:
        """Return the period's rows in the engine, read anew where it holds another period's."""
        held = self._loaded
        intake = held[1] if held and held[0] == period else self._take_in(period)
        return Accepted(self._engine, intake, self._activities)

    def _profile(self, period: Period) -> StageResult:
        if period not in self._profiles:
            result = _conformed(STAGE["profile"](Inputs(period, lambda: self._accepted(period)), self.unit))
            self._profiles = {key: value for key, value in self._profiles.items() if key == period.previous}
            self._profiles[period] = result
        return self._profiles[period]

    def _stored(self, stage: str, period: Period) -> StageResult | None:
        """Return a stage that an earlier run left, if it rests on what it would rest on now."""
        if self._out is None:
            return None
        folder = unit_folder(self._out, str(period), self.unit.name)
        return read_stage(folder, stage, self.fingerprint(stage, period))

    def _stored_profile(self, period: Period) -> StageResult | None:
        """Return stage profile of a period from its own folder, or from that of the period after, which read it."""
        if self._out is None or not self._source.is_digested:
            return None
        stored = self._stored("profile", period)
        if stored:
            return stored
        after = unit_folder(self._out, str(period.following), self.unit.name)
        return read_stage(after, BEFORE, self.fingerprint("profile", period))

    def _profile_before(self, period: Period, progress: Progress) -> StageResult | CtsError:
        return self._earlier_profile(period.previous, progress)

    def _earlier_profile(self, period: Period, progress: Progress) -> StageResult | CtsError:
        """Return stage profile of an earlier period with today's params, or the error that it ends with."""
        if period not in self._profiles:
            stored = self._stored_profile(period)
            if stored:
                self._profiles[period] = stored
                return stored
            progress(f"earlier period {period}")
            try:
                self._profile(period)
            except CtsError as error:
                return error
        return self._profiles[period]

    def _kept_model(self, period: Period, progress: Progress) -> pd.DataFrame | CtsError | None:
        """Return what placed the customers of the period whose segments are kept; None where none are."""
        params = self.unit.params.segmentation
        since = Period.parse(params.keep_from) if params.keep_from else period
        if since >= period:
            return None
        if self._kept is None:
            earlier = self._earlier_profile(since.previous, progress) if params.value == "growth" else None
            before = Costed.of(earlier) if isinstance(earlier, StageResult) else None
            result = self._earlier_profile(since, progress)
            if isinstance(result, StageResult):
                self._kept = place(Costed.of(result), params, since, before).model.table()
            else:
                self._kept = result
        return self._kept

    def _remember(self, period: Period, kpis: pd.DataFrame) -> None:
        if len(self.kpi_history):
            self.kpi_history = self.kpi_history[self.kpi_history["period"] != str(period)]
        self.kpi_history = pd.concat([self.kpi_history, kpis.assign(period=str(period))], ignore_index=True)

    def _manifest(self, period: Period, results: Results, profiled: StageResult, started: datetime) -> dict[str, Any]:
        unit, resources = self.unit, profiled.tables["resources"]
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
            "fingerprints": {stage: self.fingerprint(stage, period) for stage in results.stages}
            | ({BEFORE: self.fingerprint("profile", period.previous)} if results.before else {}),
            "versions": _versions(),
            "seed": unit.params.evaluation.seed,
            "start": started.isoformat(timespec="seconds"),
            "end": datetime.now(UTC).isoformat(timespec="seconds"),
            "state": "done",
            "stages": list(results.stages),
            "reconciliation": {term: float(resources[term].sum()) for term in terms}
            | {"tolerance": unit.params.quality.ledger_tolerance},
            "quality": profiled.tables["quality"].replace({float("nan"): None}).to_dict("records"),
            "assumptions": [*self._source.assumptions, *_assumed(results)],
            "notes": [{"stage": stage} | note.stored for stage, notes in results.notes.items() for note in notes],
            "sql": profiled.state["sql"].to_numpy().tolist(),
            "error": None,
        }


def open_sound(unit: UnitParams) -> tuple[UnitRun, list[CtsError]]:
    """Open a unit, without a cost model where that is wrong; return what is wrong of it."""
    try:
        return UnitRun(unit), []
    except Problems as error:
        if not all(isinstance(problem, ModelError) for problem in error.problems):
            raise
        wrong = error.problems
    bare = unit.params.model_copy(update={"cost_model": CostModel(resources={}, activities={})})
    return UnitRun(replace(unit, params=bare, sound=False)), wrong


def _at(tree: Any, key: str) -> Any:
    """Return what stands under a dotted key of params, or None."""
    for name in key.split("."):
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree


def _conformed(result: StageResult) -> StageResult:
    """Hold a stage's tables to their declarations before anybody reads them."""
    return StageResult(
        {name: conform(name, table) for name, table in result.tables.items()},
        result.notes,
        {name: table.reset_index(drop=True) for name, table in result.state.items()},
    )


def _assumed(results: Results) -> list[dict[str, Any]]:
    """The notes that say what a figure rests on, with the stage that uses it."""
    return [note.stored | {"where": stage} for stage, notes in results.notes.items() for note in notes if note.assumed]


def _versions() -> dict[str, str]:
    names = (PACKAGE, "duckdb", "pandas", "numpy", "scipy", "scikit-learn", "statsmodels", "sqlglot")
    return {"python": platform.python_version()} | {name: version(name) for name in names}
