"""Indicators held against the targets of the unit, its segments and its channels."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from cts_lib.measures import of
from cts_lib.names import ALL, CELL, NONE
from cts_lib.notes import Note, names_in_words
from cts_lib.params.governance import Governance, Target

_COLUMNS = [*CELL, "kpi", "target", "tolerance", "side"]
_DIGITS = 9
"""To which indicators are held against their targets."""
_PERIODS = 12
"""So many earlier periods a target from the history comes of, at most."""


def held_against_targets(
    kpis: pd.DataFrame, params: Governance, past: pd.DataFrame, planned: Callable[[], pd.DataFrame]
) -> tuple[pd.DataFrame, list[Note]]:
    """Return the indicators with target and status, and remarks on targets of nobody.

    A target is met, near (missed by no more than its tolerance) or missed. ``past`` has the values of earlier periods
    by how far ahead they ``lie``, ``planned`` reads what the plan foretold.
    """
    if not params.targets:
        return kpis.assign(target=float("nan"), status=NONE), [
            Note("No targets are set: governance.targets holds them.")
        ]
    rows = [row for kpi, target in params.targets.items() for row in _rows(str(kpi), target)]
    table = pd.DataFrame(rows, columns=_COLUMNS)
    derived, untold = _derived(params, past, planned)
    table = pd.concat([part for part in (table, derived) if len(part)] or [table], ignore_index=True)
    table = table.drop_duplicates([*CELL, "kpi"])
    held = kpis.merge(table, on=[*CELL, "kpi"], how="left")
    short = ((held["target"] - held["value"]) * held["side"]).round(_DIGITS)
    near = short <= held["tolerance"].round(_DIGITS)
    status = pd.Series("missed", held.index).mask(near, "near").mask(short <= 0, "met")
    held["status"] = status.where(short.notna(), NONE)
    given = pd.DataFrame(rows, columns=_COLUMNS)
    there = given.merge(kpis[CELL].drop_duplicates(), on=CELL, how="left", indicator="_there")
    nobody = there.loc[there["_there"] == "left_only", CELL].to_numpy().ravel()
    names = sorted(set(nobody) - {ALL})
    notes = [Note("There are targets for {name}, which this period does not have.", {"name": name}) for name in names]
    return held.drop(columns=["tolerance", "side"]), [*notes, *untold]


def _derived(
    params: Governance, past: pd.DataFrame, planned: Callable[[], pd.DataFrame]
) -> tuple[pd.DataFrame, list[Note]]:
    """Return the targets that come from the plan or the history, and remarks on those that neither gives."""
    sources = {target.origin for target in params.targets.values()}
    plan = planned() if "plan" in sources else pd.DataFrame(columns=[*CELL, "kpi", "mean", "low", "high"])
    recent = past[past["lies"] >= -_PERIODS].dropna(subset=["value"])
    usual = recent.groupby([*CELL, "kpi"])["value"].agg(["median", "size"]).reset_index()
    usual = usual[usual["size"] >= params.minimum_history]
    parts, notes = list[pd.DataFrame](), list[Note]()
    for name, target in params.targets.items():
        if target.origin is None:
            continue
        side, source = _side(str(name), target), plan if target.origin == "plan" else usual
        own = source[source["kpi"] == name]
        if own.empty:
            values = {"indicator": names_in_words("column", [str(name)]), "key": f"governance.targets.{name}"}
            notes.append(Note("{key}: neither a stored plan nor the history gives {indicator} a target yet.", values))
            continue
        middle = own["mean" if target.origin == "plan" else "median"]
        slack = pd.Series(target.tolerance, own.index)
        if target.origin == "plan":
            slack = ((middle - own["low" if side > 0 else "high"]) * side).clip(lower=target.tolerance)
        parts.append(own[[*CELL, "kpi"]].assign(target=middle, tolerance=slack, side=side))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_COLUMNS), notes


def _side(kpi: str, target: Target) -> int:
    """Return 1 where higher is good, else -1."""
    return 1 if (target.better or {"more": "higher"}.get(str(of(kpi).better), "lower")) == "higher" else -1


def _rows(kpi: str, target: Target) -> list[tuple[str, str, str, float, float, int]]:
    """Return segment, channel, kpi, target, tolerance and the good side of each target of an indicator."""
    side = _side(kpi, target)
    of_unit = [] if target.value is None else [(ALL, ALL, target.value)]
    of_segments = [(name, ALL, value) for name, value in target.segments.items()]
    of_channels = [(ALL, name, value) for name, value in target.channels.items()]
    cells = [*of_unit, *of_segments, *of_channels]
    return [(segment, channel, kpi, value, target.tolerance, side) for segment, channel, value in cells]
