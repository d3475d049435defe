"""The page's answer in a few sentences, and what it rests on, before any figure."""

from __future__ import annotations

import pandas as pd

from cts_lib.display.pieces import Shown, folded, piece
from cts_lib.display.reader import Reader
from cts_lib.display.table import table

_WEAK = 0.1
"""A share of the cost of goods, or of what was read, from which on margins are rough."""
_MOST_NAMED = 4


def answer(channel_profit: pd.DataFrame, concentration: pd.DataFrame, reader: Reader) -> Shown:
    """Say in one paragraph what serving the customers takes and who takes it."""
    measures = concentration.set_index("measure")["value"]
    sales, cost = float(channel_profit["net_sales"].sum()), float(channel_profit["cost_to_serve"].sum())
    profit = float(channel_profit["profit"].sum())
    money = {"cost": reader.money(cost, compact=True), "profit": reader.money(profit, compact=True)}
    sentences = [reader.text("Serving the customers costs {cost} and leaves {profit}.", **money)]
    if sales > 0:
        sentences = [
            reader.text(
                "Serving the customers costs {cost}, {share} of what they bought, and leaves {profit}.",
                share=reader.percent(cost / sales),
                **money,
            )
        ]
    losers = measures.get("unprofitable_customers", 0.0)
    if losers > 0:
        sentences.append(
            reader.plural(
                "{count} customer loses money; had the curve ended at its peak, {peak} would be left.",
                "{count} customers lose money; had the curve ended at its peak, {peak} would be left.",
                int(losers),
                peak=reader.money(measures["peak_profit"], compact=True),
            )
        )
    text = " ".join([*sentences, *rough_margin(channel_profit, reader)])
    return piece("paragraph", text, kind="lead", text=text)


def rough_margin(channel_profit: pd.DataFrame, reader: Reader) -> list[str]:
    """Return the sentence that margins are rough, where more than a tenth of the cost of goods is assumed."""
    assumed = assumed_share(channel_profit)
    if assumed <= _WEAK:
        return []
    return [
        reader.text(
            "Margins and profits are rough: {share} of the cost of goods rests on an assumed margin. Cost to serve "
            "does not.",
            share=reader.percent(assumed, 0),
        )
    ]


def assumed_goods(channel_profit: pd.DataFrame, reader: Reader) -> list[str]:
    """Return the same in few words, for a headline that speaks of profit."""
    assumed = assumed_share(channel_profit)
    if assumed <= _WEAK:
        return []
    return [reader.text("{share} of the cost of goods is assumed.", share=reader.percent(assumed, 0))]


def borne_by_nobody(resources: pd.DataFrame, reader: Reader) -> list[str]:
    """Return which share of the ledger is assigned to nobody, where it is more than a tenth."""
    ledger, left = float(resources["ledger"].sum()), float(resources["unassigned"].sum())
    if ledger <= 0 or left <= _WEAK * ledger:
        return []
    return [
        reader.text(
            "{share} of the ledger is assigned to nobody, and lowers operating profit.",
            share=reader.percent(left / ledger, 0),
        )
    ]


def beyond_the_ledger(statement: pd.DataFrame, reader: Reader, is_headline: bool = False) -> list[str]:
    """Return what customers carry that operating profit leaves out; in a headline where it is more than a tenth."""
    amounts = statement.groupby("line")["amount"].sum()
    outside = float(amounts.get("outside_ledger", 0.0))
    if not outside or (is_headline and abs(outside) <= _WEAK * abs(float(amounts.get("operating_profit", 0.0)))):
        return []
    return [
        reader.text(
            "It leaves out {amount} that customers carry and the ledger does not book.",
            amount=reader.money(outside, compact=True),
        )
    ]


def assumed_share(channel_profit: pd.DataFrame) -> float:
    """Return the share of the cost of goods that rests on an assumed margin."""
    cogs = float(channel_profit["cogs"].sum())
    return float(channel_profit["assumed_cogs"].sum()) / cogs if cogs > 0 else 0.0


def data_quality(
    quality: pd.DataFrame, missing_values: pd.DataFrame, channel_profit: pd.DataFrame, reader: Reader
) -> Shown:
    """Show in a box what was read, rejected, assumed and missing, and what it does to the reading."""
    read, rejected = int(quality["read"].sum()), int(quality["rejected"].sum())
    assumed = assumed_share(channel_profit)
    open_columns = missing_values[missing_values["missing"] > 0].sort_values("share", ascending=False, kind="stable")
    items = [
        (reader.text("Read"), _read(quality, reader)),
        (reader.text("Rejected"), _rejected(quality, read, rejected, reader)),
        (reader.text("Assumed"), _assumed(assumed, reader)),
        (reader.text("Missing"), _missing(open_columns[open_columns["share"] < 1], reader)),
        *((reader.text("Absent"), text) for text in _absent(open_columns[open_columns["share"] == 1], reader)),
        (reader.text("Reading"), _reading(assumed, rejected / read if read else 0.0, open_columns, reader)),
    ]
    heading = reader.text("What the figures rest on")
    columns = {"table": "text", "column": "text", "rows": "number", "missing_rows": "number", "share": "percent"}
    listed = open_columns.rename(columns={"missing": "missing_rows"})
    details = table(
        listed, reader, columns | {"consequence": "text"}, reader.text("Missing values, column by column"), rows=40
    )
    summary = "; ".join(f"{name}: {text}" for name, text in items)
    shown = folded(details) if len(listed) else ""
    return piece("quality", summary, heading=heading, items=items, details=shown)


def _read(quality: pd.DataFrame, reader: Reader) -> str:
    filled = quality[quality["read"] > 0]
    return ", ".join(
        f"{reader.word_within(name, 'table')} {reader.number(count)}"
        for name, count in zip(filled["table"], filled["read"], strict=True)
    )


def unread(quality: pd.DataFrame) -> pd.Series:
    """Return of each table whether a rejected row's money cannot be read."""
    return (quality["rejected"] > 0) & quality["money_accepted"].notna() & quality["money_rejected"].isna()


def _rejected(quality: pd.DataFrame, read: int, rejected: int, reader: Reader) -> str:
    if not rejected:
        return reader.text("nothing; every row keeps the data contract")
    if unread(quality).any():
        return reader.plural(
            "{count} row of {read} ({share}); what it is worth cannot be read",
            "{count} rows of {read} ({share}); what some of them are worth cannot be read",
            rejected,
            read=reader.number(read),
            share=reader.percent(rejected / read, 2),
        )
    return reader.plural(
        "{count} row of {read} ({share}), with {money} in it",
        "{count} rows of {read} ({share}), with {money} in them",
        rejected,
        read=reader.number(read),
        share=reader.percent(rejected / read, 2),
        money=reader.money(float(quality["money_rejected"].sum()), compact=True),
    )


def _assumed(assumed: float, reader: Reader) -> str:
    if assumed == 0:
        return reader.text("no margin; the cost of every line's goods is in the data")
    return reader.text(
        "{share} of the cost of goods, from a margin given in params",
        share=reader.percent(assumed, 0 if assumed >= 0.01 else 2),
    )


def _missing(open_columns: pd.DataFrame, reader: Reader) -> str:
    if open_columns.empty:
        return reader.text("nothing in the columns that are there")
    parts = [
        reader.text(
            "{column} in {share} of {table} ({consequence})",
            column=reader.label_within(row["column"]),
            share=reader.percent(row["share"], 0 if row["share"] >= 0.01 else 2),
            table=reader.word_within(row["table"], "table"),
            consequence=reader.word_within(row["consequence"], "consequence"),
        )
        for row in open_columns.head(_MOST_NAMED).to_dict("records")
    ]
    rest = len(open_columns) - len(parts)
    if rest:
        parts.append(reader.plural("{count} more column", "{count} more columns", rest))
    return "; ".join(parts)


def _absent(columns: pd.DataFrame, reader: Reader) -> list[str]:
    """Columns that the data lack altogether, by what is done without them; nothing where they lack none."""
    parts = []
    for consequence, rows in columns.groupby("consequence", sort=False):
        names = ", ".join(dict.fromkeys(reader.label_within(name) for name in rows["column"]))
        parts.append(f"{names} ({reader.word_within(consequence, 'consequence')})")
    return ["; ".join(parts)] if parts else []


def _reading(assumed: float, rejected: float, open_columns: pd.DataFrame, reader: Reader) -> str:
    if assumed > _WEAK:
        return reader.text("margin and profit are rough, for they rest on an assumed margin; cost to serve does not")
    if rejected > _WEAK:
        return reader.text("sales and cost are too low by what was rejected; compare customers, not totals")
    if len(open_columns):
        return reader.text("money is complete; where a value is missing, only the figures of that column say less")
    return reader.text("nothing here limits the figures below")
