"""Figures of cost: from margin to operating profit, by activity and by channel."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import seaborn as sns

from cts_lib.charts.bars import height_of, horizontal_bars, pairs, waterfall
from cts_lib.charts.chart import LOSS, NEUTRAL, PROFIT, Chart, canvas, cents, finish, foremost, money_axis, styled
from cts_lib.charts.heat import heat_map, name_map
from cts_lib.display import Reader
from cts_lib.names import NONE

_MOST_ACTIVITIES = 10
_LEVELS = frozenset({"gross_sales", "net_sales", "gross_margin", "customer_profit", "operating_profit"})
_A_CENT = 0.01


@styled
def profit_waterfall(channel_profit: pd.DataFrame, statement: pd.DataFrame, reader: Reader) -> Chart:
    """Draw the way from gross margin over cost to serve and customer profit to operating profit.

    Parameters
    ----------
    channel_profit : DataFrame
        net_sales, gross_margin, cost_to_serve.
    statement : DataFrame
        line, amount: levels (gross_margin, customer_profit, operating_profit) and the signed steps between them.
    """
    if statement.empty:
        return Chart(reader.text("There is no statement for this period."))
    margin, cost = float(channel_profit["gross_margin"].sum()), float(channel_profit["cost_to_serve"].sum())
    steps = [
        (line, amount, line in _LEVELS)
        for line, amount in zip(statement["line"].astype(str), statement["amount"].astype(float), strict=True)
        if line in _LEVELS or abs(amount) >= _A_CENT
    ]
    first = next((place for place, (line, _, _) in enumerate(steps) if line == "gross_margin"), 0)
    steps = steps[first:]
    names = [reader.label(name) for name, _, _ in steps]
    texts = [reader.money(amount, compact=True) for _, amount, _ in steps]
    figure, axes = canvas(height_of(len(steps)))
    waterfall(axes, names, [amount for _, amount, _ in steps], [total for _, _, total in steps], texts)
    money_axis(axes, reader, reader.text("Amount"))
    sales = float(channel_profit["net_sales"].sum())
    share = reader.percent(cost / margin if cents(margin) > 0 else None, 0)
    if cents(margin) <= 0:
        title = reader.text(
            "There is no gross margin to pay the {cost} of serving customers; operating profit by the ledger is "
            "{profit}.",
            cost=reader.money(cost, compact=True),
            profit=texts[-1],
        )
    elif "outside_ledger" in (line for line, _, _ in steps):
        title = reader.text(
            "Serving customers takes {share} of the gross margin; the ledger does not book {outside} of what it takes, "
            "which operating profit, {profit}, leaves out.",
            share=share,
            profit=texts[-1],
            outside=texts[[line for line, _, _ in steps].index("outside_ledger")],
        )
    else:
        title = reader.text(
            "Serving customers takes {share} of the gross margin; operating profit is {profit}, {margin} of sales.",
            share=share,
            profit=texts[-1],
            margin=reader.percent(steps[-1][1] / sales if sales > 0 else None),
        )
    return finish(figure, title, pairs(names, texts), "channel_profit, statement", reader)


@styled
def cost_by_activity(activities: pd.DataFrame, reader: Reader) -> Chart:
    """Draw the activities by their cost, the largest first, each with its unit cost."""
    costly = activities.loc[activities["cost"].fillna(0) > 0].sort_values("cost", ascending=False, kind="stable")
    if costly.empty:
        return Chart(reader.text("No activity cost anything in this period."))
    shown, rest = costly.head(_MOST_ACTIVITIES), costly.iloc[_MOST_ACTIVITIES:]
    names = [reader.word(name, "activity") for name in shown["activity"]]
    costs = shown["cost"].astype(float).tolist()
    units = [reader.text("{cost} each", cost=reader.money(x)) if pd.notna(x) else "" for x in shown["unit_cost"]]
    texts = [
        " · ".join(part for part in (reader.money(cost, compact=True), unit) if part)
        for cost, unit in zip(costs, units, strict=True)
    ]
    if len(rest):
        names.append(reader.plural("{count} other", "{count} others", len(rest)))
        costs.append(float(rest["cost"].sum()))
        texts.append(reader.money(costs[-1], compact=True))
    total, first = float(costly["cost"].sum()), min(3, len(shown))
    colours = [PROFIT] * first + [NEUTRAL] * (len(names) - first)
    figure, axes = canvas(height_of(len(names)))
    horizontal_bars(axes, names, costs, colours, texts)
    money_axis(axes, reader, reader.text("Cost to serve"))
    title = reader.plural(
        "One activity, {names}, makes {share} of the cost to serve.",
        "{count} activities make {share} of the cost to serve: {names}.",
        first,
        share=reader.percent(sum(costs[:first]) / total, 0),
        names=", ".join(names[:first]),
    )
    return finish(figure, title, pairs(names, texts), "activities", reader)


@styled
def cost_mix(customer_costs: pd.DataFrame, channel_profit: pd.DataFrame, reader: Reader) -> Chart:
    """Draw what each activity costs in each channel, as a share of the channel's net sales."""
    sales = channel_profit.loc[channel_profit["net_sales"] > 0].set_index("channel")["net_sales"]
    spent = customer_costs.pivot_table(index="activity", columns="channel", values="cost", aggfunc="sum", observed=True)
    everything = spent.sum()
    spent = spent.loc[spent.sum(axis=1).sort_values(ascending=False, kind="stable").index[:_MOST_ACTIVITIES]]
    spent = spent[[channel for channel in spent.columns if channel in sales.index]].fillna(0.0)
    if spent.empty or not len(spent.columns) or not spent.to_numpy().any():
        return Chart(reader.text("No activity cost anything in this period."))
    shares = spent / sales.reindex(spent.columns)
    shares = shares[(everything / sales)[shares.columns].sort_values(ascending=False, kind="stable").index]
    figure, axes = canvas(height_of(len(shares)) + 0.4)
    written = shares.map(lambda share: reader.number(100 * share, 1))
    heat_map(axes, shares.to_numpy(), written.to_numpy(), sns.light_palette(LOSS, as_cmap=True), 0.0)
    channels = [reader.word(name, "channel") for name in shares.columns]
    name_map(axes, [reader.word(name, "activity") for name in shares.index], channels)
    axes.set_xlabel(reader.text("Cost to serve, % of sales"))
    totals = everything[shares.columns] / sales[shares.columns]
    activity = reader.word_within(shares.iloc[:, 0].idxmax(), "activity")
    values = {"share": reader.percent(totals.iloc[0]), "activity": activity}
    most = foremost(channels, (100 * totals).tolist())
    title = reader.text(
        "{channel} costs most to serve: {share} of its sales, the most for {activity}.", channel=channels[0], **values
    )
    if list(totals.index) == [NONE]:
        title = reader.text("Serving takes {share} of the sales, the most for {activity}.", **values)
    elif len(totals) == 1:
        title = reader.text(
            "Serving {channel} takes {share} of its sales, the most for {activity}.", channel=channels[0], **values
        )
    elif len(most) == len(totals):
        title = reader.text("Serving takes {share} of the sales in every channel.", share=values["share"])
    elif len(most) > 1:
        title = reader.text(
            "{channels} cost most to serve: {share} of the sales of each.",
            channels=reader.listed(most),
            share=values["share"],
        )
    alt = pairs(channels, totals.map(reader.percent).tolist())
    return finish(figure, title, alt, "customer_costs, channel_profit", reader)


@styled
def channel_profit(frame: pd.DataFrame, reader: Reader) -> Chart:
    """Draw each channel's profit with its share of sales."""
    if frame.empty:
        return Chart(channel_finding(frame, reader))
    shown = frame.sort_values("profit", ascending=False, kind="stable")
    profits, sales = shown["profit"].astype(float).tolist(), shown["net_sales"].astype(float).tolist()
    names = [reader.word(name, "channel") for name in shown["channel"]]
    margins = [reader.percent(p / s if s > 0 else None) for p, s in zip(profits, sales, strict=True)]
    texts = [f"{reader.money(p, compact=True)} · {m}" for p, m in zip(profits, margins, strict=True)]
    figure, axes = canvas(height_of(len(shown)))
    horizontal_bars(axes, names, profits, [PROFIT if p >= 0 else LOSS for p in profits], texts)
    money_axis(axes, reader, reader.text("Profit, and beside it its share of sales"))
    return finish(figure, channel_finding(frame, reader), pairs(names, texts), "channel_profit", reader)


def channel_finding(frame: pd.DataFrame, reader: Reader) -> str:
    """Return what the figure says, for a page that does not draw it."""
    if frame.empty:
        return reader.text("No channel sold anything in this period.")
    shown = frame.sort_values("profit", ascending=False, kind="stable")
    names = [reader.word(name, "channel") for name in shown["channel"]]
    return channel_message(names, shown["profit"].astype(float).tolist(), reader)


def channel_message(names: Sequence[str], profits: Sequence[float], reader: Reader) -> str:
    """Return in one sentence which channels lose money, or which earns most."""
    losing = [name for name, profit in zip(names, profits, strict=True) if cents(profit) < 0]
    most, profit = foremost(names, profits), reader.money(max(profits), compact=True)
    if list(names) == [reader.word(NONE, "channel")]:
        return reader.text("No channel is stated; the customers together leave {profit}.", profit=profit)
    if len(names) == 1:
        return reader.text("The only channel, {channel}, leaves {profit}.", channel=names[0], profit=profit)
    if losing:
        return reader.plural(
            "{count} of {all} channels loses money: {names}.",
            "{count} of {all} channels lose money: {names}.",
            len(losing),
            all=reader.number(len(names)),
            names=reader.listed(losing),
        )
    if cents(max(profits)) == 0:
        return reader.text("No channel earns or loses money.")
    if cents(min(profits)) == 0:
        return reader.plural(
            "No channel loses money; {channel} earns most, {profit}.",
            "No channel loses money; {channel} earn most, {profit} each.",
            len(most),
            channel=reader.listed(most),
            profit=profit,
        )
    return reader.plural(
        "Every channel earns money; {channel} earns most, {profit}.",
        "Every channel earns money; {channel} earn most, {profit} each.",
        len(most),
        channel=reader.listed(most),
        profit=profit,
    )
