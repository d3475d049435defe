"""Why profit changed between two periods: an exact bridge, every component computed by itself.

Of customers that both periods know, ``sales_change`` explains gross margin and ``cost_change`` what they carry of cost;
customers that only one knows are ``customers``. Operating profit goes further: for each resource, what it costs more or
less is ``rate``, and what of that customers do not carry, because more or less of it was used, is ``capacity``. What is
charged outside the ledger lowers no operating profit, and is left out there.
"""

from __future__ import annotations

import pandas as pd

from cts_lib.costing.costed import Costed
from cts_lib.govern.cost_change import OUTSIDE, cost_parts, net_costs
from cts_lib.govern.sales_change import PARTS, compare, margin_parts
from cts_lib.names import ALL, CELL, CUSTOMER, NONE

COMPONENTS = ("price", "volume", "mix", "goods", "efficiency", "rate", "capacity", "customers", "other")
DETAILS = ["component", "cause", "subject", "amount"]
Side = tuple[Costed, pd.DataFrame]
"""A costed period and its segments."""


def profit_bridge(now: Side, before: Side) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return tables ``bridge`` and ``bridge_details``.

    The bridge explains customer profit for each segment and channel, and operating profit in the total row, whose
    components the details tell apart. A customer counts in the segment it has now; one that is gone in the one it had.
    """
    parts = customer_parts(now[0], before[0])
    segments = pd.concat([now[1], before[1]]).drop_duplicates(CUSTOMER)[["customer_id", *CELL]]
    cells = parts.merge(segments, on=CUSTOMER).groupby([*CELL, "component"], as_index=False)["amount"].sum()
    whole = _operating(parts, now[0], before[0])
    totals = whole.groupby("component", as_index=False)["amount"].sum().assign(segment=ALL, channel=ALL)
    amounts = pd.concat([cells, totals]).groupby([*CELL, "component"])["amount"].sum()
    places = sorted({*segments[CELL].itertuples(index=False, name=None), (ALL, ALL)})
    every = pd.MultiIndex.from_tuples(
        [(*place, name) for place in places for name in COMPONENTS], names=[*CELL, "component"]
    )
    bridge: pd.DataFrame = amounts.reindex(every, fill_value=0.0).rename("amount").reset_index()
    return bridge, _details(whole)


def customer_parts(now: Costed, before: Costed) -> pd.DataFrame:
    """Return why the profit of each customer changed, as `PARTS`."""
    here, there = (side.tables["customer_channel_profit"][CUSTOMER] for side in (now, before))
    kept = here.merge(there, on=CUSTOMER)
    sold = compare(now.work, before.work, kept)
    parts = [margin_parts(sold), cost_parts(now, before, sold)]
    known = pd.MultiIndex.from_frame(kept)
    for side, sign, cause in ((now, 1, "won"), (before, -1, "lost")):
        parts.append(_moved(side, known, sign, cause))
    return pd.concat(parts, ignore_index=True)[PARTS]


def _moved(side: Costed, kept: pd.MultiIndex, sign: int, cause: str) -> pd.DataFrame:
    """Return what customers brought that the other period does not know, and what each resource did for them."""
    money, costs = side.tables["customer_channel_profit"], side.tables["customer_costs"]
    brought = money[CUSTOMER].assign(amount=sign * money["gross_margin"], resource=NONE)
    served = costs[CUSTOMER].assign(amount=-sign * costs["cost"], resource=costs["resource"].fillna(OUTSIDE))
    moved = pd.concat([brought, served], ignore_index=True)
    moved = moved[~pd.MultiIndex.from_frame(moved[CUSTOMER]).isin(kept)]
    return moved.assign(component="customers", cause=cause, subject=NONE)


def _operating(parts: pd.DataFrame, now: Costed, before: Costed) -> pd.DataFrame:
    """Return why operating profit changed: component, cause, subject, amount.

    Of a resource that is shared out by minutes or drivers, all that it costs more is rate, and what customers took
    more of it, at its old price, is no cost but use of it: capacity. A bill follows the work; what the ledger has of
    it beyond the bills is rate.
    """
    inside = parts[parts["resource"] != OUTSIDE]
    dearer = net_costs(now.tables["resources"]) - net_costs(before.tables["resources"])
    carried = inside.pivot_table("amount", "resource", "component", "sum").reindex(dearer.index).fillna(0.0)
    carried = carried.reindex(columns=list(COMPONENTS), fill_value=0.0)
    bills = now.rates.loc[now.rates["basis"] == "direct", "resource"].dropna()
    is_billed = dearer.index.isin(bills)
    rate = -dearer - carried["rate"].where(~is_billed, carried.sum(axis=1))
    use = -carried.drop(columns="rate").sum(axis=1).where(~is_billed, 0.0)
    beyond = [
        pd.DataFrame({"component": component, "cause": cause, "subject": amounts.index, "amount": amounts.to_numpy()})
        for component, cause, amounts in (("rate", "cost", rate), ("capacity", "use", use))
    ]
    return pd.concat([inside[DETAILS], *beyond], ignore_index=True)


def _details(whole: pd.DataFrame) -> pd.DataFrame:
    """Return each cause's amount, the largest of a component first."""
    table = whole.groupby(DETAILS[:-1], as_index=False)["amount"].sum()
    order = table["component"].map({name: place for place, name in enumerate(COMPONENTS)})
    table = table.assign(order=order, size=-table["amount"].abs()).sort_values(["order", "size", "cause", "subject"])
    details: pd.DataFrame = table.loc[table["amount"].round(6) != 0, DETAILS].reset_index(drop=True)
    return details
