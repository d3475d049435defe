"""A trace in words and tables for the terminal; the figures add up line by line."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cts_lib.costing.trace import Trace
from cts_lib.display import Reader
from cts_lib.display.profile.explanation import Level, levels


def explanation(trace: Trace, title: str, reader: Reader) -> RenderableType:
    """Return what stands behind a customer's cost to serve, level by level, each with its sum."""
    return Group(Text(title, style="bold"), *(_table(level, reader) for level in levels(trace, reader)))


def _table(level: Level, reader: Reader) -> Table:
    table = Table(
        title=Text(level.title),
        title_justify="left",
        caption=Text(level.note) if level.note else None,
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        show_footer=bool(level.sums),
    )
    for name, kind in level.columns.items():
        right = kind not in ("text", "code")
        total = Text(reader.write(level.frame[name].sum(), kind) if name in level.sums else "")
        table.add_column(Text(reader.label(name)), justify="right" if right else "left", footer=total, overflow="fold")
    for row in level.frame.to_dict("records"):
        table.add_row(*(Text(reader.write(row[name], kind, name)) for name, kind in level.columns.items()))
    return table
