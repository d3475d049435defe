"""One customer's cost to serve back to activities, units of work, resources and ledger rows; every level adds up.

All but the units of work is read from the tables of the stages; those are rows of the transactions, and come from
the engine.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from cts_lib.costing.rates import default_share, given_costs, resource_costs
from cts_lib.errors import UnknownCustomer
from cts_lib.model.support import flows
from cts_lib.names import ALL, CUSTOMER, NONE
from cts_lib.params import CostModel, UnitParams
from cts_lib.params.period import Period

READ = (
    "customer_channel_profit",
    "customer_costs",
    "activities",
    "resources",
    "support_flows",
    "ledger_rows",
    "segments",
    "segment_names",
    "segment_drivers",
)
"""The tables that a trace is read from."""
FEWEST = 4
"""Customers of a segment below which nothing is usual."""


@dataclass(frozen=True)
class Trace:
    """What stands behind one customer's cost to serve.

    ``profit`` is the customer's row per channel; ``activities`` sum to its cost to serve; ``work`` (the costliest units
    of work of each activity, and the others in one row without keys) sums to ``activities``; ``resources`` says how
    each price came about, from ``ledger`` rows (none where params give the cost: ``cost_from``) and what ``support``
    sent, back to the support's own rows, and ``drivers`` how that of a proportional driver did: the resource's cost ×
    share ÷ total; ``reasons`` compares each driver of the equations with the median of the customer's segment, and
    ``segment_names`` says what the segments' names are made of.
    """

    profit: pd.DataFrame
    activities: pd.DataFrame
    work: pd.DataFrame
    resources: pd.DataFrame
    drivers: pd.DataFrame
    ledger: pd.DataFrame
    support: pd.DataFrame
    reasons: pd.DataFrame
    segment_names: pd.DataFrame


def trace(
    tables: Mapping[str, pd.DataFrame],
    model: CostModel,
    customer_id: str,
    work: pd.DataFrame,
    drivers: pd.DataFrame,
    where: str,
) -> Trace:
    """Trace a customer of a costed period.

    Parameters
    ----------
    tables : mapping of name to table
        Those of ``READ``.
    work, drivers : DataFrame
        The customer's rows of ``customer_things`` and ``customer_drivers``.
    where : str
        The unit and period, for an error.

    Raises
    ------
    UnknownCustomer
        Where the customer has no accepted line or event in the period.
    """
    money, costs = tables["customer_channel_profit"], tables["customer_costs"]
    profit = money[money["customer_id"] == customer_id].reset_index(drop=True)
    if profit.empty:
        close = difflib.get_close_matches(customer_id, list(money["customer_id"].unique()), n=3, cutoff=0.5)
        expected = f"did you mean {' or '.join(close)}?" if close else "see customer_profit for the period's customers"
        raise UnknownCustomer(f"{where}, customer {customer_id!r}", "no line and no event", expected)
    priced = tables["activities"][["activity", "price", "ledger_price"]]
    mine = costs[costs["customer_id"] == customer_id].merge(priced, on="activity")
    mine["equation"] = mine["activity"].map(lambda name: " ".join(model.activities[name].quantity.split()))
    mine["condition"] = mine["activity"].map(lambda name: model.activities[name].when)
    mine["per"] = mine["activity"].map(lambda name: model.activities[name].per)
    mine["quantity"] = mine["minutes"].fillna(mine["driver_quantity"])
    columns = ["channel", "activity", "resource", "per", "equation", "condition", "volume", "quantity"]
    columns += ["price", "ledger_price", "cost"]
    sent, ledger, resources = tables["support_flows"], tables["ledger_rows"], tables["resources"]
    used = {str(name) for name in mine["resource"].dropna()}
    while senders := set(sent.loc[sent["resource"].isin(used), "sender"]) - used:
        used |= senders
    behind = resources[resources["resource"].isin(used)].reset_index(drop=True)
    given = [model.resources[name].cost is not None for name in behind["resource"]]
    booked = ledger[ledger["resource"].isin(used)]
    reasons, names = _reasons(profit, drivers, tables["segments"], tables["segment_drivers"]), tables["segment_names"]
    return Trace(
        profit,
        mine[columns].reset_index(drop=True),
        work.reset_index(drop=True),
        behind.assign(cost_from=["params" if is_given else "ledger" for is_given in given]),
        _driver_prices(tables["activities"], behind, model, set(mine["activity"])),
        booked.sort_values(["resource", "ledger_period", "account"], kind="stable", ignore_index=True),
        sent[sent["resource"].isin(used)].reset_index(drop=True),
        reasons,
        names[names["name"].isin(reasons["segment"])].reset_index(drop=True),
    )


def _driver_prices(activities: pd.DataFrame, resources: pd.DataFrame, model: CostModel, used: set[str]) -> pd.DataFrame:
    """Return how the price of each proportional driver came about, but those that params fix."""
    of_ledger = activities.loc[activities["ledger_price"].isna(), "activity"]
    shared = [name for name in of_ledger if name in used and model.activities[name].basis == "driver"]
    table = activities[activities["activity"].isin(shared)].merge(resources, on="resource", validate="many_to_one")
    table["resource_cost"] = table["ledger"] + table["received"] - table["sent"]
    table["share"] = table["activity"].map(lambda name: default_share(model, name)).astype("float64")
    columns = ["activity", "resource", "resource_cost", "share", "driver_quantity", "price"]
    return table[columns].rename(columns={"driver_quantity": "driver_total"})


def ledger_rows(unit: UnitParams, ledger: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return table ``ledger_rows``: the accepted rows that the resources' cost is the sum of."""
    rows = ledger.loc[~ledger["resource"].isin(list(given_costs(unit, period)))]
    renamed = rows.rename(columns={"period": "ledger_period"})
    return renamed[["resource", "ledger_period", "account", "amount"]].reset_index(drop=True)


def support_flows(unit: UnitParams, ledger: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return table ``support_flows``: which department sent how much to which resource."""
    model = unit.params.cost_model
    departments = {name for name, item in model.resources.items() if item.support}
    sent = flows(resource_costs(unit, ledger, period), model.support, departments)
    return pd.DataFrame(sent, columns=["sender", "resource", "amount"])


def _reasons(profit: pd.DataFrame, drivers: pd.DataFrame, segments: pd.DataFrame, usual: pd.DataFrame) -> pd.DataFrame:
    """Compare what each driver cost with what it would at the median of the customer's segment for its sales.

    The difference is money, so that the largest row is the first reason. A segment of fewer than four customers has no
    median: all customers are ``peers`` instead, if they are four.
    """
    keys = ["channel", "activity", "driver"]
    mine = profit[["customer_id", "channel", "net_sales"]].merge(segments, on=CUSTOMER)
    sizes = usual.groupby("segment")["customers"].max()
    mine["peers"] = mine["segment"].where(mine["segment"].map(sizes).fillna(0) >= FEWEST, ALL)
    mine["peers"] = mine["peers"].where(mine["peers"].map(sizes).fillna(0) >= FEWEST, NONE)
    table = mine[["channel", "peers", "net_sales"]].merge(usual, left_on="peers", right_on="segment")
    for name, scaled in (("quantity", "usual_quantity"), ("cost", "at_median")):
        table[scaled] = table.pop(name).astype("float64") * table["net_sales"].clip(lower=0)
    table = table.merge(drivers[[*keys, "quantity", "cost"]], on=keys, how="outer", validate="one_to_one")
    for name in ("segment", "peers"):
        table[name] = table["channel"].map(mine.set_index("channel")[name])
    numbers = ["quantity", "usual_quantity", "cost", "at_median", "customers"]
    table["customers"] = table["peers"].map(sizes)
    table[numbers] = table[numbers].astype("float64").fillna(0.0)
    table["difference"] = table["cost"] - table["at_median"]
    table = table[(table["cost"] != 0) | (table["at_median"] != 0)].astype({"customers": "int64"})
    columns = ["segment", "peers", "customers", *keys, "quantity", "usual_quantity", "cost", "at_median", "difference"]
    ordered: pd.DataFrame = table[columns].sort_values("difference", ascending=False, key=abs, ignore_index=True)
    return ordered
