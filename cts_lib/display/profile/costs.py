"""The tables of the profile: customers, channels, activities, resources, reconciliation, data quality."""

from __future__ import annotations

import pandas as pd

from cts_lib.display.pieces import Shown, folded
from cts_lib.display.profile.reasons import reasons
from cts_lib.display.reader import Reader
from cts_lib.display.table import table
from cts_lib.measures import SERVICE, kinds, ratios
from cts_lib.names import ALL, CUSTOMER

_MARGIN = ("net_sales", "discounts", "gross_margin", "profit")
_MOST_GROUPS = 5
_MONEY = kinds("net_sales", "gross_margin", "cost_to_serve", "profit")
_SHARES_OF_SALES = ("cost_to_serve_share", "profit_margin")


def least_profitable(
    customer_profit: pd.DataFrame, reader: Reader, customer_reasons: pd.DataFrame | None = None, rows: int = 10
) -> Shown:
    """Show the customers that leave least, and why."""
    frame = customer_profit.sort_values("profit", kind="stable").head(rows)
    why = reasons(customer_reasons, "worst", reader) if customer_reasons is not None else {}
    return _customers(frame, why, reader, reader.text("Least profitable customers"))


def most_profitable(
    customer_profit: pd.DataFrame, reader: Reader, customer_reasons: pd.DataFrame | None = None, rows: int = 10
) -> Shown:
    """Show the customers that earn most, and why; of few customers, those that earn at all."""
    frame = customer_profit[customer_profit["profit"].round(2) > 0]
    frame = frame.sort_values("profit", ascending=False, kind="stable").head(rows)
    why = reasons(customer_reasons, "best", reader) if customer_reasons is not None else {}
    return _customers(frame, why, reader, reader.text("Most profitable customers"))


def _customers(frame: pd.DataFrame, why: dict[str, str], reader: Reader, title: str) -> Shown:
    note = ""
    if why:
        frame = frame.assign(reason=frame["customer_id"].map(why))
        note = reader.text("Usual: the median of the channel.")
    columns = {"customer_id": "text", "name": "text", "channel": "text"}
    columns |= kinds("orders") | _MONEY | {"probability_unprofitable": "chance"}
    if (frame["name"].fillna(frame["customer_id"]) == frame["customer_id"]).all():
        del columns["name"]
    if why:
        for name in ("orders", "gross_margin", "probability_unprofitable"):
            columns.pop(name, None)
        columns["reason"] = "sentence"
    return table(frame, reader, columns, title, note=note, bars=("profit",))


def channels(channel_profit: pd.DataFrame, reader: Reader) -> Shown:
    """Show each channel from net sales to profit."""
    frame, shares = channel_profit.sort_values("profit", ascending=False, kind="stable"), _SHARES_OF_SALES
    columns = {"channel": "text"} | _MONEY | kinds(*shares)
    if frame["sustaining"].fillna(0).ne(0).any():
        columns |= kinds("sustaining")
    frame = frame.assign(**ratios(frame, shares))
    return table(frame, reader, columns, reader.text("Channels from sales to profit"), bars=("profit",))


def activities(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show what each activity happened for, how often, and what it cost."""
    columns = {"activity": "text", "resource": "text", "per": "text", "basis": "text", "volume": "number"}
    columns |= {"minutes": "number", "cost": "money", "unit_cost": "price"}
    if frame["missing"].fillna(0).gt(0).any():
        columns["missing"] = "number"
    if frame["ledger_price"].notna().any():
        columns |= {"price": "price", "ledger_price": "price"}
    title = reader.text("Activities, their volume and their cost")
    return table(frame.sort_values("cost", ascending=False, kind="stable"), reader, columns, title, bars=("cost",))


def resources(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show where each resource's ledger cost went: the reconciliation, resource by resource."""
    names = ("ledger", "received", "sent", "assigned", "unused", "overdriven", "sustaining", "unassigned")
    used = [name for name in names if name in ("ledger", "assigned") or frame[name].fillna(0).ne(0).any()]
    columns = {"resource": "text"} | dict.fromkeys(used, "money") | {"utilisation": "percent"}
    columns["rate_per_minute"] = "price"
    note = reader.text("Ledger + received = sent + assigned + unused − beyond capacity + sustaining + unassigned.")
    shown = frame.rename(columns={"rate": "rate_per_minute"})
    return table(shown, reader, columns, reader.text("Where the cost of each resource went"), note=note)


def statement(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show the way from sales to operating profit."""
    title = reader.text("From sales to operating profit")
    note = reader.text(
        "Charged outside the ledger: what customers carry by rates and by money without a resource. No ledger row "
        "books it, so operating profit is before it."
    )
    return table(frame, reader, {"line": "text", "amount": "money"}, title, note=note)


def service(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show promised and actual days, and what was on time, in full and perfect, by line and by order."""
    total = frame["channel"] == ALL
    rows = pd.concat([frame[~total].sort_values("orders", ascending=False, kind="stable"), frame[total]])
    columns = {"channel": "text"} | kinds("orders", "promised_days", "lead_time_days", "lead_time_spread")
    columns |= kinds("on_time", "on_time_orders", "in_full", "in_full_orders", "perfect_lines", "perfect_orders")
    note = reader.text(
        "Shares of the lines, and of the orders, that can be judged; an order is on time, in full or perfect only if "
        "all its lines are. A return booked as an order of its own spoils none. Spread: standard deviation of the days."
    )
    return table(rows, reader, columns, reader.text("Service by channel, by line and by order"), note=note)


def margins(channel_profit: pd.DataFrame, customer_costs: pd.DataFrame, reader: Reader) -> Shown:
    """Show each channel from gross margin to profit as shares of its net sales, cost to serve by resource."""
    title = reader.text("From gross margin to profit, as shares of each channel's net sales")
    return _margins(channel_profit, customer_costs, "channel", title, reader)


def segment_margins(
    by_channel: pd.DataFrame, customer_costs: pd.DataFrame, segments: pd.DataFrame, reader: Reader
) -> Shown:
    """Show each segment from gross margin to profit as shares of its net sales, cost to serve by resource."""
    keys = CUSTOMER
    segment_of = segments[[*keys, "segment"]]
    money = by_channel.merge(segment_of, on=keys).groupby("segment", as_index=False)[list(_MARGIN)].sum()
    title = reader.text("From gross margin to profit, as shares of each segment's net sales")
    return _margins(money, customer_costs.merge(segment_of, on=keys), "segment", title, reader)


def _margins(money: pd.DataFrame, costs: pd.DataFrame, key: str, title: str, reader: Reader) -> Shown:
    frame = money[money["net_sales"] > 0].sort_values("net_sales", ascending=False, kind="stable").set_index(key)
    groups = costs.assign(group=costs["resource"].fillna(costs["activity"]))
    spent = groups.pivot_table(index=key, columns="group", values="cost", aggfunc="sum", observed=True)
    largest = list(spent.sum().sort_values(ascending=False, kind="stable").index[:_MOST_GROUPS])
    sales = frame["net_sales"]
    shares = pd.DataFrame({"gross_margin": frame["gross_margin"] / sales})
    if frame["discounts"].abs().sum() > 0:
        shares.insert(0, "discounts", frame["discounts"] / sales)
    for name in largest:
        shares[name] = spent[name].reindex(sales.index).fillna(0.0) / sales
    rest = spent.drop(columns=largest).sum(axis=1).reindex(sales.index).fillna(0.0) / sales
    if rest.abs().sum() > 0:
        shares["other_activities"] = rest
    shares["profit"] = frame["profit"] / sales
    columns = {key: "text"} | dict.fromkeys(shares.columns, "percent")
    outside = set(costs.loc[costs["resource"].isna(), "activity"])
    headings = {name: reader.word(name, "activity" if name in outside else "resource") for name in largest}
    return table(shares.reset_index(), reader, columns, title, headings=headings)


def service_by_trait(profile: pd.DataFrame, reader: Reader) -> Shown:
    """Show sales and service for each trait of the lines, such as product family or mode of transport."""
    frame = profile.loc[profile["profit"].isna() & (profile["value"] != ALL)]
    columns = {"dimension": "text", "value": "value"} | kinds("orders", "net_sales", "gross_margin", *SERVICE)
    note = reader.text("Cost to serve belongs to customers and channels; it is not shared out over traits of lines.")
    title = reader.text("Sales and service by trait of the lines")
    shown = table(frame, reader, columns, title, note=note, rows=40)
    return shown if frame.empty else folded(shown)


def quality(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show what was read, accepted and rejected of each table, in rows and in money."""
    columns = {"table": "text", "read": "number", "accepted": "number", "rejected": "number", "share": "percent"}
    columns |= {"money_read": "money", "money_accepted": "money", "money_rejected": "money"}
    absent = [reader.word(name, "table") for name in frame.loc[~frame["given"].astype(bool), "table"]]
    note = reader.text("Not given: {tables}.", tables=reader.listed(absent)) if absent else ""
    given = frame[frame["given"].astype(bool)]
    return table(given, reader, columns, reader.text("Rows read, accepted and rejected"), note=note)


def rejected(rejected_rows: pd.DataFrame, reader: Reader) -> Shown:
    """Show why rows were rejected, and the money in them."""
    grouped = rejected_rows.groupby(["table", "reason"], as_index=False, observed=True)
    frame = grouped.agg(rows=("reason", "size"), amount=("money", "sum"))
    columns = {"table": "text", "reason": "text", "rows": "number", "amount": "money"}
    title = reader.text("Why rows were rejected")
    return table(frame.sort_values("rows", ascending=False, kind="stable"), reader, columns, title)
