"""What a strategy may choose from: no lever, one, or several together, each with one of its settings."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cts_lib.errors import ParamsError
from cts_lib.levers import KIND_OF, KINDS, Kind, Place
from cts_lib.levers.settings import AND, OF, Lever, Setting
from cts_lib.params import Strategy
from cts_lib.params.labels import nearest

CURRENT = "current"
PROPOSED = "proposed"
AS_TODAY = "as today"
PLACE = "_l"
"""How the columns of a lever begin; the number is its place in the params."""


@dataclass(frozen=True)
class Option:
    """One setting of some levers, by lever in the order of the params."""

    settings: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return AND.join(f"{lever}{OF}{setting}" for lever, setting in self.settings.items()) or CURRENT

    @property
    def levers(self) -> list[str]:
        return list(self.settings)


TODAY = Option()


@dataclass(frozen=True)
class PlacedLever:
    """A lever of the params, its kind, and where its columns stand."""

    name: str
    lever: Lever
    kind: Kind
    place: Place

    @property
    def settings(self) -> dict[str, Setting]:
        return self.lever.settings  # type: ignore[attr-defined, no-any-return]


def placed_levers(strategy: Strategy) -> list[PlacedLever]:
    """Return the levers in the order in which they rewrite lines: by kind, then as the params have them."""
    placed = []
    for at, (name, lever) in enumerate(strategy.levers.items()):
        kind = KIND_OF[lever.kind]
        values = [kind.policy(setting) for setting in lever.settings.values()]
        used = frozenset(column for value in values for column, given in value.items() if given is not None)
        placed.append(PlacedLever(name, lever, kind, Place(f"{PLACE}{at}", name, used)))
    return in_their_order(placed)


def in_their_order(levers: Iterable[PlacedLever]) -> list[PlacedLever]:
    """Return levers by kind, in the order in which kinds rewrite, then as the params have them."""
    order = {kind.name: at for at, kind in enumerate(KINDS)}
    return sorted(levers, key=lambda each: (order[each.kind.name], int(each.place.at.removeprefix(PLACE))))


def single(strategy: Strategy) -> list[Option]:
    """Return every setting of every lever alone."""
    return [Option({name: setting}) for name, lever in strategy.levers.items() for setting in lever.settings]


def combined(strategy: Strategy) -> Iterator[Option]:
    """Return every combination of settings, today's first."""
    levers = strategy.levers
    for settings in itertools.product(*([None, *lever.settings] for lever in levers.values())):
        chosen = zip(levers, settings, strict=True)
        yield Option({name: setting for name, setting in chosen if setting is not None})


def neighbours(option: Option, strategy: Strategy) -> Iterator[Option]:
    """Return the options that differ in one lever."""
    for name, lever in strategy.levers.items():
        for setting in [None, *lever.settings]:
            if setting != option.settings.get(name):
                other = {**option.settings, name: setting}
                kept = ((each, other.get(each)) for each in strategy.levers)
                yield Option({each: chosen for each, chosen in kept if chosen is not None})


def read_option(name: str) -> Option:
    """Return the option of a name that `Option.name` gave; names of levers and settings hold no separator.

    >>> read_option("portal: all + rush: fee").settings, read_option("current").settings
    ({'portal': 'all', 'rush': 'fee'}, {})
    """
    if name == CURRENT:
        return TODAY
    return Option(dict(part.split(OF, 1) for part in name.split(AND)))


def read_plan(plan: str, strategy: Strategy) -> Option | None:
    """Return the option that a plan names; None for those that say of each cell what holds."""
    if plan in (CURRENT, PROPOSED):
        return None
    known = [option.name for option in single(strategy)]
    try:
        option = read_option(plan)
    except ValueError:
        option = Option({plan: ""})
    if any(Option({name: setting}).name not in known for name, setting in option.settings.items()):
        raise ParamsError(f"--plan {plan}", "is no option of the levers", nearest(plan, [CURRENT, PROPOSED, *known]))
    return option
