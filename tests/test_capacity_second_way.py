"""What capacity, steps and warehouses allow a plan, a second way: every plan and every step of drawn workbooks.

Options are taken from the table as they are told; which of them go together, with which steps, what that brings and
what an hour more is worth is found by trying all of them, by docs/stages/strategy.md alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from small_workbook import QUARTER, UNIT, booked, compute, line, make_workbook

CELL = ["segment", "channel"]
Cell, Row = tuple[str, str], dict[str, Any]
LEVERS: dict[str, Any] = {
    "portal": {"kind": "order_method", "settings": {"all": {"to": "portal"}}, "investment": {"once": 48}},
    "node": {"settings": {"near": {"to": "near"}}, "investment": {"per_year": 12}},
}
FIXED = {"portal": 48 / 3 / 4, "node": 12 / 4}


class Drawn:
    """A workbook whose capacities, steps and limits of warehouses are drawn, and its tables."""

    def __init__(self, folder: Path, seed: int, loads: tuple[float, float]) -> None:
        random = np.random.default_rng(seed)
        self.days = [f"2026-02-{day:02d}" for day in random.choice(np.arange(2, 27), 12, replace=False)]
        lines = []
        for who in range(8):
            for order in range(int(random.integers(2, 6))):
                day = str(random.choice(self.days))
                more = {"warehouse": "far", "ship_mode": "van", "freight_cost": int(random.integers(5, 30))}
                method, sales = str(random.choice(["phone", "phone", "portal"])), int(random.integers(60, 400))
                dates = dict.fromkeys(("order_date", "shipped_date", "delivered_date", "promised_date"), day)
                for at in range(int(random.integers(1, 3))):
                    name = f"{who}-{order}"
                    lines.append(
                        line(
                            name, str(at), f"c{who}", net_sales=sales, weight_kg=1, order_method=method, **dates, **more
                        )
                    )
        self.lines = pd.DataFrame(lines)
        orders = self.lines.drop_duplicates("order_id")
        work = {"desk": 30 * (orders["order_method"] == "phone").sum() + 10 * len(orders), "dock": 12 * len(lines)}
        self.capacity = {name: round(float(work[name]) / load, 1) for name, load in zip(work, loads, strict=True)}
        self.overtime = {"desk": float(random.integers(1, 12)) / 10}
        self.steps = {
            name: {
                "minutes": float(random.integers(20, 90)),
                "saves": float(random.integers(5, 60)),
                "costs": float(random.integers(5, 90)),
                "least": -int(random.integers(0, 4)),
                "most": int(random.integers(0, 3)),
                "reserve": float(random.choice([0.0, 0.0, 0.1])),
            }
            for name in self.capacity
        }
        limits = {"near": round(len(lines) * float(random.uniform(0.2, 0.8)) / 12, 2), "far": 3.0}
        worked = len(set(orders["order_date"]))
        self.lines_a_day = {name: limit * worked for name, limit in limits.items()}
        lane = {"business_unit": UNIT, "ship_mode": "van", "destination": "ES", "days": 0}
        model = {
            "resources": {
                "desk": {"capacity_minutes": self.capacity["desk"], "overload_cost": self.overtime["desk"]},
                "dock": {"capacity_minutes": self.capacity["dock"]},
                "freight": {},
            },
            "activities": {
                "entry": {
                    "resource": "desk",
                    "per": "order",
                    "minutes": "10 + CASE WHEN order_method = 'portal' THEN 0 ELSE 30 END",
                },
                "packing": {
                    "resource": "dock",
                    "per": "line",
                    "minutes": "CASE WHEN warehouse = 'near' THEN 7 ELSE 12 END",
                },
                "bills": {"resource": "freight", "per": "shipment", "direct": "freight_cost"},
            },
        }
        params = make_workbook(
            folder,
            lines,
            model,
            customers=[
                {"customer_id": f"c{who}", "channel": ("web", "shop")[who % 2], "country": "ES"} for who in range(8)
            ],
            ledger=[booked("desk", 900), booked("dock", 700), booked("freight", 400)],
            lanes=[lane | {"warehouse": "near", "rate_per_shipment": int(random.integers(2, 20))}],
            nodes=[
                {"business_unit": UNIT, "warehouse": name, "capacity_lines_per_day": limit}
                for name, limit in limits.items()
            ],
            segmentation={"value_threshold": [300.0], "cost_threshold": [0.25], "bootstraps": 1, "max_clusters": 2},
            strategy={"levers": LEVERS, "capacity_steps": self.steps, "max_service_loss": 1},
        )
        self.tables = compute(params, QUARTER, ("profile", "segment", "strategy")).all_tables

    def step_money(self, name: str, used: float, now: float, capacity: float) -> dict[int, float]:
        """Return what each number of steps that is enough for the work brings, overtime saved with it."""
        step, found = self.steps[name], dict[int, float]()
        for count in range(step["least"], step["most"] + 1):
            then = capacity + count * step["minutes"]
            able = then * (1 - step["reserve"]) if count < 0 else then + max(now - capacity, 0.0)
            if used > able + 1e-6:
                continue
            paid = -count * (step["saves"] if count < 0 else step["costs"])
            rate = self.overtime.get(name, 0.0)
            found[count] = paid + rate * (max(now - self.capacity[name], 0.0) - max(used - then, 0.0))
        return found

    def most_money(self, name: str, used: float, now: float) -> float:
        """Return what the best steps and overtime bring; with all that can be added where none are enough."""
        enough = self.step_money(name, used, now, self.capacity[name])
        if enough:
            return max(enough.values())
        most, step = self.steps[name]["most"], self.steps[name]
        then, rate = self.capacity[name] + most * step["minutes"], self.overtime.get(name, 0.0)
        return float(rate * (max(now - self.capacity[name], 0.0) - max(used - then, 0.0)) - most * step["costs"])

    def shared(self, plan: list[Row], lesser: list[list[Row]]) -> np.ndarray:
        """Return what each decision adds to the money of steps and overtime, in the mean of every order of taking them.

        ``lesser`` are the plans without each of them.
        """
        brought, today = np.zeros(len(lesser)), self.tables["strategy_options"].query("option == 'current'")
        for name in self.capacity:
            used, now = sum(row[f"uses_{name}"] for row in plan), today[f"uses_{name}"].sum()
            spared = [sum(row[f"uses_{name}"] for row in less) - used for less in lesser]
            orders = list(itertools.permutations(range(len(lesser))))
            for order in orders:
                work = used + sum(spared)
                for decision in order:
                    before = self.most_money(name, work, now)
                    work -= spared[decision]
                    brought[decision] += (self.most_money(name, work, now) - before) / len(orders)
        return brought

    def cash(self, plan: Iterable[Row], capacity: dict[str, float]) -> float:
        """Return the cash of a plan with the steps that are best for it; -inf where it may not be."""
        rows, options = list(plan), self.tables["strategy_options"]
        today = options[options["option"] == "current"]
        for name, limit in self.lines_a_day.items():
            if sum(row[f"ships_{name}"] for row in rows) > max(limit, today[f"ships_{name}"].sum()) + 1e-6:
                return -np.inf
        cash = sum(row["cash"] for row in rows)
        cash -= sum(FIXED[name] for name in FIXED if any(row[name] != "as today" for row in rows))
        for name, minutes in capacity.items():
            used, now = sum(row[f"uses_{name}"] for row in rows), today[f"uses_{name}"].sum()
            cash += max(self.step_money(name, used, now, minutes).values(), default=-np.inf)
        return float(cash)

    @cached_property
    def options(self) -> dict[Cell, dict[str, Row]]:
        """The options of each cell, by name."""
        found = dict[Cell, dict[str, Row]]()
        for row in self.tables["strategy_options"].to_dict("records"):
            found.setdefault((row["segment"], row["channel"]), {})[row["option"]] = row
        return found

    def best(self, capacity: dict[str, float]) -> float:
        """Return the cash of the best plan and steps of all that there are."""
        every = itertools.product(*(rows.values() for rows in self.options.values()))
        return max(self.cash(plan, capacity) for plan in every)


def check_alternatives(drawn: Drawn, best: float) -> None:
    """Hold what comes second in a cell, and what costs least to serve, to plans that differ in it alone."""
    strategy = drawn.tables["strategy"].set_index(CELL)
    plan = {cell: drawn.options[cell][name] for cell, name in strategy["chosen_option"].items()}
    for cell, row in strategy.iterrows():
        behind = {
            name: best - drawn.cash((plan | {cell: option}).values(), drawn.capacity)
            for name, option in drawn.options[cell].items()
        }
        least = min(lost for name, lost in behind.items() if name != row["chosen_option"])
        if np.isfinite(least):
            assert row["second_behind"] == pytest.approx(least, abs=0.01)
            assert behind[row["second_option"]] == pytest.approx(least, abs=0.01)
        else:  # no other may be
            assert row[["second_option", "second_behind"]].isna().all()
        costs = {name: option["cost_to_serve"] for name, option in drawn.options[cell].items()}
        assert costs[row["cheapest_option"]] == pytest.approx(min(costs.values()))
        lost = behind[row["cheapest_option"]]
        assert row["cheapest_behind"] == pytest.approx(lost if np.isfinite(lost) else np.nan, abs=0.01, nan_ok=True)
        for figure in ("cost_to_serve", "profit", "cash", "investment", "service_level", "in_full", "speed_days"):
            for side, name in (("current", "current"), ("chosen", row["chosen_option"])):
                told = drawn.options[cell][name][figure]
                assert row[f"{side}_{figure}"] == pytest.approx(told, nan_ok=True), (cell, side, figure)


def check_decisions(drawn: Drawn) -> None:
    """Hold what a decision brings to the plan without it, a year of that, and when it is paid back."""
    tables = drawn.tables
    chosen = tables["strategy"].set_index(CELL)["chosen_option"].to_dict()
    orders = drawn.lines.drop_duplicates("order_id")
    decided = tables["decisions"].to_dict("records")
    rests = [
        {
            cell: " + ".join(part for part in name.split(" + ") if not part.startswith(f"{row['lever']}:")) or "current"
            for cell, name in chosen.items()
        }
        for row in decided
    ]
    plan = [drawn.options[cell][name] for cell, name in chosen.items()]
    lesser = [[drawn.options[cell][name] for cell, name in rest.items()] for rest in rests]
    of_steps = drawn.shared(plan, lesser)
    for row, without, less, shared in zip(decided, rests, lesser, of_steps, strict=True):
        cells = sum(each["cash"] for each in plan) - sum(each["cash"] for each in less)
        assert row["cash_gain"] == pytest.approx(cells - FIXED[row["lever"]] + shared, abs=0.01)
        assert row["cells"] == sum(without[cell] != name for cell, name in chosen.items())
        assert (row["gain_a_year"], row["cash_a_year"]) == pytest.approx((4 * row["gain"], 4 * row["cash_gain"]))
        investment = LEVERS[row["lever"]]["investment"]
        once = float(investment.get("once", 0))
        assert (row["investment"], row["upkeep"]) == pytest.approx((once, FIXED[row["lever"]]))
        brings = row["cash_a_year"] + once / 3  # before its share of what it takes
        years = once / brings if brings > 0 else np.nan if once else 0.0
        assert row["payback_years"] == pytest.approx(years, nan_ok=True)
        whom = tables["segments"].set_index(CELL).loc[[cell for cell in chosen if without[cell] != chosen[cell]]]
        goes = orders.merge(whom.reset_index()[["customer_id", "channel"]], on="customer_id")
        if row["lever"] == "portal":  # it reaches who still orders otherwise
            goes = goes[goes["customer_id"].isin(goes.loc[goes["order_method"] == "phone", "customer_id"])]
        assert row["customers_reached"] == goes["customer_id"].nunique()
        assert row["orders_reached"] == len(goes)


@pytest.mark.parametrize(
    ("seed", "loads"), [(1, (0.7, 0.8)), (3, (1.2, 0.9)), (4, (1.05, 0.99)), (5, (0.9, 1.1)), (6, (1.3, 1.2))]
)
def test_no_plan_with_its_steps_brings_more_and_an_hour_is_worth_what_one_percent_more_brings(
    seed: int, loads: tuple[float, float], tmp_path: Path
) -> None:
    drawn = Drawn(tmp_path, seed, loads)
    options, tables = drawn.tables["strategy_options"], drawn.tables
    chosen = tables["strategy"].merge(options, left_on=[*CELL, "chosen_option"], right_on=[*CELL, "option"])
    today = options[options["option"] == "current"]
    plan = tables["capacity_plan"].set_index("resource")
    assert set(plan.index) == {"desk", "dock"}
    brought = chosen["cash"].sum() + plan["cash"].sum()
    brought -= sum(FIXED[name] for name in FIXED if (chosen[name] != "as today").any())
    best = drawn.best(drawn.capacity)
    assert brought == pytest.approx(best, abs=0.01)
    check_alternatives(drawn, best)
    check_decisions(drawn)
    for name, row in plan.iterrows():
        now, used = today[f"uses_{name}"].sum(), chosen[f"uses_{name}"].sum()
        assert row["capacity_now"] == drawn.capacity[str(name)]
        assert (row["used_now"], row["used_then"]) == pytest.approx((now, used))
        assert row["capacity_then"] == pytest.approx(
            row["capacity_now"] + row["steps"] * drawn.steps[str(name)]["minutes"]
        )
        assert row["cash"] == pytest.approx(drawn.step_money(str(name), used, now, row["capacity_now"])[row["steps"]])
        more = drawn.best(drawn.capacity | {str(name): 1.01 * row["capacity_now"]})
        assert row["hour_worth"] == pytest.approx((more - best) / (0.01 * row["capacity_now"] / 60), abs=0.05)
    slack = (plan["capacity_then"] - plan["used_then"]) / ((1.3 - 1) * plan["used_then"])
    for row in chosen.to_dict("records"):  # both resources work for every cell
        served = tables["strategy"].set_index(CELL).loc[(row["segment"], row["channel"]), "chosen_responsiveness"]
        assert served == pytest.approx(np.clip(slack.min(), 0, 1), abs=1e-6)
    nodes = tables["node_plan"].set_index("warehouse")
    for name, limit in drawn.lines_a_day.items():
        now, then = today[f"ships_{name}"].sum(), chosen[f"ships_{name}"].sum()
        assert nodes.loc[name, ["capacity", "ships_now", "ships_then"]].tolist() == pytest.approx([limit, now, then])
