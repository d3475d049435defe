"""The stages: which there are, what each needs and reads, and what a unit's period yielded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cts_lib import evaluate, govern, profile, segment, strategy
from cts_lib.notes import Note
from cts_lib.params import UnitParams
from cts_lib.stage import Inputs, StageResult, Tables
from cts_lib.tables import conform

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
        *("strategy.electronic_methods", "segmentation.xyz_bucket", "governance.on_time", "governance.calendar"),
    ),
    "segment": ("segmentation",),
    "strategy": ("strategy", "governance.owners", "governance.action_days"),
    "evaluate": ("evaluation",),
    "govern": ("governance",),
}
"""The keys of params that each stage reads, besides those of the stages that it needs or, governing, reads too."""


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
    def doubts(self) -> list[Note]:
        """What may make the figures wrong."""
        return [note for notes in self.notes.values() for note in notes if note.doubt]

    @property
    def all_tables(self) -> Tables:
        return {name: table for result in self.stages.values() for name, table in result.tables.items()}


def conformed(result: StageResult) -> StageResult:
    """Hold a stage's tables to their declarations before anybody reads them."""
    return StageResult(
        {name: conform(name, table) for name, table in result.tables.items()},
        result.notes,
        {name: table.reset_index(drop=True) for name, table in result.state.items()},
    )
