"""Puts files of one form, as extracts of several months, together into one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cts_lib.engine import quoted
from cts_lib.engine.base import Engine
from cts_lib.start.look import Seen

_FEW = 3
"""Columns up to which tables of different things, as of code and name, may look alike."""


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
    engine.create(first.name, " UNION ALL ".join(f"SELECT {columns} FROM {one.name}" for one in group))
    parts = [f"    SELECT {columns}\n    FROM {one.sql} AS line" + _condition(one) for one in group]
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


def _condition(one: Seen) -> str:
    return f"\n    WHERE {one.where}" if one.where else ""
