"""Puts files of one form, as extracts of several months, together into one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cts_lib.engine import quote, quoted
from cts_lib.engine.base import Engine
from cts_lib.start.headings import RETURNED, names_any
from cts_lib.start.look import Seen

_FEW = 3
"""Columns up to which tables of different things, as of code and name, may look alike."""
KIND = "document type"
"""What the column of files' names is called."""


def put_together(engine: Engine, seen: Sequence[Seen]) -> list[Seen]:
    """Return files with the same columns as one; each keeps its own way of reading and its own totals."""
    groups: dict[frozenset[str], list[Seen]] = {}
    for one in seen:
        own = () if len(one.columns) > _FEW else (one.name,)
        groups.setdefault(frozenset([*one.columns, *own]), []).append(one)
    return [_together(engine, group) if len(group) > 1 else group[0] for group in groups.values()]


def _together(engine: Engine, group: Sequence[Seen]) -> Seen:
    first = group[0]
    columns = ", ".join(map(quoted, first.columns))
    shown = {one.name: columns + _kind(one, group) for one in group}
    engine.create(first.name, " UNION ALL ".join(f"SELECT {shown[one.name]} FROM {one.name}" for one in group))
    parts = [f"    SELECT {shown[one.name]}\n    FROM {one.sql} AS line" + _condition(one) for one in group]
    return replace(
        first,
        names=", ".join(one.names for one in group),
        sql="(\n" + "\n    UNION ALL\n".join(parts) + "\n)",
        columns=engine.columns(first.name),
        rows=sum(one.rows for one in group),
        remarks=tuple(dict.fromkeys(remark for one in group for remark in one.remarks)),
        assumptions=tuple(text for one in group for text in one.assumptions),
        where="",
        excluded="; ".join(one.excluded for one in group if one.excluded),
        doubt="; ".join(one.doubt for one in group if one.doubt),
    )


def _kind(one: Seen, group: Sequence[Seen]) -> str:
    """Return a column of the file's name, where some of a group are called as documents that take back."""
    are = {names_any(file.names, RETURNED) for file in group}
    return f", {quote(one.names)} AS {quoted(KIND)}" if len(are) > 1 and KIND not in one.columns else ""


def _condition(one: Seen) -> str:
    return f"\n    WHERE {one.where}" if one.where else ""
