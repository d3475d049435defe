"""What would really go away if a customer or channel went: the variable share of each resource's cost.

Money charged outside the ledger and direct money goes with its customer, and a channel's sustaining cost with the
channel. A resource without ``variable_share`` is taken
as fixed. Where no resource has one, all three are null or false.
"""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from cts_lib.params import CostModel, UnitParams


def variable_shares(model: CostModel) -> dict[str, float]:
    """Return the share of each activity's cost that goes when the work goes."""
    shares = {}
    for name, activity in model.activities.items():
        given = model.resources[activity.resource].variable_share if activity.resource else 1.0
        shares[name] = given if given is not None else float(activity.basis == "direct")
    return shares


def add_avoidable(table: pd.DataFrame, costs: pd.DataFrame, model: CostModel, key: str | list[str]) -> pd.DataFrame:
    """Return the table with avoidable_cost, avoidable_margin and worth_keeping.

    ``table`` has ``key`` (customer_id, channel or both), gross_margin, profit and perhaps sustaining; ``costs`` has
    ``key``, activity and cost. All but worth_keeping is money; that marks a loss-maker whose margin is more than
    what would go away with it.
    """
    if nothing_said(model):
        nothing = {"avoidable_cost": float("nan"), "avoidable_margin": float("nan"), "worth_keeping": False}
        return table.assign(**nothing)
    shares = costs["activity"].map(variable_shares(model)).astype("float64")
    avoidable = costs.assign(avoidable=costs["cost"] * shares).groupby(key)["avoidable"].sum()
    cost = avoidable.reindex(table.set_index(key).index).fillna(0.0).to_numpy() + table.get("sustaining", 0.0)
    margin = table["gross_margin"] - cost
    return table.assign(
        avoidable_cost=cost, avoidable_margin=margin, worth_keeping=(table["profit"] < 0) & (margin > 0)
    )


def going_shares(unit: UnitParams, resources: pd.DataFrame) -> dict[str, float]:
    """Return the share of each activity's cost that leaves the ledger when the work goes.

    That of `shares_within_capacity`; minutes beyond capacity cost nothing that a ledger row paid for, so of these
    nothing counts as leaving here.
    """
    model, beyond = unit.params.cost_model, set(resources.loc[resources["overdriven"] > 0, "resource"])
    shares = shares_within_capacity(model, unit.params.strategy.capacity_steps)
    return {name: 0.0 if model.activities[name].resource in beyond else share for name, share in shares.items()}


def shares_within_capacity(model: CostModel, steps: Collection[str]) -> dict[str, float]:
    """Return the share of each activity's cost that leaves with the work where no resource is beyond its capacity.

    Where no resource says what is variable, all of it. Of a resource with ``capacity_steps`` only steps bring money.
    """
    shares = dict.fromkeys(model.activities, 1.0) if nothing_said(model) else variable_shares(model)
    return {name: 0.0 if model.activities[name].resource in steps else share for name, share in shares.items()}


def nothing_said(model: CostModel) -> bool:
    """Say whether no resource says what of its cost is variable."""
    return all(resource.variable_share is None for resource in model.resources.values())
