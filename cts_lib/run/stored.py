"""What earlier runs left of a unit, as far as it rests on the same input, params and version."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cts_lib.intake import Source
from cts_lib.params import UnitParams
from cts_lib.params.period import Period
from cts_lib.run.stages import NEEDS, READS
from cts_lib.stage import StageResult
from cts_lib.store import BEFORE, read_stage, unit_folder
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
        rests_on = [version(PACKAGE), repr(OUTPUTS), str(period), self.source.digests, read]
        return hashlib.sha256(json.dumps(rests_on, sort_keys=True, default=str).encode()).hexdigest()

    def valid(self, manifest: dict[str, Any], period: Period) -> set[str]:
        """Return the stages of a stored manifest that rest on what they would rest on now."""
        prints = manifest.get("fingerprints", {})
        return {stage for stage in manifest["stages"] if prints.get(stage) == self.fingerprint(stage, period)}

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


def _at(tree: Any, key: str) -> Any:
    """Return what stands under a dotted key of params, or None."""
    for name in key.split("."):
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree
