"""The plan as decisions: cells that get the same setting of a lever are one, with what it brings, takes and changes.

What a decision brings is what the plan would lose without it: the plan is replayed once more without each. These parts
need not add up to the plan, for levers help or hinder each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cts_lib.measures import ratios
from cts_lib.names import ALL, CELL
from cts_lib.params.period import Period
from cts_lib.replay.options import Option, PlacedLever
from cts_lib.replay.policy import Cells
from cts_lib.replay.whom import Choice
from cts_lib.strategy.cells import RATIOS, Books
from cts_lib.strategy.choice import Capacity

CHANGES = (*RATIOS, "responsiveness")
_COLUMNS = ("gain", "cash_gain", "investment", "payback_years", *CHANGES)


@dataclass(frozen=True)
class Levels:
    """What a plan comes to over all cells: profit less investment, cash and service."""

    net_profit: float
    cash: float
    service: pd.Series

    @classmethod
    def of(cls, rows: pd.DataFrame, capacities: list[Capacity], capacity: Mapping[str, float]) -> Levels:
        """Return the levels of a plan; ``capacity`` is what each resource can do under it."""
        cash = float(rows["cash"].sum())
        for each in capacities:
            over = max(float(rows[each.column].sum()) - capacity[each.resource], 0.0)
            cash -= each.overload_cost * over
        sums = rows.sum(numeric_only=True).to_frame().T
        service = ratios(sums, RATIOS).iloc[0]
        known = rows.dropna(subset=["responsiveness"])
        service["responsiveness"] = (
            float(np.average(known["responsiveness"], weights=known["sold_lines"]))
            if known["sold_lines"].sum()
            else np.nan
        )
        return cls(float(rows["net_profit"].sum()), cash, service)


def decisions(
    chosen: Cells,
    together: pd.DataFrame,
    books: Books,
    capacities: list[Capacity],
    capacity: Mapping[str, float],
    fixed: Mapping[str, float],
    orders: pd.Series,
    period: Period,
    replayed: Callable[[dict[str, Cells]], pd.DataFrame],
) -> pd.DataFrame:
    """Return table ``decisions``, the one that brings most cash first.

    Parameters
    ----------
    together : DataFrame
        The plan's rows of the cells, as ``replayed`` gives them.
    capacity : mapping
        Minutes that each resource can do under the plan.
    fixed : mapping
        What each lever costs the period once it is in the plan.
    orders : Series
        Orders of each row of the cells of ``books``.
    """
    taken = dict.fromkeys(choice for option in chosen.values() for choice in option.settings.items())
    if not taken:
        return _table([])
    without = {str(at): _without(chosen, choice) for at, choice in enumerate(taken)}
    plan = Levels.of(together, capacities, capacity)
    replays = dict(list(replayed(without).groupby("plan")))
    share, rows, paid = period.months / 12, [], set[str]()
    by_name = {lever.name: lever for lever in books.levers}
    for at, choice in enumerate(taken):
        less = Levels.of(replays[str(at)], capacities, capacity)
        last = all(choice[0] not in option.settings for option in without[str(at)].values())
        kept = fixed.get(choice[0], 0.0) if last else 0.0
        gain, cash = plan.net_profit - less.net_profit - kept, plan.cash - less.cash - kept
        reached = _reached(chosen, choice, books)
        outlay = _outlay(by_name[choice[0]], int(reached.sum()))
        yearly = (cash + outlay * books.years) / share  # cash is less the period's share of the outlay already
        cells = [cell for cell, option in chosen.items() if option.settings.get(choice[0]) == choice[1]]
        rows.append(
            {
                "lever": choice[0],
                "setting": choice[1],
                **{name: _only({cell[at] for cell in cells}) for at, name in enumerate(CELL)},
                "cells": len(cells),
                "customers_reached": float(reached.sum()),
                "orders_reached": float(orders[reached].sum()),
                "gain": gain,
                "cash_gain": cash,
                "gain_a_year": gain / share,
                "cash_a_year": cash / share,
                "small": (cash if books.strategy.objective == "cash" else gain) < books.strategy.min_gain.money,
                "upkeep": 0.0 if choice[0] in paid else fixed.get(choice[0], 0.0),
                "investment": outlay,
                "payback_years": outlay / yearly if outlay and yearly > 0 else (0.0 if not outlay else float("nan")),
                **{name: float(plan.service[name] - less.service[name]) for name in CHANGES},
            }
        )
        paid.add(choice[0])
    return _table(rows)


def _table(rows: list[dict[str, object]]) -> pd.DataFrame:
    texts = ["lever", "setting", *CELL]
    numbers = ["customers_reached", "orders_reached", "gain_a_year", "cash_a_year", "upkeep", *_COLUMNS]
    table = pd.DataFrame(rows, columns=[*texts, "cells", "small", *numbers])
    kinds = dict.fromkeys(texts, "str") | {"cells": "int64", "small": "bool"} | dict.fromkeys(numbers, "float64")
    table = table.astype(kinds)
    table = table.sort_values(["cash_a_year", "lever", "setting"], ascending=[False, True, True], kind="stable")
    table.insert(0, "decision", range(1, len(table) + 1))
    return table.reset_index(drop=True)


def _only(names: set[str]) -> str:
    return names.pop() if len(names) == 1 else ALL


def _without(chosen: Cells, choice: Choice) -> Cells:
    """Return the plan without a setting of a lever."""
    return {
        cell: Option({name: setting for name, setting in option.settings.items() if (name, setting) != choice})
        for cell, option in chosen.items()
    }


def _reached(chosen: Cells, choice: Choice, books: Books) -> np.ndarray:
    """Return the rows of the cells that go along with a setting under the plan."""
    cells = books.going.cells[CELL].itertuples(index=False, name=None)
    inside = [cell in chosen and chosen[cell].settings.get(choice[0]) == choice[1] for cell in cells]
    rows: np.ndarray = books.going.those[choice] & np.array(inside, dtype=bool)
    return rows


def _outlay(lever: PlacedLever, customers: int) -> float:
    """Return what a lever takes before it works."""
    return lever.lever.investment.once + lever.lever.investment.per_customer * customers
