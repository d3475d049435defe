"""What each customer would leave under the plan of a period: its transactions rewritten, and priced as they were."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from cts_lib.costing.costed import Costed
from cts_lib.params.period import Period
from cts_lib.replay.options import CURRENT, PROPOSED
from cts_lib.replay.outcome import actual_transactions, replay
from cts_lib.replay.policy import cells_of, policy_of
from cts_lib.replay.pricing import pricing
from cts_lib.replay.whom import GoingAlong
from cts_lib.run.unit import UnitRun
from cts_lib.stage import StageResult


def planned_customers(unit_run: UnitRun, period: Period, done: Mapping[str, StageResult]) -> pd.DataFrame:
    """Return customer_id, name, net_sales, gross_margin, cost_to_serve and profit under the plan, before investment.

    ``done`` holds the stages up to strategy. Whom the plan hands over or loses leaves nothing.
    """
    params, costed = unit_run.unit.params, Costed.of(done["profile"])
    going = GoingAlong.read(done["strategy"].state["going_along"], done["segment"].tables["segments"], params.strategy)
    chosen = done["strategy"].tables["strategy"]
    today = costed.tables["customer_profit"]
    if (chosen["chosen_option"] == CURRENT).all():
        return today[["customer_id", "name", "net_sales", "gross_margin", "cost_to_serve", "profit"]]
    accepted = unit_run.accepted(period)
    priced = pricing(params.cost_model, accepted.extras, params.strategy, costed.rates, params.governance.on_time)
    policy = policy_of({PROPOSED: cells_of(chosen)}, going, params.strategy)
    outcome = replay(accepted.engine, priced, costed, params.strategy, policy, actual_transactions(accepted.engine))
    sums = outcome.customer_sums.groupby("customer_id")[["net_sales", "cogs"]].sum()
    cost = outcome.costs.groupby("customer_id", observed=True)["cost"].sum()
    cost.index = cost.index.astype("str")
    found = sums.join(cost, how="outer").reindex(today["customer_id"]).fillna(0.0)
    margin = (found["net_sales"] - found["cogs"]).to_numpy()
    served = found["cost"].to_numpy()
    table = today[["customer_id", "name"]].assign(net_sales=found["net_sales"].to_numpy(), gross_margin=margin)
    return table.assign(cost_to_serve=served, profit=margin - served)
