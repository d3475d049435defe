"""Where every ledger amount went, by resource and in total, and from customer profit to operating profit.

ledger + received = sent + assigned + unused − overdriven + sustaining + unassigned, each term computed by itself.

``unused`` and ``overdriven`` are minutes at the ledger's rate, whether or not a price is fixed. Where one is,
quantity × (the ledger's price − the fixed one), of either sign, stands in ``unassigned``.
"""

from __future__ import annotations

import pandas as pd

from cts_lib.costing.rates import Pools, default_share
from cts_lib.errors import ReconciliationError
from cts_lib.params import CostModel

TERMS = ("ledger", "received", "sent", "assigned", "unused", "overdriven", "sustaining", "unassigned")


def resources_table(model: CostModel, pools: Pools, costs: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """Return the table ``resources``: the identity's terms (money), capacity and use (minutes), rate (money a minute).

    ``costs`` has resource, activity, driver_quantity, minutes and cost, a row a customer, channel and activity;
    ``rates`` is the table of `unit_rates`.
    """
    beyond = _beyond_fixed_prices(costs, rates)
    assigned = costs.groupby("resource")["cost"].sum()
    minutes = costs.groupby("resource")["minutes"].sum()
    used_drivers = set(costs.loc[costs["driver_quantity"].fillna(0) != 0, "activity"])
    rows = []
    for pool in pools.frame.to_dict("records"):
        name = str(pool["resource"])
        net = pool["ledger"] + pool["received"] - pool["sent"]
        row = {term: pool.get(term, 0.0) for term in TERMS} | {
            "resource": name,
            "assigned": float(assigned.get(name, 0.0)),
        }
        resource = model.resources.get(name)
        capacity = pool["capacity_minutes"]
        if resource is None or (resource.support and name not in model.support.shares):
            row["unassigned"] = net
        elif resource.level:
            row["sustaining"] = net
        elif not resource.support and pd.notna(capacity) and not _is_direct(model, name):
            used = float(minutes.get(name, 0.0))
            rate = net / capacity
            row |= {"used_minutes": used, "utilisation": used / capacity, "rate": rate, "capacity_minutes": capacity}
            row["unused"] = max(capacity - used, 0.0) * rate
            row["overdriven"] = max(used - capacity, 0.0) * rate
        elif not resource.support:
            row["unassigned"] = _unassigned(model, name, net, row["assigned"], used_drivers)
        row["unassigned"] += float(beyond.get(name, 0.0))
        rows.append(row)
    columns = ["resource", *TERMS, "capacity_minutes", "used_minutes", "utilisation", "rate"]
    table = pd.DataFrame(rows).reindex(columns=columns)
    table = table.astype(dict.fromkeys(columns[1:], "float64"))
    table.insert(9, "difference", difference(table))
    return table


def _is_direct(model: CostModel, name: str) -> bool:
    return any(activity.basis == "direct" for activity in model.of_resource(name).values())


def _unassigned(model: CostModel, name: str, net: float, assigned: float, used_drivers: set[str]) -> float:
    """What no customer got: the difference of direct money, or the shares nobody claims or no driver carries."""
    activities = model.of_resource(name)
    if _is_direct(model, name):
        return net - assigned
    shares = {key: default_share(model, key) for key in activities}
    unclaimed = 1.0 - sum(shares.values())
    idle = sum(share for key, share in shares.items() if key not in used_drivers)
    return net * (unclaimed + idle)


def _beyond_fixed_prices(costs: pd.DataFrame, rates: pd.DataFrame) -> pd.Series:
    """Return what the ledger would have charged beyond fixed prices, by resource."""
    fixed = rates.dropna(subset="ledger_price").set_index("activity")
    charged = costs[costs["activity"].isin(fixed.index)]
    quantity = charged["minutes"].fillna(charged["driver_quantity"])
    price = (fixed["ledger_price"] - fixed["price"]).astype("float64")
    beyond: pd.Series = (quantity * charged["activity"].map(price).astype("float64")).groupby(charged["resource"]).sum()
    return beyond


def difference(table: pd.DataFrame) -> pd.Series:
    """Return ledger + received less all that became of it, by row of ``resources``; 0 where the identity holds."""
    became = table["sent"] + table["assigned"] + table["unused"] - table["overdriven"]
    return table["ledger"] + table["received"] - became - table["sustaining"] - table["unassigned"]


def check_identity(table: pd.DataFrame, tolerance: float) -> None:
    """Raise a ReconciliationError for the resource of ``table`` that is furthest from its ledger, or for the total.

    ``tolerance`` is money, ``table`` is ``resources``.
    """
    wrong = table[~(table["difference"].abs() <= tolerance)]
    if len(wrong):
        worst = wrong.sort_values("difference", key=abs, ascending=False).to_dict("records")[0]
        raise ReconciliationError(
            f"resource {worst['resource']}",
            f"ledger and use differ by {worst['difference']:.4f}",
            f"at most quality.ledger_tolerance = {tolerance:g}",
        )
    total = float(table["difference"].sum())
    if not abs(total) <= tolerance:
        raise ReconciliationError("all resources", f"ledger and use differ by {total:.4f}", f"at most {tolerance:g}")


def activities_table(model: CostModel, costs: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """Return the table ``activities``; one that never happened has volume 0 and no unit cost.

    ``costs`` is table ``customer_costs``, ``rates`` has activity, price and ledger_price.
    """
    sums = costs.groupby("activity")[["volume", "missing", "driver_quantity", "minutes", "cost"]].sum()
    table = pd.DataFrame(
        [(name, item.resource, item.per, item.basis) for name, item in model.activities.items()],
        columns=["activity", "resource", "per", "basis"],
    )
    table = table.merge(sums, left_on="activity", right_index=True, how="left")
    table = table.fillna({"volume": 0.0, "missing": 0.0, "driver_quantity": 0.0, "minutes": 0.0, "cost": 0.0})
    timed = table["basis"] == "minutes"
    table["driver_quantity"] = table["driver_quantity"].where(~timed)
    table["minutes"] = table["minutes"].where(timed)
    table["missing"] = table["missing"].astype("int64")
    table["unit_cost"] = (table["cost"] / table["volume"]).where(table["volume"] != 0)
    return table.merge(rates[["activity", "price", "ledger_price"]], on="activity", how="left")


def statement_table(profit: pd.DataFrame, resources: pd.DataFrame, costs: pd.DataFrame) -> pd.DataFrame:
    """Return the table ``statement``: line and amount, from net sales to operating profit; amounts carry their sign.

    ``profit`` is table ``customer_profit``, ``resources`` and ``costs`` (``customer_costs``) are those of the same run.
    """
    outside = float(costs.loc[costs["resource"].isna(), "cost"].sum())
    net_sales, cogs, served = (float(profit[name].sum()) for name in ("net_sales", "cogs", "cost_to_serve"))
    terms = {name: float(resources[name].sum()) for name in ("unused", "overdriven", "sustaining", "unassigned")}
    customer_profit = float(profit["profit"].sum())
    operating = (
        customer_profit - terms["unused"] + terms["overdriven"] - terms["sustaining"] - terms["unassigned"] + outside
    )
    lines = {
        "gross_sales": float(profit["gross_sales"].sum()),
        "discounts": -float(profit["discounts"].sum()),
        "net_sales": net_sales,
        "cogs": -cogs,
        "gross_margin": net_sales - cogs,
        "cost_to_serve": -served,
        "customer_profit": customer_profit,
        "unused": -terms["unused"],
        "overdriven": terms["overdriven"],
        "sustaining": -terms["sustaining"],
        "unassigned": -terms["unassigned"],
        "outside_ledger": outside,
        "operating_profit": operating,
    }
    return pd.DataFrame({"line": list(lines), "amount": list(lines.values())})
