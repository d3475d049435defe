"""Whom actions are for: held to what the data know, and what these customers brought in the periods to compare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from cts_lib.errors import ParamsError, Problems
from cts_lib.govern.bridge import Side
from cts_lib.names import ALL, CELL, CUSTOMER, NONE
from cts_lib.params import UnitParams
from cts_lib.params.actions import Action, actions_file
from cts_lib.params.labels import nearest
from cts_lib.params.period import Period
from cts_lib.stage import EARLIER, Inputs, StageResult


def check_actions(inputs: Inputs, unit: UnitParams, segmented: StageResult) -> None:
    """Hold the scopes of actions to the segments, channels and customers there are."""
    if not unit.actions:
        return
    places = [segmented.tables["segments"], segmented.state["segments_before"], inputs.history]
    known = {key: {str(name) for place in places if key in place for name in place[key].unique()} for key in CELL}
    _check_scopes(unit, inputs.period, known, _customers(inputs))


def _customers(inputs: Inputs) -> Iterator[str]:
    """Yield the customers of the unit's table, read when the first is asked for."""
    yield from inputs.accepted().engine.query("SELECT customer_id FROM customers")["customer_id"].to_pylist()


def panel(inputs: Inputs, unit: UnitParams, now: Side, before: Side | None) -> pd.DataFrame:
    """Return what each customer brought in this period and the earlier ones, where an action asks for it."""
    if not any(action.works_in(inputs.period) for action in unit.actions):
        return pd.DataFrame(columns=EARLIER)
    sides = {str(inputs.period): now} | ({str(inputs.period.previous): before} if before else {})
    earlier = inputs.earlier()
    parts = [earlier[~earlier["period"].isin(list(sides))]]
    for period, (costed, segments) in sides.items():
        money = costed.tables["customer_channel_profit"].merge(segments[["customer_id", *CELL]], on=CUSTOMER)
        parts.append(money.assign(period=period)[EARLIER])
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def _check_scopes(unit: UnitParams, period: Period, known: dict[str, set[str]], customers: Iterable[str]) -> None:
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
    return action.since is not None and period.named(action.since).start >= period.end
