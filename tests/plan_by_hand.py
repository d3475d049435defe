"""Plans of a drawn workbook in plain Python: what every choice brings and serves, also where an assumption is moved.

It reads no code of the workbook: lines are rewritten by `levers_by_hand`, costed and chosen here by
docs/stages/strategy.md and docs/decisions/0036 and 0041 alone. Segments are read.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from levers_by_hand import rewritten
from small_workbook import QUARTER, UNIT, booked, compute, line, make_workbook

Cell, Row, Plan = tuple[str, str], dict[str, Any], Mapping[tuple[str, str], tuple[str, ...]]
CELL = ["segment", "channel"]
LEVERS: dict[str, Any] = {
    "rush": {"settings": {"none": {"drop": True}}, "margin_at_risk": 0.02, "adoption": 0.8},
    "air": {"kind": "mode", "settings": {"fast": {"to": "air"}}, "adoption": 0.5, "investment": {"once": 24}},
    "weekly": {"kind": "rhythm", "settings": {"week": {"days": 7}}, "margin_at_risk": 0.03},
    "fee": {
        "kind": "terms",
        "settings": {"order": {"fee_per_order": 3}},
        "for": "channel = 'web'",
        "adoption": 0.7,
        "margin_at_risk": 0.04,
        "investment": {"per_customer": 30, "per_year": 8},
    },
}
SETTING = {name: next(iter(lever["settings"])) for name, lever in LEVERS.items()}
OVERTIME = 0.3
VARIABLE = {"desk": 0.5, "dock": 0.9, "freight": 1.0}
MODEL = {
    "desk": {"resource": "desk", "per": "order", "minutes": "10 + 20*rush"},
    "dock": {"resource": "dock", "per": "shipment", "minutes": "6 + 2*lines"},
    "freight": {"resource": "freight", "per": "shipment", "direct": "freight_cost"},
    "care": {"per": "order", "driver": "1", "rate": 1.5},
}
DATES = ["order_date", "posting_date", "shipped_date", "delivered_date", "promised_date"]


@dataclass(frozen=True)
class Assumed:
    """What is assumed, each as a multiple of what params say; the prices of a resource, and the share that leaves."""

    adoption: float = 1
    margin_at_risk: float = 1
    freight_saving: float = 1
    rush_delay_days: float = 1
    investment: float = 1
    demand: float = 1
    variable_share: float = 1
    leave: float = 0
    prices: tuple[tuple[str, float], ...] = ()


@dataclass
class Options:
    """The figures of every option of a cell, a row each, today's first."""

    levers: list[tuple[str, ...]]
    figures: pd.DataFrame = field(repr=False)


class Drawn:
    """A workbook whose orders, capacity and lanes are drawn, its tables, and its plans by hand."""

    def __init__(self, folder: Path, seed: int, load: float = 0.8, **strategy: Any) -> None:
        random = np.random.default_rng(seed)
        self.customers = [
            {"customer_id": f"c{who}", "channel": ("web", "shop")[who % 2], "country": "ES"} for who in range(14)
        ]
        rows = [each for who in range(14) for order in range(4) for each in _order(random, f"c{who}", f"{who}-{order}")]
        for each in rows:
            each["channel"] = ("web", "shop")[int(each["customer_id"][1:]) % 2]
        self.lines = pd.DataFrame(rows)
        self.lines[DATES] = self.lines[DATES].apply(pd.to_datetime)
        lane = {"business_unit": UNIT, "warehouse": "A", "destination": "ES", "ship_mode": "air", "days": 1}
        self.lanes = [lane | {"rate_per_shipment": int(random.integers(4, 12)), "rate_per_kg": 0.3}]
        self.strategy = {
            "levers": LEVERS,
            "freight_saving": 0.4,
            "rush_delay_days": 2,
            "electronic_methods": ["edi"],
            "tracked_modes": ["air"],
            "max_service_loss": 1,
        } | strategy
        orders = self.lines.groupby("order_id")["priority"].agg(lambda each: (each == "rush").any())
        self.capacity = {"desk": round(float((10 + 20 * orders).sum()) / load, 1), "dock": 9000.0}
        self.booked = {"desk": 600.0, "dock": 3000.0, "freight": round(float(self.lines["freight_cost"].sum()), 2)}
        resources = {name: {"variable_share": share} for name, share in VARIABLE.items()}
        for name, minutes in self.capacity.items():
            resources[name]["capacity_minutes"] = minutes
        resources["desk"]["overload_cost"] = OVERTIME
        params = make_workbook(
            folder,
            rows,
            {"resources": resources, "activities": MODEL},
            customers=self.customers,
            ledger=[booked(name, money) for name, money in self.booked.items()],
            lanes=self.lanes,
            segmentation={"value_threshold": [340.0], "cost_threshold": [9.0], "bootstraps": 1, "max_clusters": 2},
            strategy=self.strategy,
        )
        self.tables = compute(params, QUARTER, ("profile", "segment", "strategy")).all_tables
        self.segments = self.tables["segments"][["customer_id", *CELL]]

    @cached_property
    def options(self) -> dict[Cell, Options]:
        """The options of each cell, as assumed: all combinations of levers that somebody goes along with."""
        every = [some for count in range(len(LEVERS) + 1) for some in itertools.combinations(LEVERS, count)]
        return self._options(Assumed(), dict.fromkeys(self.cells, every), whoever=False)

    def todays_or_the_plans(self, assumed: Assumed) -> Every:
        """Return the plans that have in each cell today's option or the plan's, where an assumption is moved."""
        either = {cell: list(dict.fromkeys([(), levers])) for cell, levers in self.chosen.items()}
        return Every(self._options(assumed, either, whoever=True), assumed, self.capacity["desk"])

    @cached_property
    def every(self) -> Every:
        """All plans, as assumed."""
        return Every(self.options, Assumed(), self.capacity["desk"])

    @property
    def cells(self) -> list[Cell]:
        return sorted(set(self.segments[CELL].itertuples(index=False, name=None)))

    def _options(
        self, assumed: Assumed, tried: dict[Cell, list[tuple[str, ...]]], whoever: bool
    ) -> dict[Cell, Options]:
        strategy, found = self._moved(assumed), dict[Cell, Options]()
        for cell, combinations in tried.items():
            kept, rows = list[tuple[str, ...]](), list[pd.Series]()
            for levers in combinations:
                figures, reached = self.cell_figures(cell, levers, strategy, assumed)
                if whoever or reached == set(levers):
                    kept.append(levers)
                    rows.append(figures)
            found[cell] = Options(kept, pd.DataFrame(rows).reset_index(drop=True))
        today = sum(options.figures.iloc[0] for options in found.values())
        for options in found.values():
            self._price(options.figures, today, assumed)
        return found

    def _moved(self, assumed: Assumed) -> Row:
        """Return the strategy as it would be written by what is assumed."""
        levers = {
            name: lever
            | {
                "adoption": min(lever.get("adoption", 1) * assumed.adoption, 1),
                "margin_at_risk": min(lever.get("margin_at_risk", 0) * assumed.margin_at_risk, 1),
            }
            for name, lever in LEVERS.items()
        }
        more = {
            "freight_saving": min(self.strategy["freight_saving"] * assumed.freight_saving, 1),
            "rush_delay_days": round(self.strategy["rush_delay_days"] * assumed.rush_delay_days),
        }
        return self.strategy | {"levers": levers} | more

    def rewritten(self, plan: Plan, strategy: Row) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the lines as a plan rewrites them, and who goes along."""
        tables = {"customers": pd.DataFrame(self.customers), "order_lines": self.lines, "lanes": self.lanes_frame}
        tables["events"] = pd.DataFrame(columns=["customer_id", "event_date", "event", "quantity", "minutes", "amount"])
        settings = {cell: {name: SETTING[name] for name in levers} for cell, levers in plan.items()}
        lines, _, who = rewritten(tables, self.segments, strategy, settings)
        return lines, who

    @cached_property
    def lanes_frame(self) -> pd.DataFrame:
        names = ["distance_km", "weight_from_kg", "weight_to_kg", "minimum_charge"]
        return pd.DataFrame(self.lanes).assign(**dict.fromkeys(names)).astype(object)

    def cell_figures(
        self, cell: Cell, levers: tuple[str, ...], strategy: Row, assumed: Assumed
    ) -> tuple[Any, set[str]]:
        """Return the sums of a cell's lines under some levers, and which levers somebody goes along with."""
        lines, who = self.rewritten({cell: levers}, strategy)
        here = self.segments[(self.segments[CELL] == pd.Series(cell, CELL)).all(axis=1)]
        lines = lines[lines["customer_id"].isin(here["customer_id"])]
        stays = 1 - assumed.leave * lines["customer_id"].isin(who["customer_id"])
        sums = figures_of(lines, stays) * assumed.demand
        one = sum(LEVERS[name].get("investment", {}).get("per_customer", 0) for name in who["lever"])
        sums["investment"] = one / 3 / 4 * assumed.investment
        return sums, set(who["lever"])

    def _price(self, figures: pd.DataFrame, today: pd.Series, assumed: Assumed) -> None:
        """Add cost to serve, profit and cash, each against the first row."""
        rates = {name: self.booked[name] / minutes for name, minutes in self.capacity.items()} | {"freight": 1.0}
        gone = figures["care"] - figures["care"].iloc[0]
        cost = figures["care"].copy()
        for name, share in VARIABLE.items():
            money = figures[name] * rates[name] * dict(assumed.prices).get(name, 1)
            over = name in self.capacity and today[name] > self.capacity[name]
            cost += money
            gone += (money - money.iloc[0]) * (
                0 if over else min(share * assumed.variable_share, 1) if share < 1 else 1
            )
        figures["cost_to_serve"], figures["profit"] = cost, figures["margin"] - cost
        figures["cash"] = figures["margin"] - figures["margin"].iloc[0] - gone - figures["investment"]

    @property
    def chosen(self) -> dict[Cell, tuple[str, ...]]:
        """The levers of the plan in each cell, as the table has them."""
        rows = self.tables["strategy"].set_index(CELL)["chosen_option"]
        parts = {cell: [part.partition(": ")[0] for part in name.split(" + ")] for cell, name in rows.items()}
        return {cell: tuple(name for name in LEVERS if name in levers) for cell, levers in parts.items()}


class Every:
    """All plans at once: sums over the cells of the figures of one option each."""

    def __init__(self, options: dict[Cell, Options], assumed: Assumed, capacity: float) -> None:
        self.cells, self.options = list(options), options
        shapes = [range(len(each.levers)) for each in options.values()]
        self.grid = grid = np.array(list(itertools.product(*shapes)), dtype=np.int32)
        used = np.zeros((len(grid), len(LEVERS)), dtype=bool)
        for at, each in enumerate(options.values()):
            has = np.array([[name in levers for name in LEVERS] for levers in each.levers])
            used |= has[grid[:, at]]
        fixed = [lever.get("investment", {}) for lever in LEVERS.values()]
        costs = np.array([each.get("once", 0) / 12 + each.get("per_year", 0) / 4 for each in fixed])
        now = sum(each.figures["desk"].iloc[0] for each in options.values())
        spared = max(now - capacity, 0.0) - np.maximum(self.sum("desk") - capacity, 0.0)
        self.cash = self.sum("cash") - used @ (costs * assumed.investment)
        self.cash += OVERTIME * dict(assumed.prices).get("desk", 1) * spared

    def sum(self, name: str, cells: list[Cell] | None = None) -> np.ndarray:
        """Return the sum of a figure over cells, all of them by default."""
        each = [self.options[cell].figures[name].to_numpy()[self.grid[:, at]] for at, cell in enumerate(self.cells)]
        found: np.ndarray = np.sum([each[self.cells.index(cell)] for cell in cells or self.cells], axis=0)
        return found

    def holds(self, at: int) -> dict[Cell, tuple[str, ...]]:
        """Return the plan of a place."""
        return {cell: self.options[cell].levers[row] for cell, row in zip(self.cells, self.grid[at], strict=True)}

    def place(self, plan: Plan) -> int:
        """Return where a plan stands."""
        row = [self.options[cell].levers.index(plan[cell]) for cell in self.cells]
        return int(np.flatnonzero((self.grid == row).all(axis=1))[0])


def figures_of(lines: pd.DataFrame, weight: pd.Series) -> pd.Series:
    """Return the sums of lines by the contract, each counted as often as its weight says."""
    rush = (lines["priority"] == "rush").groupby(lines["order_id"]).transform("any")
    first = ~lines.duplicated("order_id")
    first_of_shipment = ~lines.duplicated(["customer_id", "shipment_id"])
    late = (lines["delivered_date"] - lines["promised_date"]).dt.days
    days = (lines["delivered_date"] - lines["order_date"]).dt.days
    each = {
        "margin": lines["net_sales"] - lines["cogs"],
        "desk": first * (10.0 + 20 * rush),
        "dock": 6.0 * first_of_shipment + 2,
        "freight": lines["freight_cost"],
        "care": first * 1.5,
        "lines": 1.0,
        "promised": late.notna(),
        "on_time": late <= 0,
        "counted": lines["delivered_quantity"].notna(),
        "full": lines["delivered_quantity"] >= lines["quantity"],
        "lead": days.notna(),
        "days": days.fillna(0),
        "visible": lines["ship_mode"] == "air",
    }
    return pd.Series({name: float((values * weight).sum()) for name, values in each.items()})


def _order(random: np.random.Generator, customer: str, name: str) -> list[Row]:
    """Return the lines of an order that comes, leaves and arrives on drawn days, promised or not."""
    ordered = pd.Timestamp("2026-01-05") + pd.Timedelta(days=int(random.integers(0, 60)))
    left = ordered + pd.Timedelta(days=int(random.integers(0, 2)))
    days = {"order_date": ordered, "posting_date": ordered, "shipped_date": left}
    days["delivered_date"] = left + pd.Timedelta(days=int(random.integers(1, 4)))
    days["promised_date"] = ordered + pd.Timedelta(days=int(random.integers(2, 5)))
    dates = {column: str(day.date()) for column, day in days.items()}
    if random.random() < 0.15:
        dates["promised_date"] = ""
    more = {"priority": str(random.choice(["rush", "standard", "standard"])), "order_method": "edi", "warehouse": "A"}
    more |= {"ship_mode": "van", "shipment_id": name, "distance_km": 10.0, "volume_m3": 0.1, "returned_quantity": None}
    rows = []
    for at in range(int(random.integers(1, 3))):
        money = {"net_sales": float(random.integers(25, 120)), "cogs": float(random.integers(5, 25))}
        money |= {"gross_sales": money["net_sales"], "weight_kg": float(random.integers(1, 20))}
        money |= {"quantity": 5.0, "delivered_quantity": float(random.choice([5, 5, 4]))}
        money["freight_cost"] = float(random.integers(6, 14))
        rows.append(line(name, str(at + 1), customer, **dates, **more, **money))
    return rows
