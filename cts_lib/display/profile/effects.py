"""What goes with cost to serve, in sentences: one step of each effect, its interval, and where it is weak."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cts_lib.display.pieces import Shown, empty, piece, shorten
from cts_lib.display.reader import Reader
from cts_lib.names import ALL

_FEW = 4
"""So many values of a trait are named, not counted among the others."""
_WHOLE = 0.1
"""From so much on a change has no decimal."""
_WEAK, _ENTANGLED = 0.2, 30.0
"""R² below which little is told, and the condition number above which effects are hard to keep apart."""


def effects(cost_effects: pd.DataFrame, reader: Reader) -> Shown:
    """Show what could be told, what could not, and what was left out, each in a sentence."""
    first = cost_effects.head(1)
    if first.empty or first["effect"].iloc[0] == ALL:
        text = _why_not(first, reader)
        return empty(text)
    clear = strongest(cost_effects)
    clear = clear[clear["verdict"].isin(["more", "less"])]
    sentences = [_sentence(row, reader) for row in clear.to_dict("records")]
    sentences += _unsure(cost_effects, reader)
    sentences += _weaknesses(first.iloc[0].to_dict(), reader)
    return piece("sentences", " ".join(sentences), items=sentences)


def strongest(cost_effects: pd.DataFrame) -> pd.DataFrame:
    """Return the estimated effects, those that can be told first, the strongest of each first."""
    rows = cost_effects[cost_effects["estimate"].notna()]
    order = pd.DataFrame({"unsure": rows["verdict"] == "cannot tell", "size": -np.log1p(rows["estimate"]).abs()})
    return rows.loc[order.sort_values(["unsure", "size"], kind="stable").index]


def step(row: dict[Any, Any], reader: Reader, room: int | None = None) -> str:
    """Return one step of an effect in words, a trait's name cut so that all fits into ``room`` characters."""
    if row["step"] == "instead" and isinstance(row["value"], str):
        value, other = (reader.value(row[name], row["effect"]) for name in ("value", "instead_of"))
        change = reader.text("{value}, not {other}", value=value, other=other)
        return f"{_cut(reader.word(row['effect'], 'effect'), room, change)}: {change}"
    steps = {
        "order_value": reader.text("An order of twice the value"),
        "lines_per_order": reader.text("One line more per order"),
        "quantity_per_line": reader.text("Twice the quantity per line"),
        "orders_per_month": reader.text("Twice the orders a month"),
        "shipments_per_order": reader.text("A shipment more per ten orders"),
        "rush_share": reader.text("Ten points more rush lines"),
        "return_share": reader.text("Ten points more returned lines"),
        "electronic_share": reader.text("Ten points more electronic lines"),
        "distance_km": reader.text("Twice the distance"),
        "discount_share": reader.text("Ten points more discount"),
    }
    if row["effect"] in steps:
        return steps[row["effect"]]
    changes = {
        "one": reader.text("one more"),
        "ten": reader.text("ten more"),
        "spread": reader.text("one standard deviation more"),
    }
    change = changes.get(row["step"], "")
    return f"{_cut(reader.word(row['effect'], 'effect'), room, change)}: {change}"


def _cut(name: str, room: int | None, rest: str) -> str:
    return name if room is None else shorten(name, max(room - len(rest) - 2, 8))


def change(x: float, reader: Reader) -> str:
    """Return an effect as a percentage, with the digits that tell it from nothing."""
    return reader.percent(x, 0 if abs(x) >= _WHOLE else 1)


def _sentence(row: dict[Any, Any], reader: Reader) -> str:
    values = {"step": step(row, reader), "size": change(abs(row["estimate"]), reader)}
    low, high = sorted([abs(row["low"]), abs(row["high"])])
    values |= {"low": change(low, reader), "high": change(high, reader)}
    if row["verdict"] == "more":
        return reader.text("{step} goes with {size} more cost to serve on the same sales, {low} to {high}.", **values)
    return reader.text("{step} goes with {size} less cost to serve on the same sales, {low} to {high}.", **values)


def _unsure(cost_effects: pd.DataFrame, reader: Reader) -> list[str]:
    unsure = cost_effects[cost_effects["verdict"] == "cannot tell"]
    clear = set(cost_effects.loc[cost_effects["verdict"].isin(["more", "less"]), "effect"])
    tested = clear | set(unsure["effect"])
    sentences = []

    def in_words(rows: pd.DataFrame, told: set[str]) -> str:
        """Name effects; of one that is ``told`` for some of its values, these are others, by name where few."""
        words = []
        for name, of in rows.groupby("effect", sort=False):
            word = reader.word_within(name, "effect")
            values = [reader.value(value, str(name)) for value in of["value"]]
            others = ", ".join(values) if len(values) <= _FEW else reader.text("other values")
            words.append(f"{word} ({others})" if name in told else word)
        return "; ".join(words)

    if len(unsure):
        sentences.append(reader.text("Cannot be told from chance: {names}.", names=in_words(unsure, clear)))
    out = cost_effects[cost_effects["verdict"] == "left out"]
    for reason, rows in out.groupby("reason", sort=False):
        names = in_words(rows, tested)
        sentences.append(
            reader.text("Left out ({reason}): {names}.", reason=reader.word_within(reason, "reason"), names=names)
        )
    return sentences


def _weaknesses(fit: dict[Any, Any], reader: Reader) -> list[str]:
    sentences = [
        reader.text(
            "It tells {share} of the differences between {count} customers in channels. What goes together need not be "
            "a cause.",
            share=reader.percent(fit["r_squared"], 0),
            count=reader.number(fit["observations"]),
        )
    ]
    if fit["r_squared"] < _WEAK:
        sentences.append(reader.text("That is little: most of what makes a customer dear is not among these figures."))
    if fit["condition"] > _ENTANGLED:
        sentences.append(reader.text("Some effects move together so much that their sizes are hard to keep apart."))
    return sentences


def _why_not(first: pd.DataFrame, reader: Reader) -> str:
    count = int(first["observations"].iloc[0]) if len(first) else 0
    if len(first) and first["reason"].iloc[0] == "alike for all":
        return reader.text("What explains cost to serve cannot be asked: the customers cost, or behave, all alike.")
    return reader.plural(
        "What explains cost to serve cannot be asked of {count} customer; 30 are needed.",
        "What explains cost to serve cannot be asked of {count} customers; 30 are needed.",
        count,
    )
