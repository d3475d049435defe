"""The plan as decisions: cells that get the same setting of a lever are one, with what it brings, takes and changes.

What a decision brings is what the plan would lose without it: the plan is replayed once more without each. Of steps of
capacity, which several decisions may spare together, it brings its share. These parts need not add up to the plan, for
levers help or hinder each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cts_lib.measures import ratios
from cts_lib.names import ALL, CELL, NONE
from cts_lib.params import UnitParams
from cts_lib.params.duties import due_of, owner_of
from cts_lib.params.period import Period
from cts_lib.replay.options import PlacedLever
from cts_lib.replay.policy import Cells, cells_with, plan_without
from cts_lib.replay.whom import Choice
from cts_lib.strategy.cells import RATIOS, Books
from cts_lib.strategy.certainty import certainty
from cts_lib.strategy.choice import Capacity, Limits
from cts_lib.strategy.sensitivity import Doubt
from cts_lib.strategy.step_shares import step_shares

CHANGES = (*RATIOS, "responsiveness")
_CENT = 0.01
_COLUMNS = ("gain", "cash_gain", "investment", "payback_years", *CHANGES)


@dataclass(frozen=True)
class Levels:
    """What a plan comes to over all cells: profit less investment, cash but that of capacity, service, and all sums."""

    net_profit: float
    cash: float
    service: pd.Series
    sums: pd.Series

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Levels:
        """Return the levels of a plan."""
        sums = rows.sum(numeric_only=True).to_frame().T
        service = ratios(sums, RATIOS).iloc[0]
        known = rows.dropna(subset=["responsiveness"])
        service["responsiveness"] = (
            float(np.average(known["responsiveness"], weights=known["sold_lines"]))
            if known["sold_lines"].sum()
            else np.nan
        )
        return cls(float(rows["net_profit"].sum()), float(rows["cash"].sum()), service, sums.iloc[0])


def decisions(
    chosen: Cells,
    together: pd.DataFrame,
    books: Books,
    limits: Limits,
    steps: Mapping[str, int],
    prices: Mapping[str, float],
    orders: pd.Series,
    period: Period,
    replayed: Callable[[dict[str, Cells]], pd.DataFrame],
) -> pd.DataFrame:
    """Return table ``decisions`` but for what `with_duties` adds, the one that brings most cash first.

    Parameters
    ----------
    together : DataFrame
        The plan's rows of the cells, as ``replayed`` gives them.
    steps : mapping
        The plan's steps of each resource; without a decision they are those that are best then.
    prices : mapping
        What a unit of each resource's work costs.
    orders : Series
        Orders of each row of the cells of ``books``.
    """
    taken = dict.fromkeys(choice for option in chosen.values() for choice in option.settings.items())
    if not taken:
        return _table([])
    fixed, capacities = limits.fixed, [each for each in limits.capacities if not each.is_node]
    without = {str(at): plan_without(chosen, choice) for at, choice in enumerate(taken)}
    plan = Levels.of(together)
    replays = dict(list(replayed(without).groupby("plan")))
    lesser = [Levels.of(replays[name]) for name in without]
    of_steps = _cash_of_steps(capacities, plan, lesser, steps)
    share, rows, paid = period.months / 12, [], set[str]()
    by_name = {lever.name: lever for lever in books.levers}
    for at, choice in enumerate(taken):
        less = lesser[at]
        last = all(choice[0] not in option.settings for option in without[str(at)].values())
        kept = fixed.get(choice[0], 0.0) if last else 0.0
        gain, cash = plan.net_profit - less.net_profit - kept, plan.cash - less.cash - kept + of_steps[at]
        reached = _reached(chosen, choice, books)
        outlay = _outlay(by_name[choice[0]], int(reached.sum()))
        yearly = (cash + outlay * books.years) / share  # cash is less the period's share of the outlay already
        cells = cells_with(chosen, choice)
        rows.append(
            {
                "lever": choice[0],
                "setting": choice[1],
                **{name: _only({cell[at] for cell in cells}) for at, name in enumerate(CELL)},
                "resource": _most_changed(plan.sums - less.sums, prices),
                "cells": len(cells),
                "customers_reached": float(books.going.cells.loc[reached, "customer_id"].nunique()),
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


def _cash_of_steps(
    capacities: list[Capacity], plan: Levels, lesser: list[Levels], steps: Mapping[str, int]
) -> np.ndarray:
    """Return what each decision brings of what all capacities' steps and overtime do."""
    brought = np.zeros(len(lesser))
    for each in capacities:
        used = float(plan.sums[each.column])
        spared = np.array([float(less.sums[each.column]) - used for less in lesser])
        brought += step_shares(each, used, spared, each.cash(used, steps.get(each.resource, 0)))
    return brought


def _table(rows: list[dict[str, object]]) -> pd.DataFrame:
    texts = ["lever", "setting", *CELL, "resource"]
    numbers = ["customers_reached", "orders_reached", "gain_a_year", "cash_a_year", "upkeep", *_COLUMNS]
    table = pd.DataFrame(rows, columns=[*texts, "cells", "small", *numbers])
    kinds = dict.fromkeys(texts, "str") | {"cells": "int64", "small": "bool"} | dict.fromkeys(numbers, "float64")
    table = table.astype(kinds)
    table = table.sort_values(["cash_a_year", "lever", "setting"], ascending=[False, True, True], kind="stable")
    table.insert(0, "decision", range(1, len(table) + 1))
    return table.reset_index(drop=True)


def with_duties(table: pd.DataFrame, chosen: Cells, doubt: Doubt, unit: UnitParams, period: Period) -> pd.DataFrame:
    """Add who is to do each decision, by when, how sure it is, and what that rests on."""
    rows = []
    for row in table.to_dict("records"):
        lever = unit.params.strategy.levers[row["lever"]]
        resource = None if row["resource"] == NONE else str(row["resource"])
        cells = frozenset(cells_with(chosen, (row["lever"], row["setting"])))
        rows.append(
            {
                "owner": owner_of(unit.params, row["segment"], row["channel"], lever=lever, resource=resource),
                "due": due_of(unit.params, period, lever),
                **certainty(unit.params.strategy, lever, cells, doubt)._asdict(),
            }
        )
    kinds = {"owner": "str", "due": "datetime64[s]", "sure": "float64", "hangs_on": "str"}
    kinds |= {"ends": "int64", "as_given": "str"}
    return table.join(pd.DataFrame(rows, index=table.index, columns=list(kinds)).astype(kinds))


def _most_changed(uses: pd.Series, prices: Mapping[str, float]) -> str:
    """Return the resource whose work changes by most money."""
    money = {name: abs(float(uses[f"uses_{name}"])) * price for name, price in prices.items()}
    most = max(money, key=money.__getitem__, default=NONE)
    return most if money.get(most, 0.0) > _CENT else NONE


def _only(names: set[str]) -> str:
    return names.pop() if len(names) == 1 else ALL


def _reached(chosen: Cells, choice: Choice, books: Books) -> np.ndarray:
    """Return the rows of the cells that go along with a setting under the plan."""
    having = set(cells_with(chosen, choice))
    inside = [cell in having for cell in books.going.cells[CELL].itertuples(index=False, name=None)]
    rows: np.ndarray = books.going.those[choice] & np.array(inside, dtype=bool)
    return rows


def _outlay(lever: PlacedLever, customers: int) -> float:
    """Return what a lever takes before it works."""
    return lever.lever.investment.once + lever.lever.investment.per_customer * customers
