"""What every kind of lever says of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cts_lib.levers.settings import NumberLever, WordLever


@dataclass(frozen=True)
class Archetype:
    """What a lever makes of a strategy that without it amounts to ``before``; None: that changes nothing."""

    name: str
    before: str | None = None


UNCHANGED = Archetype("Keep as it is")
"""What a strategy amounts to that changes nothing."""


@dataclass(frozen=True)
class Assumption:
    """What a lever rests on that no data say: a sentence, and by placeholder the key of ``strategy`` and its kind."""

    text: str
    values: dict[str, tuple[str, str]]


MERGED = Assumption(
    "Assumed, not observed: merging shipments saves {saving} of the freight of each one merged away.",
    {"saving": ("freight_saving", "percent")},
)
"""What every lever rests on that lets shipments wait for each other."""


@dataclass(frozen=True)
class Kind:
    """A kind of lever, as SQL over a line with the policy of its customer.

    Beside its own columns a line has ``_day`` (when it leaves, in days since 1970), what other kinds that come before
    left of it, the policy's columns, and ``_reached_<name>`` of the kinds before.

    Parameters
    ----------
    name, label : str
        As params name it, and in the reader's words.
    meaning : str
        One sentence for the docs of params.
    column, today : str, value
        The policy's column, and what stands there for customers whom it leaves as they are.
    place : int
        The lower comes first when lines are rewritten.
    applies : str
        Condition under which a line is rewritten.
    changes : dict of str to str
        Column to what stands in it then, over the line as it was before.
    reached : str, optional
        Condition under which margin is at risk and an investment is due; by default ``applies``.
    model : type
        What params say of it: settings that are numbers, or words.
    default : dict
        What params say of it where they are silent.
    archetypes : tuple of Archetype
        What a strategy amounts to with it; one that is not listed stays what it was.
    assumption : Assumption, optional
        What it rests on that no data say.
    policy : callable, optional
        From a setting to the value of ``column``; by default the setting itself.
    """

    name: str
    label: str
    meaning: str
    column: str
    today: float | bool | None
    place: int
    applies: str
    changes: dict[str, str]
    reached: str | None = None
    model: type[NumberLever] | type[WordLever] = NumberLever
    default: dict[str, Any] = field(default_factory=dict)
    archetypes: tuple[Archetype, ...] = ()
    assumption: Assumption | None = None
    policy: Callable[[float | str], float | str | bool] = field(default=lambda setting: setting)
