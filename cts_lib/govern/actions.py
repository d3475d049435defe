"""Actions: those that people keep, what they brought, and what this period proposes besides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from cts_lib.errors import ParamsError, Problems
from cts_lib.govern.realised import Saving, realised
from cts_lib.names import ALL, CELL, NONE
from cts_lib.notes import Note
from cts_lib.params import UnitParams
from cts_lib.params.actions import Action, actions_file, name_of
from cts_lib.params.duties import due_of, owner_of
from cts_lib.params.labels import nearest
from cts_lib.params.period import Period
from cts_lib.replay.options import Option

_TEXTS = ["id", "action", "subject", *CELL, "customer_id", "owner", "since", "state", "verdict"]
_SAVINGS = ["expected_saving", "expected_cash", "realised_saving", "realised_low", "realised_high"]
_COLUMNS = ["id", "action", "subject", *CELL, "customer_id", "owner", "due", "since", *_SAVINGS, "verdict", "state"]
Rows = list[dict[str, Any]]


def proposals(
    unit: UnitParams, period: Period, resources: pd.DataFrame, decisions: pd.DataFrame | None, kpis: pd.DataFrame
) -> Rows:
    """Turn decisions, overloaded resources and missed targets into proposed actions with an owner and a day."""
    due, rows = due_of(unit.params, period), list[tuple[str, str, str, str, str, date, float, float]]()
    unknown = (np.nan, np.nan)
    if decisions is not None:
        for row in decisions[~decisions["small"]].to_dict("records"):
            name, who = Option({row["lever"]: row["setting"]}).name, (row["owner"], row["due"])
            rows.append((name, NONE, row["segment"], row["channel"], *who, row["gain"], row["cash_gain"]))
    for name in resources.loc[resources["utilisation"] > 1, "resource"]:
        rows.append(("relieve", name, ALL, ALL, owner_of(unit.params, name, resource=name), due, *unknown))
    missed = kpis[(kpis["status"] == "missed") & (kpis["segment"] == ALL) & (kpis["channel"] == ALL)]
    rows += [("bring_to_target", name, ALL, ALL, owner_of(unit.params, name), due, *unknown) for name in missed["kpi"]]
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


def check_scopes(unit: UnitParams, period: Period, known: dict[str, set[str]], customers: Iterable[str]) -> None:
    """Raise Problems for actions of segments, channels or customers that no period knows.

    What only begins after the period, or was dropped, is not looked at.

    Parameters
    ----------
    known : dict of str to set of str
        The segments and the channels of this period and of those in the history.
    customers : iterable of str
        The customers of the unit's table, asked for only where an action names one.
    """
    path, wrong = actions_file(unit.folder, unit.name), list[ParamsError]()
    looked_at = [action for action in unit.actions if action.state != "dropped" and not _is_later(action, period)]
    for action in looked_at:
        for key in CELL:
            name = getattr(action, key)
            if name not in known[key] | {ALL}:
                expected = nearest(name, sorted(known[key] | {ALL}))
                wrong.append(ParamsError(f"{path}, {action.id}, {key}", f"unknown {key} {name!r}", expected))
    named = [action for action in looked_at if action.customer_id != NONE]
    there = set(customers) if named else set[str]()
    for action in named:
        if action.customer_id not in there:
            problem = f"unknown customer {action.customer_id!r}"
            expected = "give a customer_id of table customers, in quotes"
            wrong.append(ParamsError(f"{path}, {action.id}, customer_id", problem, expected))
    if wrong:
        raise Problems([*wrong])


def _is_later(action: Action, period: Period) -> bool:
    return action.since is not None and Period.parse(action.since).start >= period.end
