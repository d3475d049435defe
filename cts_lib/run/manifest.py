"""The manifest of a run: what it rests on, what it yielded and what was assumed, as JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cts_lib.params.period import Period
from cts_lib.run.stages import Results
from cts_lib.run.stored import Stored
from cts_lib.run.versions import versions
from cts_lib.stage import StageResult
from cts_lib.store import BEFORE

_TERMS = ("ledger", "assigned", "unused", "overdriven", "sustaining", "unassigned", "difference")


def manifest_of(
    stored: Stored, period: Period, results: Results, profiled: StageResult, started: datetime
) -> dict[str, Any]:
    """Return the manifest of a unit's period; ``profiled`` is its stage profile, computed now or stored."""
    unit, source, resources = stored.unit, stored.source, profiled.tables["resources"]
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
        "inputs": source.digests,
        "fingerprints": {stage: stored.fingerprint(stage, period) for stage in results.stages}
        | ({BEFORE: stored.fingerprint(BEFORE, period)} if results.before else {}),
        "model": stored.model,
        "versions": versions(),
        "seed": unit.params.evaluation.seed,
        "start": started.isoformat(timespec="seconds"),
        "end": datetime.now(UTC).isoformat(timespec="seconds"),
        "state": "done",
        "stages": list(results.stages),
        "reconciliation": {term: float(resources[term].sum()) for term in _TERMS}
        | {"tolerance": unit.params.quality.ledger_tolerance},
        "quality": profiled.tables["quality"].replace({float("nan"): None}).to_dict("records"),
        "assumptions": [*source.assumptions, *_assumed(results)],
        "notes": [{"stage": stage} | note.stored for stage, notes in results.notes.items() for note in notes],
        "sql": profiled.state["sql"].to_numpy().tolist(),
        "error": None,
    }


def _assumed(results: Results) -> list[dict[str, Any]]:
    """The notes that say what a figure rests on, with the stage that uses it."""
    return [note.stored | {"where": stage} for stage, notes in results.notes.items() for note in notes if note.assumed]
