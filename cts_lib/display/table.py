"""A table for reading: few columns, values in the reader's language, everything escaped."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

import pandas as pd
from great_tables import GT, html, loc, style
from markupsafe import Markup

from cts_lib.display.pieces import Shown, empty, piece
from cts_lib.display.reader import Reader
from cts_lib.names import NONE

OF_CELL = {"segment": "text", "channel": "text"}
"""The columns that name a cell, and how they are read."""
_LEFT = frozenset({"text", "value", "code", "date", "sentence", "lines"})
_FEW = 2
"""So many rows more are shown rather than counted below."""
_SHORT = 12
"""A column of texts no longer than this is not broken into lines."""
_ALONE, _AMONG_MANY, _MANY = 19, 12, 4
"""How wide a column of sentences is at least, in em: alone, and where there are many."""
_LINES = 16
"""The same of a column of lines."""
_WIDE, _CARDS = 4, 6
"""With so many columns a row is a card on a telephone; so many stand there before one asks for all. The theme knows."""
_NAMING = frozenset({"text", "value", "code"})
"""Kinds of a second column that tells rows apart whose first is alike."""
_BAR, _LOSS_BAR = "var(--bar, #cfe0ee)", "var(--loss-bar, #f6d5c3)"
_HEADER = re.compile(r'<th [^>]*id="([^"]+)"[^>]*>(.*?)</th>')


def table(
    frame: pd.DataFrame,
    reader: Reader,
    columns: dict[str, str],
    title: str,
    note: str = "",
    bars: tuple[str, ...] = (),
    rows: int = 25,
    sums: tuple[str, ...] = (),
    headings: Mapping[str, str] | None = None,
) -> Shown:
    """Return the first ``rows`` of ``frame`` as a table for reading.

    Parameters
    ----------
    frame : DataFrame
        Columns that it lacks, or that say nothing in any row, as a channel where none is stated, are left out.
    columns : dict of str to str
        Column to kind: money (whole in the whole column), price (cents where they count), cents, number, decimal,
        exact, rounded, percent, chance, days, date, text (a value of the column's domain), value (of the row's
        ``dimension``), code (as it is), sentence (the same, in a column wide enough to read), lines (the same, in
        lines of its own), or indicator and change (the unit is that of the row's ``kpi``).
    title, note : str
        Already in the reader's language.
    bars : tuple of str
        Columns with a bar behind the figure, scaled to the column's largest magnitude.
    sums : tuple of str
        Columns that a last row sums over the whole of ``frame``.
    headings : dict of str to str
        Columns that are not the workbook's, and their headings.
    """
    if frame.empty:
        nothing = reader.text("nothing to show.")
        return empty(f"{title}: {nothing}")
    shown = frame if len(frame) <= rows + _FEW else frame.head(rows)
    there = [column for column in columns if column in frame]
    present = {column: columns[column] for column in there if column == there[0] or _is_told(frame, column)}
    cells = pd.DataFrame({column: _write(shown, column, kind, reader) for column, kind in present.items()})
    if sums:
        totals = {column: reader.write(frame[column].sum(), kind) for column, kind in present.items() if column in sums}
        first = {next(iter(present)): reader.text("Total")}
        cells = pd.concat([cells, pd.DataFrame([dict.fromkeys(present, "") | first | totals])], ignore_index=True)
    identity = "t" + hashlib.sha256((title + cells.to_csv()).encode()).hexdigest()[:10]
    with pd.option_context("mode.string_storage", "python"):  # it is filled cell by cell, which Arrow is slow at
        made = GT(cells, id=identity)
    built = (
        made.tab_header(title=html(_in_sight(title)))
        .cols_label({column: (headings or {}).get(column) or reader.label(column) for column in present})
        .cols_align("left", [column for column, kind in present.items() if kind in _LEFT])
        .cols_align("right", [column for column, kind in present.items() if kind not in _LEFT])
        .tab_options(
            table_font_size="14px",
            table_width="100%",
            heading_align="left",
            heading_title_font_size="15px",
            heading_title_font_weight="bold",
            column_labels_font_weight="600",
        )
    )
    for column in bars:
        if column in present:
            built = _with_bars(built, shown, column, frame[column].abs().max())
    short = [column for column, kind in present.items() if kind in _LEFT and cells[column].str.len().max() <= _SHORT]
    if short:
        built = built.tab_style(style.css("white-space: nowrap;"), loc.body(columns=short))
    lines = [column for column, kind in present.items() if kind == "lines"]
    if lines:
        built = built.tab_style(style.css(f"white-space: pre-line; min-width: {_LINES}em;"), loc.body(columns=lines))
    sentences = [column for column, kind in present.items() if kind == "sentence"]
    if sentences:
        width = _ALONE if len(sentences) < _MANY else _AMONG_MANY
        built = built.tab_style(style.css(f"min-width: {width}em;"), loc.body(columns=sentences))
    if sums:
        built = built.tab_style(style.css("font-weight: bold;"), loc.body(rows=[len(cells) - 1]))
    hidden = len(frame) - len(shown)
    more = reader.plural("{count} more row in tables.xlsx.", "{count} more rows in tables.xlsx.", hidden)
    below = " ".join([*([note] if note else []), *([more] if hidden else [])])
    if below:
        built = built.tab_source_note(html(_in_sight(below)))
    names = list(present)
    is_pair = len(names) > 1 and present[names[1]] in _NAMING and bool(cells[names[0]].duplicated().any())
    written = Shown(_labelled(built.as_raw_html(), is_pair), title)
    is_long = len(names) >= _WIDE and len(cells) > _CARDS + 1 and not sums
    every = reader.text("Show all {count} rows", count=reader.number(len(cells))) if is_long else ""
    return piece("table", f"{title} ({len(frame)})", table=written, every=every)


def _is_told(frame: pd.DataFrame, column: str) -> bool:
    values = frame[column]
    return bool((values.notna() & ((values.astype("object") != NONE) | (column not in OF_CELL))).any())


def intervals(frame: pd.DataFrame, low: str, high: str, kind: str, reader: Reader) -> pd.Series:
    """Return from where to where each row's interval goes, its ends written as a table writes a column of ``kind``.

    A row that lacks an end has none.
    """
    ends = zip(*(_write(frame, column, kind, reader) for column in (low, high)), strict=True)
    written = [reader.text("{low} to {high}", low=one, high=other) for one, other in ends]
    return pd.Series(written, frame.index, dtype="str").where(frame[[low, high]].notna().all(axis=1))


def _labelled(table: str, is_pair: bool = False) -> str:
    """Return a table whose cells say their column's heading, for screens on which a row stands as a card.

    Where ``is_pair``, the second column names a card together with the first.

    >>> _labelled('<th id="t-a">A &amp; B</th><td headers="t-a">1</td>')
    '<th id="t-a">A &amp; B</th><td data-label="A &amp; B" headers="t-a">1</td>'
    """
    for place, (identity, heading) in enumerate(_HEADER.findall(table)):
        names = " data-names" if is_pair and place == 1 else ""
        table = table.replace(f'headers="{identity}"', f'data-label="{heading}"{names} headers="{identity}"')
    return table


def _in_sight(text: str) -> str:
    """Return a text that a page may keep in sight while a wide table is moved."""
    return Markup("<span>{}</span>").format(text)


def _write(frame: pd.DataFrame, column: str, kind: str, reader: Reader) -> list[str]:
    if kind == "change":
        return [reader.measure_change(x, kpi) for x, kpi in zip(frame[column], frame["kpi"], strict=True)]
    if kind == "indicator":
        return [reader.measure(x, kpi) for x, kpi in zip(frame[column], frame["kpi"], strict=True)]
    if kind == "value":
        return [reader.value(x, of) for x, of in zip(frame[column], frame["dimension"], strict=True)]
    if kind == "money" and frame[column].abs().max() >= 100:
        return [reader.money(x, digits=0) for x in frame[column]]
    if kind == "decimal" and frame[column].abs().max() >= 10:
        return [reader.number(x, 1) for x in frame[column]]
    return [reader.write(x, kind, column) for x in frame[column]]


def _with_bars(built: GT, frame: pd.DataFrame, column: str, largest: float) -> GT:
    if not largest > 0:
        return built
    for row, x in enumerate(frame[column]):
        if pd.notna(x) and x != 0:
            width, colour = 100 * abs(x) / largest, _BAR if x > 0 else _LOSS_BAR
            gradient = f"background: linear-gradient(to left, {colour} {width:.1f}%, transparent {width:.1f}%);"
            built = built.tab_style(style.css(gradient), loc.body(columns=[column], rows=[row]))
    return built
