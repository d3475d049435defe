"""What earlier runs left of a unit, as far as it rests on the same input, params and version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from cts_lib.intake import Source
from cts_lib.params import UnitParams
from cts_lib.params.period import Period
from cts_lib.run.stages import NEEDS, READS
from cts_lib.run.versions import code
from cts_lib.stage import EARLIER, HISTORY, PLAN, PLANNED, StageResult
from cts_lib.store import (
    BEFORE,
    customers_of,
    holds,
    kept_folder,
    noted,
    periods_of,
    read_manifest,
    read_stage,
    read_table,
    unit_folder,
    write_stage,
)


class Stored:
    """The stored stages of a unit below ``out``; none without it.

    ``history`` gives the KPIs of the unit's periods.
    """

    def __init__(
        self, out: Path | None, unit: UnitParams, source: Source, history: Callable[[], pd.DataFrame] = pd.DataFrame
    ) -> None:
        self._out, self.unit, self.source, self._history = out, unit, source, history

    def fingerprint(self, stage: str, period: Period) -> str:
        """The same for the same code, inputs and params that the stage and those before it read.

        That of `BEFORE` is the profile's of the period before.
        """
        if stage == BEFORE:
            return self.fingerprint("profile", period.previous)
        stages = (*NEEDS[stage], *(PLAN if stage == "govern" else ()), stage)
        keys = sorted({key for each in stages for key in READS[each]})
        read = [_at(self.unit.tree, key) for key in keys]
        rests_on: list[Any] = [code(), str(period), self.source.digests, read]
        if stage == "govern":
            rests_on.append(_content(self.history(period)))
            rests_on.append([action.model_dump() for action in self.unit.actions])
            if self.unit.actions:
                rests_on.append(self._earlier_prints(period))
            if self.unit.params.governance.reads_plan:
                rests_on.append(self.planned(period).to_csv())
        return hashlib.sha256(json.dumps(rests_on, sort_keys=True, default=str).encode()).hexdigest()

    def history(self, period: Period) -> pd.DataFrame:
        """Return the KPIs of the periods that were over when this one began."""
        known = self._history()
        if known.empty:
            return known
        over = [text for text in known["period"].unique() if period.named(text).end <= period.start]
        return known.loc[known["period"].isin(over), [name for name in HISTORY if name in known]]

    @property
    def model(self) -> str:
        """The same for the same params of costs and segments, wherever the tables come from."""
        keys = [key for stage in ("profile", "segment") for key in READS[stage] if key not in ("unit", "source")]
        read = json.dumps([_at(self.unit.tree, key) for key in keys], sort_keys=True, default=str)
        return hashlib.sha256(read.encode()).hexdigest()[:16]

    def valid(self, manifest: dict[str, Any], period: Period) -> set[str]:
        """Return the stages of a stored manifest that stand there whole and rest on what they would rest on now."""
        if self._out is None:
            return set()
        folder, named = unit_folder(self._out, str(period), self.unit.name), manifest.get("stages", [])
        return {stage for stage in named if holds(folder, manifest, stage, self.fingerprint(stage, period))}

    def stage(self, name: str, period: Period) -> StageResult | None:
        """Return a stage that an earlier run left, if it rests on what it would rest on now."""
        return self._read(name, period)

    def before(self, period: Period) -> StageResult | None:
        """Return stage profile of the period before, which an earlier run of this one left."""
        return self._read(BEFORE, period)

    def _read(self, name: str, period: Period) -> StageResult | None:
        """Return what stands in the unit's folder, or what a run left that did not come to its end."""
        if self._out is None:
            return None
        folder, fingerprint = unit_folder(self._out, str(period), self.unit.name), self.fingerprint(name, period)
        return read_stage(folder, name, fingerprint) or read_stage(kept_folder(folder), name, fingerprint)

    def keep(self, name: str, period: Period, result: StageResult) -> None:
        """Keep a stage until the run that made it is at its end, for the next if it never comes there."""
        if self._out is None:
            return
        place = kept_folder(unit_folder(self._out, str(period), self.unit.name))
        with noted(place, "fingerprints", name, self.fingerprint(name, period), f"state/{name}"):
            write_stage(place, name, result, tables=True)

    def profile(self, period: Period) -> StageResult | None:
        """Return stage profile of a period from its own folder, or from that of the period after, which read it."""
        if self._out is None or not self.source.is_digested:
            return None
        after = unit_folder(self._out, str(period.following), self.unit.name)
        return self.stage("profile", period) or read_stage(after, BEFORE, self.fingerprint(BEFORE, period.following))

    def earlier(self, period: Period) -> pd.DataFrame:
        """Return what each customer brought in the stored periods of the same length before, whatever they rest on."""
        none = pd.DataFrame(columns=EARLIER)
        if self._out is None:
            return none
        stored = [each for each in periods_of(self._out, self.unit.name) if each < period and each.is_like(period)]
        parts = [customers_of(unit_folder(self._out, str(each), self.unit.name), EARLIER) for each in stored]
        kept = [part for part in parts if len(part)]
        return pd.concat(kept or [none], ignore_index=True)

    def _earlier_prints(self, period: Period) -> list[Any]:
        """Return what `earlier` reads rests on."""
        out = self._out or Path()
        stored = [each for each in periods_of(out, self.unit.name) if each < period and each.is_like(period)]
        folders = [unit_folder(out, str(each), self.unit.name) for each in stored]
        return [(str(folder), (read_manifest(folder) or {}).get("fingerprints")) for folder in folders]

    def planned(self, period: Period) -> pd.DataFrame:
        """Return what the stored plan of the period before foretold; no row where none is stored."""
        try:
            folder = unit_folder(self._out or Path(), str(period.previous), self.unit.name)
            table = read_table(folder, "evaluation") if self._out else pd.DataFrame(columns=PLANNED)
        except OSError:
            return pd.DataFrame(columns=PLANNED)
        if "strategy" in table:
            table = table[(table["strategy"] == "proposed") & (table["scenario"] == "base")]
        return table[PLANNED].reset_index(drop=True)


def _content(table: pd.DataFrame) -> list[str]:
    """Return a table's rows as text, in an order of their own, wherever it was read from."""
    columns = table[sorted(map(str, table))].astype("object")
    return sorted(map(repr, columns.where(columns.notna(), None).itertuples(index=False, name=None)))


def _at(tree: Any, key: str) -> Any:
    """Return what stands under a dotted key of params, or None."""
    for name in key.split("."):
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree
