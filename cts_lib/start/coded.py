"""Takes apart cells that hold a code before a name, as ``[FURN_0096] Desk``, so that either finds its master."""

from __future__ import annotations

from dataclasses import replace

from cts_lib.engine import fetch_values, quoted
from cts_lib.engine.base import Engine
from cts_lib.start.look import Seen

_MOSTLY = 0.5
"""Share of a column's filled cells that must begin with a code."""


def with_codes(engine: Engine, seen: Seen) -> Seen:
    """Return a file with a column of codes beside each whose cells hold one; a cell without one is its own code."""
    filled = fetch_values(engine, {name: f"COUNT({quoted(name)})" for name in seen.texts}, seen.name)
    counts = {name: f"COUNT(CASE WHEN {_is_coded(name)} THEN 1 END)" for name in seen.texts}
    coded = [name for name, n in fetch_values(engine, counts, seen.name).items() if n > _MOSTLY * filled[name]]
    names = {name: f"{name} code" for name in coded if f"{name} code" not in seen.columns}
    if not names:
        return seen
    made = ", ".join(
        f"CASE WHEN {_is_coded(name)} THEN SUBSTR({quoted(name)}, 2, STRPOS({quoted(name)}, ']') - 2) "
        f"ELSE {quoted(name)} END AS {quoted(code)}"
        for name, code in names.items()
    )
    engine.create(seen.name, f"SELECT *, {made} FROM {seen.name}")
    columns = seen.columns | dict.fromkeys(names.values(), "VARCHAR")
    sql = f"(SELECT *, {made} FROM {seen.origin})"
    remark = f"codes in brackets of {', '.join(map(repr, names))}"
    return replace(seen, sql=sql, where="", columns=columns, remarks=(*seen.remarks, remark))


def _is_coded(name: str) -> str:
    return f"{quoted(name)} LIKE '[%] %'"
