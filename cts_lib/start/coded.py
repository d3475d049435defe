"""Takes apart cells that hold a code before a name, as ``[FURN_0096] Desk``, so that either finds its master."""

from __future__ import annotations

from dataclasses import replace

from cts_lib.engine import fetch_rows, quoted
from cts_lib.engine.base import Engine
from cts_lib.start.look import Seen

_MOSTLY = 0.5
"""Share of a column's filled cells that must begin with a code."""


def with_codes(engine: Engine, seen: Seen) -> Seen:
    """Return a file with a column of codes beside each whose cells hold one; a cell without one is its own code."""
    texts = [name for name, kind in seen.columns.items() if kind == "VARCHAR"]
    counts = (f"COUNT({quoted(name)}) AS n{at}, COUNT(CASE WHEN {_is_coded(name)} THEN 1 END) AS c{at}"
              for at, name in enumerate(texts))  # fmt: skip
    answer = fetch_rows(engine, f"SELECT COUNT(*) AS n, {', '.join(counts)} FROM {seen.name}")[0] if texts else {}
    coded = [name for at, name in enumerate(texts) if answer[f"c{at}"] > _MOSTLY * answer[f"n{at}"]]
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
    where = f" WHERE {seen.where}" if seen.where else ""
    sql = f"(SELECT *, {made} FROM {seen.sql} AS line{where})"
    remark = f"codes in brackets of {', '.join(map(repr, names))}"
    return replace(seen, sql=sql, where="", columns=columns, remarks=(*seen.remarks, remark))


def _is_coded(name: str) -> str:
    return f"{quoted(name)} LIKE '[%] %'"
