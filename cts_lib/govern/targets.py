"""Indicators held against the targets of the unit, its segments and its channels."""

from __future__ import annotations

import pandas as pd

from cts_lib.measures import of
from cts_lib.names import ALL, CELL, NONE
from cts_lib.notes import Note
from cts_lib.params.sections import Governance, Target


def held_against_targets(kpis: pd.DataFrame, params: Governance) -> tuple[pd.DataFrame, list[Note]]:
    """Return the indicators with target and status, and remarks on targets of nobody.

    A target is met, near (missed by no more than its tolerance) or missed.
    """
    if not params.targets:
        return kpis.assign(target=float("nan"), status=NONE), [
            Note("No targets are set: governance.targets holds them.")
        ]
    rows = [row for kpi, target in params.targets.items() for row in _rows(str(kpi), target)]
    table = pd.DataFrame(rows, columns=[*CELL, "kpi", "target", "tolerance", "side"])
    held = kpis.merge(table, on=[*CELL, "kpi"], how="left")
    short = (held["target"] - held["value"]) * held["side"]
    status = pd.Series("missed", held.index).mask(short <= held["tolerance"], "near").mask(short <= 0, "met")
    held["status"] = status.where(short.notna(), NONE)
    there = table.merge(kpis[CELL].drop_duplicates(), on=CELL, how="left", indicator="_there")
    nobody = there.loc[there["_there"] == "left_only", CELL].to_numpy().ravel()
    names = sorted(set(nobody) - {ALL})
    notes = [Note("There are targets for {name}, which this period does not have.", {"name": name}) for name in names]
    return held.drop(columns=["tolerance", "side"]), notes


def _rows(kpi: str, target: Target) -> list[tuple[str, str, str, float, float, int]]:
    """Return segment, channel, kpi, target, tolerance and the good side of each target of an indicator."""
    side = 1 if (target.better or {"more": "higher"}.get(str(of(kpi).better), "lower")) == "higher" else -1
    of_unit = [] if target.value is None else [(ALL, ALL, target.value)]
    of_segments = [(name, ALL, value) for name, value in target.segments.items()]
    of_channels = [(ALL, name, value) for name, value in target.channels.items()]
    cells = [*of_unit, *of_segments, *of_channels]
    return [(segment, channel, kpi, value, target.tolerance, side) for segment, channel, value in cells]
