"""One customer's cost to serve back to activities, things, resources and ledger rows; every level adds up."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import pandas as pd

from cts_lib.costing.costed import Costed
from cts_lib.costing.cube import CompiledActivity, thing_values
from cts_lib.costing.rates import given_costs, own_costs
from cts_lib.costing.support import flows
from cts_lib.engine import Engine, fetch_frame
from cts_lib.errors import DataError
from cts_lib.params import UnitParams
from cts_lib.period import Period

THE_OTHERS = "the others"


@dataclass(frozen=True)
class Trace:
    """What stands behind one customer's cost to serve.

    ``profit`` is the customer's row per channel; ``activities`` sum to its cost to serve; ``things`` (the costliest of
    each activity, and the others in one row) sum to ``activities``; ``resources`` says how each price came about, from
    ``ledger`` rows (none where params give the cost) and what ``support`` sent, back to the support's own rows;
    ``reasons`` compares with the median of the customer's segment.
    """

    profit: pd.DataFrame
    activities: pd.DataFrame
    things: pd.DataFrame
    resources: pd.DataFrame
    ledger: pd.DataFrame
    support: pd.DataFrame
    reasons: pd.DataFrame


def trace(
    engine: Engine,
    unit: UnitParams,
    period: Period,
    activities: list[CompiledActivity],
    costed: Costed,
    segments: pd.DataFrame,
    customer_id: str,
    most: int = 5,
) -> Trace:
    """Trace a customer of the period that the engine holds; ``most`` things are shown of each activity.

    Raises
    ------
    DataError
        Where the customer has no accepted line or event in the period.
    """
    money = costed.tables["customer_channel_profit"]
    profit = money[money["customer_id"] == customer_id].reset_index(drop=True)
    if profit.empty:
        close = difflib.get_close_matches(customer_id, list(money["customer_id"].unique()), n=3, cutoff=0.5)
        expected = f"did you mean {' or '.join(close)}?" if close else "see customer_profit for the period's customers"
        raise DataError(f"{unit.name}, {period}, customer {customer_id!r}", "no line and no event", expected)
    costs = costed.tables["customer_costs"]
    own = costs[costs["customer_id"] == customer_id].merge(costed.rates[["activity", "price"]], on="activity")
    model = unit.params.cost_model
    own["equation"] = own["activity"].map(lambda name: " ".join(model.activities[name].quantity.split()))
    own["per"] = own["activity"].map(lambda name: model.activities[name].per)
    own["quantity"] = own["minutes"].fillna(own["driver_quantity"])
    columns = ["channel", "activity", "resource", "per", "equation", "volume", "quantity", "price", "cost"]
    prices = own.drop_duplicates("activity").set_index("activity")["price"]
    chosen = [item for item in activities if item.name in prices.index]
    parts = [_things(engine, item, customer_id, float(prices[item.name]), most) for item in chosen]
    resources = costed.tables["resources"]
    ledger = fetch_frame(engine, "SELECT resource, period, account, amount FROM accepted_ledger ORDER BY ALL")
    sent = flows(
        own_costs(unit, ledger, period), model.support, {key for key, item in model.resources.items() if item.support}
    )
    used = {str(name) for name in own["resource"].dropna()}
    while senders := {sender for sender, receiver, _ in sent if receiver in used} - used:
        used |= senders
    support = pd.DataFrame([row for row in sent if row[1] in used], columns=["sender", "resource", "amount"])
    booked = used - set(given_costs(unit, period))
    return Trace(
        profit,
        own[columns].reset_index(drop=True),
        pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["channel", "activity", "cost"]),
        resources[resources["resource"].isin(used)].reset_index(drop=True),
        ledger[ledger["resource"].isin(booked)].reset_index(drop=True),
        support,
        _reasons(costs, money, segments, customer_id),
    )


def _things(engine: Engine, activity: CompiledActivity, customer_id: str, price: float, most: int) -> pd.DataFrame:
    """Return the costliest things of an activity, their drivers put in, and one row for the others."""
    rows = fetch_frame(engine, thing_values(activity, customer_id))
    rows["cost"] = rows["_value"].fillna(0.0) * price
    rows = rows.sort_values(["cost", "_thing"], ascending=[False, True], ignore_index=True)
    drivers = sorted(activity.drivers)
    parts = []
    for channel, group in rows.groupby("channel"):
        shown, others = group.head(most), group.iloc[most:]
        words = [", ".join(f"{name} = {_word(row[name])}" for name in drivers) for row in shown.to_dict("records")]
        table = pd.DataFrame(
            {"thing": shown["_thing"], "values": words, "quantity": shown["_value"], "cost": shown["cost"]}
        )
        if len(others):
            quantity, cost = float(others["_value"].sum()), float(others["cost"].sum())
            rest = {"thing": f"{THE_OTHERS} ({len(others)})", "values": "", "quantity": quantity, "cost": cost}
            table = pd.concat([table, pd.DataFrame([rest])], ignore_index=True)
        parts.append(table.assign(channel=channel, activity=activity.name))
    return pd.concat(parts, ignore_index=True)[["channel", "activity", "thing", "values", "quantity", "cost"]]


def _word(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return "null" if value is None or value is pd.NaT else str(value)


def _reasons(costs: pd.DataFrame, money: pd.DataFrame, segments: pd.DataFrame, customer_id: str) -> pd.DataFrame:
    """Compare each activity's cost with what it would be at the median share of sales of the customer's segment.

    The median is over the customers of the segment that sell; the difference is money, so that the largest row is the
    first reason.
    """
    keys = ["customer_id", "channel"]
    everybody = segments[[*keys, "segment"]].merge(money[[*keys, "net_sales"]], on=keys)
    mine = everybody[everybody["customer_id"] == customer_id]
    parts = []
    for row in mine.to_dict("records"):
        peers = everybody[(everybody["segment"] == row["segment"]) & (everybody["net_sales"] > 0)].set_index(keys)
        wide = costs.pivot_table(index=keys, columns="activity", values="cost", aggfunc="sum", fill_value=0.0)
        shares = wide.reindex(peers.index, fill_value=0.0).div(peers["net_sales"], axis=0)
        own = costs[(costs["customer_id"] == customer_id) & (costs["channel"] == row["channel"])]
        table = own.groupby("activity")["cost"].sum().rename("cost").to_frame()
        table = table.reindex(table.index.union(shares.columns), fill_value=0.0)
        table["at_median"] = shares.median().reindex(table.index).fillna(0.0) * row["net_sales"]
        table["difference"] = table["cost"] - table["at_median"]
        parts.append(table.reset_index(names="activity").assign(channel=row["channel"], segment=row["segment"]))
    table = pd.concat(parts, ignore_index=True)
    columns = ["segment", "channel", "activity", "cost", "at_median", "difference"]
    ordered: pd.DataFrame = table[columns].sort_values("difference", ascending=False, key=abs, ignore_index=True)
    return ordered
