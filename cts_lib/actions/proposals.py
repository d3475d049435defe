"""What a stored period proposes, as actions that may be taken into a unit's file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from cts_lib.params import UnitParams
from cts_lib.params.actions import Action, action_of
from cts_lib.params.period import Period
from cts_lib.store import periods_of, read_table, unit_folder

_PROPOSED = ("id", "action", "subject", "segment", "channel", "customer_id", "owner", "due")
_MONEY = ("expected_saving", "expected_cash")


class Proposal(NamedTuple):
    """An action that a period proposes."""

    period: str
    action: Action


def proposals(unit: UnitParams, out: Path, period: str | None = None) -> list[Proposal]:
    """Return what a stored period, by default the newest, proposes and the unit's file does not hold."""
    stored = [Period.parse(period, "--period")] if period else periods_of(out, unit.name)[::-1]
    kept = {action.key for action in unit.actions}
    for each in stored:
        folder = unit_folder(out, str(each), unit.name)
        if (folder / "tables" / "actions.parquet").is_file():
            table = read_table(folder, "actions")
            if "id" not in table:  # of an older version
                return []
            rows = table[table["state"] == "proposed"].astype(object)
            found = [Proposal(str(each), _action(row)) for row in rows.where(rows.notna(), None).to_dict("records")]
            return [proposal for proposal in found if proposal.action.key not in kept]
    return []


def _action(row: dict[Any, Any]) -> Action:
    money = {key: None if row[key] is None else round(row[key], 2) for key in _MONEY}  # as people write it
    values = {key: row[key] for key in _PROPOSED} | money
    values["due"] = row["due"] and row["due"].date()
    return action_of(values)
