"""Govern: indicators by segment and channel against targets and the period before, why profit changed, what to do.

Reads ``profile`` and ``segment`` of this period and the one before, the strategy if there is one, and the KPIs of
earlier periods; writes ``kpis``, ``kpi_tree``, ``bridge``, ``bridge_details`` and ``actions``.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from cts_lib.costing.costed import Costed
from cts_lib.errors import EmptyPeriod
from cts_lib.govern.actions import actions, proposals
from cts_lib.govern.bridge import DETAILS, Side, profit_bridge
from cts_lib.govern.changed_model import changed_model
from cts_lib.govern.indicators import kpi_values
from cts_lib.govern.scopes import check_actions, panel
from cts_lib.govern.signals import LASTING, SERIES, earlier_values, judged
from cts_lib.govern.targets import held_against_targets
from cts_lib.govern.tree import kpi_tree
from cts_lib.names import CELL
from cts_lib.notes import Note
from cts_lib.params import UnitParams
from cts_lib.stage import PLAN, Inputs, StageResult, why_not

_COLUMNS = [*SERIES, "value", "standard_error", "observations", "target", "status", "previous"]
_COLUMNS += ["lower_limit", "upper_limit", "signal", "evidence", "evidence_periods", "chance"]


def run(inputs: Inputs, unit: UnitParams) -> StageResult:
    """Return the indicators, why profit changed since the period before, and the actions proposed."""
    params, period = unit.params.governance, inputs.period
    segmented = inputs.results["segment"]
    check_actions(inputs, unit, segmented)
    now: Side = (Costed.of(inputs.results["profile"]), segmented.tables["segments"])
    before, notes = _comparable(inputs, now[0], segmented.state["segments_before"])
    if inputs.compared and before:
        notes.append(Note("Compared with {period}.", {"period": str(inputs.compared.period)}))
    kpis = kpi_values(*now)
    past = earlier_values(inputs.history, period, params)
    kpis, of_targets = held_against_targets(judged(kpis, inputs.history, period, params), params, past, inputs.planned)
    previous = kpi_values(*before) if before else kpis.assign(value=float("nan"))
    previous = previous[[*SERIES, "value"]].rename(columns={"value": "previous"})
    kpis = kpis.merge(previous, on=SERIES, how="left")[_COLUMNS]
    tree = kpi_tree(now[0], before[0] if before else None, kpis)
    if params.compare == "plan":
        foretold, of_plan = _foretold(inputs)
        kpis = kpis.drop(columns="previous").merge(foretold, on=SERIES, how="left")[_COLUMNS]
        notes += of_plan
    bridge, details = profit_bridge(now, before) if before else (None, None)
    planned = inputs.results["strategy"].tables if "strategy" in inputs.results else None
    missed = inputs.results["evaluate"].tables["kept_capacity"] if "evaluate" in inputs.results else None
    proposed = proposals(unit, period, now[0].tables["resources"], planned, kpis, missed)
    at_last = before
    if inputs.compared:
        at_last, _ = _comparable(replace(inputs, compared=None), now[0], segmented.state["segments_before"])
    kept, untold = actions(unit, period, proposed, panel(inputs, unit, now, at_last))
    notes += [*untold, *changed_model(inputs)]
    if kpis["lower_limit"].isna().all():
        notes.append(
            Note(
                "Control limits need {count} earlier periods in the history; until then no signal is given.",
                {"count": params.minimum_history},
            )
        )
    lasting = int((kpis["evidence_periods"] >= LASTING).sum())
    if lasting:
        notes.append(
            Note(
                "Signals in table kpis that rest on {periods} periods or more: {count}. What is there to stay is "
                "declared in {key}.",
                {"periods": LASTING, "count": lasting, "key": "governance.changes"},
            )
        )
    notes += of_targets
    tables = {
        "kpis": kpis,
        "kpi_tree": tree,
        "bridge": _of_columns(bridge, [*CELL, "component"]),
        "bridge_details": _of_columns(details, DETAILS[:-1]),
        "actions": kept,
    }
    plan = pd.DataFrame({"stage": [name for name in PLAN if name in inputs.results]}, dtype="str")
    return StageResult(tables, notes, {"plan": plan})


def _foretold(inputs: Inputs) -> tuple[pd.DataFrame, list[Note]]:
    """Return what the plan of the period before foretold of the indicators, and what is compared with it."""
    plan, period = inputs.planned(), str(inputs.period.previous)
    found = plan.rename(columns={"mean": "previous"})[[*SERIES, "previous"]].astype({"previous": "float64"})
    if found.empty:
        return found, [Note("No plan of {period} is stored: no indicator is compared with it.", {"period": period})]
    return found, [Note("Indicators are compared with what the plan of {period} foretold.", {"period": period})]


def _of_columns(found: pd.DataFrame | None, texts: list[str]) -> pd.DataFrame:
    """Return amounts by some texts; none where there is nothing to compare with."""
    table = pd.DataFrame(columns=[*texts, "amount"]) if found is None else found
    return table.astype(dict.fromkeys(texts, "str") | {"amount": "float64"})


def _comparable(inputs: Inputs, now: Costed, segments: pd.DataFrame) -> tuple[Side | None, list[Note]]:
    """Return the period before where it can be compared with, and a remark where it cannot."""
    before, other = inputs.before, inputs.period.previous
    if inputs.compared:
        before, segments, other = inputs.compared.profile, inputs.compared.segments, inputs.compared.period
    period = str(other)
    if not other.is_like(inputs.period) or other >= inputs.period:
        values = {"period": period, "this": str(inputs.period)}
        return None, [Note("{period} is not an earlier period as long as {this}: nothing is compared.", values)]
    if not isinstance(before, StageResult):
        notes = [Note("There is no comparable data for {period}: nothing is compared.", {"period": period})]
        if before is not None and not isinstance(before, EmptyPeriod):
            notes.append(
                Note("{period} could not be costed to compare with: {reason}.", {"period": period} | why_not(before))
            )
        return None, notes
    costed = Costed.of(before)
    unbooked = sorted(set(costed.unbooked) - set(now.unbooked))
    if not unbooked:
        return (costed, segments), []
    values = {"period": period, "resources": ", ".join(unbooked)}
    return None, [
        Note("There is no comparable data for {period}: nothing is compared.", {"period": period}),
        Note("The ledger of {period} books nothing for {resources}, which this period's does.", values),
    ]
