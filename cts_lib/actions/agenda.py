"""The list of actions, as the terminal shows it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from cts_lib.actions.proposals import proposals
from cts_lib.names import ALL, NONE
from cts_lib.params import UnitParams
from cts_lib.params.actions import ENDED, Action

_HEADS = ("unit", "id", "state", "due", "", "action", "for", "owner")


def agenda(units: list[UnitParams], out: Path, period: str | None, today: date) -> list[str]:
    """Return a line an action: those of the units' files, then what the stored periods propose besides.

    One that is past its day and not ended is marked overdue.
    """
    rows = list[tuple[str, ...]]([_HEADS])
    for unit in units:
        kept = [(action, "") for action in unit.actions]
        offered = [(each.action, f"by {each.period}") for each in proposals(unit, out, period)]
        rows += [_row(unit.name, action, beside, today) for action, beside in [*kept, *offered]]
    if len(rows) == 1:
        return ["No action is kept or proposed. cts actions add writes one; cts compute proposes some."]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEADS))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _row(unit: str, action: Action, beside: str, today: date) -> tuple[str, ...]:
    is_late = action.due is not None and action.due < today and action.state not in ENDED
    scope = [name for name in (action.customer_id, action.segment, action.channel) if name not in (ALL, NONE)]
    what = action.action if action.subject == NONE else f"{action.action} {action.subject}"
    remark = "overdue" if is_late else beside
    due = str(action.due or "")
    return unit, action.id, action.state, due, remark, what, ", ".join(scope) or ALL, action.owner or ""
