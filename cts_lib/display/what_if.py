"""What a question to the workbook would change, beside today; and kept scenarios beside each other."""

from __future__ import annotations

import pandas as pd

from cts_lib.display.pieces import Shown, empty
from cts_lib.display.reader import Reader
from cts_lib.display.table import table
from cts_lib.measures import change_as_written
from cts_lib.names import NONE

_KINDS = {"loss_makers": "number", "on_time": "percent", "utilisation": "percent"}
"""How figures are written that are no money."""


def what_if(figures: pd.DataFrame, movers: pd.DataFrame, reader: Reader, asked: str, rows: int = 10) -> Shown:
    """Show today beside what would be, and the customers that begin or cease to make a loss or change segment.

    ``figures`` has figure, resource, today, then and change, ``movers`` what `Answer` says of it.
    """
    written = what_if_figures(figures, reader)
    columns = dict.fromkeys(written.columns, "code")
    beside = table(written, reader, columns, reader.text("What would change"), note=asked, rows=len(written))
    if movers.empty:
        moved = empty(reader.text("No customer begins or ceases to make a loss, or changes segment."))
    else:
        of_movers = {"customer_id": "text", "name": "text", "profit": "money", "profit_then": "money"}
        of_movers |= {"change": "money", "segment": "text", "segment_then": "text"}
        shown = movers.assign(segment_then=[reader.word(name, "segment") for name in movers["segment_then"]])
        of_movers["segment_then"] = "code"
        moved = table(shown, reader, of_movers, reader.text("Customers that move"), bars=("change",), rows=rows)
    return Shown(beside.html + moved.html, f"{beside.summary}; {moved.summary}")


def what_if_figures(figures: pd.DataFrame, reader: Reader) -> pd.DataFrame:
    """Return figures as they are read: figure, today, then, change."""
    kinds = [_KINDS.get(figure, "money") for figure in figures["figure"]]
    sides = zip(figures["today"], figures["then"], kinds, strict=True)
    return pd.DataFrame(
        {
            "figure": _named(figures, reader),
            "today": _written(figures["today"], kinds, reader),
            "then": _written(figures["then"], kinds, reader),
            "change": [_change(before, now, kind, reader) for before, now, kind in sides],
        }
    )


def compared(frame: pd.DataFrame, reader: Reader) -> Shown:
    """Show kept scenarios side by side, each figure beside today's."""
    if frame.empty:
        return empty(
            reader.text(
                'No scenario is kept. In a notebook book.keep("name", "cost_model.…=…") answers one and keeps it.'
            )
        )
    names = list(dict.fromkeys(frame["scenario"]))
    keys = list(dict.fromkeys(frame[["figure", "resource"]].itertuples(index=False, name=None)))
    at = frame.set_index(["figure", "resource", "scenario"])
    today = frame.drop_duplicates(["figure", "resource"]).set_index(["figure", "resource"])["today"].reindex(keys)
    kinds = [_KINDS.get(figure, "money") for figure, _ in keys]
    written = {"figure": _named(pd.DataFrame(keys, columns=["figure", "resource"]), reader)}
    written["today"] = _written(today, kinds, reader)
    for number, name in enumerate(names):
        found = at["then"].reindex([(*key, name) for key in keys])
        written[f"scenario_{number}"] = _written(found, kinds, reader)
    headings = {f"scenario_{number}": name for number, name in enumerate(names)}
    columns = dict.fromkeys(written, "code")
    title = reader.text("Kept scenarios beside today")
    return table(pd.DataFrame(written), reader, columns, title, headings=headings, rows=len(keys))


def _named(figures: pd.DataFrame, reader: Reader) -> list[str]:
    pairs = figures[["figure", "resource"]].itertuples(index=False, name=None)
    return [
        reader.label(figure) if resource == NONE else f"{reader.label(figure)}: {reader.word(resource, 'resource')}"
        for figure, resource in pairs
    ]


def _written(values: pd.Series, kinds: list[str], reader: Reader) -> list[str]:
    return [
        reader.money(x, digits=0) if kind == "money" else reader.write(x, kind)
        for x, kind in zip(values, kinds, strict=True)
    ]


def _change(before: float, now: float, kind: str, reader: Reader) -> str:
    x = change_as_written(before, now, kind)
    if kind == "percent":
        return reader.points(x)
    if pd.isna(x) or kind == "money":
        return reader.signed_money(x)
    return reader.signed(x)
