"""What decisions serve, how sure they are and what service costs, a second way: plain Python over every plan.

Workbooks are drawn in which two levers earn money by later days and one buys sooner ones; `plan_by_hand` rewrites and
prices what each option of each cell makes of the lines.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import pytest
from plan_by_hand import CELL, LEVERS, SETTING, VARIABLE, Assumed, Cell, Drawn, Plan, Row

ENDS = {
    "leave": (0, 0.02),
    "adoption": (0.5, 1.25),
    "margin_at_risk": (0, 2),
    "freight_saving": (0.5, 1.5),
    "rush_delay_days": (0, 2),
    "investment": (0.8, 1.5),
    "demand": (0.9, 1.1),
    "variable_share": (0.8, 1.2),
}
OF_EVERY = ("adoption", "margin_at_risk", "leave", "investment", "demand", "prices", "variable_share")
CENT = 0.01
End = tuple[str, str, float]


class Doubted:
    """The plan of a drawn workbook at the ends of its assumptions, by hand."""

    def __init__(self, drawn: Drawn) -> None:
        self.drawn = drawn
        self.unmoved = set(drawn.strategy.get("sensitivity", {}))
        named = {(name, "(none)"): ends for name, ends in ENDS.items() if name not in self.unmoved}
        self.ends = named | {("prices", name): (0.9, 1.1) for name in VARIABLE}

    def at(self, *ends: End) -> tuple[float, set[Cell]]:
        """Return the plan's cash at some ends, and the cells that had better stay as today there."""
        moved = Assumed()
        for name, resource, value in ends:
            priced = (*moved.prices, (resource, value))
            moved = replace(moved, prices=priced) if name == "prices" else replace(moved, **{name: value})
        plans, chosen = self.drawn.todays_or_the_plans(moved), self.drawn.chosen
        best = plans.holds(int(np.argmax(plans.cash)))
        return float(plans.cash[plans.place(chosen)]), {cell for cell in chosen if best[cell] != chosen[cell]}

    @cached_property
    def alone(self) -> dict[End, tuple[float, set[Cell]]]:
        """The plan at each end alone."""
        return {(*name, value): self.at((*name, value)) for name, two in self.ends.items() for value in two}


CASES: list[tuple[int, float, Row]] = [
    (2, 0.8, {}),
    (3, 0.95, {"sensitivity": {"leave": 0, "freight_saving": [1, 1]}, "max_service_loss": 0.3}),
    (4, 1.05, {}),
]


@pytest.fixture(scope="module", params=CASES, ids=lambda case: f"seed {case[0]}")
def drawn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    seed, load, strategy = request.param
    return Drawn(tmp_path_factory.mktemp("drawn"), seed, load, **strategy)


@pytest.fixture(scope="module")
def doubted(drawn: Drawn) -> Doubted:
    return Doubted(drawn)


def level(figures: Any) -> Any:
    return figures["on_time"] / figures["promised"]


def allowed(drawn: Drawn) -> np.ndarray:
    """Return which of all plans lose no more lines on time in any cell than they may."""
    fits = []
    for at, options in enumerate(drawn.options.values()):
        of_cell = level(options.figures.iloc[0]) - level(options.figures) <= drawn.strategy["max_service_loss"] + 1e-9
        fits.append(of_cell.to_numpy()[drawn.every.grid[:, at]])
    found: np.ndarray = np.logical_and.reduce(fits)
    return found


def test_options_bring_and_serve_what_their_rewritten_lines_do(drawn: Drawn) -> None:
    table = drawn.tables["strategy_options"].set_index([*CELL, "option"])
    assert len(table) == sum(len(options.levers) for options in drawn.options.values())
    for cell, options in drawn.options.items():
        for levers, figures in zip(options.levers, options.figures.to_dict("records"), strict=True):
            row = table.loc[(*cell, " + ".join(f"{name}: {SETTING[name]}" for name in levers) or "current")]
            wanted = {name: figures[name] for name in ("cash", "profit", "cost_to_serve", "investment")}
            wanted |= {"service_level": level(figures), "in_full": figures["full"] / figures["counted"]}
            wanted |= {"speed_days": figures["days"] / figures["lead"]}
            wanted |= {"visibility": figures["visible"] / figures["lines"]}
            assert row[list(wanted)].to_dict() == pytest.approx(wanted, abs=1e-6), (cell, levers)
    best = drawn.every.cash[allowed(drawn)].max()
    assert drawn.every.cash[drawn.every.place(drawn.chosen)] == pytest.approx(best, abs=CENT)


def test_a_point_of_service_costs_what_the_best_plan_with_one_more_lacks(drawn: Drawn) -> None:
    every, fits, table = drawn.every, allowed(drawn), drawn.tables["service_prices"].set_index("segment")
    place = every.place(drawn.chosen)
    assert set(table.index) == {segment for segment, _ in drawn.cells}
    for segment, row in table.iterrows():
        cells = [cell for cell in drawn.cells if cell[0] == segment]
        levels = every.sum("on_time", cells) / every.sum("promised", cells)
        more = fits & (levels >= levels[place] + 0.01 - 1e-9)
        price = every.cash[place] - every.cash[more].max() if more.any() else np.nan
        assert row["service_level"] == pytest.approx(levels[place])
        assert row["cash_of_point"] == pytest.approx(price, abs=CENT, nan_ok=True), segment


def test_no_plan_of_as_much_service_brings_more_than_a_point_of_the_frontier(drawn: Drawn) -> None:
    every, fits, table = drawn.every, allowed(drawn), drawn.tables["strategy_frontier"]
    levels = every.sum("on_time") / every.sum("promised")
    figures = {"service_level": levels, "profit": every.sum("profit"), "cash": every.cash}
    figures["cost_to_serve"] = every.sum("cost_to_serve")
    figures["options_changed"] = (every.grid > 0).sum(axis=1)
    for row in table.to_dict("records"):
        same = np.logical_and.reduce([np.abs(each - row[name]) < 1e-6 for name, each in figures.items()])
        assert (same & fits).any(), row
        assert row["cash"] == pytest.approx(every.cash[fits & (levels >= row["service_level"] - 1e-9)].max(), abs=CENT)
    assert table["service_level"].is_monotonic_increasing
    assert table["cash"].iloc[0] == pytest.approx(every.cash[fits].max(), abs=CENT)
    assert table["service_level"].iloc[-1] == pytest.approx(levels[fits].max())


def test_the_plan_stands_at_each_end_of_an_assumption_where_its_lines_do(doubted: Doubted) -> None:
    drawn, table = doubted.drawn, doubted.drawn.tables["strategy_sensitivity"].set_index(["assumption", "resource"])
    base = float(drawn.every.cash[drawn.every.place(drawn.chosen)])
    moves = dict[tuple[str, str], float]()
    for name, two in doubted.ends.items():
        (low, first), (high, second) = (doubted.alone[*name, value] for value in two)
        moves[name] = max(low, high, base) - min(low, high, base)
        if moves[name] < CENT:
            assert name not in table.index
            continue
        row = table.loc[name]
        assert [row["low"], row["high"]] == pytest.approx(two)
        assert [row["cash_gain_low"], row["cash_gain_high"]] == pytest.approx([low, high], abs=1e-6), name
        assert row["cells_changed"] == max(len(first), len(second)), name
    sizes = [moves[name] for name in table.index]
    assert sizes == pytest.approx(sorted(sizes, reverse=True))


def test_the_worst_pairs_leave_what_lines_with_both_assumed_do(doubted: Doubted) -> None:
    drawn, table = doubted.drawn, doubted.drawn.tables["strategy_pairs"]
    base = float(drawn.every.cash[drawn.every.place(drawn.chosen)])
    costs = {end: base - cash for end, (cash, _) in doubted.alone.items() if base - cash > CENT}
    together = [
        costs[one] + costs[other]
        for one in costs
        for other in costs
        if one[:2] < other[:2] or one[:2] == other[:2] > other
    ]
    both = [
        (
            (row["assumption"], row["resource"], row["end"]),
            (row["with_assumption"], row["with_resource"], row["with_end"]),
        )
        for row in table.to_dict("records")
    ]
    looked_at = sorted((costs[one] + costs[other] for one, other in both), reverse=True)
    assert looked_at == pytest.approx(sorted(together, reverse=True)[:8], abs=1e-6)
    for pair, row in zip(both, table.to_dict("records"), strict=True):
        cash, staying = doubted.at(*pair)
        assert (row["cash_gain"], row["cells_changed"]) == pytest.approx((cash, len(staying)), abs=1e-6), pair


def without(plan: Plan, lever: str) -> dict[Cell, tuple[str, ...]]:
    return {cell: tuple(name for name in levers if name != lever) for cell, levers in plan.items()}


def test_a_decision_is_as_sure_as_its_cells_and_serves_as_its_lines_do(doubted: Doubted) -> None:
    drawn, every = doubted.drawn, doubted.drawn.every
    plan = drawn.chosen
    base = float(every.cash[every.place(plan)])
    moved = {end for end, (cash, _) in doubted.alone.items() if abs(cash - base) > CENT}
    table = drawn.tables["decisions"]
    assert set(table["lever"]) == {name for levers in plan.values() for name in levers}
    for row in table.to_dict("records"):
        lever, there = LEVERS[row["lever"]], {cell for cell, levers in plan.items() if row["lever"] in levers}
        turned = {end: there & cells for end, (_, cells) in doubted.alone.items()}
        assert row["ends"] == len(moved)
        assert row["sure"] == pytest.approx(1 - len(set[Cell]().union(*turned.values())) / len(there))
        most = max(len(cells) for cells in turned.values())
        assert row["hangs_on"] in (
            {end[0] for end, cells in turned.items() if len(cells) == most} if most else {"(none)"}
        )
        given = {name for name in OF_EVERY if name not in {end[0] for end in moved}}
        given |= set() if lever.get("margin_at_risk") else {"margin_at_risk"}
        given |= set() if lever.get("investment") else {"investment"}
        given |= {"freight_saving"} & doubted.unmoved if row["lever"] == "weekly" else set()
        assert set(row["as_given"].split(",")) == (given or {"(none)"})
        places = every.place(plan), every.place(without(plan, row["lever"]))
        shares = {"service_level": ("on_time", "promised"), "in_full": ("full", "counted")}
        shares |= {"speed_days": ("days", "lead"), "visibility": ("visible", "lines")}
        for name, (part, whole) in shares.items():
            then, rest = ((every.sum(part) / every.sum(whole))[place] for place in places)
            assert row[name] == pytest.approx(then - rest, abs=1e-9), name
        slack = []
        for place in places:
            used = {name: every.sum(name)[place] for name in drawn.capacity}
            slack.append(min((drawn.capacity[name] - used[name]) / (0.3 * used[name]) for name in used))
        then, rest = np.clip(slack, 0, 1)
        assert row["responsiveness"] == pytest.approx(then - rest, abs=1e-9)
