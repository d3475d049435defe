"""Transactions as a policy rewrites them: one lever after the other, and what follows from all of them together.

Reads lines and events of the engine; leaves rewritten ones of the same form, which the cost engine prices like any
others. ``docs/levers.md`` says exactly what becomes of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cache

import pandas as pd
from sqlglot import exp

from cts_lib import sql
from cts_lib.engine import Engine, fetch_frame, quoted
from cts_lib.model.drivers import Transactions
from cts_lib.params import Strategy
from cts_lib.replay.options import PlacedLever, placed_levers
from cts_lib.replay.policy import Policy
from cts_lib.sql.windows import as_joins

KEYS = ("scenario", "replication")
LINES, EVENTS = "rewritten", "rewritten_events"
PARTNER_MARGIN = "partner_margin"
_BEFORE = (
    "_day AS _day_before, COALESCE(_transit, CAST(DATE_DIFF('day', shipped_date, delivered_date) AS DOUBLE)) "
    "AS _transit_before"
)
_WAIT = (
    "_day - _day_before + CAST(CASE WHEN _transit IS NULL OR shipped_date IS NULL OR delivered_date IS NULL THEN 0 "
    "ELSE _transit - _transit_before END AS BIGINT)"
)


def rewrite(
    engine: Engine, policy: Policy, strategy: Strategy, transactions: Transactions, columns: Collection[str]
) -> Transactions:
    """Leave the lines, with these columns, and the events as a policy rewrites them, and say where."""
    _register(engine, policy)
    lines = _Chain(engine, policy.levers, strategy, transactions.lines)
    lines.add(sql.text("rewritten_lines"))
    engine.create(LINES, lines.select([*KEYS, *sorted(columns)]))
    _events(engine, policy, transactions)
    return Transactions(LINES, EVENTS, KEYS)


def touched_by(engine: Engine, policy: Policy, strategy: Strategy, transactions: Transactions) -> pd.DataFrame:
    """Return whose lines a policy would change: scenario, customer_id, channel."""
    _register(engine, policy)
    lines = _Chain(engine, policy.levers, strategy, transactions.lines)
    applies = " OR ".join(f"{lever.place['applies']} = 1" for lever in policy.levers)
    keys = "scenario, customer_id, channel"
    lines.add(f"SELECT {keys} FROM lines WHERE {applies} GROUP BY {keys}")
    return fetch_frame(engine, f"{lines.select(keys.split(', '))} ORDER BY {keys}")


def _register(engine: Engine, policy: Policy) -> None:
    for name, frame in (("policy", policy.rows), ("policy_events", policy.events)):
        texts = [column for column, values in frame.items() if not pd.api.types.is_numeric_dtype(values)]
        engine.register(name, frame.astype(dict.fromkeys(texts, "str")))


class _Chain:
    """Queries over ``lines``, each over what the one before it yields; one query where the engine nests them."""

    def __init__(self, engine: Engine, levers: Sequence[PlacedLever], strategy: Strategy, transactions: str) -> None:
        if any("payment_days" in lever.place.used for lever in placed_levers(strategy)):
            transactions = _with_payment_days(engine, transactions)
        methods = f"|{'|'.join(strategy.electronic_methods)}|"
        self._engine = engine
        self._methods = methods
        self._steps = [sql.load("policy_lines", {"transactions": transactions}).sql("duckdb")]
        for step, lever in _steps(levers):
            self.add(step, lever)

    def add(self, step: str, lever: str = "") -> None:
        """Add a query; ``lever`` is whose it is."""
        self._steps.append(_written(step, f"step_{len(self._steps) - 1}", lever, self._methods))

    def select(self, columns: Sequence[str]) -> str:
        """Return the query of columns of what the last one yields."""
        wanted = f"SELECT {', '.join(map(quoted, columns))} FROM step_{len(self._steps) - 1}"
        if self._engine.nests:
            return f"WITH {', '.join(f'step_{at} AS ({step})' for at, step in enumerate(self._steps))} {wanted}"
        for at, step in enumerate(self._steps):
            self._engine.create(f"step_{at}", step)
        return wanted


@cache
def _written(step: str, lines: str, lever: str, methods: str) -> str:
    """Return a step over lines of that name; plans are replayed by the dozen, and share their steps."""
    query = sql.filled(step, {"lines": lines}, lever=f"{lever}/", electronic_methods=methods)
    return as_joins(query).sql("duckdb")


def _with_payment_days(engine: Engine, transactions: str) -> str:
    """Leave the lines with the payment days of their customer, unless they have their own; return their name."""
    if "payment_terms_days" in engine.columns(transactions):
        return transactions
    engine.create(
        "lines_on_terms",
        f"SELECT line.*, customer.payment_terms_days FROM {transactions} AS line JOIN customers AS customer "
        "ON customer.customer_id = line.customer_id",
        view=True,
    )
    return "lines_on_terms"


def _steps(levers: Sequence[PlacedLever]) -> Iterator[tuple[str, str]]:
    """Yield the queries over ``lines`` in their order, each with the name of the lever whose it is."""
    waiting = [lever for lever in levers if lever.kind.waits]
    for lever in waiting:
        yield from _of_lever(lever)
    if waiting:
        yield sql.text("saved_freight"), ""
    if any("bundle" in lever.place.used for lever in waiting):
        yield sql.text("bundled_lines"), ""
    for lever in levers:
        if not lever.kind.waits:
            yield from _of_lever(lever)


def _of_lever(placed: PlacedLever) -> Iterator[tuple[str, str]]:
    """Yield the queries of one lever: whom it applies to, what it changes, what that moves and risks."""
    place, lever = placed.place, placed.lever
    moves = lever.promise == "move"
    if placed.kind.facts:
        yield placed.kind.facts(place), placed.name
    applies = f"CASE WHEN {place.at} = 1 AND ({placed.kind.applies(place)}) THEN 1 ELSE 0 END AS {place['applies']}"
    yield f"SELECT *, {', '.join([applies, *([_BEFORE] if moves else [])])} FROM lines", placed.name
    for step in placed.kind.steps(place):
        yield step, placed.name
    after = dict[str, str]()
    if lever.margin_at_risk:
        risk = f"CASE WHEN {place['touched']} = 1 THEN {place['risk']} ELSE 0 END"
        after["_risk"] = f"_risk + {risk}"
    if moves:
        after["_promise_days"] = f"_promise_days + GREATEST(0, {_WAIT})"
    if after:
        changes = ", ".join(f"{value} AS {name}" for name, value in after.items())
        without = " EXCLUDE (_day_before, _transit_before)" if moves else ""
        yield f"SELECT *{without} REPLACE ({changes}) FROM lines", placed.name


def _events(engine: Engine, policy: Policy, transactions: Transactions) -> None:
    """Leave the events, and what partners leave of the margin of customers who were handed over."""
    events: exp.Query = sql.load("rewritten_events", {"transactions": transactions.events})
    kept = [lever.place["kept"] for lever in policy.levers if lever.kind.name == "hand_over"]
    if kept:  # who goes to one partner is not there for the next
        engine.create("policy_kept", f"SELECT *, COALESCE({', '.join(kept)}, 0) AS _kept FROM policy", view=True)
        relations = {"transactions": transactions.lines, "policy": "policy_kept", "some_events": transactions.events}
        margin = sql.load("partner_margin", relations)
        events = exp.union(events, margin, distinct=False)
    engine.create(EVENTS, events)
