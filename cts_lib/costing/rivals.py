"""The same transactions costed by rival methods, to see whose verdict hangs on the method.

Fixed prices are the same by every method.

- support shared out by each of the three methods (step in the order of params, in its reverse, and of four departments
  or fewer in every other order);
- driver shares: a timed resource's whole cost by minutes, so that unused capacity lands on customers;
- by sales: everything that customers carry, spread over net sales as if butter on bread.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import pandas as pd

from cts_lib.costing.rates import Pools, cost_to_serve, share_out_support, unit_rates
from cts_lib.cube.cube import Cube
from cts_lib.errors import ModelError
from cts_lib.model.support import check_support
from cts_lib.names import CUSTOMER
from cts_lib.params import CostModel, Support

THIS_MODEL = "this model"
DRIVER_SHARES = "driver shares"
BY_SALES = "by sales"
_MOST_IN_EVERY_ORDER = 4


def rival_costs(model: CostModel, pools: Pools, cube: Cube, by_channel: pd.DataFrame) -> pd.DataFrame:
    """Return method, customer_id, channel, cost_to_serve and profit for every method, this model's own first.

    Parameters
    ----------
    by_channel : DataFrame
        Table ``customer_channel_profit``: customer_id, channel, net_sales, gross_margin, cost_to_serve.
    """
    sold = by_channel.set_index(CUSTOMER)
    costs, cells = {THIS_MODEL: sold["cost_to_serve"]}, pd.MultiIndex.from_frame(cube.cells)
    for method, support in _supports(model).items():
        rates = unit_rates(model, share_out_support(model, pools, support), cube.totals)
        costs[method] = pd.Series(cost_to_serve(cube, rates), cells)
    costs[DRIVER_SHARES] = pd.Series(cost_to_serve(cube, _driver_shares(model, pools, cube.totals)), cells)
    total = sold["net_sales"].sum()
    if total > 0:
        costs[BY_SALES] = sold["net_sales"] * (costs[DRIVER_SHARES].sum() / total)
    parts = []
    for method, cost in costs.items():
        table = pd.DataFrame({"cost_to_serve": cost.reindex(sold.index).fillna(0.0)})
        table["profit"] = sold["gross_margin"] - table["cost_to_serve"]
        parts.append(table.reset_index().assign(method=method))
    return pd.concat(parts, ignore_index=True)[["method", *CUSTOMER, "cost_to_serve", "profit"]]


def rival_allocations(rivals: pd.DataFrame) -> pd.DataFrame:
    """Return customer_id, method, cost_to_serve, profit and changes_sign for every customer and method.

    ``rivals`` are the rows of `rival_costs`; changes_sign is true where this model's profit has the other sign.
    """
    table = rivals.groupby(["method", "customer_id"], sort=False, as_index=False)[["cost_to_serve", "profit"]].sum()
    of_model = table[table["method"] == THIS_MODEL].set_index("customer_id")["profit"]
    table["changes_sign"] = (table["profit"] < 0) != (table["customer_id"].map(of_model) < 0)
    return table[["customer_id", "method", "cost_to_serve", "profit", "changes_sign"]]


def _supports(model: CostModel) -> dict[str, Support]:
    """The support methods that this model can be costed by, other than its own."""
    if not model.support.shares:
        return {}
    given, shares = _given_order(model), model.support.shares
    orders = {"support step": given, "support step reversed": given[::-1]} | orders_of_support(model)
    candidates = {
        "support direct": Support(method="direct", shares=shares),
        **{name: Support(method="step", order=order, shares=shares) for name, order in orders.items()},
        "support reciprocal": Support(method="reciprocal", shares=shares),
    }
    of_model = f"support {model.support.method}"
    return {name: support for name, support in candidates.items() if name != of_model and _is_possible(model, support)}


def orders_of_support(model: CostModel) -> dict[str, tuple[str, ...]]:
    """Return the orders of departments that are tried beside the given one and its reverse, by the method's name."""
    given = _given_order(model)
    others = itertools.permutations(given) if len(given) <= _MOST_IN_EVERY_ORDER else ()
    return {f"support step: {', '.join(order)}": order for order in others if order not in (given, given[::-1])}


def _given_order(model: CostModel) -> tuple[str, ...]:
    return tuple(model.support.order) or tuple(model.support.shares)


def _is_possible(model: CostModel, support: Support) -> bool:
    """A department whose receivers are all closed has nobody to send to under some methods."""
    try:
        check_support(support, {name for name, resource in model.resources.items() if resource.support})
    except ModelError:
        return False
    return True


def _driver_shares(model: CostModel, pools: Pools, totals: Mapping[str, float]) -> pd.DataFrame:
    """Rates at which a timed resource's whole cost is shared out by the minutes that were used."""
    rates = unit_rates(model, pools, totals)
    pool = pools.frame.set_index("resource")
    net = pool["ledger"] + pool["received"] - pool["sent"]
    timed = (rates["basis"] == "minutes") & rates["ledger_price"].isna()
    minutes = pd.Series(totals, dtype="float64")
    by_resource = minutes.groupby(rates.set_index("activity")["resource"]).sum()
    whole = rates["resource"].map(net) / rates["resource"].map(by_resource)
    rates["price"] = rates["price"].where(~timed | ~(rates["resource"].map(by_resource) > 0), whole)
    return rates
