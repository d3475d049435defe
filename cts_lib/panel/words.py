"""What the panel calls its sliders and says of them."""

from __future__ import annotations

from cts_lib.display import Reader
from cts_lib.scenarios.dials import Dial, Group


def slider_name(dial: Dial, reader: Reader) -> str:
    """Return what a slider moves and in what it is written."""
    if dial.group == "minutes":
        name = reader.word(dial.of, "activity")
        return reader.text("{name}, % of {minutes} min", name=name, minutes=reader.number(dial.each, 1))
    if dial.group == "people":
        name = reader.word(dial.of, "resource")
        people = reader.text("{name}, people", name=name)
        return people if dial.kind == "number" else reader.text("{name}, % of its minutes", name=name)
    if dial.group == "orders":
        name = reader.word(dial.of, "lever")
        money = reader.text("{name}, {currency}", name=name, currency=reader.currency)
        return money if dial.kind == "money" else reader.text("{name}, % of the orders", name=name)
    if dial.kind == "percent":
        low = reader.text("Low in value, % of the customers"), reader.text("Low in cost, % of the customers")
    else:
        low = reader.text("High in value from"), reader.text("High in cost from")
    return low[0] if dial.of == "value" else low[1]


def group_name(group: Group, reader: Reader) -> str:
    """Return what a group of sliders is called."""
    names = {
        "minutes": reader.text("Unit times"),
        "people": reader.text("People"),
        "orders": reader.text("Orders"),
        "cuts": reader.text("Segments"),
    }
    return names[group]


def group_note(group: Group, reader: Reader) -> str:
    """Return how a group of sliders is meant."""
    notes = {
        "minutes": reader.text("A time equation in per cent of what it says today; beside it the minutes of one unit."),
        "people": reader.text(
            "The ledger stays as it is: with fewer people a minute costs more, and less of what was paid is unused."
        ),
        "orders": reader.text(
            "For all whom the lever is for and who go along, before investment. Each new place reads the lines again "
            "and takes seconds; the other sliders then answer at once."
        ),
        "cuts": reader.text(
            "Where high begins. The matrix is drawn again at once; needs that split a segment are found again by "
            "book.what_if alone."
        ),
    }
    return notes[group]
