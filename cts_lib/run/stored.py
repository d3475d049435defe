"""What earlier runs left of a unit, as far as it rests on the same input, params and version."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from cts_lib.intake import Source
from cts_lib.params import UnitParams
from cts_lib.params.period import Period
from cts_lib.run.stages import NEEDS, READS
from cts_lib.stage import EARLIER, PLANNED, StageResult
from cts_lib.store import BEFORE, customers_of, periods_of, read_stage, read_table, unit_folder
from cts_lib.tables import OUTPUTS

PACKAGE = "cost-to-serve-workbook"


class Stored:
    """The stored stages of a unit below ``out``; none without it."""

    def __init__(self, out: Path | None, unit: UnitParams, source: Source) -> None:
        self._out, self.unit, self.source = out, unit, source

    def fingerprint(self, stage: str, period: Period) -> str:
        """The same for the same version, tables, inputs and params that the stage and those before it read."""
        keys = sorted({key for each in (*NEEDS[stage], stage) for key in READS[each]})
        read = [_at(self.unit.tree, key) for key in keys]
        rests_on: list[Any] = [version(PACKAGE), repr(OUTPUTS), str(period), self.source.digests, read]
        if stage == "govern":
            rests_on.append([action.model_dump() for action in self.unit.actions])
            if self.unit.params.governance.reads_plan:
                rests_on.append(self.planned(period).to_csv())
        return hashlib.sha256(json.dumps(rests_on, sort_keys=True, default=str).encode()).hexdigest()

    @property
    def model(self) -> str:
        """The same for the same params of costs and segments, wherever the tables come from."""
        keys = [key for stage in ("profile", "segment") for key in READS[stage] if key not in ("unit", "source")]
        read = json.dumps([_at(self.unit.tree, key) for key in keys], sort_keys=True, default=str)
        return hashlib.sha256(read.encode()).hexdigest()[:16]

    def valid(self, manifest: dict[str, Any], period: Period) -> set[str]:
        """Return the stages of a stored manifest that rest on what they would rest on now."""
        prints = manifest.get("fingerprints", {})
        return {stage for stage in manifest.get("stages", []) if prints.get(stage) == self.fingerprint(stage, period)}

    def stage(self, name: str, period: Period) -> StageResult | None:
        """Return a stage that an earlier run left, if it rests on what it would rest on now."""
        if self._out is None:
            return None
        return read_stage(unit_folder(self._out, str(period), self.unit.name), name, self.fingerprint(name, period))

    def profile(self, period: Period) -> StageResult | None:
        """Return stage profile of a period from its own folder, or from that of the period after, which read it."""
        if self._out is None or not self.source.is_digested:
            return None
        after = unit_folder(self._out, str(period.following), self.unit.name)
        return self.stage("profile", period) or read_stage(after, BEFORE, self.fingerprint("profile", period))

    def earlier(self, period: Period) -> pd.DataFrame:
        """Return what each customer brought in the stored periods of the same length before, whatever they rest on."""
        none = pd.DataFrame(columns=EARLIER)
        if self._out is None:
            return none
        stored = [each for each in periods_of(self._out, self.unit.name) if each < period and each.is_like(period)]
        parts = [customers_of(unit_folder(self._out, str(each), self.unit.name), EARLIER) for each in stored]
        kept = [part for part in parts if len(part)]
        return pd.concat(kept or [none], ignore_index=True)

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


def _at(tree: Any, key: str) -> Any:
    """Return what stands under a dotted key of params, or None."""
    for name in key.split("."):
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree
