"""Which limits keep every plan out, and what each of them alone would have to give.

For each limit the programme is solved without it, for the least of it that a plan needs which keeps all others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil, floor, log10

import numpy as np
import pandas as pd

from cts_lib.errors import NoPlan
from cts_lib.names import CELL
from cts_lib.notes import Note, names_in_words
from cts_lib.strategy.choice import BUDGET, CONFIGURATIONS, Limits, programme_of
from cts_lib.strategy.judge import Asked

_FIGURES = 3
"""To how many figures a loosening is told."""


def loosenings(table: pd.DataFrame, limits: Limits, asked: Mapping[str, Asked]) -> dict[str, float]:
    """Return, of each limit that alone could make a plan possible, the nearest value that does.

    The keys are `BUDGET`, `CONFIGURATIONS`, columns of capacities (whose value is what may be used), and those of
    ``asked``, what params ask of every option. Values are rounded by at most a thousandth of the loosening.
    """
    found = dict[str, float]()
    for name, now, away in _limits(table, limits, asked):
        programme, _ = programme_of(table, limits, counted=name)
        least = programme.least()
        if least is not None:
            values, needed = least
            by = needed - now
            if name in asked:
                chosen = table["short"][values[: len(table)] > 0]
                by = max((short.get(name, 0.0) for short in chosen), default=0.0)
            if by > 0:
                found[name] = _rounded(now, away * by)
    return found


def nearest(table: pd.DataFrame, limits: Limits, asked: Mapping[str, Asked]) -> Iterator[np.ndarray]:
    """Yield the numbers of the rows of plans that come nearest to keeping all limits, where none does.

    Those that break a single limit, by the least that it can be; and of each cell the option that falls least short.
    """
    for name, _, _ in _limits(table, limits, asked):
        least = programme_of(table, limits, counted=name)[0].least()
        if least is not None:
            yield np.flatnonzero(least[0][: len(table)] > 0)
    short = table[CELL].assign(by=[sum(names.values()) for names in table["short"]], row=range(len(table)))
    yield short.sort_values(["by", "row"]).drop_duplicates(CELL)["row"].to_numpy()


def why_none(table: pd.DataFrame, limits: Limits, asked: Mapping[str, Asked]) -> NoPlan:
    """Return what each limit would have to give, where no plan keeps them all."""
    needed = loosenings(table, limits, asked)
    given = {name: now for name, now, _ in _limits(table, limits, asked)}
    if not needed:
        several = Note("None of them makes one possible alone: {limits}.", {"limits": ", ".join(given)})
        told = f"no plan keeps all limits, and none makes one possible alone: {several.values['limits']}"
        return NoPlan("strategy", told, "loosen several", [several.stored])
    notes = [_note(name, given[name], value, limits) for name, value in needed.items()]
    told = "; ".join(note.english[0].lower() + note.english[1:].removesuffix(".") for note in notes)
    return NoPlan("strategy", f"no plan keeps all limits: {told}", "loosen one", [note.stored for note in notes])


def _limits(table: pd.DataFrame, limits: Limits, asked: Mapping[str, Asked]) -> Iterator[tuple[str, float, int]]:
    """Yield each limit: its name, what it is now, and whether loosening adds to it (1) or takes from it (−1)."""
    short = {name for names in table["short"] for name in names}
    yield from ((name, each.now, each.away) for name, each in asked.items() if name in short)
    if limits.budget is not None:
        yield BUDGET, limits.budget, 1
    if limits.max_configurations is not None:
        yield CONFIGURATIONS, limits.max_configurations, 1
    yield from ((each.column, each.limit, 1) for each in limits.capacities if each.column in table)


def _rounded(now: float, by: float) -> float:
    """Return a limit moved by an amount, rounded away from where it is now.

    >>> _rounded(0.9, -0.0433333), _rounded(10.0, 40.0)
    (0.85666, 50.0)
    """
    digits = _FIGURES - floor(log10(abs(by)))
    scale = 10.0**digits
    whole = round((now + by) * scale, 6)
    return round((ceil(whole) if by > 0 else floor(whole)) / scale, max(digits, 0))


def _note(name: str, now: float, needed: float, limits: Limits) -> Note:
    values = {"now": f"{now:.10g}", "needed": f"{needed:.10g}"}
    capacity = next((each for each in limits.capacities if each.column == name), None)
    if capacity is None:
        return Note("Alone, {limit} would have to be {needed}; it is {now}.", {"limit": name, **values})
    if capacity.is_node:
        named = {"warehouse": names_in_words("warehouse", [capacity.resource])}
        return Note(
            "Alone, {warehouse} would have to ship {needed} lines in the period; it can {now}.", {**named, **values}
        )
    named = {"resource": names_in_words("resource", [capacity.resource])}
    return Note(
        "Alone, {resource} would have to work {needed} minutes in the period; it can {now}.", {**named, **values}
    )
