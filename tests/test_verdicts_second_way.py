"""Whether the proposal is better, a second way: written replications in plain pandas, tests and Holm by hand.

docs/stages/evaluate.md says what is compared, docs/tables.md which columns; whom a lever reaches is read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student
from small_workbook import QUARTER, compute, line, make_workbook, open_run

from cts_lib.params.period import Period
from cts_lib.run.simulated import leave_simulated

CELL = ["segment", "channel"]
PERIOD = Period.parse(QUARTER)
REPLICATIONS = 10
PLANS = ("current", "proposed")
STAGES = ("profile", "segment", "strategy", "evaluate")
LOWER = ("cost_to_serve", "lead_time_days")
"""The indicators of which less is better."""
PRICES = {"entry": 0.5, "drops": 7.0}
MODEL = {
    "resources": {"desk": {}, "trucks": {}},
    "activities": {
        "entry": {"resource": "desk", "per": "order", "driver": "10 + 2*lines + 20*rush"},
        "drops": {"resource": "trucks", "per": "shipment", "driver": "1"},
    },
    "prices": PRICES,
}
LEVERS: dict[str, Any] = {
    "rush": {"settings": {"none": {"drop": True}}, "adoption": 0.6, "margin_at_risk": 0.1},
    "fee": {
        "kind": "terms",
        "settings": {"order": {"fee_per_order": 2}},
        "for": "channel = 'web'",
        "investment": {"once": 90, "per_customer": 24, "per_year": 16},
    },
}
Tables = dict[str, pd.DataFrame]


class Simulated:
    """A unit whose orders are drawn, its tables, and each written replication of both plans by cell."""

    def __init__(self, folder: Path, seed: int) -> None:
        random = np.random.default_rng(seed)
        customers = [{"customer_id": f"c{who}", "channel": ("web", "shop")[who % 2]} for who in range(16)]
        rows = [each for at in range(90) for each in _order(random, at)]
        self.params = make_workbook(
            folder,
            rows,
            MODEL,
            customers=customers,
            segmentation={"value_threshold": [400.0], "cost_threshold": [9.0], "bootstraps": 1, "max_clusters": 2},
            strategy={"levers": LEVERS, "max_service_loss": 1, "sensitivity": {"leave": 0}},
            evaluation={
                "replications": REPLICATIONS,
                "precision": 1,
                "seed": seed,
                "scenarios": {"dear": {"cost": {"trucks": 1.5}}},
            },
        )
        unit_run = open_run(self.params)
        try:
            results = unit_run.compute(PERIOD, STAGES)
            self.tables: Tables = results.all_tables
            self.going = results.stages["strategy"].state["going_along"]
            self.cells = self.tables["segments"][["customer_id", *CELL]]
            figures = []
            for plan in PLANS:
                for replication in range(REPLICATIONS):
                    leave_simulated(unit_run, PERIOD, results, plan, replication, to := folder / f"{plan}{replication}")
                    lines = pd.read_parquet(to / "data" / "order_lines.parquet")
                    figures.append(self.figures(lines, plan).assign(strategy=plan, replication=replication))
        finally:
            unit_run.close()
        self.runs = pd.concat(figures, ignore_index=True)
        of_mean = compute(self.params, QUARTER, STAGES, ["evaluation.horizon=mean"]).all_tables
        self.at_horizon = {"next_period": self.tables, "mean": of_mean}

    def figures(self, lines: pd.DataFrame, plan: str) -> pd.DataFrame:
        """Return the indicators of each cell, and of the unit, of one simulated period."""
        lines = lines.merge(self.cells, on=["customer_id", "channel"], how="left")
        assert lines["segment"].notna().all()
        days = {name: pd.to_datetime(lines[name]) for name in ("order_date", "delivered_date", "promised_date")}
        rush = (lines["priority"] == "rush").groupby([lines["customer_id"], lines["order_id"]]).transform("any")
        first = ~lines.duplicated(["customer_id", "channel", "order_id"])
        drop = ~lines.duplicated(["customer_id", "channel", "shipment_id"])
        known = days["promised_date"].notna() & days["delivered_date"].notna()
        each = lines[CELL].assign(
            net_sales=lines["net_sales"],
            margin=lines["net_sales"] - lines["cogs"],
            cost=PRICES["entry"] * (first * (10 + 20 * rush) + 2) + PRICES["drops"] * drop,
            dearer=0.5 * PRICES["drops"] * drop,
            promised=known,
            on_time=known & (days["delivered_date"] <= days["promised_date"]),
            counted=lines["delivered_quantity"].notna(),
            full=lines["delivered_quantity"] >= lines["quantity"],
            lines=1,
            days=(days["delivered_date"] - days["order_date"]).dt.days,
        )
        sums = with_totals(each).groupby(CELL).sum()
        bears = self.invested() if plan == "proposed" else pd.Series(dtype=float)
        own = bears.reindex(sums.index, fill_value=0.0)
        return pd.DataFrame(
            {
                "net_sales": sums["net_sales"],
                "cost_to_serve": sums["cost"],
                "profit": sums["margin"] - sums["cost"] - own,
                "on_time": sums["on_time"] / sums["promised"],
                "in_full": sums["full"] / sums["counted"],
                "lead_time_days": sums["days"] / sums["lines"],
                "dearer": sums["dearer"],
            }
        ).reset_index()

    def values(self, scenario: str) -> pd.DataFrame:
        """Return the indicators in a scenario: a row a cell and indicator, a column a plan and replication."""
        more = self.runs["dearer"] if scenario == "dear" else 0.0
        runs = self.runs.assign(cost_to_serve=self.runs["cost_to_serve"] + more, profit=self.runs["profit"] - more)
        long = runs.drop(columns="dearer").melt([*CELL, "strategy", "replication"], var_name="kpi")
        return long.pivot(index=[*CELL, "kpi"], columns=["strategy", "replication"], values="value").sort_index()

    def invested(self) -> pd.Series:
        """Return what cells bear of a quarter for those who go along, and the unit for what levers cost besides."""
        chosen = self.tables["strategy"][[*CELL, "chosen_option"]]
        whom = self.going.merge(self.cells, on=["customer_id", "channel"]).merge(chosen, on=CELL)
        at_work = np.array([f"fee: {row.setting}" in row.chosen_option for row in whom.itertuples()], dtype=bool)
        paid = whom[(whom["lever"] == "fee") & at_work][CELL].assign(money=24 / 12)
        money = with_totals(paid).groupby(CELL)["money"].sum()
        if len(paid):
            money["(all)", "(all)"] += 90 / 12 + 16 / 4
        return money


def with_totals(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows again as those of the unit."""
    return pd.concat([rows, rows.assign(segment="(all)", channel="(all)")], ignore_index=True)


def _order(random: np.random.Generator, at: int) -> list[dict[str, Any]]:
    day = pd.Timestamp("2026-01-01") + pd.Timedelta(days=int(random.integers(0, 80)))
    left = day + pd.Timedelta(days=int(random.integers(0, 3)))
    days = {"order_date": day, "shipped_date": left, "promised_date": day + pd.Timedelta(days=3)}
    days["delivered_date"] = left + pd.Timedelta(days=int(random.integers(1, 3)))
    dates = {name: str(each.date()) for name, each in days.items()}
    who, rush = int(random.integers(16)), str(random.choice(["rush", "standard", "standard"]))
    more = {"priority": rush, "channel": ("web", "shop")[who % 2], "quantity": 5}
    return [
        line(f"o{at}", str(number), f"c{who}", **dates, **more)
        | {"net_sales": int(random.integers(40, 160)), "cogs": 30, "delivered_quantity": int(random.choice([5, 5, 4]))}
        for number in range(int(random.integers(1, 3)))
    ]


def chances(differences: pd.DataFrame) -> pd.Series:
    """Return of a two-sided t test how often chance alone brings a mean so far from 0."""
    count = differences.notna().sum(axis=1)
    error = differences.std(axis=1, ddof=1) / np.sqrt(count)
    chance = 2 * student.sf((differences.mean(axis=1) / error.where(error > 1e-9)).abs(), count - 1)
    never = differences.mean(axis=1).abs() > 1e-9  # without scatter any difference is none of chance
    return pd.Series(chance, differences.index).where(error > 1e-9, 1.0 - never)


def stands(chance: pd.Series, doubt: float = 0.05) -> pd.Series:
    """Return what stands by Holm's method: the rarest first, each held to what is left, until one fails."""
    rarest = chance.sort_values(kind="stable")
    kept = rarest * np.arange(len(rarest), 0, -1) <= doubt
    return kept.cummin().reindex(chance.index)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    return Simulated(tmp_path_factory.mktemp("simulated"), seed=1)


@pytest.mark.parametrize("horizon", ["next_period", "mean"])
def test_the_proposal_is_better_where_written_replications_say_so_beyond_chance(
    simulated: Simulated, horizon: str
) -> None:
    table = simulated.at_horizon[horizon]["comparison"]
    assert set(table["scenario"]) == {"base", "dear"}
    for scenario, rows in table.groupby("scenario"):
        found, values = rows.set_index([*CELL, "kpi"]).sort_index(), simulated.values(str(scenario))
        assert found.index.equals(values.index)
        apart = values["proposed"] - values["current"]
        mean, half = apart.mean(axis=1), student.ppf(0.95, REPLICATIONS - 1) * apart.sem(axis=1)
        ends = (mean - half, mean + half) if horizon == "mean" else (apart.quantile(at, axis=1) for at in (0.05, 0.95))
        low, high = ends
        better = apart * np.where(apart.index.get_level_values("kpi").isin(LOWER), -1, 1)[:, None] > 1e-9
        expected = {"current": values["current"].mean(axis=1), "proposed": values["proposed"].mean(axis=1)}
        expected |= {"difference": mean, "low": low, "high": high, "likely": better.mean(axis=1)}
        for name, column in expected.items():
            assert found[name].to_numpy() == pytest.approx(column.to_numpy(), abs=0.006), name
        chance = chances(apart)
        held = stands(chance)
        assert ((chance <= 0.05) & ~held).any()  # Holm's method takes something away
        told = np.where((mean > 0) == ~mean.index.get_level_values("kpi").isin(LOWER), "better", "worse")
        assert found["verdict"].tolist() == np.where(held, told, "no difference").tolist()


@pytest.mark.parametrize("horizon", ["next_period", "mean"])
def test_indicators_of_each_strategy_are_those_of_its_written_replications(simulated: Simulated, horizon: str) -> None:
    table = simulated.at_horizon[horizon]["evaluation"]
    for (strategy, scenario), rows in table[table["strategy"].isin(PLANS)].groupby(["strategy", "scenario"]):
        found = rows.set_index([*CELL, "kpi"]).sort_index()
        values = simulated.values(str(scenario))[strategy]
        mean, half = values.mean(axis=1), student.ppf(0.95, REPLICATIONS - 1) * values.sem(axis=1)
        ends = (mean - half, mean + half) if horizon == "mean" else (values.quantile(at, axis=1) for at in (0.05, 0.95))
        for name, column in zip(("mean", "low", "high"), (mean, *ends), strict=True):
            assert found[name].to_numpy() == pytest.approx(column.to_numpy(), abs=0.006), (strategy, scenario, name)
        assert (found["replications"] == values.notna().sum(axis=1)).all()
