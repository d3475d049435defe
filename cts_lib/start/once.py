"""Parts a file that says what belongs to an order on the first of its lines only, as exports of shops do."""

from __future__ import annotations

from dataclasses import replace

from cts_lib.engine import fetch_rows, quoted
from cts_lib.engine.base import Engine
from cts_lib.start.look import Seen

_LEAST = 2
"""Columns that must be filled once an order before a file is taken for one of this kind."""
_FEWEST = 10
"""Orders below which it may be chance."""


def parted(engine: Engine, seen: Seen) -> list[Seen]:
    """Return a file as its lines and its order heads, or as it is where no column is filled once an order."""
    names = list(seen.columns)
    filled = _counts(engine, seen, {name: quoted(name) for name in names})
    full = [name for name in names if filled[name] == seen.rows]
    different = _counts(engine, seen, {name: f"DISTINCT CAST({quoted(name)} AS VARCHAR)" for name in full})
    for key in full:
        orders = different[key]
        once = [name for name in names if filled[name] == orders]
        if not _FEWEST <= orders < seen.rows or len(once) < _LEAST:
            continue
        whose = {name: f"DISTINCT CASE WHEN {quoted(name)} IS NOT NULL THEN {quoted(key)} END" for name in once}
        if [count for count in _counts(engine, seen, whose).values() if count == orders][_LEAST - 1 :]:
            return _heads_and_lines(engine, seen, key, next(iter(once)))
    return [seen]


def _heads_and_lines(engine: Engine, seen: Seen, key: str, first: str) -> list[Seen]:
    on_others = _counts(
        engine, seen, {n: f"CASE WHEN {quoted(first)} IS NULL THEN {quoted(n)} END" for n in seen.columns}
    )
    filled = _counts(engine, seen, {name: quoted(name) for name in seen.columns})
    of_order = [name for name in seen.columns if filled[name] and not on_others[name]]
    name, columns = f"{seen.name}_heads", ", ".join(map(quoted, [key, *of_order]))
    engine.create(name, f"SELECT {columns} FROM {seen.name} WHERE {quoted(first)} IS NOT NULL")
    where = f"{quoted(first)} IS NOT NULL" + (f" AND {seen.where}" if seen.where else "")
    heads = Seen(
        name,
        f"{seen.names}, once an order",
        f"(SELECT {columns} FROM {seen.sql} AS line WHERE {where})",
        engine.columns(name),
        filled[first],
        (f"on the first line of each {key!r}",),
        key=key,
    )
    rest = {name: kind for name, kind in seen.columns.items() if name not in of_order}
    return [replace(seen, columns=rest, key=key), heads]


def _counts(engine: Engine, seen: Seen, what: dict[str, str]) -> dict[str, int]:
    """Return what is counted of the rows, by name."""
    if not what:
        return {}
    counted = ", ".join(f"COUNT({sql}) AS c{place}" for place, sql in enumerate(what.values()))
    return dict(zip(what, fetch_rows(engine, f"SELECT {counted} FROM {seen.name}")[0].values(), strict=True))
