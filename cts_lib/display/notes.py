"""What stands beside figures: a stage's assumptions, and the queries behind it."""

from __future__ import annotations

from cts_lib.display.pieces import Shown, empty, piece
from cts_lib.display.reader import Reader


def notes(messages: list[str], reader: Reader) -> Shown:
    """Return a stage's assumptions and remarks as a list; a sentence when there are none."""
    heading = reader.text("Assumptions and remarks")
    if not messages:
        return empty(reader.text("No assumption was needed here."))
    return piece("notes", "; ".join(messages), heading=heading, items=messages)


def sql(queries: list[tuple[str, str]], reader: Reader) -> Shown:
    """Return the exact queries that ran, each folded under its title, for whoever wants to run them again."""
    summary = reader.plural("{count} query", "{count} queries", len(queries))
    return piece("queries", summary, queries=[(reader.word(title, "query"), query) for title, query in queries])
