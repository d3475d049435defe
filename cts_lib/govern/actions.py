"""Actions: those that people keep, what they brought, and what this period proposes besides."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from cts_lib.govern.realised import Saving, realised
from cts_lib.names import ALL, CELL, NONE
from cts_lib.notes import Note
from cts_lib.params import UnitParams
from cts_lib.params.actions import Action, name_of
from cts_lib.params.duties import due_of, owner_of
from cts_lib.params.period import Period
from cts_lib.replay.options import Option
from cts_lib.stage import Tables

_TEXTS = ["id", "action", "subject", *CELL, "customer_id", "owner", "since", "state", "verdict"]
_SAVINGS = ["expected_saving", "expected_cash", "realised_saving", "realised_low", "realised_high"]
_COLUMNS = ["id", "action", "subject", *CELL, "customer_id", "owner", "due", "since", *_SAVINGS, "verdict", "state"]
_DIGITS = 3
"""Of a utilisation: what pages show of it."""
Rows = list[dict[str, Any]]


def proposals(
    unit: UnitParams,
    period: Period,
    resources: pd.DataFrame,
    planned: Tables | None,
    kpis: pd.DataFrame,
    kept: pd.DataFrame | None = None,
) -> Rows:
    """Turn decisions, overloaded resources and missed targets into proposed actions with an owner and a day.

    ``planned`` are the tables of stage strategy; what its decisions relieve is not to be relieved besides. ``kept`` is
    table ``kept_capacity``: what the plan gives up and had better keep is to be kept, for what it saves. Of targets
    those of the unit count, and those that params give a segment or a channel: what the history gives all of them is
    missed by half.
    """
    due, rows = due_of(unit.params, period), list[tuple[str, str, str, str, str, date, float, float]]()
    unknown = (np.nan, np.nan)
    relieved = set[str]()
    if planned is not None:
        decisions, then = planned["decisions"], planned["capacity_plan"]
        relieved = set(then.loc[(then["used_then"] / then["capacity_then"]).round(_DIGITS) <= 1, "resource"])
        for row in decisions[~decisions["small"]].to_dict("records"):
            name, who = Option({row["lever"]: row["setting"]}).name, (row["owner"], row["due"])
            rows.append((name, NONE, row["segment"], row["channel"], *who, row["gain"], row["cash_gain"]))
    if kept is not None:
        missed = kept[kept["verdict"] == "better"].drop_duplicates("resource")
        for name, saves in missed[["resource", "saves"]].itertuples(index=False, name=None):
            rows.append(("keep", name, ALL, ALL, owner_of(unit.params, name, resource=name), due, np.nan, -saves))
    beyond = resources.loc[resources["utilisation"] > 1, "resource"]
    for name in beyond[~beyond.isin(relieved)]:
        rows.append(("relieve", name, ALL, ALL, owner_of(unit.params, name, resource=name), due, *unknown))
    targets = unit.params.governance.targets
    for name, *cell in kpis.loc[kpis["status"] == "missed", ["kpi", *CELL]].itertuples(index=False, name=None):
        places = [place for place in cell if place != ALL]
        if not places or set(places) & {*targets[name].segments, *targets[name].channels}:
            rows.append(("bring_to_target", name, *cell, owner_of(unit.params, name, *places), due, *unknown))
    columns = ["action", "subject", *CELL, "owner", "due", "expected_saving", "expected_cash"]
    found = [dict(zip(columns, row, strict=True)) | {"customer_id": NONE} for row in rows]
    return [row | {"id": name_of(_key(row))} for row in found]


def actions(unit: UnitParams, period: Period, proposed: Rows, panel: pd.DataFrame) -> tuple[pd.DataFrame, list[Note]]:
    """Return table ``actions``: those of the unit's file, then what is proposed and not in the file.

    ``panel`` holds what each customer brought in the periods to compare, as ``realised`` reads it.
    """
    kept = {action.key for action in unit.actions}
    found = {action.id: realised(action, unit.actions, panel, period) for action in unit.actions}
    rows = [_row(action, found[action.id], unit) for action in unit.actions]
    rows += [row | {"since": NONE, "state": "proposed", "verdict": NONE} for row in proposed if _key(row) not in kept]
    table = pd.DataFrame(rows, columns=_COLUMNS)
    table["due"] = pd.to_datetime(table["due"]).astype("datetime64[s]")
    untold = [action.id for action in unit.actions if action.works_in(period) and not found[action.id]]
    notes = []
    if untold:
        notes.append(
            Note(
                "What {names} brought is not told: it takes three customers without such an action in the same channel "
                "or segment, and stored periods before and after it began.",
                {"names": ", ".join(untold)},
            )
        )
    return table.astype(dict.fromkeys(_TEXTS, "str") | dict.fromkeys(_SAVINGS, "float64")), notes


def _key(row: dict[str, Any]) -> tuple[str, str, str, str, str]:
    return row["action"], row["subject"], row["segment"], row["channel"], row["customer_id"]


def _row(action: Action, saving: Saving | None, unit: UnitParams) -> dict[str, Any]:
    names = (name for name in (action.subject, action.segment, action.channel) if name not in (ALL, NONE))
    brought = {} if saving is None else saving._asdict()
    return action.model_dump() | {
        "owner": action.owner or owner_of(unit.params, *names),
        "since": action.since or NONE,
        **{f"realised_{name}": value for name, value in brought.items()},
        "verdict": NONE if saving is None else saving.verdict,
    }
