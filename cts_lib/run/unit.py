"""One unit through its stages: opens the source once, costs period after period, hands each stage what it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pandas as pd

from cts_lib.costing.calibration import unit_times
from cts_lib.costing.costed import Costed
from cts_lib.costing.driver_costs import DriverCosts, driver_costs
from cts_lib.costing.evidence import Evidence, gather, together
from cts_lib.costing.priced import Priced, priced
from cts_lib.costing.rates import accepted_ledger, check_ledger
from cts_lib.costing.things import customer_things
from cts_lib.costing.trace import Trace, trace
from cts_lib.cube.cube import Cube
from cts_lib.engine import Engine, open_engine
from cts_lib.errors import CtsError, ModelError, ParamsError, Problems, problems_of
from cts_lib.intake import Intake, Source, attach, take_in
from cts_lib.intake.dated import windows
from cts_lib.intake.newest import Newest, newest_quarter
from cts_lib.intake.raw import extra_kinds
from cts_lib.intake.reserved import unknown_channels
from cts_lib.limits import give_back
from cts_lib.model.compiled import CompiledActivity, compile_model
from cts_lib.model.drivers import finish
from cts_lib.names import CUSTOMER
from cts_lib.params import CostModel, UnitParams
from cts_lib.params.labels import OF_MODEL, nearest
from cts_lib.params.period import Period
from cts_lib.profile.dimensions import dimension_names
from cts_lib.replay.whom import conditions
from cts_lib.run.manifest import manifest_of
from cts_lib.run.overview import Overview, overview
from cts_lib.run.stages import NEEDS, STAGE, STAGES, Results, conformed
from cts_lib.run.stored import Stored
from cts_lib.run.unknown import unknown_names
from cts_lib.segment import Model, names_table, place
from cts_lib.stage import PLAN, Accepted, Compared, Inputs, StageResult
from cts_lib.store import BEFORE
from cts_lib.strategy.checks import wrong_of_levers

Progress = Callable[[str], None]


def quiet(message: str) -> None:
    """Tell nobody."""


class UnitRun:
    """A unit's open source; computes any of its periods.

    ``kpi_history`` holds the KPIs of earlier periods and grows with each period computed. Stages that earlier runs left
    below ``out`` are read instead of computed where they rest on the same input, params and version.
    """

    def __init__(self, unit: UnitParams, kpi_history: pd.DataFrame | None = None, out: Path | None = None) -> None:
        self.unit = unit
        self.kpi_history = pd.DataFrame() if kpi_history is None else kpi_history
        self._engine: Engine = open_engine(unit.params.source, unit.root)
        self._profiles: dict[Period, StageResult] = {}
        self._kept: pd.DataFrame | CtsError | None = None
        self._loaded: tuple[Period, Intake] | None = None
        self._cubed: tuple[object, Sequence[tuple[object, ...]], Cube] | None = None
        self._counted: tuple[object, tuple[float, ...], DriverCosts] | None = None
        try:
            self._source: Source = attach(self._engine, unit)
            self.stored = Stored(out, unit, self._source, lambda: self.kpi_history)
            self._extras = extra_kinds(self._engine, self._source)
            self._activities: list[CompiledActivity] = compile_model(unit.params.cost_model, self._extras)
            conditions(unit.params.strategy, self._extras)
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

    def look(self, period: Period) -> Overview | list[CtsError]:
        """Return what the unit's tables hold of a period, or what keeps it from being costed."""
        try:
            period = self._under(period)
            intake = self._take_in(period)
            check_ledger(self.unit, accepted_ledger(self._engine), intake.uncovered, period)
            if wrong := [*unknown_names(self._engine, self.unit), *wrong_of_levers(self._engine, self.unit)]:
                raise Problems(wrong)
        except CtsError as error:
            return [problem.of(self.unit.name) for problem in problems_of(error)]
        return overview(self._engine, self._source, self.unit, intake, period)

    def unknown_labels(self) -> list[CtsError]:
        """Return what params label that is neither a name of the model nor a dimension of the data."""
        known = [*OF_MODEL, *dimension_names(self._extras)]
        return [
            ParamsError(self.unit.where("labels", name), f"unknown key {name!r}", nearest(name, known))
            for name in self.unit.params.labels
            if name not in known
        ]

    def compute(
        self, period: Period, stages: Sequence[str] = STAGES, progress: Progress = quiet, resume: bool = False
    ) -> Results:
        """Compute the chosen stages of a period; what they need besides is read where it is stored, else computed.

        With ``resume`` the chosen stages are read too where they are stored, and each that is computed is kept until
        the period is written.
        """
        started, period = datetime.now(UTC), self._under(period)
        try:
            done = self._stages(period, stages, progress, resume)
        except CtsError as error:
            raise error.of(self.unit.name) from error
        before = self._profiles.get(period.previous) if "segment" in done else None
        if resume and not before and self._source.is_digested:
            before = self.stored.before(period)
        results = Results({stage: done[stage] for stage in STAGES if stage in stages}, before)
        results.manifest = manifest_of(self.stored, period, results, done["profile"], started)
        return results

    def stages(self, period: Period, last: str) -> dict[str, StageResult]:
        """Return a stage of a period, computed now, and those that it needs."""
        return self._stages(self._under(period), [last], quiet)

    def _stages(
        self, period: Period, stages: Sequence[str], progress: Progress, resume: bool = False
    ) -> dict[str, StageResult]:
        wanted = {need for stage in stages for need in (*NEEDS[stage], stage)}
        trusted = [stage for stage in STAGES if self._source.is_digested or stage not in wanted]
        read = {stage: self.stored.stage(stage, period) for stage in trusted if resume or stage not in stages}
        done = {stage: result for stage, result in read.items() if result}
        planned = {stage for stage in PLAN if stage in wanted or stage in done}
        if "govern" in done and planned - set(done["govern"].state["plan"]["stage"]):
            del done["govern"]  # made before there was a plan
        missing = [stage for stage in STAGES if stage in wanted and stage not in done]
        inputs = self.inputs(period, done)
        if {"segment", "evaluate", "govern"} & set(missing):
            kept = self._kept_model(period, progress) if missing != ["evaluate"] else None
            compared = self._compared(period, kept, progress) if "govern" in missing else None
            before = self._profile_before(period, progress)
            if resume and isinstance(before, StageResult):
                self._keep(BEFORE, period, before)
            inputs = replace(inputs, before=before, kept=kept, compared=compared)
        for stage in missing:
            progress(stage)
            if stage == "profile":
                done[stage] = self._profile(period)
            else:
                done[stage] = conformed(STAGE[stage](inputs, self.unit))
            if resume:
                self._keep(stage, period, done[stage])
            give_back()
        if "govern" in wanted:
            self._remember(period, done["govern"].tables["kpis"])
        return done

    def _keep(self, name: str, period: Period, result: StageResult) -> None:
        """Keep what is done for a run that goes on from here, unless nobody could tell that its input is the same."""
        if self._source.is_digested:
            self.stored.keep(name, period, result)

    def inputs(self, period: Period, done: Mapping[str, StageResult]) -> Inputs:
        """Return what a stage reads after those that are done."""
        return Inputs(
            period,
            lambda: self.accepted(period),
            done,
            accepted_before=lambda: self.accepted(period.previous),
            history=self.stored.history(period),
            planned=lambda: self.stored.planned(period),
            past=partial(self._past, period),
            model=self.stored.model,
            earlier=partial(self.stored.earlier, period),
        )

    def explain(self, period: Period, customer_id: str) -> Trace:
        """Trace a customer's cost to serve of a period back to activities, resources and ledger rows."""
        try:
            return self._explain(self._under(period), customer_id)
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
        placed = place(profiled, params, period, before, model, params.named_by == "groups")
        usual = profiled.drivers.usual(profiled.tables["customer_channel_profit"], placed.segments)
        of_segments = {"segments": placed.segments, "segment_names": names_table(placed.model.composed)}
        tables = profiled.tables | of_segments | {"segment_drivers": usual}
        self.accepted(period)
        work = customer_things(self._engine, self._activities, profiled.rates, customer_id)
        drivers = profiled.drivers.of(customer_id)
        return trace(tables, self.unit.params.cost_model, customer_id, work, drivers, str(period))

    def behind(
        self, period: Period, customer_id: str, activities: pd.DataFrame, most: int
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the units of work and drivers of a customer's cost at stored prices, without costing the period.

        ``activities`` is that table, with the prices; ``most`` how many units of each activity are told one by one.
        """
        self.accepted(period)
        work = customer_things(self._engine, self._activities, activities, customer_id, most)
        return work, self._drivers(activities).of(customer_id)

    def _drivers(self, activities: pd.DataFrame) -> DriverCosts:
        """Return what the drivers of the period that the engine holds cost, counted once."""
        prices, held = tuple(activities["price"]), self._counted
        if held is None or held[0] is not self._loaded or held[1] != prices:
            held = self._loaded, prices, driver_costs(self._engine, self._activities, activities)
            self._counted = held
        return held[2]

    def priced_as(self, unit: UnitParams, period: Period) -> Priced:
        """Price the period by the cost model of other params of this unit; work that is the same is not done again."""
        activities, accepted = compile_model(unit.params.cost_model, self._extras), self.accepted(period)
        work = [(each.name, each.grain.name, each.value, each.happened, each.may_be_negative) for each in activities]
        held = self._cubed if self._cubed and self._cubed[0] is self._loaded and self._cubed[1] == work else None
        cube = held[2] if held else None
        now = priced(self._engine, unit, activities, accepted.intake.uncovered, period, cube)
        self._cubed = self._loaded, work, now.cube
        return now

    def calibrate(self, period: Period, months: int = 24) -> pd.DataFrame:
        """Hold the unit times against up to so many months that end with the period; no cost changes.

        Periods are read one by one, for a customer is new in its own; the first that cannot be read ends the search.
        """
        parts: list[Evidence] = []
        at = self._under(period)
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

    def _under(self, period: Period) -> Period:
        return period.under(self.unit.params.governance.fiscal)

    def _take_in(self, period: Period) -> Intake:
        self._loaded = None
        intake = take_in(self._engine, self._source, self.unit, period)
        finish(self._engine)
        self._loaded = period, intake
        return intake

    def accepted(self, period: Period) -> Accepted:
        """Return the period's rows in the engine, read anew where it holds another period's."""
        held, period = self._loaded, self._under(period)
        intake = held[1] if held and held[0] == period else self._take_in(period)
        return Accepted(self._engine, intake, self._activities, self._extras)

    def _past(self, period: Period) -> Iterator[Accepted]:
        """Yield the rows of a period and of those before it, some periods after others, in the engine."""
        for window in windows(self._engine, self.unit, period):
            yield self.accepted(window)

    def _profile(self, period: Period) -> StageResult:
        if period not in self._profiles:
            result = conformed(STAGE["profile"](Inputs(period, lambda: self.accepted(period)), self.unit))
            self._profiles = {key: value for key, value in self._profiles.items() if key == period.previous}
            self._profiles[period] = result
            give_back()
        return self._profiles[period]

    def _profile_before(self, period: Period, progress: Progress) -> StageResult | CtsError:
        return self._earlier_profile(period.previous, progress)

    def _earlier_profile(self, period: Period, progress: Progress) -> StageResult | CtsError:
        """Return stage profile of an earlier period with today's params, or the error that it ends with."""
        if period not in self._profiles:
            stored = self.stored.profile(period)
            if stored:
                self._profiles[period] = stored
                return stored
            progress(f"earlier period {period}")
            try:
                self._profile(period)
            except CtsError as error:
                return error
        return self._profiles[period]

    def _compared(self, period: Period, kept: pd.DataFrame | CtsError | None, progress: Progress) -> Compared | None:
        """Return what govern compares with where it is not the period before, with its customers placed as then."""
        other, params = self.unit.params.governance.compared_with(period), self.unit.params.segmentation
        if other == period.previous:
            return None
        where = self.unit.where("governance", "compare")
        profile: StageResult | CtsError = ParamsError(where, f"{other} is no earlier period as long as {period}")
        if other.is_like(period) and other < period:
            profile = self._earlier_profile(other, progress)
        segments = pd.DataFrame(columns=[*CUSTOMER, "segment"], dtype="str")
        if isinstance(profile, StageResult):
            model = Model.read(kept) if isinstance(kept, pd.DataFrame) else None
            placed = place(Costed.of(profile), params, other, None, model, params.named_by == "groups")
            segments = placed.segments[[*CUSTOMER, "segment"]]
        return Compared(other, profile, segments)

    def _kept_model(self, period: Period, progress: Progress) -> pd.DataFrame | CtsError | None:
        """Return what placed the customers of the period whose segments are kept; None where none are."""
        params = self.unit.params.segmentation
        since = period.named(params.keep_from) if params.keep_from else period
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
        self.kpi_history = pd.concat(
            [self.kpi_history, kpis.assign(period=str(period), params=self.stored.model)], ignore_index=True
        )


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
