"""How far the plan hangs on what is assumed: its cash, and what would stay as today, at both ends of each assumption.

The plan is held as it is; of each cell only whether it had better stay as today is asked again. What changes the
transactions of those who stay is replayed; the rest is counted anew from what the plan does (`strategy.stand`). Of two
ends at once, those that leave least.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import pandas as pd

from cts_lib.names import NONE
from cts_lib.params import Strategy
from cts_lib.strategy.cells import Books
from cts_lib.strategy.stand import COUNTED, End, Stand

_COLUMNS = ["assumption", "resource", "low", "high", "cash_gain_low", "cash_gain_high", "cells_changed"]
_PAIR = ["assumption", "resource", "end", "with_assumption", "with_resource", "with_end", "cash_gain", "cells_changed"]
_CENT = 0.01
PAIRS = 8
"""So many pairs of ends are looked at: those that would leave least if each took what it takes alone."""
Rows = Callable[[float], pd.DataFrame]
"""The plan's rows without a share of those who go along."""
Replay = Callable[[Mapping[str, Strategy]], Mapping[str, Rows]]
"""Replays the plan under strategies by name; a name always means the same strategy."""
Cells = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Turn:
    """An end of an assumption, and the cells that had better stay as today there and not as assumed."""

    assumption: str
    cells: Cells


@dataclass(frozen=True)
class Doubt:
    """Ends of assumptions, the plan's cash at each, and the cells that had better stay as today there.

    ``as_assumed`` and ``base`` are the same where nothing is moved.
    """

    ends: Sequence[End] = ()
    cash: Sequence[float] = ()
    staying: Sequence[Cells] = ()
    as_assumed: float = 0.0
    base: Cells = frozenset()

    @property
    def tried(self) -> list[End]:
        """The ends that move the plan's cash at all."""
        moves = [not abs(cash - self.as_assumed) <= _CENT for cash in self.cash]
        return [end for end, moved in zip(self.ends, moves, strict=True) if moved]

    @property
    def turns(self) -> list[Turn]:
        """What turns at each end."""
        return [Turn(end.assumption, cells - self.base) for end, cells in zip(self.ends, self.staying, strict=True)]

    def table(self) -> pd.DataFrame:
        """Return table ``strategy_sensitivity``, what moves the plan's cash most first."""
        rows = []
        for at in range(0, len(self.ends), 2):
            low, high = self.ends[at : at + 2]
            changed = max(len(cells ^ self.base) for cells in self.staying[at : at + 2])
            rows.append((low.assumption, low.resource, low.at, high.at, *self.cash[at : at + 2], changed))
        table = pd.DataFrame(rows, columns=_COLUMNS)
        cash = table[["cash_gain_low", "cash_gain_high"]].assign(as_assumed=self.as_assumed)
        moved = cash.max(axis=1, skipna=False) - cash.min(axis=1, skipna=False)
        table = table.assign(moved=moved)[moved.isna() | (moved > _CENT)]
        by = ["moved", "assumption", "resource"]
        order = table.sort_values(by, ascending=[False, True, True], na_position="first")
        return order[_COLUMNS].reset_index(drop=True)


def sensitivity(stand: Stand, books: Books, replayed: Replay) -> Doubt:
    """Return where the plan stands at both ends of each assumption, all else as assumed."""
    if not (stand.plan["changes"] > 0).any():
        return Doubt()
    given = books.strategy.sensitivity
    ends = [End(*each, at) for each in _matter(stand, books) for at in given.ends(each[0]) or ()]
    stands = stands_at([(end,) for end in ends], stand, books, replayed)
    cash, staying = [each.cash for each in stands], [each.staying() for each in stands]
    return Doubt(ends, cash, staying, stand.cash, stand.staying())


def worst_pairs(doubt: Doubt, stand: Stand, books: Books, replayed: Replay) -> pd.DataFrame:
    """Return table ``strategy_pairs``: what the plan comes to at two ends at once, what leaves least first.

    Of the ends that alone take something, the pairs looked at are those that together take most by what each takes
    alone; what they leave is counted together.
    """
    costs = [doubt.as_assumed - cash for cash in doubt.cash]
    costly = [(cost, end) for cost, end in zip(costs, doubt.ends, strict=True) if cost > _CENT]
    pairs = [
        (one + other, (end, beside))
        for (one, end), (other, beside) in combinations(costly, 2)
        if (end.assumption, end.resource) != (beside.assumption, beside.resource)
    ]
    looked_at = [both for _, both in sorted(pairs, key=lambda pair: -pair[0])[:PAIRS]]
    stands = stands_at(looked_at, stand, books, replayed)
    rows = [
        (*_words(end), *_words(beside), each.cash, len(each.staying() ^ doubt.base))
        for (end, beside), each in zip(looked_at, stands, strict=True)
    ]
    table = pd.DataFrame(rows, columns=_PAIR)
    return table.sort_values(["cash_gain", *_PAIR[:6]], na_position="first").reset_index(drop=True)


def _words(end: End) -> tuple[str, str, float]:
    return end.assumption, end.resource, end.at


def stands_at(several: Sequence[Sequence[End]], stand: Stand, books: Books, replayed: Replay) -> list[Stand]:
    """Return where the plan stands at some ends at once, for each of several such."""
    then = replayed({_name(ends): _assuming(books.strategy, ends) for ends in several if _is_replayed(ends)})
    found = []
    for ends in several:
        here = stand
        if _is_replayed(ends):
            leaving = sum(end.at for end in ends if end.assumption == "leave")
            here = replace(stand, plan=then[_name(ends)](leaving).reset_index(drop=True))
        for end in ends:
            here = COUNTED[end.assumption](here, end) if end.assumption in COUNTED else here
        found.append(here)
    return found


def _is_replayed(ends: Sequence[End]) -> bool:
    return any(end.assumption not in COUNTED for end in ends)


def _name(ends: Sequence[End]) -> str:
    """Return the name of what is to be replayed; of those who leave a share of what is replayed goes."""
    of_lines = [end for end in ends if end.assumption not in COUNTED and end.assumption != "leave"]
    return ", ".join(f"{end.assumption} {end.at}" for end in of_lines)


def _matter(stand: Stand, books: Books) -> Iterator[tuple[str, str]]:
    """Yield the assumptions that the plan makes, each with the resource whose price is meant."""
    yield from ((name, NONE) for name in ("investment", "demand", "variable_share", "leave"))
    yield from (("prices", name) for name in stand.resources)
    planned = {lever for levers in stand.plan["levers"] for lever in levers}
    levers = [lever for lever in books.levers if lever.name in planned]
    if levers:
        yield "adoption", NONE
    if any(lever.lever.margin_at_risk for lever in levers):
        yield "margin_at_risk", NONE
    if any(lever.kind.waits for lever in levers):
        yield "freight_saving", NONE
    if any(lever.kind.name == "rush" for lever in levers):
        yield "rush_delay_days", NONE


def _assuming(strategy: Strategy, ends: Sequence[End]) -> Strategy:
    """Return a strategy that assumes multiples of some things."""
    for name, at in ((end.assumption, end.at) for end in ends):
        if name in ("adoption", "margin_at_risk"):
            levers = {
                key: lever.model_copy(update={name: min(getattr(lever, name) * at, 1.0)})
                for key, lever in strategy.levers.items()
            }
            strategy = strategy.model_copy(update={"levers": levers})
        elif name in ("freight_saving", "rush_delay_days"):
            value = getattr(strategy, name) * at
            new = round(value) if name == "rush_delay_days" else min(value, 1.0)
            strategy = strategy.model_copy(update={name: new})
    return strategy
