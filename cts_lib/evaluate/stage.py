"""Evaluate: today's strategy and the proposed one over simulated periods, with honest uncertainty.

Reads the period's transactions, those before it, the rates and the plan; writes ``evaluation``, ``comparison``,
``payback``, ``contributions``, ``conditions``, ``calibration``, ``backtest``, and of the chain with days
``chain_days``, ``chain_stocks``, ``tuned_stock``, ``worst_weeks`` and ``kept_capacity``. All strategies see the same
simulated demand (common random numbers). First the simulation has to repeat the period and to foretell the past; what
it fails at is not to be relied on.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from cts_lib.evaluate.backtest import NOTHING, Foretold, coverage, shifted
from cts_lib.evaluate.calibration import calibrate, relied_on
from cts_lib.evaluate.calls import notes_of_calls
from cts_lib.evaluate.chain_record import ChainRecord, days_of, stocks_of
from cts_lib.evaluate.compare import Horizon, compare, half_width, interval, summary
from cts_lib.evaluate.conditions import conditions
from cts_lib.evaluate.indicators import kpis_of, within
from cts_lib.evaluate.kept import asked_for, kept_capacity
from cts_lib.evaluate.plans import Paid, borne_by, decision_of, payback
from cts_lib.evaluate.plays import Plays
from cts_lib.evaluate.prepare import prepare
from cts_lib.evaluate.remarks import notes_of, notes_of_chain, notes_of_sales
from cts_lib.evaluate.runs import Simulator
from cts_lib.evaluate.scenarios import check_scenarios, fitting, going_under, notes_of_scenarios, under
from cts_lib.evaluate.shared import as_of_all, compared_by_all, left_alone, told_by_all
from cts_lib.evaluate.tuned import Tuning, notes_of_tuned, tuned_stock
from cts_lib.evaluate.weeks import last_days, worst_weeks
from cts_lib.names import ALL, BASE, CELL
from cts_lib.params import UnitParams
from cts_lib.replay.options import CURRENT, PROPOSED
from cts_lib.replay.outcome import at_once
from cts_lib.replay.policy import Cells
from cts_lib.replay.whom import GoingAlong
from cts_lib.stage import Inputs, StageResult

MOST = 1_000
"""Replications at most."""
BESIDE = 20
"""Replications of what stands beside today and the proposal: scenarios, other plans, and the period repeated."""
LINES_BESIDE = 2_000_000
"""So many lines of one plan are simulated there, but no fewer than `FEWEST` replications."""
FEWEST = 5


def run(inputs: Inputs, unit: UnitParams) -> StageResult:
    """Simulate the strategies and compare them."""
    made = prepare(inputs, unit)
    simulator, plans, going, chain = made.simulator, made.plans, made.going, made.simulator.chain
    costed, segments, past = simulator.costed, simulator.segments, made.past
    params, tables = unit.params.evaluation, inputs.results["strategy"].tables
    check_scenarios(unit, segments, inputs.period.days, list(plans), chain.nodes.names if chain else ())
    known = past if isinstance(past, Foretold) else None
    paid = Paid.of(unit, tables, inputs.period, plans, going)
    records = [chain.record(BASE) if chain else ChainRecord(BASE)]
    if chain:
        winner = PROPOSED if any(option.settings for option in plans[PROPOSED].values()) else CURRENT
        records[0].tuning = Tuning.of(winner, chain.stocks, unit.params.strategy.values)
    both = simulator.plays({name: plans[name] for name in (CURRENT, PROPOSED)}, going)
    main = _enough(simulator, both, unit, paid, records[0])
    lines = max(1.0, float(costed.customer_sums["lines"].sum()))
    some = range(min(int(main["replication"].max()) + 1, max(FEWEST, min(BESIDE, int(LINES_BESIDE // lines)))))
    others = {name: plan for name, plan in plans.items() if name not in (CURRENT, PROPOSED)}
    beside = _some_after_others(simulator, others, going, some) if others else main.iloc[:0]
    repeated = kpis_of(_alone(simulator, {CURRENT: {}}, going, some, known=True), {})
    calibration = calibrate(costed, segments, repeated, params.calibration_tolerance)
    tested = known.tested if known else NOTHING
    relied = relied_on(calibration, coverage(tested))
    base = kpis_of(pd.concat([main, beside], ignore_index=True), paid.borne)
    drawn = [base.assign(scenario=BASE)]
    scenarios = fitting(params.scenarios, inputs.period.days)
    for name, scenario in scenarios.items():
        records.append(chain.record(name) if chain else ChainRecord(name))
        then = going_under(scenario, going, simulator.strategy)
        few = main[main["replication"].isin(some)]
        happened = under(scenario, simulator, both, plans[PROPOSED], then, some, few, records[-1])
        borne = borne_by(plans, then, simulator.strategy, paid.years)
        drawn.append(kpis_of(happened, borne).assign(scenario=name))
    both.forget()
    values = simulated = pd.concat(drawn, ignore_index=True)
    if known and params.horizon == "next_period":
        values = shifted(values, known.shifts(int(main["replication"].max()) + 1))
    contributions = _contributions(base, others, params.horizon)
    best = list(contributions.sort_values("difference", kind="stable")["strategy"].head(2))
    kept = [name for name in plans if decision_of(name) is None or name in best]
    evaluation, comparison = (
        table.assign(reliable=table["kpi"].map(relied).astype("bool"))
        for table in _held_against_each_other(values, some, kept, params.horizon)
    )
    shown = int(main["replication"].max()) + 1, len(some)
    notes = notes_of(unit, simulator.demand, past, calibration, coverage(tested), shown, relied)
    same, stocks = days_of(records, len(some)), stocks_of(records, len(some))
    notes += notes_of_sales(float(costed.customer_sums["net_sales"].sum()), values)
    notes += notes_of_scenarios(params.scenarios, scenarios, simulator.demand)
    notes += notes_of_calls(simulator.calls) if chain else []
    weeks = worst_weeks(same, stocks, last := last_days(scenarios, inputs.period.days))
    held = conditions(comparison, weeks, last, scenarios, tables, unit.params.strategy.max_service_loss)
    kept_then = kept_capacity(
        simulator,
        plans[PROPOSED],
        going,
        asked_for(same, steps := simulator.steps.get(PROPOSED, {}), held),
        scenarios,
        tables["capacity_plan"],
        simulated,
        comparison,
        some,
        params.horizon,
    )
    notes += notes_of_chain(chain, same, steps, kept_then)
    result = {
        "evaluation": within(evaluation, ["mean", "low", "high"]),
        "comparison": comparison,
        "payback": payback(main, paid, params.horizon),
        "contributions": contributions.drop(columns="strategy"),
        "calibration": calibration,
        "backtest": tested,
        "chain_days": days_of(records),
        "chain_stocks": stocks_of(records),
        "tuned_stock": (tuned := tuned_stock(records[0].tuning, params.horizon)),
        "worst_weeks": weeks,
        "conditions": held,
        "kept_capacity": kept_then,
    }
    return StageResult(result, [*notes, *notes_of_tuned(records[0].tuning, tuned)])


def _held_against_each_other(
    values: pd.DataFrame, some: range, kept: list[str], horizon: Horizon
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return ``evaluation`` of the plans that are kept, and ``comparison``; scenarios and other plans have ``some``."""
    alone, values = left_alone(values), as_of_all(values, some)
    evaluation = summary(values[values["strategy"].isin(kept)], [*CELL, "strategy", "scenario", "kpi"], horizon)
    names = list(dict.fromkeys(values["scenario"]))
    compared = [compare(values[values["scenario"] == name], horizon).assign(scenario=name) for name in names]
    comparison = compared_by_all(pd.concat(compared, ignore_index=True), alone)
    return told_by_all(evaluation, alone), within(comparison, [CURRENT, PROPOSED])


def _alone(
    simulator: Simulator, plans: dict[str, Cells], going: GoingAlong, some: range, known: bool = False
) -> pd.DataFrame:
    """Return the runs of plans that are simulated once."""
    plays = simulator.plays(plans, going)
    runs = simulator.runs(plays, some, known=known)
    plays.forget()
    return runs


def _some_after_others(
    simulator: Simulator, plans: Mapping[str, Cells], going: GoingAlong, some: range
) -> pd.DataFrame:
    """Return the runs of plans, of which no more are kept together than are rewritten together."""
    names, size = list(plans), at_once(simulator.engine)
    parts = [names[first : first + size] for first in range(0, len(names), size)]
    runs = [_alone(simulator, {name: plans[name] for name in part}, going, some) for part in parts]
    return pd.concat(runs, ignore_index=True)


def _enough(simulator: Simulator, both: Plays, unit: UnitParams, paid: Paid, record: ChainRecord) -> pd.DataFrame:
    """Return the runs of today's strategy and the proposed one, as many as the precision asks for."""
    params = unit.params.evaluation
    runs = simulator.runs(both, range(params.replications), record=record)
    while (done := int(runs["replication"].max()) + 1) < MOST and len(set(both.like.values())) > 1:
        gain = _gain(runs, paid)
        half = float(half_width(pd.Series([gain.std()]), pd.Series([len(gain)])).iloc[0])
        wanted = params.precision * abs(float(gain.mean()))
        if half <= wanted or not gain.abs().max() > 0:
            break
        needed = int(np.ceil(done * (half / wanted) ** 2)) if wanted > 0 else MOST
        more = range(done, min(MOST, max(done + 1, min(needed, 2 * done))))
        runs = pd.concat([runs, simulator.runs(both, more, record=record)], ignore_index=True)
    return runs


def _gain(runs: pd.DataFrame, paid: Paid) -> pd.Series:
    """Return by how much each replication's profit of the whole unit is higher with the proposed strategy."""
    whole = kpis_of(runs[(runs[CELL] == ALL).all(axis=1)], paid.borne)
    wide = whole[whole["kpi"] == "profit"].pivot(index="replication", columns="strategy", values="value")
    return wide[PROPOSED] - wide[CURRENT]


def _contributions(base: pd.DataFrame, others: dict[str, Cells], horizon: Horizon) -> pd.DataFrame:
    """Return what each decision adds to the unit's profit: the proposal less the proposal without it."""
    whole = base[(base[CELL] == ALL).all(axis=1) & (base["kpi"] == "profit")]
    wide = whole.pivot(index="replication", columns="strategy", values="value")
    rows = []
    for name in others:
        decision = decision_of(name)
        if decision is not None:
            difference = interval((wide[PROPOSED] - wide[name]).dropna(), horizon)
            rows.append((name, *decision, *difference, int(wide[name].count())))
    columns = ["strategy", "lever", "setting", "difference", "low", "high", "replications"]
    return pd.DataFrame(rows, columns=columns).sort_values("difference", ascending=False, kind="stable")
