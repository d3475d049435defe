"""What plans would have cost and how they would have served: the period's transactions rewritten and priced again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cts_lib.costing.costed import Costed
from cts_lib.costing.rates import price
from cts_lib.cube.cube import build_cube
from cts_lib.customers.sums import build_customer_sums
from cts_lib.engine import Engine, count_rows, fetch_frame, quote
from cts_lib.model.drivers import Transactions, finish
from cts_lib.params import Strategy
from cts_lib.replay.options import Option, placed_levers
from cts_lib.replay.policy import AS_TODAY, AtWork, Policy, everywhere, policy_for
from cts_lib.replay.pricing import Pricing
from cts_lib.replay.rewrite import rewrite, touched_by
from cts_lib.replay.whom import Choice, GoingAlong

ROWS_AT_ONCE = 1_000_000
"""So many lines are rewritten together, as long as one plan of one period has not more."""


@dataclass(frozen=True)
class Outcome:
    """What transactions cost and how they were served, per scenario, replication, customer and channel.

    ``arrivals`` counts sold lines by the days they took, and those that the customer can see; empty where nobody asked.
    """

    costs: pd.DataFrame
    customer_sums: pd.DataFrame
    arrivals: pd.DataFrame

    def of_scenario(self, name: str) -> Outcome:
        """Return what came of one scenario."""
        return Outcome(*(frame[frame["scenario"] == name] for frame in (self.costs, self.customer_sums, self.arrivals)))


def replay(
    engine: Engine,
    priced: Pricing,
    profiled: Costed,
    strategy: Strategy,
    policy: Policy,
    transactions: Transactions,
    with_arrivals: bool = False,
) -> Outcome:
    """Rewrite transactions (lines and events with a replication) by a policy and price them at a period's rates."""
    rewritten = rewrite(engine, policy, strategy, transactions, priced.columns)
    return outcome_of(engine, priced, profiled, strategy, rewritten, with_arrivals)


def outcome_of(
    engine: Engine,
    priced: Pricing,
    profiled: Costed,
    strategy: Strategy,
    transactions: Transactions,
    with_arrivals: bool = False,
) -> Outcome:
    """Price transactions at a period's rates, and forget them."""
    source = finish(engine, transactions)
    costs = price(build_cube(engine, priced.activities, source), priced.rates)
    customer_sums = build_customer_sums(engine, strategy.electronic_methods, priced.on_time, profiled.filled, source)
    arrived = arrivals(engine, strategy, source.lines) if with_arrivals else pd.DataFrame()
    for relation in (source.lines, source.events, *source.finished.values()):
        engine.forget(relation)
    return Outcome(costs, customer_sums, arrived)


def arrivals(engine: Engine, strategy: Strategy, lines: str) -> pd.DataFrame:
    """Return how many sold lines took how many days, and of how many the customer can see the state.

    Columns: scenario, customer_id, channel, days (null where nothing arrived), lines, visible.
    """
    tracked = f"ship_mode IN ({', '.join(map(quote, strategy.tracked_modes))})" if strategy.tracked_modes else "FALSE"
    days = "DATE_DIFF('day', order_date, COALESCE(delivered_date, shipped_date))"
    return fetch_frame(
        engine,
        f"SELECT scenario, customer_id, channel, CAST({days} AS DOUBLE) AS days, CAST(COUNT(*) AS DOUBLE) AS lines, "
        f"CAST(COUNT(CASE WHEN _visible = 1 OR {tracked} THEN 1 END) AS DOUBLE) AS visible FROM {lines} "
        f"WHERE quantity > 0 GROUP BY scenario, customer_id, channel, {days} ORDER BY 1, 2, 3, 4",
    )


def actual_transactions(engine: Engine) -> Transactions:
    """Leave the period's own lines and events in the form that a replay reads, and say where."""
    engine.create("actual_lines", "SELECT lines.*, 0 AS replication FROM lines", view=True)
    engine.create("actual_events", "SELECT events.*, 0 AS replication FROM events", view=True)
    return Transactions("actual_lines", "actual_events")


def actual_arrivals(engine: Engine, strategy: Strategy) -> pd.DataFrame:
    """Return `arrivals` of the period's own lines."""
    engine.create("arriving_lines", "SELECT lines.*, 'current' AS scenario, 0 AS _visible FROM lines", view=True)
    return arrivals(engine, strategy, "arriving_lines")


def at_once(engine: Engine, scenarios: int = 1) -> int:
    """Return how many copies of the period's lines are rewritten together, each by so many scenarios."""
    rows = count_rows(engine, "lines")
    return max(1, int(ROWS_AT_ONCE // (max(1, rows) * scenarios)))


def reached_by(engine: Engine, strategy: Strategy, choices: Sequence[Choice], going: GoingAlong) -> pd.DataFrame:
    """Return whose lines each setting would change, if all went along who may: lever, setting, customer_id, channel."""
    actual, levers = actual_transactions(engine), placed_levers(strategy)
    found, at_work = list[pd.DataFrame](), AtWork(going, levers)
    size = at_once(engine)
    for start in range(0, len(choices), size):
        scenarios = {}
        for number in range(start, min(start + size, len(choices))):
            codes = at_work.codes(everywhere(Option(dict([choices[number]])), going))
            rows = np.flatnonzero(codes != AS_TODAY)
            scenarios[str(number)] = rows, codes[rows]
        policy = policy_for(scenarios, at_work, going, strategy)
        if policy.levers:
            found.append(touched_by(engine, without_shares(policy), strategy, actual))
    none = pd.DataFrame(columns=["scenario", "customer_id", "channel"])
    table = pd.concat(found, ignore_index=True) if found else none
    chosen = [choices[int(number)] for number in table["scenario"]]
    return table.assign(lever=[lever for lever, _ in chosen], setting=[setting for _, setting in chosen])


def without_shares(policy: Policy) -> Policy:
    """Return a policy under which of no order a share is taken, so that each that could be counts."""
    shares = {lever.place["share"]: 0.0 for lever in policy.levers if lever.place["share"] in policy.rows}
    return replace(policy, rows=policy.rows.assign(**shares))
