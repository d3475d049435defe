"""What every kind of lever says of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


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
    setting : type
        What a setting is: a number or a word.
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
    setting: type[float] | type[str] = float
    policy: Callable[[float | str], float | str | bool] = field(default=lambda setting: setting)
