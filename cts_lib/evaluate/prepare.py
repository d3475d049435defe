"""What simulates a unit's plans, made of the stages before and of the period's rows."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cts_lib.costing.avoidable import going_shares
from cts_lib.costing.costed import Costed
from cts_lib.engine import Engine
from cts_lib.errors import CtsError
from cts_lib.evaluate.backtest import Foretold, Past
from cts_lib.evaluate.calls import Calls, seen
from cts_lib.evaluate.chain import UnitChain
from cts_lib.evaluate.indicators import kpis_of
from cts_lib.evaluate.plans import plans_of, steps_of
from cts_lib.evaluate.runs import Simulator
from cts_lib.evaluate.waits import leave_unwaited
from cts_lib.limits import give_back
from cts_lib.names import CUSTOMER
from cts_lib.params import UnitParams
from cts_lib.params.period import Period
from cts_lib.replay.options import CURRENT
from cts_lib.replay.policy import Cells
from cts_lib.replay.pricing import pricing
from cts_lib.replay.stock import leave_stock
from cts_lib.replay.whom import GoingAlong
from cts_lib.simulate.draws import Demand
from cts_lib.simulate.past import compact, days_of_the_past, named, together, with_period
from cts_lib.stage import Inputs, StageResult

EVERYBODY = "everybody"
"""The one segment of a period before, whose segments nobody needs."""
FORETOLD = 40
"""Replications that foretell the period with its days."""


@dataclass(frozen=True)
class Prepared:
    """What simulates plans, the plans by name, who goes along, and what the past tells or why it is not known."""

    simulator: Simulator
    plans: dict[str, Cells]
    going: GoingAlong
    past: Foretold | CtsError | None


def prepare(inputs: Inputs, unit: UnitParams) -> Prepared:
    """Return what simulates plans; the engine then holds the period, and what the simulation reads besides."""
    costed, segments = Costed.of(inputs.results["profile"]), inputs.results["segment"].tables["segments"]
    strategy, tables = unit.params.strategy, inputs.results["strategy"].tables
    on_time, seed = unit.params.governance.on_time, unit.params.evaluation.seed
    past, seen_lines, seen_events = _past(inputs, unit, costed)
    simulated = _simulated_before(inputs, unit, past) if isinstance(past, Past) else None
    accepted = inputs.accepted()
    going = GoingAlong.read(inputs.results["strategy"].state["going_along"], segments, strategy)
    plans = plans_of(tables, strategy.objective)
    busiest = _busiest(past, inputs.period) if isinstance(past, Past) else 1.0
    demand = _demand(past, inputs.period, accepted.engine)
    foretold = Foretold.of(past, inputs.period.following, seed, simulated) if isinstance(past, Past) else past
    del past  # years of days, of which nobody asks any more
    give_back()
    chain = UnitChain.of(accepted.engine, unit, accepted.activities, costed, inputs.period, busiest)
    leave_stock(accepted.engine, strategy, inputs.period.days, simulated=chain is not None)
    chain = leave_unwaited(chain) if chain else None
    give_back()
    calls = Calls.of(accepted.engine, on_time, seed, seen_lines, seen_events) if chain else None
    simulator = Simulator(
        accepted.engine,
        pricing(unit.params.cost_model, accepted.extras, strategy, costed.rates, on_time),
        costed,
        strategy,
        demand,
        going_shares(unit, costed.tables["resources"]),
        segments,
        seed,
        chain,
        steps_of(plans, tables["capacity_plan"]) if chain else {},
        calls,
    )
    return Prepared(simulator, plans, going, foretold)


def _demand(past: Past | CtsError | None, period: Period, engine: Engine) -> Demand:
    days = named(past.orders[[*CUSTOMER, "day", "period"]]) if isinstance(past, Past) else None
    return Demand.of(engine, period, days)


def _simulated_before(inputs: Inputs, unit: UnitParams, past: Past) -> pd.DataFrame | None:
    """Return the period as the one before foretells it, its days simulated: channel, replication, kpi, value.

    It has the indicators that days move; None where no days are simulated, or the period before could not be had. The
    engine holds the period before then.
    """
    before, known = inputs.before, past.until(inputs.period)
    if inputs.accepted_before is None or not isinstance(before, StageResult):
        return None
    earlier, costed, strategy = inputs.period.previous, Costed.of(before), unit.params.strategy
    if not known.periods or known.periods[-1] != earlier:
        return None
    try:
        accepted = inputs.accepted_before()
        busiest = _busiest(known, earlier)
        chain = UnitChain.of(accepted.engine, unit, accepted.activities, costed, earlier, busiest)
    except CtsError:
        return None
    chain = leave_unwaited(chain) if chain else None
    if chain is None or not chain.moves:
        return None
    simulator = Simulator(
        accepted.engine,
        pricing(unit.params.cost_model, accepted.extras, strategy, costed.rates, unit.params.governance.on_time),
        costed,
        strategy,
        _demand(known, earlier, accepted.engine),
        {},
        costed.customer_sums[CUSTOMER].assign(segment=EVERYBODY),
        unit.params.evaluation.seed,
        chain,
    )
    nobody = pd.DataFrame(columns=["lever", "setting", *CUSTOMER, "leaves"])
    plays = simulator.plays({CURRENT: {}}, GoingAlong.read(nobody, simulator.segments, strategy))
    runs = simulator.runs(plays, range(FORETOLD))
    plays.forget()
    kpis = kpis_of(runs, {})
    return kpis.loc[kpis["kpi"].isin(chain.moves), ["channel", "replication", "kpi", "value"]]


def _past(
    inputs: Inputs, unit: UnitParams, costed: Costed
) -> tuple[Past | CtsError | None, pd.DataFrame, pd.DataFrame]:
    """Return the days of the past, the period's among them, and of customers what failed and what events they had.

    The days are None without an earlier period, or why they are not had.
    """
    methods, on_time = unit.params.strategy.electronic_methods, unit.params.governance.on_time
    orders: list[pd.DataFrame] = []
    events: list[pd.DataFrame] = []
    failed = [pd.DataFrame(columns=["customer_id", "period", "lines", "failing"])]
    happened = [pd.DataFrame(columns=["customer_id", "period", "event", "quantity"])]
    try:
        for accepted in inputs.past():
            days = days_of_the_past(accepted.engine, accepted.activities, costed.rates, costed.filled, methods, on_time)
            for parts, each in zip((orders, events), days, strict=True):
                parts.append(compact(with_period(each, inputs.period)))
            for parts, each in zip((failed, happened), seen(accepted.engine, on_time), strict=True):
                parts.append(with_period(each, inputs.period).drop(columns="day").astype({"period": "str"}))
    except CtsError as error:
        return error, failed[0], happened[0]
    past = Past(together(orders), together(events)) if orders else None
    lines, others = (pd.concat(parts[1:] or parts, ignore_index=True) for parts in (failed, happened))
    return past if past and len(past.periods) > 1 else None, lines, others


def _busiest(past: Past, period: Period) -> float:
    """Return the work of the busiest known period over the period's, at the same prices."""
    work = past.orders.groupby("period", observed=True)["cost_to_serve"].sum().to_dict()
    return max(work.values()) / work[period] if work.get(period, 0.0) > 0 else 1.0
