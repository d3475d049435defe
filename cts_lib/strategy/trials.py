"""One term of a customer changed by a value of its own, and what becomes of its sales and profit.

A policy's rows carry each customer's own values, so one replay prices what is tried of all customers. Of one customer
one thing is tried at a time, in one channel: what its orders cost in another may hang on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from cts_lib.costing.costed import Costed
from cts_lib.engine import Engine
from cts_lib.levers.settings import Lever
from cts_lib.model.drivers import Extras
from cts_lib.names import CUSTOMER
from cts_lib.params import Strategy, UnitParams
from cts_lib.replay.options import PlacedLever, placed_levers
from cts_lib.replay.outcome import ROWS_AT_ONCE, Outcome, actual_transactions, replay
from cts_lib.replay.policy import Policy, assuming
from cts_lib.replay.pricing import Pricing, pricing

_ONE = "one"


@dataclass(frozen=True)
class Term:
    """Something that is agreed with a customer: the kind of lever that changes it, and its column of the policy.

    Without a ``column`` there is one value alone, that of the setting; the setting of the others is a place for it.
    """

    name: str
    kind: str
    column: str | None
    setting: dict[str, Any] = field(default_factory=dict)


_MONEY = {"price": 0, "fee_per_order": 0, "fee_per_drop": 0}
TERMS = (
    Term("fee_per_order", "terms", "order_fee", _MONEY),
    Term("fee_per_drop", "terms", "drop_fee", _MONEY),
    Term("minimum_order", "minimum_order", "value", {"value": 1, "below": "bundle"}),
    Term("price", "terms", "price", _MONEY),
    Term("rhythm", "rhythm", "days", {"days": 2}),
    Term("order_method", "order_method", None),
)


class Trials:
    """Tries terms on a period's own transactions, at its prices.

    Parameters
    ----------
    method : str or None
        The order method that orders may come in by; None: that is no term.
    cells : DataFrame
        customer_id, channel and segment of every customer.
    plan : Policy, optional
        What terms are asked on top of, for every customer; without it they are changed alone.
    """

    def __init__(
        self,
        engine: Engine,
        unit: UnitParams,
        extras: Extras,
        profiled: Costed,
        cells: pd.DataFrame,
        method: str | None,
        plan: Policy | None = None,
    ) -> None:
        self._engine, self._profiled = engine, profiled
        if plan is None:
            rows = cells[CUSTOMER].assign(_segment=cells["segment"], _leaves=0.0)
            plan = Policy(rows, _NO_EVENTS, [])
        self._plan, strategy = plan, unit.params.strategy
        under = strategy.levers if plan.levers else {}
        self._strategy, self._asked = _strategy_of(strategy, method, under)
        placed = placed_levers(self._strategy)
        self._own: list[PlacedLever] = [lever for lever in placed if lever.name in self._asked]
        there = {lever.name for lever in plan.levers}
        self._levers = [lever for lever in placed if lever.name in self._asked or lever.name in there]
        self._priced: Pricing = pricing(
            unit.params.cost_model, extras, self._strategy, profiled.rates, unit.params.governance.on_time
        )

    def outcomes(self, trials: pd.DataFrame) -> pd.DataFrame:
        """Return trials (customer_id, channel, term, value …) with net_sales_then and profit_then, in their order."""
        if trials.empty:
            return trials.assign(net_sales_then=np.nan, profit_then=np.nan)
        numbered = trials.assign(scenario=trials.groupby("customer_id").cumcount().astype("str"))
        lines = numbered["customer_id"].map(self._profiled.customer_sums.groupby("customer_id")["lines"].sum())
        sizes = lines.groupby(numbered["scenario"], sort=False).sum()
        batch = numbered["scenario"].map((sizes.cumsum() - sizes) // ROWS_AT_ONCE)
        transactions, found = actual_transactions(self._engine), list[pd.DataFrame]()
        for _, some in numbered.groupby(batch, sort=False):
            policy = self._policy(some)
            outcome = replay(self._engine, self._priced, self._profiled, self._strategy, policy, transactions)
            found.append(_money(outcome))
        keys = ["scenario", *CUSTOMER]
        then = pd.concat(found).reindex(pd.MultiIndex.from_frame(numbered[keys])).fillna(0.0).set_index(trials.index)
        return pd.concat([trials, then], axis=1)

    def _policy(self, trials: pd.DataFrame) -> Policy:
        tried = trials[["scenario", *CUSTOMER, "term", "value"]].rename(columns={"channel": "tried"})
        rows = self._plan.rows.drop(columns="scenario", errors="ignore").merge(tried, on="customer_id")
        own, values = (rows["channel"] == rows["tried"]).to_numpy(), rows["value"].to_numpy("float64")
        columns = dict[str, np.ndarray]()
        for lever in self._own:
            setting = lever.kind.policy(lever.settings[_ONE])
            at = columns[lever.place.at] = np.full(len(rows), np.nan)
            for name, given in setting.items():
                nothing, kind = (None, "object") if isinstance(given, str) else (np.nan, "float64")
                columns[lever.place[name]] = np.full(len(rows), nothing, dtype=kind)
            for term in (term for term in TERMS if term.kind == self._asked[lever.name]):
                here = own & (rows["term"] == term.name).to_numpy()
                at[here] = 1.0
                for name, given in setting.items():
                    if given is not None:
                        columns[lever.place[name]][here] = given
                if term.column:
                    columns[lever.place[term.column]][here] = values[here]
        frame = rows.drop(columns=["tried", "term", "value"]).assign(**columns)
        events = self._plan.events.drop(columns="scenario").merge(tried[["scenario", "customer_id"]], on="customer_id")
        return Policy(assuming(frame, self._levers, self._strategy), events[list(_NO_EVENTS)], self._levers)


_NO_EVENTS = pd.DataFrame(
    {name: pd.Series(dtype="str") for name in ("scenario", *CUSTOMER, "event")} | {"factor": pd.Series(dtype="float64")}
)


def _strategy_of(strategy: Strategy, method: str | None, under: Mapping[str, Lever]) -> tuple[Strategy, dict[str, str]]:
    """Return the strategy with a lever for each kind of term beside those ``under`` them, and the kind by its name."""
    settings = {term.kind: term.setting for term in TERMS if term.column}
    if method is not None:
        settings["order_method"] = {"to": method}
    levers = {kind: {"settings": {_ONE: setting}} for kind, setting in settings.items()}
    made = Strategy.model_validate({"levers": levers}).levers
    free = max([0, *map(len, under)]) * "_"  # longer than any name of theirs, so that none is taken
    asked = {f"{free}{kind}": kind for kind in made}
    every = {**under, **{name: made[kind] for name, kind in asked.items()}}
    return strategy.model_copy(update={"levers": every}), asked


def _money(outcome: Outcome) -> pd.DataFrame:
    """Return net_sales_then and profit_then by scenario, customer_id and channel."""
    keys = ["scenario", *CUSTOMER]
    sold = outcome.customer_sums.set_index(keys)[["net_sales", "cogs"]]
    cost = outcome.costs.astype(dict.fromkeys(keys, "str")).groupby(keys)["cost"].sum()
    both = sold.join(cost, how="outer").fillna(0.0)
    profit = both["net_sales"] - both["cogs"] - both["cost"]
    return pd.DataFrame({"net_sales_then": both["net_sales"], "profit_then": profit})
