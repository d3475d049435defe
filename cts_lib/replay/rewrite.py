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
from cts_lib.names import CUSTOMER
from cts_lib.params import Strategy
from cts_lib.replay.groups import parts_of
from cts_lib.replay.options import PlacedLever, placed_levers
from cts_lib.replay.policy import Policy

KEYS = ("scenario", "replication")
REWRITTEN = Transactions("rewritten", "rewritten_events", KEYS)
PARTNER_MARGIN = "partner_margin"
POLICY = "policy"
_BEFORE_STEP = "lines_before_this_step"
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
    rewrite_lines(engine, policy, strategy, transactions.lines, columns)
    rewrite_events(engine, policy, transactions)
    return REWRITTEN


def rewrite_lines(engine: Engine, policy: Policy, strategy: Strategy, lines: str, columns: Collection[str]) -> None:
    """Leave lines, with these columns, as a policy rewrites them: those of `REWRITTEN`."""
    chains = _chains(engine, policy, strategy, lines)
    for chain in chains:
        chain.add(sql.text("rewritten_lines"))
    selected = [chain.select([*KEYS, *sorted(columns)]) for chain in chains]
    engine.create(REWRITTEN.lines, " UNION ALL ".join(f"({query})" for query in selected))


def touched_by(engine: Engine, policy: Policy, strategy: Strategy, transactions: Transactions) -> pd.DataFrame:
    """Return whose lines a policy would change: scenario, customer_id, channel."""
    keys, selected = "scenario, customer_id, channel", list[str]()
    for chain in _chains(engine, policy, strategy, transactions.lines):
        if chain.levers:
            applies = " OR ".join(f"{lever.place['applies']} = 1" for lever in chain.levers)
            chain.add(f"SELECT {keys} FROM lines WHERE {applies} GROUP BY {keys}")
            selected.append(f"({chain.select(keys.split(', '))})")
    return fetch_frame(engine, f"SELECT {keys} FROM ({' UNION ALL '.join(selected)}) AS touched ORDER BY {keys}")


def _register(engine: Engine, name: str, frame: pd.DataFrame) -> None:
    texts = [column for column, values in frame.items() if not pd.api.types.is_numeric_dtype(values)]
    engine.register(name, frame.astype(dict.fromkeys(texts, "str")))


def _chains(engine: Engine, policy: Policy, strategy: Strategy, lines: str) -> list[_Chain]:
    """Return the queries of each part of a policy, whose rows are registered."""
    counted = fetch_frame(engine, f"SELECT customer_id, channel, COUNT(*) AS n FROM {lines} GROUP BY 1, 2")
    chains = []
    for at, part in enumerate(parts_of(policy, counted)):
        _register(engine, f"{POLICY}_{at}", part.rows)
        chains.append(_Chain(engine, part.levers, strategy, lines, at))
    return chains


class _Chain:
    """Queries over ``lines``, each over what the one before it yields; one query where the engine nests them."""

    def __init__(
        self, engine: Engine, levers: Sequence[PlacedLever], strategy: Strategy, transactions: str, part: int
    ) -> None:
        every, here = placed_levers(strategy), {lever.name for lever in levers}
        if any("payment_days" in lever.place.used for lever in every):
            transactions = _with_payment_days(engine, transactions)
        methods = f"|{'|'.join(strategy.electronic_methods)}|"
        self.levers = levers
        self._engine, self._methods, self._part = engine, methods, part
        self._absent = tuple(f"{lever.place.at}_" for lever in every if lever.name not in here)
        read = {"transactions": transactions, POLICY: f"{POLICY}_{part}"}
        self._steps = [sql.load("policy_lines", read).sql("duckdb")]
        for step, lever in _steps(levers):
            self.add(step, lever)

    def add(self, step: str, lever: str = "") -> None:
        """Add a query; ``lever`` is whose it is."""
        before = self._name(len(self._steps) - 1)
        self._steps.append(_written(step, lever, self._methods).replace(_BEFORE_STEP, before))

    def select(self, columns: Sequence[str]) -> str:
        """Return the query of columns of what the last one yields; those of absent levers are null."""
        listed = [f"{'NULL AS ' if name.startswith(self._absent) else ''}{quoted(name)}" for name in columns]
        wanted = f"SELECT {', '.join(listed)} FROM {self._name(len(self._steps) - 1)}"
        named = {self._name(at): step for at, step in enumerate(self._steps)}
        if self._engine.nests:
            return f"WITH {', '.join(f'{name} AS ({step})' for name, step in named.items())} {wanted}"
        for name, step in named.items():
            self._engine.create(name, step)
        return wanted

    def _name(self, step: int) -> str:
        return f"step_{self._part}_{step}"


@cache
def _written(step: str, lever: str, methods: str) -> str:
    """Return a step over the lines before it; plans are replayed by the dozen, and share their steps."""
    return sql.filled(step, {"lines": _BEFORE_STEP}, lever=f"{lever}/", electronic_methods=methods).sql("duckdb")


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


def rewrite_events(engine: Engine, policy: Policy, transactions: Transactions) -> None:
    """Leave the events of `REWRITTEN`, and what partners leave of the margin of customers who were handed over."""
    kept = [lever.place["kept"] for lever in policy.levers if lever.kind.name == "hand_over"]
    _register(engine, POLICY, policy.rows[["scenario", *CUSTOMER, "_leaves", *kept]])
    _register(engine, "policy_events", policy.events)
    events: exp.Query = sql.load("rewritten_events", {"transactions": transactions.events})
    if kept:  # who goes to one partner is not there for the next
        engine.create("policy_kept", f"SELECT *, COALESCE({', '.join(kept)}, 0) AS _kept FROM policy", view=True)
        relations = {"transactions": transactions.lines, "policy": "policy_kept", "some_events": transactions.events}
        margin = sql.load("partner_margin", relations)
        events = exp.union(events, margin, distinct=False)
    engine.create(REWRITTEN.events, events)
