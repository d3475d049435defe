"""How sure the verdicts on customers are: spreads, rival methods, and what would really go away."""

from __future__ import annotations

import pandas as pd

from cts_lib.display.pieces import Shown, empty
from cts_lib.display.reader import Reader
from cts_lib.display.table import table
from cts_lib.measures import kind_of, kinds
from cts_lib.names import CUSTOMER


def fragile(customer_profit: pd.DataFrame, reader: Reader, rows: int = 10) -> Shown:
    """Show the customers whose verdict would flip within the spread of the assumptions, the largest sales first."""
    title = reader.text("Verdicts that would flip within the spread")
    if customer_profit["profit_low"].isna().all():
        return empty(reader.text("The cost model gives no spread: which verdicts are fragile cannot be told."))
    frame = customer_profit[customer_profit["fragile"]].sort_values("net_sales", ascending=False, kind="stable")
    columns = {"customer_id": "text", "name": "text", "channel": "text"}
    columns |= kinds("net_sales", "profit_low", "profit", "profit_high") | {"probability_unprofitable": "chance"}
    note = reader.text("Profit between its central 90% of the draws; a fragile verdict is one whose interval holds 0.")
    return table(frame, reader, columns, title, note=note, rows=rows)


def assumptions(assumption_shares: pd.DataFrame, reader: Reader) -> Shown:
    """Show which assumption the verdicts hang on."""
    title = reader.text("What the uncertainty comes from")
    columns = {"assumption": "text", "variance_share": "percent", "fragile_share": "percent"}
    note = reader.text("Share of the variance of customers' profit, on average over all and over the fragile ones.")
    return table(assumption_shares, reader, columns, title, note, ("variance_share",))


def rivals(rival_allocations: pd.DataFrame, reader: Reader) -> Shown:
    """Show what customers carry by each method, and for how many of them the sign of profit changes."""
    grouped = rival_allocations.groupby("method", sort=False)
    frame = grouped[["cost_to_serve", "profit"]].sum().reset_index()
    frame["customers_that_change_sign"] = grouped["changes_sign"].sum().to_numpy()
    columns = {"method": "text"} | kinds("cost_to_serve", "profit") | {"customers_that_change_sign": "number"}
    note = reader.text("By driver shares and by sales, capacity that nobody used is charged to customers too.")
    return table(frame, reader, columns, reader.text("The same transactions by rival methods"), note=note)


def sign_changes(rival_allocations: pd.DataFrame, reader: Reader, rows: int = 10) -> Shown:
    """Show the customers that earn by some methods and lose by others, with their profit by each."""
    profits = rival_allocations.groupby("customer_id")["profit"]
    frame = _by_method(rival_allocations, "profit", "changes_sign", profits.max() - profits.min())
    columns = {"customer_id": "text"} | dict.fromkeys(frame.columns[1:], kind_of("profit"))
    title = reader.text("Customers that earn or lose as the method has it")
    note = reader.text(
        "Profit by each method; the customers whose sign most methods change come first, then those it moves most."
    )
    return table(frame, reader, columns, title, note=note, rows=rows, headings=_methods(frame, reader))


def _methods(frame: pd.DataFrame, reader: Reader) -> dict[str, str]:
    return {name: reader.word(name, "method") for name in frame.columns if name not in CUSTOMER}


def _by_method(rivals: pd.DataFrame, shown: str, changed: str, weight: pd.Series) -> pd.DataFrame:
    """Return one row for each that some method changes, with a column for each method that changes any, and the first.

    What most methods change comes first, and of those the heaviest; ``weight`` has a row each.
    """
    keys = list(weight.index.names)
    order = pd.DataFrame({"count": rivals.groupby(keys)[changed].sum(), "weight": weight})
    order = order[order["count"] > 0].sort_values(["count", "weight"], ascending=False, kind="stable")
    changing = rivals.groupby("method", sort=False)[changed].any()
    methods = [name for place, name in enumerate(changing.index) if changing[name] or place == 0]
    wide = rivals.pivot(index=keys, columns="method", values=shown)[methods]
    return wide.loc[order.index].reset_index()


def rival_segments(rival_segments: pd.DataFrame, by_channel: pd.DataFrame, reader: Reader) -> Shown:
    """Show for how many customers, with how much of the sales, the class changes by each method."""
    telling = _telling_apart(rival_segments)
    rows = telling.merge(by_channel[["customer_id", "channel", "net_sales"]], on=CUSTOMER)
    changed = rows[rows["changes_class"]].groupby("method")
    customers, sales = rows["customer_id"].nunique(), by_channel["net_sales"].sum()
    frame = pd.DataFrame({"method": rows["method"].unique()})
    count = frame["method"].map(changed["customer_id"].nunique()).fillna(0)
    frame["customers_that_change_class"] = count
    frame["share_of_customers"] = count / customers
    frame["share_of_sales"] = frame["method"].map(changed["net_sales"].sum()).fillna(0.0) / sales
    columns = {"method": "text", "customers_that_change_class": "number"}
    title = reader.text("The same matrix by rival methods")
    note = reader.text(
        "The thresholds are drawn again from each method's cost. By sales every sale costs the same share of itself, "
        "whoever buys: where that puts all customers into one class of cost, the method is left out."
    )
    return table(frame, reader, columns | kinds("share_of_customers", "share_of_sales"), title, note=note)


def _telling_apart(rival_segments: pd.DataFrame) -> pd.DataFrame:
    """Leave out rival methods by which all customers are of one class of cost."""
    classes = rival_segments.groupby("method", sort=False)["cost_class"].transform("nunique")
    telling: pd.DataFrame = rival_segments[(classes > 1) | (rival_segments["method"] == "this model")]
    return telling


def class_changes(rival_segments: pd.DataFrame, by_channel: pd.DataFrame, reader: Reader, rows: int = 10) -> Shown:
    """Show the customers whose segment hangs on the method, with their segment by each."""
    sales = by_channel.set_index(CUSTOMER)["net_sales"]
    frame = _by_method(_telling_apart(rival_segments), "segment", "changes_class", sales)
    title = reader.text("Customers whose segment hangs on the method")
    note = reader.text("Segment by each method; the customers that most methods move come first, then the largest.")
    methods = _methods(frame, reader)
    for name in methods:
        frame[name] = [reader.word(segment, "segment") for segment in frame[name]]
    return table(frame, reader, dict.fromkeys(frame.columns, "text"), title, note=note, rows=rows, headings=methods)


def worth_keeping(customer_profit: pd.DataFrame, reader: Reader, rows: int = 10) -> Shown:
    """Show the loss-makers whose margin is more than the cost that would go away with them."""
    title = reader.text("Loss-makers that still pay for what they really cause")
    frame = customer_profit[customer_profit["worth_keeping"]].sort_values(
        "avoidable_margin", ascending=False, kind="stable"
    )
    columns = {"customer_id": "text", "name": "text", "channel": "text"}
    columns |= kinds("gross_margin", "cost_to_serve", "profit", "avoidable_cost", "avoidable_margin")
    note = reader.text(
        "Avoidable is the variable share of each resource's cost; the rest stays when the customer goes."
    )
    return table(frame, reader, columns, title, note=note, bars=("avoidable_margin",), rows=rows)
