"""What plans and scenarios bring, a second way: from written replications costed like any data, in plain pandas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student
from small_workbook import QUARTER, booked, compute, event, line, make_workbook, open_run

from cts_lib.evaluate.prepare import prepare
from cts_lib.params.period import Period
from cts_lib.run import UnitRun
from cts_lib.run.simulated import leave_simulated

STAGES = ("profile", "segment", "strategy", "evaluate")
REPLICATIONS = 10
MODEL = {
    "resources": {"desk": {"capacity_minutes": 3000}, "trucks": {}},
    "activities": {
        "entry": {"resource": "desk", "per": "order", "minutes": "10 + 2*lines"},
        "calls": {"resource": "desk", "per": "event:call", "minutes": "8*quantity"},
        "drops": {"resource": "trucks", "per": "shipment", "driver": "1"},
    },
}
Money = dict[str, pd.DataFrame]


def drawn(folder: Path, seed: int) -> tuple[UnitRun, dict[str, Any]]:
    """Return a unit whose orders, fees and investments are drawn, and its levers."""
    random = np.random.default_rng(seed)
    customers = [
        {"customer_id": f"c{at}", "name": f"C{at}", "channel": ("direct", "retail")[at % 2]} for at in range(6)
    ]
    lines = [
        line(
            f"o{at}",
            customer_id=f"c{random.integers(6)}",
            order_date=f"2026-0{random.integers(1, 4)}-{random.integers(10, 20)}",
            order_method="phone",
            net_sales=int(random.integers(40, 160)),
            cogs=30,
        )
        for at in range(60)
    ]

    def investment() -> dict[str, float]:
        return {
            "once": float(random.integers(1800, 2600)),
            "per_customer": float(random.integers(1, 9)),
            "per_year": float(random.integers(1, 30)),
        }

    drop, order = (float(random.integers(8, 15)) for _ in range(2))
    levers = {
        "delivery": {"kind": "terms", "settings": {"drop": {"fee_per_drop": drop}}, "adoption": 0.8},
        "handling": {"kind": "terms", "settings": {"order": {"fee_per_order": order}}, "adoption": 0.6},
    }
    levers = {name: lever | {"investment": investment()} for name, lever in levers.items()}
    scenarios = {"dear": {"cost": {"trucks": 1.5}}, "lost": {"customers": ["c2"]}}
    params = make_workbook(
        folder,
        lines,
        MODEL,
        customers=customers,
        events=[event("call", f"c{at}", quantity=2) for at in range(4)],
        ledger=[booked("desk", 900), booked("trucks", 500)],
        strategy={"levers": levers, "max_service_loss": 1, "min_gain": {"money": 0, "share_of_sales": 0}},
        evaluation={"replications": REPLICATIONS, "precision": 1, "scenarios": scenarios, "horizon": "mean"},
    )
    return open_run(params), levers


def invested(tables: Money, going: pd.DataFrame, levers: dict[str, Any], plan: dict[tuple[str, str], str]) -> float:
    """Return what an option for each cell takes of a quarter, spread over three years."""
    options = pd.DataFrame([(*cell, option) for cell, option in plan.items()], columns=["segment", "channel", "option"])
    whom = going.merge(tables["segments"][["customer_id", "channel", "segment"]]).merge(options)
    parts = whom["option"].str.split(" + ", regex=False)
    at_work = [
        f"{lever}: {setting}" in some
        for lever, setting, some in zip(whom["lever"], whom["setting"], parts, strict=True)
    ]
    per_customer = whom[at_work]["lever"].map(
        {name: lever["investment"]["per_customer"] for name, lever in levers.items()}
    )
    bought = {part.partition(": ")[0] for option in options["option"] for part in option.split(" + ")} & set(levers)
    kept = sum(levers[name]["investment"]["once"] / 12 + levers[name]["investment"]["per_year"] / 4 for name in bought)
    return float(per_customer.sum()) / 12 + kept


def test_plans_and_scenarios_bring_what_their_written_replications_cost(tmp_path: Path) -> None:
    unit_run, levers = drawn(tmp_path / "unit", seed=1)
    period = Period.parse(QUARTER)
    results = unit_run.compute(period, STAGES)
    tables, going = results.all_tables, results.stages["strategy"].state["going_along"]
    plans = prepare(unit_run.inputs(period, results.stages), unit_run.unit).plans
    profits, each = dict[str, float](), dict[str, np.ndarray]()
    for name, cells in sorted(plans.items(), key=lambda plan: plan[0] == "one_option"):
        if name == "one_option" and cells == plans["proposed"]:
            profits[name] = profits["proposed"]
            continue
        written = dict[int, Money]()
        for replication in range(REPLICATIONS):
            to = tmp_path / f"{len(each)}-{replication}"
            leave_simulated(unit_run, period, results, name, replication, to)
            written[replication] = compute(to / "params").all_tables
        each[name] = np.array([tables["customer_channel_profit"]["profit"].sum() for tables in written.values()])
        if name == "current":
            continue
        bears = invested(tables, going, levers, {cell: option.name for cell, option in cells.items()})
        profits[name] = mean_profit(written) - bears
        if name == "proposed":
            trucks = [each["customer_costs"].query("resource == 'trucks'")["cost"].sum() for each in written.values()]
            dear, lost = profits[name] - 0.5 * float(np.mean(trucks)), mean_profit(written, without="c2") - bears
    unit_run.close()
    whole = tables["evaluation"].query("segment == '(all)' and kpi == 'profit' and strategy == 'proposed'")
    found = whole.set_index("scenario")["mean"]
    assert found.to_dict() == pytest.approx({"base": profits["proposed"], "dear": dear, "lost": lost}, abs=0.02)
    contributions = tables["contributions"]
    assert len(contributions) == 2
    for row in contributions.itertuples():
        without = profits["proposed"] - profits[f"without {row.lever}: {row.setting}"]
        assert row.difference == pytest.approx(without, abs=0.02)
    one = tables["evaluation"].query("segment == '(all)' and kpi == 'profit' and strategy == 'one_option'")
    assert one["mean"].tolist() == pytest.approx([profits["one_option"]], abs=0.02)
    check_intervals(tables, each, profits, levers, going, mean=True)
    ahead = open_run(tmp_path / "unit" / "params", ["evaluation.horizon=next_period"])
    check_intervals(ahead.compute(period, STAGES).all_tables, each, profits, levers, going, mean=False)
    ahead.close()


def ends(values: np.ndarray, mean: bool) -> list[float]:
    """Return the central 90 % of the mean of many periods, or of a next one."""
    half = student.ppf(0.95, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return [values.mean() - half, values.mean() + half] if mean else list(np.quantile(values, [0.05, 0.95]))


def check_intervals(
    tables: Money,
    each: dict[str, np.ndarray],
    profits: dict[str, float],
    levers: dict[str, Any],
    going: pd.DataFrame,
    mean: bool,
) -> None:
    """Hold what decisions add, and whether the proposal pays, to the profits of each written replication."""
    for row in tables["contributions"].itertuples():
        name = f"without {row.lever}: {row.setting}"
        apart = each["proposed"] - each[name]
        bears = apart.mean() - (profits["proposed"] - profits[name])
        assert [row.low, row.high] == pytest.approx(ends(apart - bears, mean), abs=0.05)
        assert row.replications == REPLICATIONS
    pays = tables["payback"].iloc[0]
    chosen = {part.partition(": ")[0] for name in tables["strategy"]["chosen_option"] for part in name.split(" + ")}
    assert chosen == set(levers)  # so all that would go along do
    a_year = 4 * (each["proposed"] - each["current"]) - sum(
        lever["investment"]["per_year"] for lever in levers.values()
    )
    outlay = sum(lever["investment"]["once"] for lever in levers.values())
    outlay += going["lever"].map({name: lever["investment"]["per_customer"] for name, lever in levers.items()}).sum()
    assert pays["outlay"] == pytest.approx(outlay)
    assert pays["cash_a_year"] == pytest.approx(a_year.mean(), abs=0.2)
    assert [pays["low"], pays["high"]] == pytest.approx(ends(a_year, mean), abs=0.5)
    assert 0 < pays["likely"] == (a_year >= outlay).mean() < 1


def mean_profit(written: dict[int, Money], without: str = "") -> float:
    """Return the mean of what customers bring, but for one."""
    tables = [each["customer_channel_profit"] for each in written.values()]
    return float(np.mean([table[table["customer_id"] != without]["profit"].sum() for table in tables]))
