"""What the plan holds only without, and what it had better keep, as it is told beside decisions: a sentence each."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from cts_lib.display.pieces import Shown, empty, piece
from cts_lib.display.reader import Reader, uncapitalised
from cts_lib.names import BASE, CELL, NONE, totals
from cts_lib.replay.options import Option

Row = Mapping[Hashable, Any]
ON_TIME, _SIDES = "on_time", ("kept", "proposed")
_MOST_NAMED = 2


def conditions(
    frame: pd.DataFrame, comparison: pd.DataFrame, reader: Reader, kept_capacity: pd.DataFrame | None = None
) -> Shown:
    """Say of each scenario that the plan does not hold under which decision hangs on it, and what happens then.

    What capacity given up would do if it were kept is told after them. Without a condition, say whether none was found
    or none could be looked for: ``comparison`` tells what is reliable.
    """
    whole = totals(comparison, *CELL)
    kept = [sentence for _, sentence in given_up(kept_capacity, reader)] if kept_capacity is not None else []
    if frame.empty and kept:
        return piece("paragraph", text := " ".join(kept), kind="lead", text=text)
    if frame.empty and not whole.loc[whole["kpi"] == ON_TIME, "reliable"].any():
        return empty(
            reader.text(
                "What the plan holds only without cannot be told: the simulation says nothing of lines on time."
            )
        )
    if frame.empty:
        return empty(reader.text("No scenario costs the plan more lines on time than it may lose: no condition."))
    return piece("paragraph", text := " ".join([said(frame, reader), *kept]), kind="lead", text=text)


def said(frame: pd.DataFrame, reader: Reader) -> str:
    """Return the conditions as sentences, each of which begins with its decision."""
    return " ".join(f"{decision} – {uncapitalised(condition)}" for decision, condition in told(frame, reader))


def told(frame: pd.DataFrame, reader: Reader) -> list[tuple[str, str]]:
    """Return the decision, or the plan, that each condition is of, and the condition as a sentence."""
    return [(_what(row, reader), condition(row, reader)) for row in frame.to_dict("records")]


def of_decision(frame: pd.DataFrame, lever: str, setting: str, reader: Reader) -> list[str]:
    """Return the conditions of a decision, a sentence each."""
    own = frame[(frame["lever"] == lever) & (frame["setting"] == setting)]
    return [condition(row, reader) for row in own.to_dict("records")]


def given_up(kept: pd.DataFrame, reader: Reader) -> list[tuple[str, str]]:
    """Return a heading and a sentence for each resource whose capacity given up is missed: what keeping it would do."""
    return [
        (reader.text("Capacity"), _given_up(resource, of_resource, reader))
        for resource, of_resource in kept.groupby("resource", sort=False)
    ]


def _given_up(resource: Hashable, kept: pd.DataFrame, reader: Reader) -> str:
    """Write what the plan gives up of a resource, and how many lines are on time with it and without."""
    rows = {row["scenario"]: row for row in kept.to_dict("records")}
    what = {"resource": reader.word_within(str(resource), "resource"), "saves": reader.money(rows[BASE]["saves"])}
    if not (kept["verdict"] == "better").any():
        return reader.text(
            "What the plan gives up of {resource} ({saves} in the period) leaves work waiting there; keeping it brings "
            "no more lines on time.",
            **what,
        )
    sides = {name: {side: reader.measure(row[side], ON_TIME) for side in _SIDES} for name, row in rows.items()}
    told = reader.text(
        "What the plan gives up of {resource} ({saves} in the period) may be missed: kept, {kept} of the lines are on "
        "time in the period to come and not {proposed}",
        **what,
        **sides.pop(BASE),
    )
    for name, then in sides.items():
        scenario = reader.word_within(name, "scenario")
        told += "; " + reader.text("{scenario}: {kept} and not {proposed}", scenario=scenario, **then)
    return f"{told}."


def beyond_limits(node_plan: pd.DataFrame, reader: Reader) -> list[tuple[str, str]]:
    """Return a heading and a sentence on the warehouses that send more than they can also under the plan."""
    over = node_plan[node_plan["ships_then"] > node_plan["capacity"]]
    if over.empty:
        return []
    most = over.assign(beyond=over["ships_then"] - over["capacity"]).sort_values("beyond", ascending=False)
    shown = [
        reader.text(
            "{warehouse} {then} of {capacity} (today {now})",
            warehouse=str(row["warehouse"]),
            then=reader.number(row["ships_then"]),
            capacity=reader.number(row["capacity"]),
            now=reader.number(row["ships_now"]),
        )
        for row in most.head(_MOST_NAMED).to_dict("records")
    ]
    told = reader.text("Lines beyond what a warehouse can send, also with the plan: {named}", named="; ".join(shown))
    if more := len(most) - len(shown):
        told += "; " + reader.plural("{count} more warehouse", "{count} more warehouses", more)
    return [(reader.text("Capacity"), f"{told}.")]


def condition(row: Row, reader: Reader) -> str:
    """Write what a decision holds only without, and what happens then."""
    if row["adoption"] < 1:
        share = reader.percent(row["adoption"], 0)
        holds = reader.text("Holds only if more than {share} of those expected go along", share=share)
    else:
        holds = reader.text(
            "Holds only without this: {scenario}", scenario=reader.word_within(row["scenario"], "scenario")
        )
    if row["measure"] == ON_TIME:
        sides = {side: reader.measure(row[side], ON_TIME) for side in ("current", "proposed")}
        then = reader.text("else {proposed} on time, {current} without the plan", **sides)
    else:
        days = reader.number(row["current"])
        then = reader.text(
            "else it is not on time again within the period, without the plan it is in {days} days", days=days
        )
    if row["place"] == NONE:
        return f"{holds}; {then}."
    place = reader.word_within(row["place"], "resource")
    return f"{holds}; {then}: {reader.text('{place} is full', place=place)}."


def _what(row: Row, reader: Reader) -> str:
    if row["lever"] == NONE:
        return reader.text("The plan")
    return reader.word(Option({row["lever"]: row["setting"]}).name, "option")
