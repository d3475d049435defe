"""What stands beside figures: a stage's assumptions, and the queries behind it."""

from __future__ import annotations

from html import escape

from cts_lib.display.reader import Reader
from cts_lib.display.table import Shown


def notes(messages: list[str], reader: Reader) -> Shown:
    """Return a stage's assumptions and remarks as a list; a sentence when there are none."""
    heading = reader.text("Assumptions and remarks")
    if not messages:
        sentence = reader.text("No assumption was needed here.")
        return Shown(f'<p class="empty">{escape(sentence)}</p>', sentence)
    items = "".join(f"<li>{escape(message)}</li>" for message in messages)
    opening = f'<aside class="notes" aria-label="{escape(heading)}"><p><strong>{escape(heading)}</strong></p>'
    return Shown(f"{opening}<ul>{items}</ul></aside>", "; ".join(messages))


def sql(queries: list[tuple[str, str]], reader: Reader) -> Shown:
    """Return the exact queries that ran, each folded under its title, for whoever wants to run them again."""
    folded = "".join(
        f"<details><summary>{escape(reader.label(title))}</summary>"
        f"<pre tabindex='0'><code>{escape(query)}</code></pre></details>"
        for title, query in queries
    )
    return Shown(f'<div class="sql">{folded}</div>', reader.text("{queries} queries", queries=len(queries)))
