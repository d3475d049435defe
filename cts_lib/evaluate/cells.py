"""What the work of simulated periods costs in each segment and channel.

A period of a large unit has millions of rows, one a customer and activity: their names are read once, as numbers.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from cts_lib.names import CELL, CUSTOMER

COST = "cost of "
"""Before a resource's name, the column of what its work costs."""


def sums_of(
    customer_sums: pd.DataFrame,
    costs: pd.DataFrame,
    segment_of: pd.DataFrame,
    cells: pd.MultiIndex,
    going_shares: Mapping[str, float],
) -> pd.DataFrame:
    """Return the sums of customers and what `costs_of` says, a row a cell, in their order."""
    costed = costs_of(costs, segment_of, cells, going_shares)
    return pd.concat([in_cells(customer_sums, segment_of, cells), costed], axis=1)


def in_cells(customer_sums: pd.DataFrame, segment_of: pd.DataFrame, cells: pd.MultiIndex) -> pd.DataFrame:
    """Return the sums of customers in cells: a row a cell, in their order; where nothing was sold, 0."""
    sums = customer_sums.merge(segment_of, on=CUSTOMER)
    numbers = [name for name in sums.columns if sums[name].dtype == "float64"]
    return sums.groupby(["replication", *CELL])[numbers].sum().reindex(cells, fill_value=0.0)


def costs_of(
    costs: pd.DataFrame, segment_of: pd.DataFrame, cells: pd.MultiIndex, going_shares: Mapping[str, float]
) -> pd.DataFrame:
    """Return cost_to_serve, going_cost and the cost of each resource that worked: a row a cell, in their order.

    Parameters
    ----------
    costs : DataFrame
        replication, customer_id, channel, activity, resource, cost of one plan.
    segment_of : DataFrame
        customer_id, channel, segment; customers who are not in it are left out.
    cells : MultiIndex
        replication, segment, channel.
    going_shares : mapping
        By activity, what of its cost leaves the ledger; all of it where none is given.
    """
    at = _places(costs, segment_of, cells)
    here = np.flatnonzero(at >= 0)
    at, cost = at[here], costs["cost"].to_numpy("float64")[here]
    activity, activities = _numbered(costs["activity"])
    share = np.array([going_shares.get(name, 1.0) for name in activities], "float64")
    both = pd.DataFrame({"cost_to_serve": cost, "going_cost": cost * share[activity[here]]})
    sums = both.groupby(at).sum().reindex(range(len(cells)), fill_value=0.0)
    resource, resources = _numbered(costs["resource"])
    resource, names = np.where(resource < 0, len(resources), resource)[here], [*resources, ""]
    of_resource = pd.Series(cost).groupby(at * len(names) + resource).sum()
    rows, columns = np.divmod(of_resource.index.to_numpy(), len(names))
    for column in sorted(np.unique(columns), key=lambda number: names[number]):
        own = columns == column
        values = np.zeros(len(cells))
        values[rows[own]] = of_resource.to_numpy()[own]
        sums[f"{COST}{names[column]}"] = values
    return sums.set_index(cells)


def _places(costs: pd.DataFrame, segment_of: pd.DataFrame, cells: pd.MultiIndex) -> np.ndarray:
    """Return the place of each row among the cells; −1 where its customer is left out."""
    numbered = [_numbered(costs[name]) for name in ("replication", *CUSTOMER)]
    (_, replications), (_, customers), (_, channels) = numbered
    row = (numbered[0][0] * len(customers) + numbered[1][0]) * len(channels) + numbered[2][0]
    row_of, rows = pd.factorize(row)
    rows, channel = np.divmod(rows, max(len(channels), 1))
    replication, customer = np.divmod(rows, max(len(customers), 1))
    found = pd.DataFrame({"customer_id": customers.take(customer), "channel": channels.take(channel)})
    segment = found.merge(segment_of[[*CUSTOMER, "segment"]], on=CUSTOMER, how="left", validate="many_to_one")
    keys = pd.MultiIndex.from_arrays([replications.take(replication), *(segment[name] for name in CELL)])
    places: np.ndarray = cells.get_indexer(keys)[row_of]
    return places


def _numbered(values: pd.Series) -> tuple[np.ndarray, pd.Index]:
    """Return values as numbers of names, and the names; what is null is −1."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.to_numpy("int64"), values.cat.categories
    numbers, names = pd.factorize(values)
    return numbers, pd.Index(names)
