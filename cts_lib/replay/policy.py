"""A policy as rows: for each customer in a channel, under each scenario, which levers are at work and how.

An option applies in the cells that have it; who does not go along with a lever stays as today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cts_lib.names import CELL, CUSTOMER
from cts_lib.params import Strategy
from cts_lib.replay.options import Option, PlacedLever, in_their_order, placed_levers, read_option
from cts_lib.replay.whom import Choice, GoingAlong

Cells = Mapping[tuple[str, str], Option]
"""The option of each segment and channel; one that is missing stays as today."""


def cells_of(table: pd.DataFrame, column: str = "chosen_option") -> Cells:
    """Return the option that a table has of each cell."""
    cells = table[CELL].itertuples(index=False, name=None)
    return {cell: read_option(name) for cell, name in zip(cells, table[column], strict=True)}


def cells_with(cells: Cells, choice: Choice) -> list[tuple[str, str]]:
    """Return the cells whose option has a setting of a lever."""
    return [cell for cell, option in cells.items() if choice in option.settings.items()]


def plan_without(cells: Cells, choice: Choice) -> Cells:
    """Return a plan without a setting of a lever."""
    return {
        cell: Option({name: setting for name, setting in option.settings.items() if (name, setting) != choice})
        for cell, option in cells.items()
    }


AS_TODAY = 0
"""The code of those on whom no lever is at work."""
_EVENTS = ["scenario", *CUSTOMER, "event"]


@dataclass(frozen=True)
class Policy:
    """What ``replay`` registers: rows a scenario, customer and channel, factors on events, and the levers in them."""

    rows: pd.DataFrame
    events: pd.DataFrame
    levers: list[PlacedLever]


@dataclass(frozen=True)
class Treatment:
    """The choices at work on somebody; ``option`` is the whole option of the cell where what they do hangs on it."""

    choices: tuple[Choice, ...] = ()
    option: str = ""


class AtWork:
    """Which levers are at work on whom under a plan: a code a row of the cells, each code a `Treatment`."""

    def __init__(self, going: GoingAlong, levers: Sequence[PlacedLever]) -> None:
        self.treatments = [Treatment()]
        self._codes = {Treatment(): AS_TODAY}
        self._going, self._of_cell = going, going.cells.groupby(CELL, sort=False).indices
        self._sampled = {
            (lever.name, name)
            for lever in levers
            for name, setting in lever.settings.items()
            if lever.kind.samples_orders(setting)
        }
        self._levers = {lever.name: lever for lever in levers}

    def codes(self, cells: Cells) -> np.ndarray:
        """Return the code of each row of the cells under a plan."""
        codes, of_option = np.full(len(self._going.cells), AS_TODAY), dict[str, tuple[Option, list[np.ndarray]]]()
        for cell, option in cells.items():
            if cell in self._of_cell and option.settings:
                of_option.setdefault(option.name, (option, []))[1].append(np.asarray(self._of_cell[cell]))
        for option, parts in of_option.values():
            rows, choices = np.concatenate(parts), list(option.settings.items())
            along = np.column_stack([self._going.those[choice][rows] for choice in choices])
            patterns, pattern_of = np.unique(along, axis=0, return_inverse=True)
            own = [self._code(choices, pattern, option) for pattern in patterns]
            codes[rows] = np.array(own)[pattern_of.ravel()]
        return codes

    def repeats(self, codes: np.ndarray, simulated: bool) -> np.ndarray:
        """Say of each code whether the same becomes of an order on any day and beside any others."""
        at_work = [[(self._levers[name], setting) for name, setting in each.choices] for each in self.treatments]
        each = [all(lever.kind.repeats(lever.settings[name], simulated) for lever, name in some) for some in at_work]
        repeated: np.ndarray = np.array(each, bool)[codes]
        return repeated

    def _code(self, choices: list[Choice], pattern: np.ndarray, option: Option) -> int:
        at_work = tuple(choice for choice, along in zip(choices, pattern, strict=True) if along)
        treatment = Treatment(at_work, option.name if self._sampled.intersection(at_work) else "")
        if treatment not in self._codes:
            self._codes[treatment] = len(self.treatments)
            self.treatments.append(treatment)
        return self._codes[treatment]


def everywhere(option: Option, going: GoingAlong) -> Cells:
    """Return the plan that gives every cell one option."""
    return dict.fromkeys(going.cells[CELL].drop_duplicates().itertuples(index=False, name=None), option)


def policy_of(scenarios: Mapping[str, Cells], going: GoingAlong, strategy: Strategy) -> Policy:
    """Return the policy of plans by scenario, for everybody."""
    at_work, everybody = AtWork(going, placed_levers(strategy)), np.arange(len(going.cells))
    rows = {scenario: (everybody, at_work.codes(cells)) for scenario, cells in scenarios.items()}
    return policy_for(rows, at_work, going, strategy)


def joined(policies: Sequence[Policy]) -> Policy:
    """Return policies of different scenarios as one, of strategies that differ in what they assume alone."""
    every = [lever for policy in policies for lever in policy.levers]
    levers = {lever.name: lever for lever in sorted(every, key=lambda lever: lever.lever.margin_at_risk)}
    rows = pd.concat([policy.rows for policy in policies], ignore_index=True)
    events = pd.concat([policy.events for policy in policies], ignore_index=True)
    return Policy(rows, events, in_their_order(levers.values()))


def policy_for(
    scenarios: Mapping[str, tuple[np.ndarray, np.ndarray]],
    at_work: AtWork,
    going: GoingAlong,
    strategy: Strategy,
) -> Policy:
    """Return the policy of some rows of the cells; ``scenarios`` has their numbers and the code of each."""
    rows = np.concatenate([those for those, _ in scenarios.values()])
    codes = np.concatenate([own for _, own in scenarios.values()])
    names = np.repeat(list(scenarios), [len(those) for those, _ in scenarios.values()])
    used, own = np.unique(codes, return_inverse=True)
    treatments = [at_work.treatments[code].choices for code in used]
    named = {name for choices in treatments for name, _ in choices}
    placed = [lever for lever in placed_levers(strategy) if lever.name in named]
    leaves = np.zeros(len(rows))
    for at, choices in enumerate(treatments):
        for choice in choices:
            leaves[(own == at) & going.leaving[choice][rows]] = 1.0
    frame = going.cells.take(rows).rename(columns={"segment": "_segment"}).reset_index(drop=True)
    frame = frame.assign(_leaves=leaves, scenario=names)
    settings = _settings(treatments, placed).take(own).reset_index(drop=True)
    factors = _factors(treatments, placed).rename(columns={"at": "_at"})
    events = frame[["scenario", *CUSTOMER]].assign(_at=own).merge(factors, on="_at")[[*_EVENTS, "factor"]]
    return Policy(assuming(pd.concat([frame, settings], axis=1), placed, strategy), events, placed)


def assuming(rows: pd.DataFrame, levers: Sequence[PlacedLever], strategy: Strategy) -> pd.DataFrame:
    """Add to the rows of a policy what a strategy assumes: of freight, of rush orders, of margin by lever."""
    risks = {lever.place["risk"]: lever.lever.margin_at_risk for lever in levers}
    return rows.assign(_saving=strategy.freight_saving, _delay=float(strategy.rush_delay_days), **risks)


def _settings(treatments: Sequence[Sequence[Choice]], levers: Sequence[PlacedLever]) -> pd.DataFrame:
    """Return what the policy says of each treatment: 1 for each lever at work, and its setting's columns."""
    table = pd.DataFrame(index=range(len(treatments)))
    for lever in levers:
        values = {name: lever.kind.policy(setting) for name, setting in lever.settings.items()}
        own = [dict(choices).get(lever.name) for choices in treatments]
        table[lever.place.at] = [1.0 if setting else np.nan for setting in own]
        for column in dict.fromkeys(column for each in values.values() for column in each):
            is_text = any(isinstance(each[column], str) for each in values.values())
            given = [values[setting][column] if setting else None for setting in own]
            table[lever.place[column]] = pd.Series(given, dtype="object" if is_text else "float64")
    return table


def _factors(treatments: Sequence[Sequence[Choice]], levers: Sequence[PlacedLever]) -> pd.DataFrame:
    """Return at, event, factor: the product of what the levers of each treatment make of events."""
    by_name, found = {lever.name: lever for lever in levers}, dict[tuple[int, str], float]()
    for at, choices in enumerate(treatments):
        for name, setting in choices:
            lever = by_name[name]
            for event, factor in (lever.lever.events | lever.kind.events(lever.settings[setting])).items():
                found[at, event] = found.get((at, event), 1.0) * factor
    keys = pd.MultiIndex.from_tuples(found, names=["at", "event"]) if found else pd.MultiIndex.from_arrays([[], []])
    table = pd.DataFrame({"factor": pd.Series(found.values(), dtype="float64")})
    table["at"], table["event"] = keys.get_level_values(0).astype("int64"), keys.get_level_values(1).astype("str")
    return table
