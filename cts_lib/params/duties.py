"""Who is to do what is decided, and by which day."""

from __future__ import annotations

from datetime import date, timedelta

from cts_lib.levers.settings import Lever
from cts_lib.names import NONE
from cts_lib.params.period import Period
from cts_lib.params.sections import Params


def owner_of(params: Params, *names: str, lever: Lever | None = None, resource: str | None = None) -> str:
    """Return the lever's own owner, else its resource's, else whom `governance.owners` has for one of the names.

    `(none)` where params name nobody.
    """
    held_by = params.cost_model.resources[resource].owner if resource else None
    owners = params.governance.owners
    known = ((lever.owner if lever else None), held_by, *map(owners.get, names), owners.get("default"))
    return next((owner for owner in known if owner), NONE)


def due_of(params: Params, period: Period, lever: Lever | None = None) -> date:
    """Return the lever's own day, else that of `governance.action_days`, else the last day of the next period."""
    if lever and lever.due:
        return lever.due
    days = params.governance.action_days
    end = period.end + timedelta(days=days) if days else period.following.end
    return end - timedelta(days=1)  # the end of a period is the day after its last one
