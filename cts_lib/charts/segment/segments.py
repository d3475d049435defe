"""Figures of segments: the matrix of segment and channel, and the customers behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from cts_lib.charts.bars import height_of
from cts_lib.charts.chart import (
    CATEGORIES,
    NEUTRAL,
    Chart,
    canvas,
    cents,
    finish,
    legend_above,
    percent_axis,
    room,
    styled,
)
from cts_lib.charts.heat import DIVERGING, heat_map, name_map
from cts_lib.charts.names import fitted
from cts_lib.display import Reader
from cts_lib.names import ALL, CELL, NONE, without_totals
from cts_lib.params.segmentation import SHAPIRO
from cts_lib.segment.names import JOINT

_RASTERIZE_ABOVE = 400
_WIDE = 5
"""Up to so many columns a cell is wide enough for its money and its customers in one line."""
_ROWS_IN_BRIEF, _COLUMNS_IN_BRIEF, _ROWS_OF_TWO_LINES = 8, 4, 4
_WHOLE = 1000
"""From so many thousands or millions on they have no decimal."""
_LETTER, _CELLS = 0.065, 0.62
"""Inches of a letter in a cell, and the part of a figure's width that its cells have."""


@styled
def segment_matrix(frame: pd.DataFrame, reader: Reader, classes: pd.DataFrame | None = None) -> Chart:
    """Draw profit and the number of customers of every segment in every channel.

    Parameters
    ----------
    frame : DataFrame
        segment, channel, customers, net_sales, profit; total rows are left out.
    classes : DataFrame, optional
        segment, value_class, cost_class. Given, the figure is brief: its rows stand close, no more than eight, and of
        columns four, those that move profit most; segments say what they are, and the title tells of whole segments.
    """
    cells = without_totals(frame, *CELL)
    if cells.empty:
        return Chart(reader.text("There are too few customers for segments."))
    profit, customers = _matrix(cells)
    whole, brief = profit.shape, classes is not None
    if brief:
        profit = _foremost(_foremost(profit, _ROWS_IN_BRIEF).T, _COLUMNS_IN_BRIEF).T
    is_row = profit.index.name == "segment"
    meanings = {} if classes is None else _meanings(classes, reader)
    figure, axes = canvas(1.0)
    counted = customers.loc[profit.index, profit.columns]
    longest = max(map(len, _texts(profit, counted, " ", reader).flat))
    is_wide = profit.shape[1] * _LETTER * (longest + 1) <= _CELLS * figure.get_figwidth()
    between = " " if profit.shape[1] <= room(axes, _WIDE) and is_wide else "\n"
    below = is_row and len(profit) <= _ROWS_OF_TWO_LINES and bool(meanings)
    lines = 2 if below or between != " " else 1
    height = height_of(len(profit)) + (0 if between == " " else 0.22) * len(profit) + 0.5
    figure.set_figheight(height_of(lines * len(profit), brief=True) + 0.55 if brief else height)
    texts = _texts(profit, counted, between, reader)
    heat_map(axes, profit.fillna(0.0).to_numpy(), texts, DIVERGING, -1.0)
    rows, columns = ([reader.word(name, str(names.name)) for name in names] for names in profit.axes)
    name_map(axes, rows, columns, lines=1 if between == " " else 2)
    if meanings and (below or (not is_row and room(axes, _WIDE) == _WIDE)):
        _write_meanings(axes, profit, meanings)
    told = _unit(profit, reader)
    if profit.shape != whole:
        told = reader.text("{told}, where profit moves most", told=told)
    axes.set_xlabel(told)
    title = segments_message(frame, meanings, reader) if brief else matrix_message(cells, reader)
    by_segment = cells.groupby("segment")["profit"].sum().sort_values(ascending=False, kind="stable")
    alt = "; ".join(
        f"{reader.word(name, 'segment')}: {reader.money(amount, compact=True)}" for name, amount in by_segment.items()
    )
    return finish(figure, title, alt, "segment_matrix", reader)


def _matrix(cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return profit and customers of segments in channels, the many below each other, so that cells are wide enough."""
    profit, customers = (
        cells.pivot_table(index="segment", columns="channel", values=values, aggfunc="sum", observed=True)
        for values in ("profit", "customers")
    )
    by_segment = cells.groupby("segment")["profit"].sum().sort_values(ascending=False, kind="stable")
    by_channel = cells.groupby("channel")["net_sales"].sum().sort_values(ascending=False, kind="stable")
    profit = profit.loc[by_segment.index, by_channel.index]
    return (profit.T, customers.T) if profit.shape[1] > profit.shape[0] else (profit, customers)


def _texts(profit: pd.DataFrame, customers: pd.DataFrame, between: str, reader: Reader) -> np.ndarray[Any, Any]:
    """Return what stands in each cell: its profit, in the unit of the largest, and its customers, where it has some."""
    texts, scale = np.full(profit.shape, "", dtype=object), _scale(profit)
    amounts, counts = profit.to_numpy(float) / scale, customers.fillna(0).to_numpy(float)
    digits = int(scale > 1 and np.nanmax(np.abs(amounts)) < _WHOLE)
    for place in zip(*np.nonzero(counts > 0), strict=True):
        texts[place] = f"{reader.number(amounts[place], digits)}{between}({reader.number(counts[place])})"
    return texts


def _scale(profit: pd.DataFrame) -> float:
    """Return what the cells are counted in: ones, thousands or millions."""
    largest = float(np.nanmax(np.abs(profit.to_numpy(float))))
    return next((scale for scale in (1e6, 1e3) if largest >= 10 * scale), 1.0)


def _unit(profit: pd.DataFrame, reader: Reader) -> str:
    """Return what the cells say, and in which unit."""
    scale = _scale(profit)
    if scale == 1e6:
        return reader.text("Profit (millions of {currency}); customers in brackets", currency=reader.currency)
    if scale == 1e3:
        return reader.text("Profit (thousands of {currency}); customers in brackets", currency=reader.currency)
    return reader.text("Profit ({currency}); customers in brackets", currency=reader.currency)


def _foremost(profit: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return the rows that move profit most, in the order in which they stand."""
    return profit.loc[profit.index.isin(profit.abs().sum(axis=1).nlargest(most).index)]


def matrix_message(cells: pd.DataFrame, reader: Reader) -> str:
    """Return in one sentence which cell earns most and which least or nothing.

    Parameters
    ----------
    cells : DataFrame
        segment, channel, customers, profit; at least one row.
    """
    profits = cells["profit"].astype(float).map(cents)
    best, worst = cells.iloc[int(profits.argmax())], cells.iloc[int(profits.argmin())]
    values = {
        "best": _where(best, reader),
        "high": reader.money(best["profit"], compact=True),
        "worst": _where(worst, reader),
        "low": reader.money(worst["profit"], compact=True),
    }
    if len(cells) == 1:
        return reader.plural(
            "The only customer is in {best} and leaves {high}.",
            "All customers are in {best}, which leaves {high}.",
            int(best["customers"]),
            **values,
        )
    if profits.nunique() == 1:
        return reader.text("Every segment leaves {high} in every channel.", **values)
    if profits.max() <= 0:
        return reader.text("No segment earns money; {worst} loses most, {low}.", **values)
    if profits.min() < 0:
        return reader.text("{best} earns most, {high}; {worst} loses most, {low}.", **values)
    return reader.text("{best} earns most, {high}; {worst} earns least, {low}.", **values)


def _write_meanings(axes: Axes, profit: pd.DataFrame, meanings: Mapping[str, str]) -> None:
    """Write below the name of each segment what it is; above a column, where there is less room, in two lines."""
    is_row = profit.index.name == "segment"
    side, names, between = (axes.yaxis, profit.index, ", ") if is_row else (axes.xaxis, profit.columns, ",\n")
    labels = zip((label.get_text() for label in side.get_ticklabels()), names, strict=True)
    side.set_ticklabels([f"{label}\n{meanings.get(str(name), '').replace(', ', between)}" for label, name in labels])


def segments_message(frame: pd.DataFrame, meanings: Mapping[str, str], reader: Reader) -> str:
    """Return in one sentence how many customers of which segment lose or earn most, and how much.

    Parameters
    ----------
    frame : DataFrame
        segment, channel, customers, profit; the rows of whole segments count, in which a customer counts once.
    meanings : mapping of str to str
        What a segment's name does not say of it.
    """
    whole = frame[(frame["segment"] != ALL) & (frame["channel"] == ALL)]
    if whole.empty:
        return matrix_message(without_totals(frame, *CELL), reader)
    ends = [int(whole["profit"].argmin()), int(whole["profit"].argmax())]
    parts = []
    for row in whole.iloc[list(dict.fromkeys(ends))].to_dict("records"):
        name, meant = reader.word(row["segment"], "segment"), meanings.get(str(row["segment"]))
        who = f"{name} ({meant})" if meant else name
        amount, count = reader.money(abs(row["profit"]), compact=True), int(row["customers"])
        if cents(row["profit"]) < 0:
            said = reader.plural(
                "{who}: {count} customer loses {amount}",
                "{who}: {count} customers lose {amount}",
                count,
                who=who,
                amount=amount,
            )
        else:
            said = reader.plural(
                "{who}: {count} customer earns {amount}",
                "{who}: {count} customers earn {amount}",
                count,
                who=who,
                amount=amount,
            )
        parts.append(said)
    return "; ".join(parts) + "."


def _meanings(classes: pd.DataFrame, reader: Reader) -> dict[str, str]:
    """Return of each segment whose name does not say so how much it brings and how much it asks for."""
    fields = classes[["segment", "value_class", "cost_class"]].drop_duplicates()
    fields = fields[~fields["segment"].duplicated(keep=False)]
    return {
        str(name): reader.text(
            "value {value}, cost {cost}",
            value=reader.word_within(value, "level"),
            cost=reader.word_within(cost, "level"),
        )
        for name, value, cost in fields.itertuples(index=False, name=None)
        if not reader.made_of(name, "segment")
    }


def _where(row: pd.Series, reader: Reader) -> str:
    """Return a segment in its channel, where one is stated."""
    segment, channel = reader.word(row["segment"], "segment"), reader.word(row["channel"], "channel")
    return segment if row["channel"] == NONE else reader.text("{name} in {channel}", name=segment, channel=channel)


@styled
def segment_customers(segments: pd.DataFrame, customer_profit: pd.DataFrame, reader: Reader) -> Chart:
    """Draw each customer by what it buys and what share of that serving it takes, coloured by segment.

    The title tells of all customers, also of those whose segment an edition to share keeps back.

    Parameters
    ----------
    segments : DataFrame
        customer_id, segment.
    customer_profit : DataFrame
        customer_id, net_sales, cost_to_serve, profit.
    """
    one = segments.drop_duplicates("customer_id")[["customer_id", "segment"]]
    joined = one.merge(customer_profit, on="customer_id")
    joined = joined.loc[joined["net_sales"] > 0]
    if joined.empty:
        return Chart(reader.text("There are too few customers for segments."))
    share = (joined["cost_to_serve"] / joined["net_sales"]).astype(float)
    ceiling = max(float(share.quantile(0.98)) * 1.15, 0.01)
    names = joined.groupby("segment")["profit"].sum().sort_values(ascending=False, kind="stable").index
    figure, axes = canvas(3.8 + 0.2 * max(1, len(names) - 3))
    colours = _colours(list(names))
    for name in names:
        of = joined["segment"] == name
        axes.scatter(
            joined.loc[of, "net_sales"].astype(float),
            share[of].clip(upper=ceiling),
            s=22,
            color=colours[name],
            alpha=0.7,
            linewidth=0.4,
            edgecolor="white",
            rasterized=len(joined) > _RASTERIZE_ABOVE,
        )
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: reader.number(x, compact=True)))
    axes.xaxis.set_minor_formatter(FuncFormatter(lambda x, _: ""))
    axes.set_xlabel(reader.text("Net sales of the customer ({currency}), logarithmic", currency=reader.currency))
    percent_axis(axes, reader, reader.text("Cost to serve, share of its sales"), "y")
    axes.set_ylim(0, ceiling * 1.04)
    handles = [
        Line2D([], [], marker="o", linestyle="", color=colours[name], label=reader.word(name, "segment"))
        for name in names
    ]
    legend_above(figure, handles)
    buying = customer_profit[customer_profit["net_sales"] > 0]
    average = buying["cost_to_serve"].sum() / buying["net_sales"].sum()
    above = int((buying["cost_to_serve"] / buying["net_sales"] > average).sum())
    title = reader.plural(
        "Serving the only customer takes {average} of its sales.",
        "Serving takes {average} of sales on average; for {above} of {count} customers it takes more.",
        len(buying),
        average=reader.percent(average),
        above=reader.number(above),
    )
    if len(joined) < len(buying):
        title += " " + reader.plural(
            "{count} is not drawn: which segment it is of is not told here.",
            "{count} are not drawn: which segment they are of is not told here.",
            len(buying) - len(joined),
        )
    drawn = segments[segments["customer_id"].isin(joined["customer_id"])]
    alt = "; ".join(
        reader.plural(
            "{segment}: {count} customer", "{segment}: {count} customers", count, segment=reader.word(name, "segment")
        )
        for name, count in drawn.groupby("segment")["customer_id"].nunique().items()
    )
    return finish(figure, title, alt, "segments, customer_profit", reader)


@styled
def segment_groups(segment_cross: pd.DataFrame, reader: Reader) -> Chart:
    """Draw how the segments are made up of the groups that the data show.

    Parameters
    ----------
    segment_cross : DataFrame
        segment, cluster, group, customers, share_of_segment.
    """
    if segment_cross["cluster"].nunique() < 2:
        return Chart(reader.text("The customers fall into no groups beside the segments."))
    shares = segment_cross.pivot_table(index="group", columns="segment", values="share_of_segment", aggfunc="sum")
    counts = segment_cross.pivot_table(index="group", columns="segment", values="customers", aggfunc="sum").fillna(0)
    order = segment_cross.groupby("group")["cluster"].min().replace(0, np.inf).sort_values(kind="stable").index
    shares, counts = shares.loc[order].fillna(0.0), counts.loc[order]
    texts = np.full(counts.shape, "", dtype=object)
    for place in zip(*np.nonzero(counts.to_numpy() > 0), strict=True):
        texts[place] = reader.number(float(counts.to_numpy()[place]))
    figure, axes = canvas(height_of(len(counts)) + 0.3 * len(counts) + 0.3)
    heat_map(axes, shares.to_numpy(float), texts, DIVERGING, -1.0)
    name_map(axes, [""] * len(counts), [reader.word(name, "segment") for name in counts.columns])
    line = room(axes, 28)
    rows = ["\n".join(fitted(reader.parts(name, "group"), line, 2)) for name in counts.index]
    axes.set_yticklabels(rows)
    axes.set_xlabel(reader.text("Customers, counted in each of their channels; the darker, the more of the segment"))
    purest = segment_cross.sort_values("share_of_segment", ascending=False, kind="stable").iloc[0]
    title = reader.plural(
        "Customers fall into {count} group by how they buy, and outliers; {share} of {segment} are of the group "
        "{group}.",
        "Customers fall into {count} groups by how they buy; {share} of {segment} are of the group {group}.",
        int((order != "Outliers").sum()),
        share=reader.percent(purest["share_of_segment"], 0),
        segment=reader.word(purest["segment"], "segment"),
        group=reader.word_within(purest["group"], "group"),
    )
    alt = "; ".join(
        " / ".join(reader.word(row[of], of) for of in ("group", "segment")) + f": {reader.number(row['customers'])}"
        for row in segment_cross.to_dict("records")
    )
    return finish(figure, title, alt, "segment_cross", reader)


def _colours(names: Sequence[str]) -> dict[str, str]:
    """Return a colour for each segment: Shapiro's four always have theirs, the others follow by name.

    Those that one of the four is split into have its own, each paler than the one before.
    """
    families = {name: name.partition(JOINT)[0] for name in sorted(names)}
    usual = [name for name in SHAPIRO.values() if name in families.values()]
    order = [*(SHAPIRO.values() if usual else []), *sorted(set(families.values()) - set(usual))]
    own = dict(zip(order, [*CATEGORIES, *[NEUTRAL] * len(order)], strict=False))
    colours = dict[str, str]()
    for family, colour in own.items():
        parts = [name for name, whose in families.items() if whose == family]
        for place, name in enumerate(parts):
            paler = 0.6 * place / len(parts)
            red, green, blue = ((1 - paler) * part + paler for part in to_rgb(colour))
            colours[name] = to_hex((red, green, blue))
    return colours
