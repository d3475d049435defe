"""Recognises rows that are no rows of the table: totals, subtotals, and what stands below it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cts_lib.engine import count_rows, fetch_row, fetch_rows, fetch_values, quote, quoted
from cts_lib.engine.base import Engine
from cts_lib.intake.assumed import Assumed
from cts_lib.intake.notation import NUMBERS, number_sql, with_sign
from cts_lib.intake.signs import sign_of
from cts_lib.start.headings import begins_a_total
from cts_lib.start.look import Seen

_MOST = 500
"""Rows with an empty cell in an otherwise full column that are looked at."""
_CLOSE = 0.005
_GROUP = "^(.*) [(]([0-9]+)[)]$"
"""How exports of grouped lists head a group: with its name and how many rows it has."""
_NAMES = 2
"""Cells that must hold their column's name for a row to be one of names."""


def without_totals(engine: Engine, seen: Seen) -> Seen:
    """Return a file without its rows of totals, with the condition that leaves them out and a remark for each."""
    counts = fetch_values(engine, {name: f"COUNT({quoted(name)})" for name in seen.columns}, seen.name)
    few = max(2, seen.rows // 50)
    full = [name for name in seen.columns if seen.rows - counts[name] <= min(few, _MOST) and counts[name] > few]
    empty = " OR ".join(f"{quoted(name)} IS NULL" for name in full) or "FALSE"
    rows = fetch_rows(engine, f"SELECT rowid AS _row, * FROM {seen.name} WHERE {empty} ORDER BY rowid LIMIT {_MOST}")
    conditions = _names_again(engine, seen) | _groups(engine, seen)
    for row in rows:
        blank = [name for name in full if row[name] is None]
        label = _label(seen, row)
        filled = [name for name in seen.columns if row[name] is not None]
        nothing = " AND ".join(f"line.{quoted(name)} IS NULL" for name in blank)
        if label:
            name, text = label
            conditions.setdefault(f"line.{quoted(name)} = {quote(text)} AND {nothing}", f"{text!r}")
        elif len(filled) <= 1 and len(seen.columns) > 2:
            conditions.setdefault(nothing, f"{row[filled[0]]!r}" if filled else "an empty row")
        elif row["_row"] == seen.rows - 1 and _adds_up(engine, seen, row, blank):
            conditions.setdefault(nothing, "the last row, which has no key and holds the sums")
    if not conditions:
        return seen
    where = " AND ".join(f"NOT COALESCE({condition}, FALSE)" for condition in conditions)
    engine.create(seen.name, f"SELECT line.* FROM {seen.kept} WHERE {where}")
    left = count_rows(engine, seen.name)
    said = list(conditions.values())
    shown = ", ".join(said[:3]) + (f" and {len(said) - 3} more" if len(said) > 3 else "")
    out = seen.rows - left
    remark = (Assumed.NO_LINE if out == 1 else Assumed.NO_LINES).said(count=out, which=shown)
    checked = replace(seen, rows=left, where=where, remarks=(*seen.remarks, remark), excluded=remark)
    last = rows[-1] if rows else {}
    label = _label(seen, last) if last else None
    if label and last["_row"] == seen.rows - 1 and not _adds_up(engine, checked, last, []):
        return replace(checked, doubt=f"the total {label[1]!r} at the end is not the sum of the rows above")
    return checked


def _names_again(engine: Engine, seen: Seen) -> dict[str, str]:
    """Return the condition of rows that hold the column names once more, as pages of a print do, with what it is."""
    texts = seen.texts[:_NAMES]
    condition = " AND ".join(f"line.{quoted(name)} = {quote(name)}" for name in texts)
    if len(texts) < _NAMES:
        return {}
    found = count_rows(engine, f"{seen.kept} WHERE {condition}")
    return {condition: "the column names again"} if found else {}


def _groups(engine: Engine, seen: Seen) -> dict[str, str]:
    """Return the condition of rows above groups of others, as ``Azure Interior (12)`` above twelve, with what it is.

    The numbers of the outermost add up to the rows that are none, and each leaves the same columns empty.
    """
    first, *others = seen.columns
    place = f"CAST(line.{quoted(first)} AS VARCHAR)"
    is_one = f"REGEXP_MATCHES({place}, '{_GROUP}')"
    empty = ", ".join(f"COUNT(line.{quoted(name)}) AS c{at}" for at, name in enumerate(others))
    asked = f"SELECT COUNT(*) AS n, MIN(LTRIM({place})) AS cell{', ' * bool(others)}{empty} FROM {seen.kept} "
    answer = fetch_row(engine, f"{asked} WHERE {is_one}")
    blank = [name for at, name in enumerate(others) if not answer[f"c{at}"]]
    if not answer["n"] or len(blank) < _NAMES:
        return {}
    condition = " AND ".join([is_one, *(f"line.{quoted(name)} IS NULL" for name in blank)])
    below = f"CAST(REGEXP_REPLACE({place}, '{_GROUP}', '\\2') AS BIGINT)"
    indent = f"LENGTH({place}) - LENGTH(LTRIM({place}))"
    levels = f"SELECT {indent} AS indent, SUM({below}) AS below FROM {seen.kept} WHERE {is_one} GROUP BY 1"
    outermost = fetch_rows(engine, f"{levels} ORDER BY 1")[0]["below"]
    return {condition: f"{answer['cell']!r}"} if outermost == seen.rows - answer["n"] else {}


def _label(seen: Seen, row: Mapping[str, object]) -> tuple[str, str] | None:
    """Return the cell of a row that calls it a total."""
    for name in seen.columns:
        cell = row[name]
        if isinstance(cell, str) and begins_a_total(cell):
            return name, cell
    return None


def _adds_up(engine: Engine, seen: Seen, row: Mapping[str, object], blank: list[str]) -> bool:
    """Say whether a cell of a row is the sum of its column's cells in the rows above."""
    for name in seen.columns:
        if row[name] is None or name in blank or _label(seen, {**dict.fromkeys(seen.columns), name: row[name]}):
            continue
        for plain_formats in NUMBERS:
            formats = with_sign(plain_formats, sign_of(str(row[name])))
            cell, place = quote(str(row[name])), f"CAST({quoted(name)} AS VARCHAR)"
            said, added = fetch_row(
                engine,
                f"SELECT {number_sql(cell, formats)} AS said, SUM({number_sql(place, formats)}) AS added "
                f"FROM {seen.name} WHERE rowid <> {row['_row']}",
            ).values()
            if said and added and abs(said - added) <= _CLOSE * abs(added):
                return True
    return False
