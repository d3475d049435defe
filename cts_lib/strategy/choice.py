"""The choice: one option a segment and channel by a mixed-integer programme, and what each service level would cost."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from cts_lib.names import CELL
from cts_lib.replay.policy import CURRENT

_TIE = 1e-6


def capacities_of(resources: pd.DataFrame, table: pd.DataFrame) -> dict[str, tuple[float, bool]]:
    """Return the minutes each resource may give, and whether today's use is above its practical capacity.

    ``resources`` is that table; ``table``, as below, the options with what they use (``uses_<resource>``, minutes).
    """
    today = table[table["option"] == CURRENT]
    limits = {}
    for row in resources.dropna(subset=["capacity_minutes", "used_minutes"]).to_dict("records"):
        column = f"uses_{row['resource']}"
        if column in table:
            used = float(today[column].sum())
            limits[column] = (max(float(row["capacity_minutes"]), used), used > row["capacity_minutes"])
    return limits


def choose(
    table: pd.DataFrame,
    capacities: dict[str, tuple[float, bool]],
    budget: float | None,
    least_on_time: float | None = None,
) -> pd.Series | None:
    """Return which rows are chosen, one a cell, or None where the limits cannot be kept.

    ``table`` has a row an option and cell: segment, channel, option, allowed, profit, investment and net_profit
    (money), changes and on_time_lines (counts), and ``uses_<resource>``. Maximises profit less investment under every
    capacity and the budget; with ``least_on_time`` also at least so many lines on time over all cells, while
    ``allowed`` no longer binds.
    """
    size = len(table)
    cell = table.groupby(CELL, sort=False).ngroup().to_numpy()
    one_each = np.zeros((cell.max() + 1, size))
    one_each[cell, np.arange(size)] = 1.0
    constraints = [LinearConstraint(one_each, 1.0, 1.0)]
    for column, (limit, _) in capacities.items():
        constraints.append(_at_most(table[column].to_numpy(), limit))
    if budget is not None:
        constraints.append(_at_most(table["investment"].to_numpy(), budget))
    upper = np.ones(size)
    if least_on_time is None:
        upper = np.where(table["allowed"], 1.0, 0.0)
    else:
        constraints.append(_at_most(-table["on_time_lines"].to_numpy(), -least_on_time))
    scale = max(float(table["net_profit"].abs().max()), 1.0)
    value = table["net_profit"].to_numpy() / scale - _TIE * table["changes"].to_numpy()
    solved = milp(-value, constraints=constraints, bounds=Bounds(0.0, upper), integrality=np.ones(size, dtype="int64"))
    if solved.x is None:
        return None
    return pd.Series(solved.x > 0.5, index=table.index)


def frontier(
    table: pd.DataFrame, capacities: dict[str, tuple[float, bool]], budget: float | None, points: int
) -> pd.DataFrame:
    """Return table ``strategy_frontier``: what profit is left at rising service levels, one optimum a point."""
    by_cell = table.groupby(CELL)["on_time_lines"]
    least, most = float(by_cell.min().sum()), float(by_cell.max().sum())
    promised = float(table[table["option"] == CURRENT]["promised_lines"].sum())
    rows, seen = list[tuple[float | None, float, float, int]](), set[tuple[bool, ...]]()
    for on_time in np.linspace(least, most, points) if promised else [0.0]:
        chosen = choose(table, capacities, budget, float(on_time))
        if chosen is None or tuple(chosen) in seen:
            continue
        seen.add(tuple(chosen))
        picked = table[chosen]
        level = float(picked["on_time_lines"].sum()) / promised if promised else None
        changed = int((picked["option"] != CURRENT).sum())
        rows.append((level, float(picked["profit"].sum()), float(picked["cost_to_serve"].sum()), changed))
    frame = pd.DataFrame(rows, columns=["service_level", "profit", "cost_to_serve", "options_changed"])
    frame.insert(0, "point", range(1, len(frame) + 1))
    return frame


def _at_most(amounts: np.ndarray, limit: float) -> LinearConstraint:
    """Keep the chosen amounts within a limit; both are brought to the size of 1, where the solver is exact."""
    scale = max(float(np.abs(amounts).max()), abs(limit), 1.0)
    return LinearConstraint(amounts / scale, -np.inf, limit / scale + 1e-9)
