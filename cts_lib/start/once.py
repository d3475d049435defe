"""Parts a file that says what belongs to an order on the first of its lines only, as exports of shops do."""

from __future__ import annotations

from dataclasses import replace

from cts_lib.engine import fetch_value, fetch_values, quoted
from cts_lib.engine.base import Engine
from cts_lib.start.headings import likeness
from cts_lib.start.look import Seen
from cts_lib.tables.inputs import ORDER_LINES

_LEAST = 2
"""Columns that must be filled once an order before a file is taken for one of this kind."""
_FEWEST = 10
"""Orders below which it may be chance."""
_MOST = 100
"""Lines of an order up to which, on average, they may be without its key."""


def parted(engine: Engine, seen: Seen) -> list[Seen]:
    """Return a file as its lines and its order heads, or as it is where no column is filled once an order."""
    names = list(seen.columns)
    filled = _counts(engine, seen, {name: quoted(name) for name in names})
    if key := _key_once(engine, seen, filled):
        seen, filled = _with_key(engine, seen, key), filled | {key: seen.rows}
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


def _key_once(engine: Engine, seen: Seen, filled: dict[str, int]) -> str:
    """Return the column that names the order where that too stands on the first of its lines only; else nothing.

    It is filled in the first row, tells its cells apart, and beside it stands another that is filled in the same rows.
    """
    known = {name: likeness(name, ORDER_LINES.name, "order_id") for name in seen.columns}
    for key in sorted((name for name in known if known[name]), key=lambda name: -known[name]):
        orders = filled[key]
        if not _FEWEST <= orders < seen.rows <= _MOST * orders or seen.rows not in filled.values():
            continue
        place, like = quoted(key), [name for name in filled if filled[name] == orders and name != key]
        different = _counts(engine, seen, {key: f"DISTINCT {place}"})[key]
        beside = _counts(
            engine, seen, {name: f"CASE WHEN {place} IS NOT NULL THEN {quoted(name)} END" for name in like}
        )
        first = fetch_value(engine, f"SELECT {place} AS cell FROM {seen.name} WHERE rowid = 0")
        if different == orders and first is not None and orders in beside.values():
            return key
    return ""


def _with_key(engine: Engine, seen: Seen, key: str) -> Seen:
    """Return a file with an order's key on each of its lines."""

    def filled_down(origin: str) -> str:
        numbered = f"SELECT *, ROW_NUMBER() OVER () AS place_ FROM {origin}"
        blocks = f"SELECT *, COUNT({quoted(key)}) OVER (ORDER BY place_) AS block_ FROM ({numbered}) AS numbered"
        shown = (quoted(name) for name in seen.columns if name != key)
        whose = f"MAX({quoted(key)}) OVER (PARTITION BY block_) AS {quoted(key)}"
        return f"(SELECT {', '.join([whose, *shown])} FROM ({blocks}) AS blocks)"

    engine.create(seen.name, f"SELECT * FROM {filled_down(seen.kept)}")
    remark = f"{key!r} of the row above where a line has none"
    return replace(seen, sql=filled_down(seen.origin), where="", remarks=(*seen.remarks, remark))


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
    return fetch_values(engine, {name: f"COUNT({sql})" for name, sql in what.items()}, seen.name)
