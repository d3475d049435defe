"""Adds actions to a unit's file and moves them from state to state; the file is written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cts_lib.actions.proposals import Proposal, proposals
from cts_lib.actions.text import holds, plain, with_item, with_values
from cts_lib.errors import ParamsError, Problems
from cts_lib.params import UnitParams
from cts_lib.params.actions import Action, State, actions_file, checked, name_of
from cts_lib.params.labels import nearest
from cts_lib.params.period import Period
from cts_lib.store import write_text


class Move(NamedTuple):
    """What a command makes of an action: the states it may come from, and the one it then has."""

    sources: tuple[State, ...]
    to: State


MOVES = {
    "agree": Move(("proposed",), "agreed"),
    "start": Move(("proposed", "agreed"), "running"),
    "finish": Move(("running",), "done"),
    "drop": Move(("proposed", "agreed", "running"), "dropped"),
}


def add(unit: UnitParams, values: Mapping[str, Any]) -> str:
    """Add an action to a unit's file; return what was done, in a line."""
    path = actions_file(unit.folder, unit.name)
    given = {key: value for key, value in values.items() if value is not None}
    if "action" in given:
        given = {"id": _named(given), **given}
    [action], wrong = _sound(given, path)
    if wrong:
        raise Problems([*wrong])
    if action.id in {each.id for each in unit.actions}:
        raise ParamsError(f"{path}, {action.id}", "is there already", "move it, or give --id another name")
    if same := next((each.id for each in unit.actions if each.key == action.key), None):
        raise ParamsError(f"{path}, {action.id}", f"is the same as {same}", f"move {same}, or give another scope")
    return _add(unit, action)


def move(
    units: list[UnitParams], out: Path, period: str | None, name: str, verb: str, values: Mapping[str, Any]
) -> str:
    """Move the action of this id, in a file or proposed by a stored period; return what was done, in a line."""
    given = {key: value for key, value in values.items() if value is not None}
    kept = [(unit, action) for unit in units for action in unit.actions if action.id == name]
    proposed = [] if kept else [(unit, each) for unit in units for each in proposals(unit, out, period)]
    offered = [(unit, each) for unit, each in proposed if each.action.id == name]
    if len(kept) + len(offered) > 1:
        found = ", ".join(unit.name for unit, _ in [*kept, *offered])
        raise ParamsError(f"action {name}", f"is of several units: {found}", "name one by --unit")
    if kept:
        return _moved(*kept[0], verb, given)
    if offered:
        return _adopted(*offered[0], verb, given)
    known = [action.id for unit in units for action in unit.actions] + [each.action.id for _, each in proposed]
    raise ParamsError(f"action {name}", "no such action", nearest(name, known) if known else "cts actions lists them")


def _moved(unit: UnitParams, action: Action, verb: str, given: dict[str, Any]) -> str:
    path = actions_file(unit.folder, unit.name)
    values = given | {"state": _next(action, verb, path)}
    [moved], wrong = _sound(action.model_dump(exclude_defaults=True) | values, path)
    wrong = wrong or _lacking(moved, path)
    if wrong:
        raise Problems([*wrong])
    values = {key: getattr(moved, key) for key in values}
    text = path.read_text(encoding="utf-8")
    actions = [moved if each.id == action.id else each for each in unit.actions]
    remark = _write(path, with_values(text, action.id, values), actions)
    return f"{unit.name}  {action.id}  {action.state} → {moved.state}{remark}"


def _adopted(unit: UnitParams, proposal: Proposal, verb: str, given: dict[str, Any]) -> str:
    path = actions_file(unit.folder, unit.name)
    state = _next(proposal.action, verb, path)
    since = {} if state != "running" else {"since": str(Period.parse(proposal.period).following)}
    [action], wrong = _sound(proposal.action.model_dump(exclude_defaults=True) | since | given | {"state": state}, path)
    if wrong:
        raise Problems([*wrong])
    return _add(unit, action)


def _add(unit: UnitParams, action: Action) -> str:
    path = actions_file(unit.folder, unit.name)
    if wrong := _lacking(action, path):
        raise Problems([*wrong])
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    item = action.model_dump(exclude_defaults=True) | {"state": action.state}
    remark = _write(path, with_item(text, item), [*unit.actions, action])
    return f"{unit.name}  {action.id}  {action.state}{remark}"


def _named(given: Mapping[str, Any]) -> str:
    draft = Action.model_construct(**{key: given[key] for key in Action.model_fields if key in given} | {"id": ""})
    return name_of(draft.key)


def _sound(values: dict[str, Any], path: Path) -> tuple[list[Action], list[ParamsError]]:
    """Return the one action that values make, and what is wrong of them."""
    found, wrong = checked([values], path)
    return found or [Action.model_construct(id="", action="")], wrong


def _next(action: Action, verb: str, path: Path) -> State:
    found = MOVES[verb]
    if action.state not in found.sources:
        expected = f"{verb} takes one that is {' or '.join(found.sources)}"
        raise ParamsError(f"{path}, {action.id}, state", f"is {action.state}", expected)
    return found.to


def _lacking(action: Action, path: Path) -> list[ParamsError]:
    if action.state not in ("running", "done") or action.since:
        return []
    return [ParamsError(f"{path}, {action.id}, since", "missing", "give --since, the first period in which it works")]


def _write(path: Path, text: str | None, actions: list[Action]) -> str:
    """Write the file; return a remark where what people wrote in comments could not be kept."""
    if text is not None and holds(text, actions, path):
        write_text(path, text)
        return ""
    write_text(path, plain(actions))
    return f"; {path} was written anew, without its comments"
