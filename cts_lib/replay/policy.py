"""What a strategy does to transactions: a policy per customer and channel, and the rewriting of lines by it.

Reads lines of the engine; leaves rewritten lines of the same form, which the cost engine prices like any others. One
kind of lever after the other rewrites them (`levers`). A promise given to the customer stays as it was, so a policy
that makes customers wait shows as a lower service level.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlglot import exp

from cts_lib import sql
from cts_lib.costing.costed import Costed
from cts_lib.costing.rates import price
from cts_lib.cube.cube import build_cube
from cts_lib.customers.sums import build_customer_sums, customer_sums_query
from cts_lib.engine import Engine, fetch_frame, fetch_rows, quoted
from cts_lib.levers import KINDS
from cts_lib.model.compiled import CompiledActivity, columns_of_lines, columns_read
from cts_lib.model.drivers import Transactions, finish
from cts_lib.names import CUSTOMER
from cts_lib.params import Strategy

CURRENT = "current"
PROPOSED = "proposed"
AS_TODAY = "as today"
ROWS_AT_ONCE = 1_000_000
"""So many lines are rewritten together, as long as one strategy of one period has not more."""


@dataclass(frozen=True)
class Option:
    """One setting of every lever: its name, the words of each lever, and the policy's columns."""

    name: str
    settings: dict[str, str]
    policy: dict[str, Any]

    @property
    def changed(self) -> list[str]:
        return [lever for lever, setting in self.settings.items() if setting != AS_TODAY]


@dataclass(frozen=True)
class Assignment:
    """Which option each customer gets in each channel: ``chosen`` has customer_id, channel, segment, chosen_option."""

    chosen: pd.DataFrame
    options: dict[str, Option]

    def policy(self, scenario: str) -> pd.DataFrame:
        """Return the policy rows of everybody's own option, under a scenario's name."""
        groups = self.chosen.groupby("chosen_option", sort=True)
        parts = [policy_rows(rows, self.options[str(name)], scenario) for name, rows in groups]
        return pd.concat(parts, ignore_index=True)


def options(strategy: Strategy) -> list[Option]:
    """Return every combination of the levers' settings, today's first."""
    levers = strategy.levers.given
    today = {kind.column: kind.today for kind in KINDS}
    kinds = {kind.name: kind for kind in KINDS}
    combined = []
    for settings in itertools.product(*([AS_TODAY, *lever.settings] for lever in levers.values())):
        chosen = dict(zip(levers, settings, strict=True))
        values = {name: levers[name].settings[setting] for name, setting in chosen.items() if setting != AS_TODAY}
        policy = today | {kinds[name].column: kinds[name].policy(value) for name, value in values.items()}
        combined.append(Option(" + ".join(f"{name}: {chosen[name]}" for name in values) or CURRENT, chosen, policy))
    return combined


def policy_rows(customers: pd.DataFrame, option: Option, scenario: str) -> pd.DataFrame:
    """Return the policy of one option, under a scenario's name: customer_id, channel, scenario, a column a lever."""
    words = {kind.column: "object" for kind in KINDS if kind.today is None}
    return customers[CUSTOMER].assign(scenario=scenario, **option.policy).astype(words)


@dataclass(frozen=True)
class Outcome:
    """What transactions cost and how they were served, per scenario, replication, customer and channel."""

    costs: pd.DataFrame
    customer_sums: pd.DataFrame
    touched: pd.DataFrame

    @classmethod
    def together(cls, outcomes: Sequence[Outcome]) -> Outcome:
        """Return outcomes of different scenarios as one."""
        frames = [(each.costs, each.customer_sums, each.touched) for each in outcomes]
        return cls(*(pd.concat(parts, ignore_index=True) for parts in zip(*frames, strict=True)))

    def called(self, names: dict[str, str]) -> Outcome:
        """Return the same with other names of scenarios; many lines carry them, so they are short until then."""
        costs, sums, touched = (
            frame.assign(scenario=frame["scenario"].map(names))
            for frame in (self.costs, self.customer_sums, self.touched)
        )
        return Outcome(costs, sums, touched)


KEYS = ("scenario", "replication")
_KEPT = {"customer_id", "channel", "order_id", "shipment_id", "net_sales", "cogs"}
"""What any rewriting needs of a line, whatever the cost model reads."""


def replay(
    engine: Engine,
    activities: list[CompiledActivity],
    profiled: Costed,
    strategy: Strategy,
    policy: pd.DataFrame,
    transactions: Transactions,
) -> Outcome:
    """Rewrite transactions (lines and events with a replication) by the policy and price them at a period's rates.

    ``policy`` has the rows of `policy_rows`, for each scenario one a customer and channel.
    """
    engine.register("policy", policy)
    _rewrite(engine, activities, strategy, transactions.lines)
    engine.create(
        "rewritten_events",
        f"SELECT event.*, scenarios.scenario FROM {transactions.events} AS event "
        "CROSS JOIN (SELECT DISTINCT scenario FROM policy) AS scenarios",
    )
    source = finish(engine, Transactions("rewritten", "rewritten_events", KEYS))
    costs = price(build_cube(engine, activities, source), profiled.rates)
    customer_sums = build_customer_sums(engine, strategy.electronic_methods, profiled.filled, source)
    felt = fetch_frame(engine, _felt(strategy))
    for relation in ("rewritten", "rewritten_events", *source.finished.values()):
        engine.forget(relation)
    return Outcome(costs, customer_sums, felt)


def _rewrite(engine: Engine, activities: list[CompiledActivity], strategy: Strategy, lines: str) -> None:
    """Leave the lines in the engine as ``rewritten``, each kind of lever after those that come before it.

    It has the columns that pricing and judging the lines read, and no other: they are many.
    """
    values: dict[str, sql.Value] = {
        "electronic_methods": f"|{'|'.join(strategy.electronic_methods)}|",
        "rush_delay_days": strategy.rush_delay_days,
    }
    relation = "policy_lines"
    engine.create(relation, sql.load("policy_lines", {"transactions": lines}), view=True)
    for kind in sorted(KINDS, key=lambda kind: kind.place):
        changes = ", ".join(
            f"CASE WHEN _applies = 1 THEN {value} ELSE {column} END AS {column}"
            for column, value in kind.changes.items()
        )
        query = (
            f"SELECT * EXCLUDE (_applies) REPLACE ({changes}) FROM (SELECT *, CASE WHEN {kind.applies} THEN 1 ELSE 0 "
            f"END AS _applies, CASE WHEN {kind.reached or kind.applies} THEN 1 ELSE 0 END AS _reached_{kind.name} "
            f"FROM {relation}) AS line"
        )
        relation = f"after_{kind.name}"
        engine.create(relation, sql.filled(query, **values), view=True)
    columns = ", ".join(kind.column for kind in KINDS)
    engine.create("planned_lines", f"SELECT * EXCLUDE ({columns}) FROM {relation}", view=True)
    engine.create("rewritten_lines", sql.load("merged_shipments", freight_saving=strategy.freight_saving), view=True)
    reached = [f"_reached_{kind.name}" for kind in KINDS]
    priced = columns_read(activities) | columns_of_lines(customer_sums_query(strategy.electronic_methods)) | _KEPT
    columns = ", ".join(map(quoted, [*KEYS, *sorted(priced), *reached]))
    engine.create("rewritten", f"SELECT {columns} FROM rewritten_lines")


def _felt(strategy: Strategy) -> exp.Expr:
    """Return the query of what the levers put at risk and whom they reach: margin_at_risk, investment."""
    levers = strategy.levers.given
    risks, outlays = (
        " + ".join(f"{pattern.format(name)} * {getattr(lever, amount)!r}" for name, lever in levers.items()) or "0"
        for pattern, amount in (("_reached_{}", "margin_at_risk"), ("MAX(_reached_{})", "investment"))
    )
    keys = ", ".join([*KEYS, *CUSTOMER])
    at_risk = f"CASE WHEN net_sales > cogs THEN (net_sales - cogs) * ({risks}) END"
    return sql.filled(
        f"SELECT {keys}, CAST(SUM(CAST({at_risk} AS DECIMAL(38, 12))) AS DOUBLE) AS margin_at_risk, "
        f"CAST({outlays} AS DOUBLE) AS investment FROM rewritten GROUP BY {keys} ORDER BY {keys}"
    )


def actual_transactions(engine: Engine) -> Transactions:
    """Leave the period's own lines and events in the form that a replay reads, and say where."""
    engine.create("actual_lines", "SELECT lines.*, 0 AS replication FROM lines", view=True)
    engine.create("actual_events", "SELECT events.*, 0 AS replication FROM events", view=True)
    return Transactions("actual_lines", "actual_events")


def at_once(engine: Engine, scenarios: int = 1) -> int:
    """Return how many copies of the period's lines are rewritten together, each by so many scenarios."""
    rows = fetch_rows(engine, "SELECT COUNT(*) AS n FROM lines")[0]["n"]
    return max(1, int(ROWS_AT_ONCE // (max(1, rows) * scenarios)))


def replay_options(
    engine: Engine,
    activities: list[CompiledActivity],
    profiled: Costed,
    strategy: Strategy,
    customers: pd.DataFrame,
    chosen: list[Option],
) -> Iterator[tuple[list[Option], Outcome]]:
    """Replay options on the actual lines, as many at once as memory allows."""
    actual = actual_transactions(engine)
    size = at_once(engine)
    for start in range(0, len(chosen), size):
        batch = {str(number): option for number, option in enumerate(chosen[start : start + size])}
        parts = [policy_rows(customers, option, code) for code, option in batch.items()]
        outcome = replay(engine, activities, profiled, strategy, pd.concat(parts, ignore_index=True), actual)
        yield list(batch.values()), outcome.called({code: option.name for code, option in batch.items()})
