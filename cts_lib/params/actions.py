"""Actions that people keep: ``params/actions/<unit>.yml``, a list, read with every fault told."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from cts_lib.errors import ParamsError
from cts_lib.levers.settings import as_written
from cts_lib.names import ALL, NONE
from cts_lib.params.cost_model import Model, Money
from cts_lib.params.labels import nearest
from cts_lib.params.period import WRITTEN, Period
from cts_lib.params.reading import read_yaml, wanted

State = Literal["proposed", "agreed", "running", "done", "dropped"]
STATES: tuple[State, ...] = ("proposed", "agreed", "running", "done", "dropped")
WORKING = ("running", "done")
"""The states in which an action works from its first period on."""
ENDED = ("done", "dropped")
Text = Annotated[str, Field(min_length=1)]
Key = tuple[str, str, str, str, str]


def _period(text: str) -> str:
    return str(Period.parse(text))


class Action(Model):
    """One action: what is to be done, for whom, who does it until when, and where it stands."""

    id: Text = Field(description="Its name, once in the file.")
    action: Text = Field(description="What is to be done: an option of the strategy, or any words.")
    subject: Text = Field(default=NONE, description="Resource to relieve or keep, or indicator to bring to target.")
    segment: Text = Field(default=ALL, description="The segment it is for.")
    channel: Text = Field(default=ALL, description="The channel it is for.")
    customer_id: Text = Field(default=NONE, description="The customer it is for, where it is for one.")
    owner: Text | None = Field(default=None, description="Who does it; by default whom `governance.owners` names.")
    due: date | None = Field(default=None, description="Day by which it is to be done.")
    state: State = Field(default="proposed", description="Where it stands.")
    since: Annotated[str, BeforeValidator(as_written), AfterValidator(_period)] | None = Field(
        default=None, description="The first period in which it works."
    )
    expected_saving: Money | None = Field(default=None, description="Gain at full cost, a period, that was promised.")
    expected_cash: Money | None = Field(default=None, description="Gain in cash, a period, that was promised.")
    note: str | None = Field(default=None, description="What people remark.")

    @property
    def key(self) -> Key:
        """What it is about: two actions with the same are one."""
        return self.action, self.subject, self.segment, self.channel, self.customer_id

    def works_in(self, period: Period) -> bool:
        """Whether it works in a period, as far as the file says."""
        return self.state in WORKING and self.since is not None and period.named(self.since).start < period.end


def name_of(key: Key) -> str:
    """Return the id of a proposal: the same for the same action, subject, segment, channel and customer.

    >>> name_of(("relieve", "warehouse", "(all)", "(all)", "(none)"))
    'relieve-b33d0d'
    """
    words = "".join(letter if letter.isalnum() else " " for letter in key[0].lower()).split()
    return "-".join([*words, hashlib.sha256("\n".join(key).encode()).hexdigest()[:6]])


def actions_file(folder: Path, unit: str) -> Path:
    """The file of a unit's actions in a params folder; it may be absent."""
    return folder / "actions" / f"{unit}.yml"


def read_actions(path: Path) -> tuple[list[Action], list[ParamsError]]:
    """Return the actions of a file that are sound, and all that is wrong of the others."""
    if not path.exists():
        return [], []
    try:
        listed = read_yaml(path)
    except ParamsError as error:
        return [], [error]
    return checked(listed, path)


def action_of(values: Mapping[str, Any]) -> Action:
    """Return the action of values of which some may be left open; a pydantic ValidationError where it is not sound."""
    return Action.model_validate({key: value for key, value in values.items() if value is not None})


def checked(listed: Any, path: Path) -> tuple[list[Action], list[ParamsError]]:
    """Return the sound actions of what a file holds, and all that is wrong."""
    if listed is None:
        return [], []
    if not isinstance(listed, list):
        return [], [ParamsError(str(path), f"holds a {type(listed).__name__}", "write a list of actions")]
    sound, wrong, named = list[Action](), list[ParamsError](), dict[str, int]()
    for number, item in enumerate(listed, 1):
        if not isinstance(item, dict):
            wrong.append(
                ParamsError(f"{path}, item {number}", f"found {item!r}", "write a mapping as {id: …, action: …}")
            )
            continue
        where = f"{path}, {item['id']}" if item.get("id") else f"{path}, item {number}"
        try:
            action = action_of(item)
        except ValidationError as error:
            wrong += [_problem(where, detail) for detail in error.errors()]
            continue
        if first := named.get(action.id):
            expected = f"item {first} has it already; give each action an id of its own"
            wrong.append(ParamsError(f"{path}, item {number}, id", f"{action.id!r} stands twice", expected))
            continue
        named[action.id] = number
        sound.append(action)
    return sound, wrong


def _problem(where: str, detail: Any) -> ParamsError:
    key, value, kind = str(detail["loc"][0]), detail["input"], detail["type"]
    place = f"{where}, {key}"
    if kind == "extra_forbidden":
        return ParamsError(place, f"unknown key {key!r}", nearest(key, Action.model_fields))
    if kind == "missing":
        return ParamsError(place, "missing", "it is required")
    if key == "state":
        known = f"known are {', '.join(STATES)}"
        return ParamsError(
            place, f"unknown state {value!r}", nearest(value, STATES) if isinstance(value, str) else known
        )
    if key == "since":
        return ParamsError(place, f"{value!r} is not a period", f"write {WRITTEN}")
    if key == "due":
        return ParamsError(place, f"{value!r} is no day", "write it as 2026-12-31")
    if kind == "string_type":
        return ParamsError(place, f"{value!r} is no text", f"write it in quotes, as {str(value)!r}")
    return ParamsError(place, f"found {value!r}", wanted(detail))
