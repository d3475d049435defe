"""Reads a table of accounts with its months side by side, as statements of profit and loss, as one row a month."""

from __future__ import annotations

import re
from dataclasses import replace

from cts_lib.engine import count_rows, quote, quoted
from cts_lib.engine.base import Engine
from cts_lib.intake.assumed import Assumed
from cts_lib.start.headings import is_total, likeness, month_of
from cts_lib.start.look import Seen
from cts_lib.tables.inputs import LEDGER

NAME, PERIOD, AMOUNT = "Account name", "Period", "Amount"
"""What the columns are called then."""
_LEAST = 2
"""Months side by side from which on a table is one of this kind."""
_UNNAMED = re.compile(r"column[0-9]+|Unnamed: [0-9]+|")
"""What a column without a heading is called."""
_KEPT = {"account", "business_unit"}
"""Columns of a ledger that stand beside the name."""


def by_month(engine: Engine, seen: Seen) -> Seen:
    """Return a table of accounts with a row for each month, any other as it is."""
    months = {heading: month for heading in seen.columns if (month := month_of(heading))}
    rest = [heading for heading in seen.columns if heading not in months and not is_total(heading)]
    names = [heading for heading in rest if _UNNAMED.fullmatch(heading) or likeness(heading, LEDGER.name, "resource")]
    kept = [one for one in rest if any(likeness(one, LEDGER.name, column) for column in _KEPT)]
    name = names[0] if names else kept[0] if kept else ""
    if len(months) < _LEAST or not name or set(rest) - {*names, *kept}:
        return seen
    more = [heading for heading in kept if heading != name]
    beside = "".join(f", line.{quoted(heading)} AS {quoted(heading)}" for heading in more)
    sql, rows = (
        "\n    UNION ALL\n".join(
            f"    SELECT TRIM(CAST(line.{quoted(name)} AS VARCHAR)) AS {quoted(NAME)}{beside}, {quote(month)} AS "
            f"{quoted(PERIOD)}, line.{quoted(heading)} AS {quoted(AMOUNT)}\n    FROM {relation} AS line\n"
            f"    WHERE TRIM(CAST(line.{quoted(heading)} AS VARCHAR)) <> ''"
            + (f" AND {seen.where}" if seen.where else "")
            for heading, month in months.items()
        )
        for relation in (seen.sql, seen.name)
    )
    first, *_, last = sorted(months.values())
    told = Assumed.MONTHS_SIDE_BY_SIDE.said(file=seen.names, first=first, last=last)
    relation = f"{seen.name}_by_month"
    engine.create(relation, rows)
    count = count_rows(engine, relation)
    read = replace(seen, name=relation, sql=f"(\n{sql}\n)", columns=engine.columns(relation), rows=count, where="")
    return replace(read, assumptions=(*seen.assumptions, told), remarks=(*seen.remarks, "months side by side"))
