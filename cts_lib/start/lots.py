"""Says by what the rows of one order line differ, as a line that left from several lots, or with serial numbers."""

from __future__ import annotations

from cts_lib.engine import fetch_rows, quoted
from cts_lib.engine.base import Engine
from cts_lib.start.plan import Pick, Plan

_NEARLY_ALL = 0.99
"""Share of the lines in several rows that must be so."""


def parting(engine: Engine, plan: Plan, key: str, line: Pick) -> str:
    """Return the columns in which rows of one ``key`` differ, if they are of one product; else nothing.

    Columns that something is read from, as quantities, do not count: an order changed since would differ in them.
    """
    picks, file, product = plan.line_picks, plan.lines, plan.product
    if not product or not product.seen == line.seen == file.seen.name:
        return ""
    taken = {pick.heading for pick in picks.values() if pick.seen == line.seen}
    free = [heading for heading in file.seen.columns if heading not in taken and file.facts[heading].filled]
    values = (f"COUNT(DISTINCT COALESCE(CAST({quoted(one)} AS VARCHAR), ''))" for one in [product.heading, *free])
    counted = ", ".join(f"{sql} AS c{place}" for place, sql in enumerate(values))
    differ = "".join(f", COUNT(CASE WHEN c{place} = n THEN 1 END) AS c{place}" for place in range(1, len(free) + 1))
    rows = f"SELECT COUNT(*) AS n, {counted} FROM {line.seen} GROUP BY {key} HAVING COUNT(*) > 1"
    asked = f"SELECT COUNT(*) AS n, COUNT(CASE WHEN c0 = 1 THEN 1 END) AS c0{differ} FROM ({rows})"
    several, of_one, *counts = fetch_rows(engine, asked)[0].values()
    if of_one < _NEARLY_ALL * several:
        return ""
    return ", ".join(repr(one) for one, count in zip(free, counts, strict=True) if count >= _NEARLY_ALL * several)
