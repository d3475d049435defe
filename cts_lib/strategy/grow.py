"""Which options are replayed: every lever alone, then what the last choice asks for, until nothing improves it.

Settings combine by the thousand. Where there are few enough, all combinations are replayed. Else, after each choice,
every option that differs from the chosen one of its cell in a single lever is replayed too, and the choice is made
again; it ends with a plan that no single change of one lever in one cell improves. As long as no plan keeps the limits,
which several levers together may, those plans are grown that come nearest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import prod

import numpy as np
import pandas as pd

from cts_lib.names import CELL
from cts_lib.params import Strategy
from cts_lib.replay.options import CURRENT, Option, combined, neighbours, read_option, single
from cts_lib.replay.policy import Cells
from cts_lib.replay.whom import GoingAlong
from cts_lib.strategy.choice import Plan

FEW = 32
"""Up to so many combinations of settings all are replayed."""
Cell = tuple[str, str]
Replayed = Callable[[dict[str, Cells]], pd.DataFrame]


def grow(
    today: pd.DataFrame,
    strategy: Strategy,
    going: GoingAlong,
    replayed: Replayed,
    choose: Callable[[pd.DataFrame], Plan | None],
    nearest: Callable[[pd.DataFrame], Iterable[np.ndarray]],
) -> tuple[pd.DataFrame, Plan | None]:
    """Return the options that were replayed, today's among them, and the plan chosen of them; None: none is possible.

    Parameters
    ----------
    today : DataFrame
        A row a cell with today's figures: segment, channel, option, ...
    replayed : callable
        Returns such rows of plans, by scenario, for the cells of each.
    choose : callable
        Returns the best plan over such rows, index 0 to n − 1; None where none keeps the limits.
    nearest : callable
        Returns the numbers of the rows of plans that come nearest to keeping the limits.
    """
    reaching = _reaching(going)
    table, known = today, {(*cell, CURRENT) for cell in today[CELL].itertuples(index=False, name=None)}
    cells = list(today[CELL].itertuples(index=False, name=None))
    first = list(combined(strategy)) if _count(strategy) <= FEW else single(strategy)
    plans = _plans(dict.fromkeys(cells, first), known, reaching)
    while True:
        if plans:
            table = pd.concat([table, replayed(plans)], ignore_index=True)
        plan = choose(table)
        wanted = dict[Cell, list[Option]]()
        for rows in nearest(table) if plan is None else [np.flatnonzero(plan.chosen)]:
            for *cell, name in table.iloc[rows][[*CELL, "option"]].itertuples(index=False, name=None):
                wanted.setdefault((cell[0], cell[1]), []).extend(neighbours(read_option(name), strategy))
        plans = _plans(wanted, known, reaching)
        if not plans:
            return table, plan


def _count(strategy: Strategy) -> int:
    return prod(len(lever.settings) + 1 for lever in strategy.levers.values())


def _reaching(going: GoingAlong) -> set[tuple[str, str, str, str]]:
    """Return segment, channel, lever, setting where somebody goes along."""
    return {
        (*cell, *choice)
        for choice, those in going.those.items()
        for cell in going.cells.loc[those, CELL].drop_duplicates().itertuples(index=False, name=None)
    }


def _plans(
    wanted: dict[Cell, list[Option]], known: set[tuple[str, ...]], reaching: set[tuple[str, str, str, str]]
) -> dict[str, Cells]:
    """Return plans that hold every wanted option of a cell that is new and reaches somebody there by each lever."""
    queues = {cell: list(_new(cell, options, known, reaching)) for cell, options in wanted.items()}
    most = max(map(len, queues.values()), default=0)
    return {
        str(number): {cell: queue[number] for cell, queue in queues.items() if number < len(queue)}
        for number in range(most)
    }


def _new(
    cell: Cell, options: Iterable[Option], known: set[tuple[str, ...]], reaching: set[tuple[str, str, str, str]]
) -> Iterable[Option]:
    for option in options:
        key = (*cell, option.name)
        if key not in known and all((*cell, *choice) in reaching for choice in option.settings.items()):
            known.add(key)
            yield option
