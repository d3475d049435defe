"""The choice is the best there is: held against every combination on small tables, and grown until nothing improves."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cts_lib.display import Reader
from cts_lib.names import ALL, CELL
from cts_lib.params import Strategy
from cts_lib.params.strategy import Steps
from cts_lib.replay.options import CURRENT, TODAY, Option, combined, neighbours, read_option
from cts_lib.replay.policy import Cells
from cts_lib.replay.whom import GoingAlong
from cts_lib.strategy.alternatives import alternatives, behind
from cts_lib.strategy.choice import Capacity, Limits, choose, frontier
from cts_lib.strategy.fighting import loosenings, nearest, why_none
from cts_lib.strategy.grow import FEW, grow
from cts_lib.strategy.judge import Asked
from cts_lib.strategy.prices import hours_worth, service_prices
from cts_lib.strategy.programme import GAP

Combination = tuple[int, ...]
OPTIONS = [
    TODAY,
    *(Option(each) for each in ({"rush": "fee"}, {"portal": "all"}, {"rush": "fee", "portal": "all"})),
]
FIGURES = ("profit", "cash", "cost_to_serve")


def options(cells: Mapping[str, list[Option]], worth: Mapping[tuple[str, str], Mapping[str, float]]) -> pd.DataFrame:
    """Return a row an option and cell, as the stage gives them to the choice."""
    rows = [
        {"segment": cell, "channel": "web", "option": option.name, "levers": tuple(option.levers)}
        | {"eligible": True, "changes": float(len(option.levers)), "investment": 0.0, "on_time_lines": 0.0}
        | {"promised_lines": 0.0, "short": {}}
        | worth[cell, option.name]
        for cell, given_options in cells.items()
        for option in given_options
    ]
    return pd.DataFrame(rows)


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Up to three cells with up to four options; all amounts are whole numbers."""
    amounts = st.fixed_dictionaries(
        {
            "worth": st.integers(-200, 300).map(float),
            "investment": st.integers(0, 40).map(float),
            "on_time_lines": st.integers(0, 20).map(float),
            "promised_lines": st.integers(20, 30).map(float),
            "eligible": st.sampled_from([True, True, True, False]),
            "uses_desk": st.integers(0, 60).map(float),
            "uses_dock": st.integers(0, 60).map(float),
            "ships_desk": st.integers(0, 60).map(float),
        }
    )
    size = draw(st.integers(1, 3))
    cells = {cell: OPTIONS[: draw(st.integers(1, 4))] for cell in "ABC"[:size]}
    table = options(cells, {(cell, option.name): draw(amounts) for cell, given in cells.items() for option in given})
    is_today = table["option"] == CURRENT
    return table.assign(
        worth=table["worth"].where(~is_today, 0.0), investment=table["investment"].where(~is_today, 0.0)
    )


@st.composite
def limits(draw: st.DrawFn, table: pd.DataFrame) -> Limits:
    """Limits of every sort around what is used today."""
    is_today = table["option"] == CURRENT
    steps = st.builds(
        Steps,
        minutes=st.integers(1, 30),
        saves=st.integers(0, 60),
        costs=st.integers(0, 60),
        least=st.integers(-2, 0),
        most=st.integers(0, 2),
        reserve=st.sampled_from([0, 0.125, 0.5]),
    )
    capacities = [
        Capacity(
            name,
            float(draw(st.integers(0, 120))),
            float(table.loc[is_today, f"uses_{name}"].sum()),
            draw(st.none() | steps),
            float(draw(st.sampled_from([0, 0, 1, 3]))),
        )
        for name in draw(st.sampled_from([("desk",), ("desk", "dock")]))
    ]
    # A warehouse may be called as a resource is.
    shipped = float(table.loc[is_today, "ships_desk"].sum())
    nodes = [
        Capacity("desk", float(lines), shipped, is_node=True)
        for lines in draw(st.lists(st.integers(0, 120), max_size=1))
    ]
    return Limits(
        [*capacities, *nodes],
        draw(st.none() | st.integers(0, 120).map(float)),
        draw(st.none() | st.integers(1, 2)),
        draw(st.dictionaries(st.sampled_from(["rush", "portal"]), st.integers(1, 150).map(float))),
    )


def combinations(table: pd.DataFrame) -> Iterator[Combination]:
    """Yield every choice of one eligible row a cell."""
    yield from itertools.product(
        *(rows.index[rows["eligible"]].tolist() for _, rows in table.groupby(CELL, sort=False))
    )


def worth_of(
    table: pd.DataFrame, rows: Combination, steps: Mapping[str, int], given: Limits, least_on_time: float | None
) -> float | None:
    """Return what a plan is worth, worked out from what the params say of each limit; None where one is not kept."""
    picked = table.loc[list(rows)]
    levers = {lever for names in picked["levers"] for lever in names}
    fixed = sum(money for lever, money in given.fixed.items() if lever in levers)
    worth = float(picked["worth"].sum()) - fixed
    if given.budget is not None and picked["investment"].sum() + fixed > given.budget:
        return None
    if given.max_configurations is not None and len(set(picked["option"]) - {CURRENT}) > given.max_configurations:
        return None
    if least_on_time is not None and picked["on_time_lines"].sum() < least_on_time * picked["promised_lines"].sum():
        return None
    for each in given.capacities:
        if each.is_node:
            if picked[f"ships_{each.resource}"].sum() > max(each.minutes, each.used):
                return None
            continue
        used, taken = float(picked[f"uses_{each.resource}"].sum()), steps.get(each.resource, 0)
        size = each.steps.minutes if each.steps else 0.0
        minutes = each.minutes + taken * size
        reserve = each.steps.reserve if each.steps else 0.0
        if used > (minutes * (1 - reserve) if taken < 0 else max(each.minutes, each.used) + taken * size):
            return None
        if each.steps:
            worth += -taken * (each.steps.saves if taken < 0 else each.steps.costs)
        worth -= each.overload_cost * max(used - minutes, 0.0)
    return worth


def steps_of(given: Limits) -> dict[str, range]:
    """Return the steps that each resource may take; a warehouse takes none."""
    return {
        each.resource: range(each.steps.least, each.steps.most + 1) if each.steps else range(1)
        for each in given.capacities
        if not each.is_node
    }


def every_plan(table: pd.DataFrame, given: Limits, least_on_time: float | None) -> Iterator[float]:
    """Yield what each plan is worth that keeps the limits, over all options and steps."""
    ranges = steps_of(given)
    for rows in combinations(table):
        for taken in itertools.product(*ranges.values()):
            worth = worth_of(table, rows, dict(zip(ranges, taken, strict=True)), given, least_on_time)
            if worth is not None:
                yield worth


@given(st.data())
def test_the_choice_is_worth_as_much_as_the_best_of_all_combinations(data: st.DataObject) -> None:
    table = data.draw(tables(), "table")
    given_limits = data.draw(limits(table), "limits")
    least = data.draw(st.none() | st.sampled_from([0.125, 0.25, 0.5, 0.75]), "least on time")
    on_time = {} if least is None else {ALL: least}
    plan, best = choose(table, given_limits, on_time), max(every_plan(table, given_limits, least), default=None)
    assert (plan is None) == (best is None)
    if plan is not None and best is not None:
        found = worth_of(table, tuple(table.index[plan.chosen]), plan.steps, given_limits, least)
        assert found is not None, "a limit is not kept"
        assert found == pytest.approx(plan.worth, abs=0.01)
        assert found >= best - GAP * abs(best) - 0.01
        assert table[plan.chosen].groupby(CELL).size().tolist() == [1] * table["segment"].nunique()


@settings(max_examples=40)
@given(st.data())
def test_what_a_plan_would_lose_with_another_option_in_a_cell(data: st.DataObject) -> None:
    table = data.draw(tables(), "table").assign(allowed=True, reason="(none)", cost_to_serve=1.0)
    given_limits = data.draw(limits(table), "limits")
    plan = choose(table, given_limits)
    assume(plan is not None)
    assert plan is not None
    ranges = steps_of(given_limits)
    found, own = behind(table, plan, given_limits), table.index[plan.chosen]
    assert found[own] == pytest.approx(0.0, abs=0.01)
    for row in table.index[table["eligible"]]:
        others = own[(table.loc[own, CELL] != table.loc[row, CELL]).any(axis=1)]
        every = [
            worth_of(table, (*others, row), dict(zip(ranges, taken, strict=True)), given_limits, None)
            for taken in itertools.product(*ranges.values())
        ]
        best = max((worth for worth in every if worth is not None), default=None)
        assert np.isnan(found[row]) == (best is None)
        if best is not None:
            assert found[row] == pytest.approx(plan.worth - best, abs=0.02)
    second = alternatives(table, plan, given_limits)["second_behind"].dropna()
    assert (second >= -GAP * abs(plan.worth) - 0.02).all()  # else the plan were not the best


@given(st.data())
def test_more_service_on_the_frontier_is_never_worth_more(data: st.DataObject) -> None:
    table = data.draw(tables(), "table").assign(**dict.fromkeys(FIGURES, 10.0), eligible=True)
    table["profit"] = table["cash"] = table["worth"]
    found = frontier(table, Limits(), 5)
    assert found["point"].tolist() == list(range(1, len(found) + 1))
    assert found["service_level"].is_monotonic_increasing
    slack = GAP * table["worth"].abs().sum() + 0.01
    assert (found["cash"].diff().dropna() <= slack).all()


def test_of_options_worth_the_same_the_one_that_changes_least_is_chosen() -> None:
    same = {("A", option.name): {"worth": 50.0 * bool(option.levers)} for option in OPTIONS}
    table = options({"A": OPTIONS}, same)
    plan = choose(table, Limits())
    assert plan is not None
    assert table.loc[plan.chosen, "changes"].tolist() == [1.0]


def test_a_lever_that_adds_nothing_to_an_option_is_not_chosen_with_it() -> None:
    both = Option({"rush": "fee", "portal": "all"})
    three, worth = [TODAY, OPTIONS[2], both], [0.0, 40.0, 40.0 + 1e-9]
    by_name = {("A", option.name): {"worth": money} for option, money in zip(three, worth, strict=True)}
    table = options({"A": three}, by_name)
    plan = choose(table.assign(changes=0.0), Limits())  # with nothing else that tells them apart
    assert plan is not None
    assert table.loc[plan.chosen, "option"].tolist() == [OPTIONS[2].name]


def test_a_lever_that_adds_nothing_is_chosen_where_it_saves_another_configuration() -> None:
    both = Option({"rush": "fee", "portal": "all"})
    here, there = [TODAY, both], [TODAY, OPTIONS[2], both]
    by_name = {(cell, name): {"worth": 40.0 * (name != CURRENT)} for cell in "AB" for name in (o.name for o in there)}
    table = options({"A": here, "B": there}, by_name)
    plan = choose(table, Limits(max_configurations=1))
    assert plan is not None
    assert table.loc[plan.chosen, "option"].tolist() == [both.name, both.name]


def test_another_hour_and_another_point_cost_what_the_next_best_choice_does() -> None:
    worth = [
        {"worth": 0.0, "uses_desk": 600.0, "on_time_lines": 90.0},
        {"worth": 100.0, "uses_desk": 605.0, "on_time_lines": 80.0},
    ]
    two = [TODAY, OPTIONS[1]]
    table = options({"A": two}, {("A", option.name): each for option, each in zip(two, worth, strict=True)})
    table = table.assign(cash=table["worth"], promised_lines=100.0)
    held, free = (Limits([Capacity("desk", minutes, 600.0)]) for minutes in (600.0, 700.0))
    plan, best = choose(table, held), choose(table, free)
    assert plan is not None
    assert best is not None
    assert hours_worth(table, plan, held) == pytest.approx({"desk": 100 / (6 / 60)}, rel=1e-4)
    assert hours_worth(table, best, free) == {"desk": 0.0}
    assert service_prices(table, best, free).to_dict("records") == [
        {"segment": "A", "service_level": 0.8, "cash_of_point": pytest.approx(100.0)}
    ]
    assert service_prices(table, plan, held)["cash_of_point"].isna().all()


def test_of_options_that_are_equal_in_everything_the_one_with_fewest_levers_is_chosen_else_the_first() -> None:
    both, fee, portal = OPTIONS[3], OPTIONS[1], OPTIONS[2]
    for order in itertools.permutations([TODAY, both, fee, portal]):
        worth = {("A", option.name): {"worth": 0.0 if option == TODAY else 50.0} for option in order}
        plan = choose(options({"A": list(order)}, worth), Limits())
        assert plan is not None
        (at,) = np.flatnonzero(plan.chosen)
        assert order[at] == next(option for option in order if option in (fee, portal))


def test_an_option_that_is_worth_less_is_chosen_where_what_the_better_one_takes_is_short() -> None:
    worth = {("A", CURRENT): {"worth": 0.0}, ("A", OPTIONS[1].name): {"worth": 60.0, "uses_desk": 40.0}}
    worth |= {("A", OPTIONS[2].name): {"worth": 50.0, "uses_desk": 20.0}, ("A", OPTIONS[3].name): {"worth": 55.0}}
    table = options({"A": OPTIONS}, worth).fillna({"uses_desk": 30.0})
    for minutes, best in ((40.0, OPTIONS[1]), (30.0, OPTIONS[3]), (20.0, OPTIONS[2])):
        plan = choose(table, Limits([Capacity("desk", minutes, 0.0)]))
        assert plan is not None
        assert table.loc[plan.chosen, "option"].tolist() == [best.name]
    paid = choose(table, Limits(fixed={"rush": 20.0}))
    assert paid is not None
    assert table.loc[paid.chosen, "option"].tolist() == [OPTIONS[2].name]


ASKED = {"strategy.max_service_loss": Asked(0.02, 1), "strategy.floors.A.service_level": Asked(0.9, -1)}


def loosened(
    table: pd.DataFrame, given_limits: Limits, name: str, needed: float, back: float
) -> tuple[pd.DataFrame, Limits]:
    """Return what a choice would be made of with one limit moved to a value, but for a share of the way back."""
    if name in ASKED:
        by = abs(needed - ASKED[name].now) * (1 - back)
        freed = [not short or (set(short) == {name} and short[name] <= by + 1e-9) for short in table["short"]]
        return table.assign(eligible=freed), given_limits
    if name == "strategy.budget":
        assert given_limits.budget is not None
        return table, replace(given_limits, budget=needed - (needed - given_limits.budget) * back)
    if name == "strategy.max_configurations":
        return table, replace(given_limits, max_configurations=int(needed) - (1 if back else 0))
    moved = [
        replace(each, minutes=needed - (needed - each.limit) * back) if each.column == name else each
        for each in given_limits.capacities
    ]
    return table, replace(given_limits, capacities=moved)


@settings(max_examples=60)
@given(st.data())
def test_what_a_limit_alone_would_have_to_give_is_enough_and_a_hundredth_less_is_not(data: st.DataObject) -> None:
    table = data.draw(tables(), "table")
    short = st.dictionaries(st.sampled_from(list(ASKED)), st.sampled_from([0.01, 0.05, 1 / 3, np.inf]), min_size=1)
    table["short"] = [{} if eligible else data.draw(short) for eligible in table["eligible"]]
    given_limits = data.draw(limits(table), "limits")
    assume(choose(table, given_limits) is None)
    found = loosenings(table, given_limits, ASKED)
    for name, needed in found.items():
        assert choose(*loosened(table, given_limits, name, needed, 0.0)) is not None
        assert choose(*loosened(table, given_limits, name, needed, 0.01)) is None
    names = [*ASKED, *(each.column for each in given_limits.capacities)]
    names += ["strategy.budget"] * (given_limits.budget is not None)
    names += ["strategy.max_configurations"] * (given_limits.max_configurations is not None)
    for name in set(names) - set(found):
        assert (
            choose(*loosened(table, given_limits, name, 1e6 * ASKED[name].away if name in ASKED else 1e6, 0.0)) is None
        )


def test_what_each_limit_would_have_to_give_is_told() -> None:
    table = options({"A": [TODAY, OPTIONS[1]]}, {("A", option.name): {"worth": 1.0} for option in OPTIONS[:2]})
    floor = "strategy.floors.A.service_level"
    table = table.assign(investment=[0.0, 50.0], eligible=[False, True], short=[{floor: 0.0433333}, {}])
    given_limits = Limits(budget=10.0)
    assert choose(table, given_limits) is None
    error = why_none(table, given_limits, ASKED)
    assert str(error) == (
        "strategy: no plan keeps all limits: alone, strategy.floors.A.service_level would have to be 0.85666; it is "
        "0.9; alone, strategy.budget would have to be 50; it is 10; loosen one"
    )
    told = Reader("es", "EUR")
    assert [told.remark(each) for each in error.remarks] == [
        "Por sí solo, strategy.floors.A.service_level tendría que ser 0.85666; es 0.9.",
        "Por sí solo, strategy.budget tendría que ser 50; es 10.",
    ]


def test_a_capacity_that_would_have_to_give_is_told_by_what_it_can_do() -> None:
    table = options({"A": [OPTIONS[1]]}, {("A", OPTIONS[1].name): {"worth": 1.0, "uses_desk": 70.0, "ships_desk": 9.0}})
    desk, node = Capacity("desk", 50.0, 60.0), Capacity("desk", 8.0, 5.0, is_node=True)
    assert why_none(table, Limits([desk]), ASKED).problem == (
        "no plan keeps all limits: alone, desk would have to work 70 minutes in the period; it can 60"
    )
    assert why_none(table, Limits([node]), ASKED).problem == (
        "no plan keeps all limits: alone, desk would have to ship 9 lines in the period; it can 8"
    )
    both = why_none(table, Limits([desk, node]), ASKED)
    assert both.problem == "no plan keeps all limits, and none makes one possible alone: uses_desk, ships_desk"


CELLS = [("A", "web"), ("A", "shops"), ("B", "web")]


class World:
    """A made-up period: what settings are worth in each cell, alone and in pairs, and whom they reach."""

    def __init__(self, levers: dict[str, int], seed: int, limits: Limits | None = None, apart: bool = False) -> None:
        some = np.random.default_rng(seed)
        days = itertools.count(2)
        self.strategy = Strategy.model_validate(
            {
                "levers": {
                    name: {"kind": "rhythm", "settings": {f"s{at}": {"days": next(days)} for at in range(size)}}
                    for name, size in levers.items()
                }
            }
        )
        choices = [(name, setting) for name, lever in self.strategy.levers.items() for setting in lever.settings]
        frame = pd.DataFrame([(f"c{at}", channel, segment) for at, (segment, channel) in enumerate(CELLS)])
        frame.columns = ["customer_id", "channel", "segment"]
        those = {choice: some.random(len(CELLS)) < 0.9 for choice in choices}
        self.going = GoingAlong(frame, those, {choice: np.zeros(len(CELLS), dtype=bool) for choice in choices})
        self.alone = {(cell, choice): float(some.integers(-50, 60)) for cell in CELLS for choice in choices}
        self.both = {
            (cell, frozenset(pair)): 0.0 if apart else float(some.integers(-60, 60))
            for cell in CELLS
            for pair in itertools.combinations(choices, 2)
        }
        self.minutes = {(cell, choice): float(some.integers(-20, 20)) for cell in CELLS for choice in choices}
        self.fixed = {name: float(some.integers(0, 60)) for name in levers}
        self.limits = replace(limits or Limits(), fixed=self.fixed)
        self.asks = dict[tuple[str, str], set[str]]()
        self.replays = 0

    def worth(self, cell: tuple[str, str], option: Option) -> float:
        choices = list(option.settings.items())
        pairs = itertools.combinations(choices, 2)
        return sum(self.alone[cell, each] for each in choices) + sum(self.both[cell, frozenset(pair)] for pair in pairs)

    def reaches(self, cell: tuple[str, str], option: Option) -> bool:
        return all(self.going.those[choice][CELLS.index(cell)] for choice in option.settings.items())

    def total(self, plan: Mapping[tuple[str, str], Option]) -> float:
        """What a plan is worth without limits."""
        levers = {lever for option in plan.values() for lever in option.levers}
        return sum(self.worth(*each) for each in plan.items()) - sum(self.fixed[lever] for lever in levers)

    def within(self, plan: Mapping[tuple[str, str], Option]) -> float:
        """What a plan is worth with the best steps within the limits."""
        found = choose(self.rows(plan), self.limits)
        return -np.inf if found is None else found.worth

    def replayed(self, plans: dict[str, Cells]) -> pd.DataFrame:
        self.replays += 1
        return pd.concat([self.rows(cells) for cells in plans.values()], ignore_index=True)

    def rows(self, cells: Cells) -> pd.DataFrame:
        rows: list[dict[str, Any]] = [
            {"segment": cell[0], "channel": cell[1], "option": option.name, "levers": tuple(option.levers)}
            | {"worth": self.worth(cell, option), "investment": 10.0 * len(option.levers)}
            | {
                "changes": float(len(option.levers)),
                "on_time_lines": 0.0,
                "promised_lines": 0.0,
                "short": self.short(cell, option),
            }
            | {"uses_desk": 50 + sum(self.minutes[cell, each] for each in option.settings.items())}
            | {"eligible": not self.short(cell, option)}
            for cell, option in cells.items()
        ]
        return pd.DataFrame(rows)

    def short(self, cell: tuple[str, str], option: Option) -> dict[str, float]:
        lacks = self.asks.get(cell, set()) - set(option.levers)
        return {f"strategy.floors.{cell[0]}.service_level": 0.1 * len(lacks)} if lacks else {}

    def grown(self) -> tuple[pd.DataFrame, dict[tuple[str, str], Option]]:
        asked = {f"strategy.floors.{segment}.service_level": Asked(0.9, -1) for segment in "AB"}
        table, plan = grow(
            self.rows(dict.fromkeys(CELLS, TODAY)),
            self.strategy,
            self.going,
            self.replayed,
            lambda table: choose(table, self.limits),
            lambda table: nearest(table, self.limits, asked),
        )
        assert plan is not None
        picked = table[plan.chosen]
        cells = picked[CELL].itertuples(index=False, name=None)
        return table, {cell: read_option(name) for cell, name in zip(cells, picked["option"], strict=True)}


DESK = Capacity("desk", 150.0, 150.0, Steps(minutes=20, saves=15, costs=30, least=-2, most=1), overload_cost=1.0)
TIGHT = [
    Limits(),
    Limits([DESK]),
    Limits([DESK], budget=80.0),
    Limits([replace(DESK, minutes=130.0)], max_configurations=2),
]


@settings(max_examples=50)
@given(st.integers(0, 10_000), st.sampled_from(TIGHT))
def test_a_grown_plan_is_improved_by_no_single_change_of_one_lever_in_one_cell(seed: int, limits: Limits) -> None:
    world = World({"first": 2, "second": 3, "third": 1, "fourth": 2}, seed, limits)
    table, plan = world.grown()
    found = world.within(plan)
    changed = [
        plan | {cell: option}
        for cell, chosen in plan.items()
        for option in neighbours(chosen, world.strategy)
        if world.reaches(cell, option)
    ]
    assert max(map(world.within, changed)) <= found + GAP * abs(found) + 0.01
    assert not table.duplicated([*CELL, "option"]).any()
    assert all(world.reaches((row.segment, row.channel), read_option(row.option)) for row in table.itertuples())


@settings(max_examples=50)
@given(st.integers(0, 10_000))
def test_where_levers_neither_help_nor_hinder_each_other_the_grown_plan_is_the_best_of_all(seed: int) -> None:
    world = World({"first": 2, "second": 2, "third": 2, "fourth": 1}, seed, apart=True)
    every = list(combined(world.strategy))
    assert len(every) > FEW
    table, plan = world.grown()
    names = list(world.fixed)
    uses = np.array([[name in option.levers for name in names] for option in every]) @ (1 << np.arange(len(names)))
    upkeep = np.array([sum(world.fixed[name] for at, name in enumerate(names) if mask >> at & 1) for mask in range(16)])
    worth = [
        np.array([world.worth(cell, option) if world.reaches(cell, option) else -np.inf for option in every])
        for cell in CELLS
    ]
    a, b, c = np.ogrid[: len(every), : len(every), : len(every)]
    best = float((worth[0][a] + worth[1][b] + worth[2][c] - upkeep[uses[a] | uses[b] | uses[c]]).max())
    assert world.total(plan) >= best - GAP * abs(best) - 0.01
    assert len(table) < len(every) * len(CELLS)


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.sampled_from(TIGHT))
def test_what_several_levers_together_may_alone_is_grown_until_it_is_found(seed: int, limits: Limits) -> None:
    world = World({"first": 2, "second": 3, "third": 1, "fourth": 2}, seed, limits)
    everybody = {choice: np.ones(len(CELLS), dtype=bool) for choice in world.going.those}
    world.going = replace(world.going, those=everybody)
    world.limits = replace(world.limits, budget=None)
    world.asks = {CELLS[0]: {"first", "second", "fourth"}, CELLS[2]: {"third", "fourth"}}
    _, plan = world.grown()
    assert all(levers <= set(plan[cell].levers) for cell, levers in world.asks.items())


@settings(max_examples=50)
@given(st.integers(0, 10_000))
def test_where_combinations_are_few_all_are_replayed_at_once_and_the_plan_is_the_best(seed: int) -> None:
    world = World({"first": 2, "second": 2, "third": 1}, seed)
    table, plan = world.grown()
    assert world.replays <= 1
    assert len(table) <= FEW * len(CELLS)
    by_cell = [table[(table[CELL] == pd.Series(cell, CELL)).all(axis=1)]["option"].map(read_option) for cell in CELLS]
    best = max(world.total(dict(zip(CELLS, each, strict=True))) for each in itertools.product(*by_cell))
    assert world.total(plan) >= best - GAP * abs(best) - 0.01
