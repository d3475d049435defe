"""The choice: one option a segment and channel, and steps of capacity, by a mixed-integer programme (HiGHS)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pandas as pd

from cts_lib.customers.nodes import SHIPS
from cts_lib.names import ALL, CELL
from cts_lib.params.strategy import Steps
from cts_lib.replay.money import together
from cts_lib.replay.options import CURRENT
from cts_lib.strategy.programme import Programme

NOTHING: Mapping[str, float] = MappingProxyType({})
_TIE = 1e-6
_SAME, _MORE = 1e-9, 1e-6
_SLACK = 1 + 1e-9
BUDGET, CONFIGURATIONS = "strategy.budget", "strategy.max_configurations"


@dataclass(frozen=True)
class Capacity:
    """A resource of minutes: what it can do in the period, what is used today, and in which steps that can change.

    A warehouse with a limit is one too, of lines in the place of minutes.
    """

    resource: str
    minutes: float
    used: float
    steps: Steps | None = None
    overload_cost: float = 0.0
    is_node: bool = False

    @property
    def column(self) -> str:
        return f"{SHIPS if self.is_node else 'uses_'}{self.resource}"

    @property
    def limit(self) -> float:
        """What may be used without another step: a resource overloaded today may stay as loaded as it is."""
        return max(self.minutes, self.used)

    def minutes_after(self, taken: int) -> float:
        """Return what it can do after so many steps, below 0 where they are given up."""
        return self.minutes + (taken * self.steps.minutes if self.steps else 0.0)

    @property
    def usable(self) -> float:
        """The share of its minutes that may be used once a step is given up."""
        return 1 - self.steps.reserve if self.steps else 1.0

    def _usable_after(self, taken: int) -> float:
        """Return what may be used after so many steps."""
        if taken < 0:
            return self.usable * self.minutes_after(taken)
        return self.limit - self.minutes + self.minutes_after(taken)

    def cash(self, used: float, taken: int) -> float:
        """Return what steps bring or cost, and the overtime that another use saves, against today."""
        stepped = max(-taken, 0) * self.steps.saves - max(taken, 0) * self.steps.costs if self.steps else 0.0
        over = max(self.used - self.minutes, 0.0) - max(used - self.minutes_after(taken), 0.0)
        return stepped + self.overload_cost * over

    def best_steps(self, used: float) -> int | None:
        """Return the steps that bring most with so much used, the fewest of equal ones; None: no steps are enough."""
        able = {
            taken: self.cash(used, taken)
            for taken in (range(self.steps.least, self.steps.most + 1) if self.steps else (0,))
            if used <= self._usable_after(taken) * _SLACK
        }
        return max(able, key=lambda taken: (able[taken], -abs(taken))) if able else None

    def steps_for(self, used: float) -> int:
        """Return the steps that bring most with so much used; where none are enough, as many as can be added."""
        best = self.best_steps(used)
        return best if best is not None else self.steps.most if self.steps else 0

    def best(self, used: float) -> float:
        """Return what the best steps bring; nan where none are enough."""
        taken = self.best_steps(used)
        return float("nan") if taken is None else self.cash(used, taken)


@dataclass(frozen=True)
class Limits:
    """What a plan must keep: capacities, money for investments, and how many different options it has.

    ``fixed`` is what each lever costs the period once it is in the plan at all.
    """

    capacities: list[Capacity] = field(default_factory=list)
    budget: float | None = None
    max_configurations: int | None = None
    fixed: Mapping[str, float] = field(default_factory=dict)

    def once(self, levers: Iterable[str]) -> float:
        """Return what these levers cost the period by being in the plan."""
        return sum(self.fixed.get(lever, 0.0) for lever in levers)


@dataclass(frozen=True)
class Plan:
    """What was chosen: which rows of the options, steps by resource, what it is worth, and how sure the solver is."""

    chosen: pd.Series
    steps: dict[str, int]
    worth: float
    gap: float
    seconds: float


def choose(table: pd.DataFrame, limits: Limits, least_on_time: Mapping[str, float] = NOTHING) -> Plan | None:
    """Return the best plan, or None where the limits cannot be kept.

    ``table`` has a row an option and cell: segment, channel, option, levers (tuple of names), eligible, worth and
    investment (money), changes, promised_lines and on_time_lines (counts), ``uses_<resource>`` (minutes) and
    ``ships_<warehouse>`` (lines). Maximises what the chosen rows and steps of capacity are worth, less what the plan's
    levers cost once. ``least_on_time`` has what share of the promised lines of a segment, or of `ALL`, is on time at
    least: an option may change how many are promised, too, as where customers leave.
    """
    begun = time.perf_counter()
    programme, steps = programme_of(table, limits, least_on_time)
    found = programme.solve()
    if found is None:
        return None
    values, gap = found
    taken = {name: round(values[up] - values[down]) for name, up, down in steps if up is not None}
    worth = float(values @ programme.worth)
    chosen = pd.Series(values[: len(table)] > 0.5, index=table.index)
    return Plan(chosen, taken, worth, gap, time.perf_counter() - begun)


def programme_of(
    table: pd.DataFrame, limits: Limits, least_on_time: Mapping[str, float] = NOTHING, counted: str | None = None
) -> tuple[Programme, list[tuple[str, int | None, int | None]]]:
    """Return the programme of a choice, and by resource its variables of steps added and given up.

    With ``counted`` this limit is not kept; the programme makes what of it would be needed least. It is `BUDGET`,
    `CONFIGURATIONS`, the column of a capacity, or a key of column ``short`` (see `judged`).
    """
    programme = Programme(len(table), counted)
    cell = table.groupby(CELL, sort=False).ngroup().to_numpy()
    rows = np.arange(len(table))
    for number in range(cell.max() + 1):
        programme.within(dict.fromkeys(rows[cell == number], 1.0), 1.0, 1.0)
    scale = max(float(table["worth"].abs().max()), 1.0)
    programme.worth[rows] = table["worth"].to_numpy("float64") - _TIE * scale * table["changes"].to_numpy("float64")
    eligible = table["eligible"].to_numpy("bool")
    # A plan of few different options may need the one that does no more, for another cell has it already.
    prunes = counted is None and limits.max_configurations is None
    programme.upper[rows] = eligible & ~_needless(table, limits, programme.worth[rows]) if prunes else eligible
    if counted is not None:
        _freed(programme, table, counted)
    for lever, money in limits.fixed.items():
        uses = np.array([lever in levers for levers in table["levers"]], dtype="bool")
        bought = programme.add(1.0, -money)
        programme.investments[bought] = money
        for number in np.unique(cell[uses]):
            users = dict.fromkeys(rows[uses & (cell == number)], 1.0)
            programme.within(users | {bought: -1.0}, -np.inf, 0.0)
    programme.investments |= dict(zip(rows, table["investment"].to_numpy("float64"), strict=True))
    if limits.budget is not None:
        programme.at_most(BUDGET, programme.investments, limits.budget)
    if limits.max_configurations is not None:
        programme.at_most(CONFIGURATIONS, _configurations(programme, table), limits.max_configurations)
    for segment, least in least_on_time.items():
        own = rows if segment == ALL else np.flatnonzero(table["segment"] == segment)
        programme.within(dict(zip(own, _beyond(table, least)[own], strict=True)), -_MORE, np.inf)
    kept = [each for each in limits.capacities if each.column in table]
    return programme, [(each.resource, *_capacity(programme, table, each)) for each in kept]


def _freed(programme: Programme, table: pd.DataFrame, counted: str) -> None:
    """Let the options be chosen that fall short of one limit alone, and count the most by which one does."""
    freed = {row: short[counted] for row, short in enumerate(table["short"]) if set(short) == {counted}}
    if freed := {row: by for row, by in freed.items() if np.isfinite(by)}:
        most = programme.add(np.inf, 0.0, whole=False)
        programme.at_most(counted, {most: 1.0}, np.inf)
        for row, by in freed.items():
            programme.upper[row] = 1.0
            programme.within({row: by, most: -1.0}, -np.inf, 0.0)


def _needless(table: pd.DataFrame, limits: Limits, worth: np.ndarray) -> np.ndarray:
    """Return which options are no better than another eligible one of their cell, whatever the other cells have.

    That one uses no more of any capacity, takes no more, has no fewer lines on time and no more late, and no lever
    besides that costs once; and it is worth more, or as much with fewer levers, or as much and stands before. Most
    grown options have one, and the solver, whose last digits would decide between equal ones, need not see them.
    """
    less = ["investment", *(each.column for each in limits.capacities if each.column in table)]
    served = [_beyond(table, 0.0), _beyond(table, 1.0)]
    amounts = np.column_stack([worth, *served, -table[less].to_numpy("float64")])
    paid = np.array([[lever in levers for lever in limits.fixed] for levers in table["levers"]], dtype="bool")
    place = np.empty(len(table), dtype="int64")
    place[np.argsort([len(levers) for levers in table["levers"]], kind="stable")] = np.arange(len(table))
    eligible = table["eligible"].to_numpy("bool")
    needless = np.zeros(len(table), dtype="bool")
    for rows in table.groupby(CELL, sort=False).indices.values():
        own, levers = amounts[rows], paid[rows]
        more = (own - own[:, None]) / (1 + np.abs(own)[:, None])
        no_worse = (more >= -_SAME).all(axis=2) & ~(levers & ~levers[:, None]).any(axis=2)
        better = (more[:, :, 0] > _MORE) | (place[rows] < place[rows][:, None])
        needless[rows] = (no_worse & better & eligible[rows]).any(axis=1)
    return needless


def _configurations(programme: Programme, table: pd.DataFrame) -> dict[int, float]:
    """Count the different options beside today's."""
    counted = dict[int, float]()
    for name, rows in table.groupby("option").indices.items():
        if name != CURRENT:
            present = programme.add(1.0, 0.0)
            counted[present] = 1.0
            for row in rows:
                programme.within({int(row): 1.0, present: -1.0}, -np.inf, 0.0)
    return counted


def _capacity(programme: Programme, table: pd.DataFrame, capacity: Capacity) -> tuple[int | None, int | None]:
    """Keep the minutes used within capacity after steps; return the variables of steps added and given up."""
    uses = dict(enumerate(table[capacity.column].to_numpy("float64")))
    up = down = None
    changed, kept = dict[int, float](), dict[int, float]()
    if capacity.steps:
        steps = capacity.steps
        up, down = programme.add(steps.most, -steps.costs), programme.add(-steps.least, steps.saves)
        changed = {up: -steps.minutes, down: steps.minutes}
        kept = {up: -steps.minutes, down: capacity.usable * steps.minutes}
        if steps.least < 0:
            gives_up = programme.add(1.0, 0.0)
            programme.within({down: 1.0, gives_up: steps.least}, -np.inf, 0.0)
            programme.within({up: 1.0, gives_up: steps.most}, -np.inf, steps.most)
            kept[gives_up] = capacity.limit - capacity.usable * capacity.minutes
    programme.at_most(capacity.column, uses | kept, capacity.limit)
    if capacity.overload_cost:
        overtime = programme.add(np.inf, -capacity.overload_cost, whole=False)
        programme.within(uses | changed | {overtime: -1.0}, -np.inf, capacity.minutes)
    return up, down


def cash_of(picked: pd.DataFrame, limits: Limits, steps: Mapping[str, int] | None = None) -> float:
    """Return what a plan's rows change cash by, with steps of capacity; without, those that are best for it.

    nan where no steps are enough.
    """
    used = [(each, float(picked[each.column].sum())) for each in limits.capacities if each.column in picked]
    freed = sum(
        each.best(amount) if steps is None else each.cash(amount, steps.get(each.resource, 0)) for each, amount in used
    )
    upkeep = limits.once({lever for levers in picked["levers"] for lever in levers})
    return together(0.0, float(picked["cash"].sum()), freed, upkeep).cash


def _beyond(table: pd.DataFrame, share: float) -> np.ndarray:
    """Return how many lines of each option are on time beyond a share of those promised."""
    beyond: np.ndarray = (table["on_time_lines"] - share * table["promised_lines"]).to_numpy("float64")
    return beyond


def _furthest(table: pd.DataFrame, side: int) -> float:
    """Return the largest share of lines on time that options together reach, or with -1 the smallest.

    Source: W. Dinkelbach, On nonlinear fractional programming, Management Science 13(7), 1967.
    """
    cells, share, last = table.groupby(CELL).ngroup(), side * np.inf, 0.0
    while abs(share - last) > _SAME:
        last = 0.0 if np.isinf(share) else share
        picked = table.loc[pd.Series(side * _beyond(table, last), table.index).groupby(cells).idxmax()]
        promised = float(picked["promised_lines"].sum())
        share = float(picked["on_time_lines"].sum()) / promised if promised else last
    return share


def frontier(table: pd.DataFrame, limits: Limits, points: int) -> pd.DataFrame:
    """Return table ``strategy_frontier``: what the best plan is at rising service levels, between the limits."""
    able = table[table["eligible"]]
    least, most = _furthest(able, -1), _furthest(able, 1)
    promised = float(table[table["option"] == CURRENT]["promised_lines"].sum())
    rows, seen = list[tuple[float | None, float, float, float, int]](), set[tuple[bool, ...]]()
    for on_time in np.linspace(least, most, points) if promised else [0.0]:
        plan = choose(table, limits, {ALL: float(on_time)})
        if plan is None or tuple(plan.chosen) in seen:
            continue
        seen.add(tuple(plan.chosen))
        picked = table[plan.chosen]
        judged = float(picked["promised_lines"].sum())  # 0 also where the plan hands every customer over
        level = float(picked["on_time_lines"].sum()) / judged if judged else None
        changed = int((picked["option"] != CURRENT).sum())
        profit, cost = float(picked["profit"].sum()), float(picked["cost_to_serve"].sum())
        rows.append((level, profit, cash_of(picked, limits, plan.steps), cost, changed))
    frame = pd.DataFrame(rows, columns=["service_level", "profit", "cash", "cost_to_serve", "options_changed"])
    frame.insert(0, "point", range(1, len(frame) + 1))
    return frame
