"""What a strategy does to transactions: a policy per customer and channel, and the rewriting of lines by it.

Reads lines of the engine; leaves rewritten lines of the same form, which the cost engine prices like any others. A
promise given to the customer stays as it was, so a policy that makes customers wait shows as a lower service level.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from cts_lib import sql
from cts_lib.costing.costed import Costed
from cts_lib.costing.rates import price
from cts_lib.cube.cube import build_cube
from cts_lib.customers.base import build_base
from cts_lib.engine import Engine, fetch_frame, fetch_rows
from cts_lib.model.compiled import CompiledActivity
from cts_lib.model.drivers import Transactions, finish
from cts_lib.names import CUSTOMER
from cts_lib.params import Strategy
from cts_lib.params.sections import Lever

CURRENT = "current"
PROPOSED = "proposed"
AS_TODAY = "as today"
LEVERS = ("delivery_rhythm", "minimum_order", "order_method", "rush")
_ROWS_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Option:
    """One setting of every lever: its name, the words of each lever, and what the rewriting is told."""

    name: str
    settings: dict[str, str]
    rhythm_days: float
    minimum_order: float
    order_method: str | None
    no_rush: bool

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
        return pd.concat([part.astype({"order_method": "object"}) for part in parts], ignore_index=True)


def options(strategy: Strategy) -> list[Option]:
    """Return every combination of the levers' settings, today's first."""
    levers = strategy.levers.given
    words = [[AS_TODAY, *lever.settings] for lever in levers.values()]
    combined = []
    for settings in itertools.product(*words):
        chosen = dict(zip(levers, settings, strict=True))
        values = {lever: levers[lever].settings[setting] for lever, setting in chosen.items() if setting != AS_TODAY}
        method = values.get("order_method")
        combined.append(
            Option(
                " + ".join(f"{lever}: {chosen[lever]}" for lever in values) or CURRENT,
                chosen,
                _number(values, "delivery_rhythm"),
                _number(values, "minimum_order"),
                None if method is None else str(method),
                "rush" in values,
            )
        )
    return combined


def _number(values: dict[str, float | str], lever: str) -> float:
    value = values.get(lever, 0.0)
    return value if isinstance(value, float) else 0.0


def policy_rows(customers: pd.DataFrame, option: Option, scenario: str) -> pd.DataFrame:
    """Return the policy of one option for customers and channels, under a scenario's name."""
    rows = customers[CUSTOMER].assign(
        scenario=scenario,
        rhythm_days=option.rhythm_days,
        minimum_order=option.minimum_order,
        order_method=option.order_method,
        no_rush=option.no_rush,
    )
    return rows.astype({"order_method": "str"} if option.order_method else {"order_method": "object"})


@dataclass(frozen=True)
class Outcome:
    """What transactions cost and how they were served, per scenario, replication, customer and channel."""

    costs: pd.DataFrame
    base: pd.DataFrame
    touched: pd.DataFrame


KEYS = ("scenario", "replication")


def replay(
    engine: Engine,
    activities: list[CompiledActivity],
    profiled: Costed,
    strategy: Strategy,
    policy: pd.DataFrame,
    transactions: Transactions,
) -> Outcome:
    """Rewrite transactions (lines and events with a replication) by the policy and price them at a period's rates."""
    engine.register("policy", policy.astype({"order_method": "object"}))
    methods = f"|{'|'.join(strategy.electronic_methods)}|"
    engine.create(
        "rewritten",
        sql.load(
            "rewrite",
            {"transactions": transactions.lines},
            electronic_methods=methods,
            rush_delay_days=strategy.rush_delay_days,
            freight_saving=strategy.freight_saving,
        ),
    )
    engine.create(
        "rewritten_events",
        f"SELECT event.*, scenarios.scenario FROM {transactions.events} AS event "
        "CROSS JOIN (SELECT DISTINCT scenario FROM policy) AS scenarios",
    )
    source = finish(engine, Transactions("rewritten", "rewritten_events", KEYS))
    costs = price(build_cube(engine, activities, source), profiled.rates)
    base = build_base(engine, strategy.electronic_methods, profiled.filled, source)
    none = Lever()
    amounts: dict[str, sql.Value] = {}
    for short, name in zip(("rhythm", "minimum", "method", "rush"), LEVERS, strict=True):
        lever = strategy.levers.given.get(name, none)
        amounts |= {f"{short}_risk": lever.margin_at_risk, f"{short}_investment": lever.investment}
    touched = fetch_frame(engine, sql.load("touched", None, **amounts))
    return Outcome(costs, base, touched)


def actual_transactions(engine: Engine) -> Transactions:
    """Leave the period's own lines and events in the form that a replay reads, and say where."""
    engine.create("actual_lines", "SELECT lines.*, 0 AS replication FROM lines", view=True)
    engine.create("actual_events", "SELECT events.*, 0 AS replication FROM events", view=True)
    return Transactions("actual_lines", "actual_events")


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
    rows = max(1, fetch_rows(engine, "SELECT COUNT(*) AS n FROM lines")[0]["n"])
    size = max(1, _ROWS_AT_ONCE // rows)
    for start in range(0, len(chosen), size):
        batch = chosen[start : start + size]
        policy = pd.concat([policy_rows(customers, option, option.name) for option in batch], ignore_index=True)
        yield batch, replay(engine, activities, profiled, strategy, policy, actual)
