"""The outline of a stage's page: its headings, which of them wait in a fold, and its contents.

A markdown cell that begins with a heading begins a section; tagged ``fold`` the section is closed until somebody opens
it, up to the next heading of its level or above. A code cell tagged ``half`` takes half the width of the page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from nbformat import NotebookNode

FOLD, HALF = "fold", "half"
_HEADING = re.compile(r"(#{2,3}) (.+)")


class Entry(NamedTuple):
    """A line of the contents."""

    id: str
    text: str


def outline(cells: Sequence[NotebookNode]) -> list[Entry]:
    """Take the headings out of translated cells into ``cell.metadata.page``, and return the contents.

    There also stands how many folds end before a cell and after the last, and whether a cell is half as wide.
    """
    contents: list[Entry] = []
    open_folds: list[int] = []
    for number, cell in enumerate(cells):
        tags = cell.metadata.get("tags", [])
        cell.metadata.page = {"closes": 0, "half": HALF in tags}
        found = _HEADING.match(cell.source) if cell.cell_type == "markdown" else None
        if found is None:
            continue
        level, text = len(found[1]), found[2].strip()
        kept = [fold for fold in open_folds if fold < level]
        entry = Entry(f"s{number}", text)
        cell.metadata.page |= {"closes": len(open_folds) - len(kept), "level": level, "heading": text, "id": entry.id}
        cell.metadata.page["folded"] = FOLD in tags
        cell.source = cell.source[found.end() :].strip()
        open_folds = [*kept, level] if FOLD in tags else kept
        if level == 2:
            contents.append(entry)
    if cells:
        cells[-1].metadata.page["ends"] = len(open_folds)
    return contents
