"""Figures of strategy: what each decision brings, and what service costs on the frontier."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import seaborn as sns

from cts_lib.charts.bars import beside, height_of, horizontal_bars, pairs, write_beside, write_names
from cts_lib.charts.chart import (
    HIGHLIGHT,
    INK,
    LOSS,
    NEUTRAL,
    PROFIT,
    Chart,
    canvas,
    finish,
    money_axis,
    percent_axis,
    styled,
)
from cts_lib.display import Reader
from cts_lib.display.strategy import MOST_DECISIONS, decided, plan_message, service_levels, service_message
from cts_lib.names import NONE
from cts_lib.replay.money import plan_money

_MOST_ASSUMPTIONS = 8
_SEEN = 0.005
"""The part of the axis from which on a difference is seen."""


@styled
def decisions(frame: pd.DataFrame, strategy: pd.DataFrame, capacity_plan: pd.DataFrame, reader: Reader) -> Chart:
    """Draw what each decision brings in cash in a year.

    Parameters
    ----------
    frame : DataFrame
        lever, setting, customers_reached, gain, cash_a_year, gain_a_year.
    strategy, capacity_plan : DataFrame
        These tables, of which the plan's money is the sum.
    """
    title = plan_message(plan_money(strategy, frame, capacity_plan), frame, reader, yearly=True)
    shown = frame.loc[~frame["small"].astype(bool)].head(MOST_DECISIONS)
    if shown.empty:
        return Chart(title)
    names = [reader.word(name, "option") for name in decided(shown)]
    cash = shown["cash_a_year"].astype(float).tolist()
    words = [
        reader.plural(
            "{cash} a year; {gain} at full cost; {count} customer",
            "{cash} a year; {gain} at full cost; {count} customers",
            int(row["customers_reached"]),
            cash=reader.signed_money(row["cash_a_year"]),
            gain=reader.signed_money(row["gain_a_year"]),
        )
        for row in shown.to_dict("records")
    ]
    figure, axes = canvas(height_of(len(shown)))
    amounts = [reader.signed_money(each) for each in cash]
    horizontal_bars(axes, names, cash, [PROFIT if each >= 0 else LOSS for each in cash], amounts)
    money_axis(axes, reader, reader.text("Cash a year"))
    if len(frame) > len(shown):
        title += " " + reader.text("Drawn are the {count} that bring most.", count=reader.number(len(shown)))
    return finish(figure, title, pairs(names, words), "decisions", reader)


@styled
def frontier(
    frame: pd.DataFrame, strategy: pd.DataFrame, decided: pd.DataFrame, capacity_plan: pd.DataFrame, reader: Reader
) -> Chart:
    """Draw the most cash that each service level allows, and where today and the proposal stand.

    Parameters
    ----------
    frame : DataFrame
        service_level, cash.
    strategy, decided, capacity_plan : DataFrame
        Tables ``strategy``, ``decisions`` and ``capacity_plan``, of which the plan's money is the sum.
    """
    shown = frame.dropna(subset=["service_level", "cash"]).sort_values(["service_level", "cash"], kind="stable")
    ends = [reader.percent(level) for level in shown["service_level"].iloc[[0, -1]]] if len(shown) else []
    if len(set(ends)) < len(["low", "high"]):
        return Chart(reader.text("One strategy is best at every service level: there is nothing to trade."))
    money = plan_money(strategy, decided, capacity_plan)
    today, then = service_levels(frame, strategy, money)
    marks = {"current": (today, 0.0), "chosen": (then, money.cash)}
    figure, axes = canvas(3.2)
    sns.lineplot(x=shown["service_level"], y=shown["cash"], ax=axes, color=NEUTRAL, errorbar=None, sort=False)
    axes.plot(shown["service_level"], shown["cash"], "o", color=PROFIT, markersize=7)
    higher = max(marks, key=lambda side: marks[side][1])
    for side, place in marks.items():
        axes.plot(*place, "D", color=HIGHLIGHT, markeredgecolor=INK, markersize=8, zorder=4)
        offset, at = ((-8, 5), "bottom") if side == higher else ((-8, -5), "top")
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}
        axes.annotate(reader.label(side), place, offset, textcoords="offset points", va=at, ha="right", bbox=box)
    axes.margins(x=0.08, y=0.15)
    percent_axis(axes, reader, reader.text("Service level"))
    money_axis(axes, reader, reader.text("Cash in the period"), "y")
    title = service_message(frame, strategy, money, reader) or reader.text(
        "From {low} on time to {high} the best plan's cash changes by {amount} in the period.",
        low=ends[0],
        high=ends[1],
        amount=reader.signed_money(float(shown["cash"].iloc[-1] - shown["cash"].iloc[0])),
    )
    sides = [(reader.label(side) + " ", *place) for side, place in marks.items()]
    points = [("", *place) for place in zip(shown["service_level"], shown["cash"], strict=True)]
    alt = "; ".join(
        f"{name}{reader.percent(service)}: {reader.money(cash, compact=True)}" for name, service, cash in sides + points
    )
    return finish(figure, title, alt, "strategy_frontier, strategy, decisions, capacity_plan", reader)


@styled
def sensitivity(
    frame: pd.DataFrame,
    pairs_of: pd.DataFrame,
    strategy: pd.DataFrame,
    decided: pd.DataFrame,
    capacity_plan: pd.DataFrame,
    reader: Reader,
) -> Chart:
    """Draw the plan's cash at both ends of each assumption, around what it is as assumed; say the worst two at once.

    Parameters
    ----------
    frame : DataFrame
        assumption, resource, low, high, cash_gain_low, cash_gain_high; what moves it most first.
    pairs_of : DataFrame
        Table ``strategy_pairs``.
    strategy, decided, capacity_plan : DataFrame
        Tables ``strategy``, ``decisions`` and ``capacity_plan``, of which the plan's money is the sum.
    """
    shown = frame.dropna(subset=["cash_gain_low", "cash_gain_high"]).head(_MOST_ASSUMPTIONS)
    if shown.empty:
        return Chart(reader.text("No plan, so no assumption to doubt."))
    base = plan_money(strategy, decided, capacity_plan).cash
    rows = shown.to_dict("records")
    names = [_assumption(row, reader) for row in rows]
    ends = [(float(row["cash_gain_low"]), float(row["cash_gain_high"])) for row in rows]
    texts = [" – ".join(reader.money(end, compact=True) for end in sorted(both)) for both in ends]
    figure, axes = canvas(height_of(len(shown)))
    for at, both in enumerate(ends):
        for end, colour in zip(both, (NEUTRAL, PROFIT), strict=True):
            axes.barh(at, end - base, left=base, height=0.66, color=colour)
        write_beside(axes, max(*both, base), at, texts[at])
    write_names(axes, names)
    axes.axvline(base, color=INK, linewidth=1)
    axes.grid(visible=False, axis="y")
    low, high = min(min(both) for both in ends), max(max(both) for both in ends)
    span = high - low or 1.0
    axes.set_xlim(low - 0.03 * span, high + beside(axes, span, max(map(len, texts))))
    money_axis(axes, reader, reader.text("Cash in the period"))
    title = reader.text(
        "The plan brings {base} in cash in the period as assumed; most hangs on this: {assumption}, {ends}.",
        base=reader.money(base, compact=True),
        assumption=names[0],
        ends=texts[0],
    )
    staying, told = (
        int(frame["cells_changed"].max()),
        [reader.text("One assumption at a time goes to its low end (grey) or to its high end (blue).")],
    )
    if staying:
        told.append(
            reader.plural(
                "At the worst end {count} segment in a channel had better stay as today.",
                "At the worst end {count} segments in channels had better stay as today.",
                staying,
            )
        )
    told += [
        _worst_pair(row, staying, reader) for row in pairs_of.dropna(subset=["cash_gain"]).head(1).to_dict("records")
    ]
    tables = "strategy_sensitivity, strategy_pairs, strategy, decisions, capacity_plan"
    below = [row for row, both in zip(rows, ends, strict=True) if max(both) < base - _SEEN * span]
    told += [_why_below(below, reader)] if below else []
    return finish(figure, title, pairs(names, texts), tables, reader, " ".join(told))


def _why_below(rows: list[dict[Hashable, Any]], reader: Reader) -> str:
    """Say why the plan leaves less at both ends of assumptions: it was made for what lies between them."""
    others = [_named(row["assumption"], row["resource"], reader, within=True) for row in rows]
    said = []
    if any(row["assumption"] == "demand" for row in rows):
        others.remove(reader.word_within("demand", "plan_assumption"))
        said.append(
            reader.text(
                "Both ends of demand lie below the plan, which was made for the demand expected: with less there is "
                "less to save, with more the capacity that it relieves or gives up is short."
            )
        )
    if others:
        said.append(
            reader.text(
                "Both ends of this lie below the plan, which was made for what is assumed: {assumptions}.",
                assumptions=reader.listed(others),
            )
        )
    return " ".join(said)


def _worst_pair(row: Mapping[Hashable, Any], staying: int, reader: Reader) -> str:
    """Say what the plan comes to at two ends at once, and what they turn that no end turns alone."""
    ends = {
        "first": _at_end(row["assumption"], row["resource"], row["end"], reader),
        "second": _at_end(row["with_assumption"], row["with_resource"], row["with_end"], reader),
    }
    cash = float(row["cash_gain"])
    said = (
        reader.text(
            "The worst two at once, {first} and {second}, make it cost {loss}.",
            loss=reader.money(-cash, compact=True),
            **ends,
        )
        if cash < 0
        else reader.text(
            "The worst two at once, {first} and {second}, leave {cash}.", cash=reader.money(cash, compact=True), **ends
        )
    )
    if row["cells_changed"] > staying:
        said += " " + reader.plural(
            "Then {count} segment in a channel had better stay as today.",
            "Then {count} segments in channels had better stay as today.",
            int(row["cells_changed"]),
        )
    return said


def _assumption(row: Mapping[Hashable, Any], reader: Reader) -> str:
    """Write an assumption with how far it is moved."""
    name = _named(row["assumption"], row["resource"], reader)
    if row["assumption"] == "leave":
        return f"{name} ({reader.percent(row['low'], 0)}–{reader.percent(row['high'], 0)})"
    return f"{name} (×{reader.exact(row['low'])}–{reader.exact(row['high'])})"


def _at_end(assumption: str, resource: str, end: float, reader: Reader) -> str:
    """Write an assumption at one of its ends, within a sentence."""
    amount = reader.percent(end, 0) if assumption == "leave" else f"×{reader.exact(end)}"
    return f"{_named(assumption, resource, reader, within=True)} {amount}"


def _named(assumption: str, resource: str, reader: Reader, within: bool = False) -> str:
    name = (reader.word_within if within else reader.word)(assumption, "plan_assumption")
    return name if resource == NONE else f"{name}: {reader.word(resource, 'resource')}"
