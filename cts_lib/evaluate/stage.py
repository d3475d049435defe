"""Evaluate: the proposed strategy against today's, over simulated periods, with honest uncertainty.

Reads the period's transactions, the rates and the plan; writes ``evaluation``, ``comparison`` and ``calibration``.
Both strategies see the same simulated demand (common random numbers); intervals are central 90 % of the replications.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cts_lib.costing.costed import Costed
from cts_lib.measures import SERVICE, ratios, sign
from cts_lib.names import ALL, CELL, CUSTOMER
from cts_lib.notes import Note, amount, counted
from cts_lib.params import UnitParams
from cts_lib.replay.options import CURRENT, PROPOSED, read_option
from cts_lib.replay.outcome import Outcome, at_once, replay
from cts_lib.replay.policy import Cells, policy_of
from cts_lib.replay.pricing import pricing
from cts_lib.replay.stock import leave_stock
from cts_lib.replay.whom import GoingAlong
from cts_lib.simulate.draws import draw_transactions
from cts_lib.stage import Inputs, StageResult

KPIS = ("net_sales", "cost_to_serve", "profit", "on_time", "in_full", "lead_time_days")
_RUN = ["scenario", "replication"]


def run(inputs: Inputs, unit: UnitParams) -> StageResult:
    """Simulate both strategies and compare them."""
    accepted, period, params = inputs.accepted(), inputs.period, unit.params.evaluation
    engine, strategy = accepted.engine, unit.params.strategy
    costed, segments = Costed.of(inputs.results["profile"]), inputs.results["segment"].tables["segments"]
    state, chosen = inputs.results["strategy"].state, inputs.results["strategy"].tables["strategy"]
    going = GoingAlong.read(state["going_along"], segments, strategy)
    cells = chosen[CELL].itertuples(index=False, name=None)
    plan: Cells = {cell: read_option(name) for cell, name in zip(cells, chosen["chosen_option"], strict=True)}
    scenarios: dict[str, Cells] = {CURRENT: {}, PROPOSED: plan}
    batches = [scenarios] if at_once(engine) >= len(scenarios) else [{name: each} for name, each in scenarios.items()]
    policies = [policy_of(batch, going, strategy) for batch in batches]
    priced = pricing(unit.params.cost_model, accepted.extras, strategy, costed.rates)
    leave_stock(engine, strategy, period.days)
    runs = []
    for some, drawn in draw_transactions(engine, period, params.replications, params.seed, at_once(engine, 2)):
        outcomes = [replay(engine, priced, costed, strategy, policy, drawn) for policy in policies]
        runs.append(_runs(Outcome.together(outcomes), segments, some))
    upkeep = float(inputs.results["strategy"].tables["decisions"]["upkeep"].sum())
    values = _kpis(pd.concat(runs, ignore_index=True), chosen, upkeep)
    evaluation = _summary(values, [*CELL, "scenario", "kpi"]).rename(columns={"scenario": "strategy"})
    comparison = _compare(values)
    observed = _observed(costed, segments)
    calibration = _calibrate(observed, evaluation, params.calibration_tolerance)
    tables = {"evaluation": evaluation, "comparison": comparison, "calibration": calibration}
    return StageResult(tables, _notes(unit, calibration))


def _runs(outcome: Outcome, segments: pd.DataFrame, replications: range) -> pd.DataFrame:
    """Return sums per scenario, replication, segment and channel, with total rows; nothing sold is 0."""
    segment_of = segments[["customer_id", *CELL]]
    sums = outcome.customer_sums.merge(segment_of, on=CUSTOMER, how="inner")
    costs = outcome.costs.merge(segment_of, on=CUSTOMER, how="inner")
    numbers = [name for name in sums.columns if sums[name].dtype == "float64"]
    keys = [*_RUN, *CELL]
    cells = pd.concat(
        [
            sums.groupby(keys)[numbers].sum(),
            costs.groupby(keys)["cost"].sum().rename("cost_to_serve"),
        ],
        axis=1,
    ).fillna(0.0)
    every = pd.MultiIndex.from_tuples(
        [
            (scenario, replication, *cell)
            for scenario in (CURRENT, PROPOSED)
            for replication in replications
            for cell in segment_of[CELL].drop_duplicates().sort_values(CELL).itertuples(index=False, name=None)
        ],
        names=keys,
    )
    rows = cells.reindex(every, fill_value=0.0).reset_index()
    totals = rows.groupby(_RUN, as_index=False).sum(numeric_only=True).assign(segment=ALL, channel=ALL)
    return pd.concat([rows, totals], ignore_index=True)


def _kpis(runs: pd.DataFrame, chosen: pd.DataFrame, upkeep: float) -> pd.DataFrame:
    """Return the indicators of each run; profit is less the period's share of the plan's investment.

    ``upkeep`` is what the plan's levers cost once and every year: of the whole unit, not of a cell.
    """
    takes = chosen[[*CELL, "chosen_investment"]]
    whole = takes["chosen_investment"].sum() + upkeep
    total = pd.DataFrame([{"segment": ALL, "channel": ALL, "chosen_investment": whole}])
    borne = runs[CELL].merge(pd.concat([takes, total]), on=CELL, how="left")["chosen_investment"].fillna(0.0)
    investment = np.where(runs["scenario"] == PROPOSED, borne, 0.0)
    runs = runs.assign(profit=runs["net_sales"] - runs["cogs"] - runs["cost_to_serve"] - investment)
    runs = pd.concat([runs, ratios(runs, SERVICE)], axis=1)
    return runs.melt([*CELL, *_RUN], list(KPIS), "kpi", "value")


def _summary(drawn: pd.DataFrame, keys: list[str], value: str = "value") -> pd.DataFrame:
    grouped = drawn.groupby(keys, sort=True)[value]
    table = pd.DataFrame(
        {
            "mean": grouped.mean(),
            "low": grouped.quantile(0.05),
            "high": grouped.quantile(0.95),
            "replications": grouped.count(),
        }
    )
    return table[table["replications"] > 0].reset_index()


def _compare(drawn: pd.DataFrame) -> pd.DataFrame:
    """Pair the strategies replication by replication."""
    keys = [*CELL, "kpi"]
    wide = drawn.pivot(index=[*keys, "replication"], columns="scenario", values="value").reset_index()
    wide["difference"] = wide[PROPOSED] - wide[CURRENT]
    table = wide.groupby(keys, as_index=False)[[CURRENT, PROPOSED]].mean()
    spread = _summary(wide, keys, "difference").rename(columns={"mean": "difference"})
    table = table.merge(spread[[*keys, "difference", "low", "high"]], on=keys)
    more_is_better = table["kpi"].map(sign) > 0
    best, worst = (table[one].where(more_is_better, -table[other]) for one, other in (("low", "high"), ("high", "low")))
    verdict = np.where(best > 0, "better", np.where(worst < 0, "worse", "no difference"))
    return table.assign(verdict=verdict).dropna(subset=["difference"]).reset_index(drop=True)


def _observed(profiled: Costed, segments: pd.DataFrame) -> pd.DataFrame:
    rows = profiled.tables["customer_channel_profit"][["customer_id", "channel", "cost_to_serve", "profit"]]
    rows = rows.merge(profiled.customer_sums, on=CUSTOMER, how="left")
    rows = rows.merge(segments[["customer_id", *CELL]], on=CUSTOMER)
    cells = rows.groupby(CELL, as_index=False).sum(numeric_only=True)
    totals = rows.sum(numeric_only=True).to_frame().T.assign(segment=ALL, channel=ALL)
    table = pd.concat([cells, totals], ignore_index=True)
    table = pd.concat([table, ratios(table, SERVICE)], axis=1)
    return table.melt(CELL, list(KPIS), "kpi", "observed")


def _calibrate(observed: pd.DataFrame, evaluation: pd.DataFrame, tolerance: float) -> pd.DataFrame:
    """Hold the simulated current strategy against what was observed."""
    simulated = evaluation[evaluation["strategy"] == CURRENT]
    table = observed.merge(simulated, on=[*CELL, "kpi"], how="inner").rename(columns={"mean": "simulated"})
    gap = table["simulated"] - table["observed"]
    table["error"] = (gap / table["observed"].abs()).where(table["observed"] != 0, gap)
    inside = (table["observed"] >= table["low"]) & (table["observed"] <= table["high"])
    table["accepted"] = inside | (table["error"].abs() <= tolerance)
    nothing = table["observed"].isna() & table["simulated"].isna()
    return table.loc[~nothing, [*CELL, "kpi", "observed", "simulated", "error", "accepted"]].reset_index(drop=True)


def _notes(unit: UnitParams, calibration: pd.DataFrame) -> list[Note]:
    params = unit.params.evaluation
    rejected = int((~calibration["accepted"]).sum())
    notes = [
        Note(
            "{replications} simulated periods with seed {seed}: each customer's orders arrive at random and are "
            "drawn from its own orders; intervals hold the central 90% of them.",
            {"replications": params.replications, "seed": str(params.seed)},
            assumed=True,
        ),
        Note(
            "Demand common to all customers, prices and rates stay as in the period; a customer with few orders may "
            "have none in a simulated one.",
            assumed=True,
        ),
        Note(
            "Profit here is less the period's share of an investment; the profit chosen on the strategy page is before "
            "it."
        ),
        Note(
            "A simulated figure is near enough where its 90% interval holds what was observed, or where it differs by "
            "at most {share}.",
            {"share": amount(params.calibration_tolerance, "percent")},
        ),
    ]
    if rejected:
        notes.append(
            counted(
                "{count} of {total} simulated figures misses what was observed; read its cell with care.",
                "{count} of {total} simulated figures miss what was observed; read those cells with care.",
                {"count": rejected, "total": len(calibration)},
            )
        )
    return notes
