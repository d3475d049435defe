"""What the plan holds only without, as it is told beside decisions: a sentence each."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from cts_lib.display.pieces import Shown, empty, piece
from cts_lib.display.reader import Reader, uncapitalised
from cts_lib.names import CELL, NONE, totals
from cts_lib.replay.options import Option

Row = Mapping[Hashable, Any]


def conditions(frame: pd.DataFrame, comparison: pd.DataFrame, reader: Reader) -> Shown:
    """Say of each scenario that the plan does not hold under which decision hangs on it, and what happens then.

    Without a condition, say whether none was found or none could be looked for: ``comparison`` tells what is reliable.
    """
    whole = totals(comparison, *CELL)
    if frame.empty and not whole.loc[whole["kpi"] == "on_time", "reliable"].any():
        return empty(
            reader.text(
                "What the plan holds only without cannot be told: the simulation says nothing of lines on time."
            )
        )
    if frame.empty:
        return empty(reader.text("No scenario costs the plan more lines on time than it may lose: no condition."))
    return piece("paragraph", text := said(frame, reader), kind="lead", text=text)


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


def condition(row: Row, reader: Reader) -> str:
    """Write what a decision holds only without, and what happens then."""
    if row["adoption"] < 1:
        share = reader.percent(row["adoption"], 0)
        holds = reader.text("Holds only if more than {share} of those expected go along", share=share)
    else:
        holds = reader.text(
            "Holds only without this: {scenario}", scenario=reader.word_within(row["scenario"], "scenario")
        )
    if row["measure"] == "on_time":
        sides = {side: reader.measure(row[side], "on_time") for side in ("current", "proposed")}
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
