"""Order lines of every period as far as they can be read, for what looks beyond the run's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from cts_lib.engine import count_rows, fetch_value, quote
from cts_lib.engine.base import Engine, fetch_rows
from cts_lib.intake.cells import Cell, absent, as_text
from cts_lib.intake.exchange import exchanged, joined
from cts_lib.intake.notation import date_notations
from cts_lib.params import UnitParams
from cts_lib.params.period import Period
from cts_lib.tables.column import Kind
from cts_lib.tables.inputs import ORDER_LINES

MOST_PERIODS, MOST_LINES, LINES_AT_ONCE = 12, 4_000_000, 1_000_000
SLACK = 7
"""Days by which the first line of all may come after its period begins."""
_TEXTS = ("order_id", "customer_id", "channel")


def keep_dated_lines(engine: Engine, cells: Mapping[str, Cell], currency: str | None) -> None:
    """Leave ``dated_order_lines``: what is read of every line of all periods, typed.

    That is unit, deciding day, order, customer, channel, quantity and net sales; ``written_day`` is the deciding day as
    it is written.

    ``currency`` is the unit's own where lines of another have to be converted. A line without a rate has no net sales.
    """
    values = {name: cells[name].value(Kind.TEXT) if name in cells else absent(Kind.TEXT) for name in _TEXTS}
    day = day_of(cells)
    net_sales, join = cells["net_sales"].value(Kind.NUMBER), ""
    if currency:
        net_sales, join = exchanged(net_sales, currency), joined(day)
    written = [as_text(name) for name in ORDER_LINES.dates if name in cells]
    values |= {
        "quantity": cells["quantity"].value(Kind.NUMBER),
        "net_sales": net_sales,
        "business_unit": as_text("business_unit"),
        "day": day,
        "written_day": f"COALESCE({', '.join(written)}, NULL)",
    }
    shown = ", ".join(f"{value} AS {name}" for name, value in values.items())
    engine.create("dated_order_lines", f"SELECT {shown} FROM raw_order_lines AS raw{join}", view=True)


def day_of(cells: Mapping[str, Cell]) -> str:
    """Return the day that decides the period of a raw order line."""
    days = [cells[name].value(Kind.DATE) for name in ORDER_LINES.dates if name in cells]
    return f"COALESCE({', '.join(days)}, NULL)"


def dated_lines(unit: UnitParams) -> str:
    """Return the dated order lines of a unit, as a query writes them behind FROM."""
    return f"dated_order_lines WHERE business_unit = {quote(unit.business_unit)}"


def have_data(engine: Engine, unit: UnitParams) -> str:
    """Say which quarters of a unit have order lines."""
    of_unit = dated_lines(unit)
    frame = fetch_rows(
        engine,
        f"SELECT DISTINCT CAST(EXTRACT(YEAR FROM day) AS BIGINT) AS year, "
        f"CAST(EXTRACT(QUARTER FROM day) AS BIGINT) AS quarter FROM {of_unit} AND day IS NOT NULL ORDER BY 1, 2",
    )
    if not frame:
        if undated := count_rows(engine, of_unit):
            return f"none of its {undated:,} order lines has a date that can be read{_written_days(engine, of_unit)}"
        return f"no order line at all has business_unit {unit.business_unit!r}"
    quarters = [f"{row['year']}-Q{row['quarter']}" for row in frame]
    shown = quarters if len(quarters) <= 8 else [quarters[0], "…", quarters[-1]]
    return f"order lines exist in {', '.join(shown)}"


def _written_days(engine: Engine, of_unit: str) -> str:
    """Say how the commonest days are written, and what would read them."""
    rows = fetch_rows(
        engine,
        f"SELECT written_day AS text, COUNT(*) AS n FROM {of_unit} AND written_day IS NOT NULL GROUP BY 1 "
        "ORDER BY 2 DESC, 1 LIMIT 3",
    )
    texts = [str(row["text"]) for row in rows]
    if not texts:
        return ""
    forms = " or ".join(repr(form) for form in date_notations(texts))
    cure = f"source.formats: {{date: {forms}}} reads these" if forms else "write them as 2026-07-31"
    return f": {', '.join(map(repr, texts))}; {cure}"


def newest_day(engine: Engine, unit: UnitParams) -> date | None:
    """Return the newest posting date of a unit's order lines."""
    day: date | None = fetch_value(engine, f"SELECT MAX(day) AS day FROM {dated_lines(unit)}")
    return day


def windows(engine: Engine, unit: UnitParams, period: Period) -> list[Period]:
    """Return what to read of a period and those before it that its lines reach back to without a gap, oldest first.

    Each is as many periods in a row as hold no more than `LINES_AT_ONCE`; together they are no more than `MOST_PERIODS`
    and `MOST_LINES`. Without any before it, it is the period alone.
    """
    rows = fetch_rows(
        engine,
        f"SELECT CAST(day AS DATE) AS day, COUNT(*) AS n FROM {dated_lines(unit)} AND day < DATE '{period.end}' "
        "GROUP BY 1 ORDER BY 1",
    )
    by_day = [(date.fromisoformat(str(row["day"])[:10]), int(row["n"])) for row in rows]
    begins = by_day[0][0] if by_day else period.start
    earliest, lines = period.moved(-MOST_PERIODS * period.months).start, Counter[int]()
    for day, count in by_day:
        if day >= earliest:
            lines[Period.containing(day, 1, period.calendar if period.is_fiscal else None).first_month] += count

    def months(of: Period) -> list[int]:
        return [lines[month.first_month] for month in of.parts(1)]

    found, held, total, before = [period], sum(months(period)), sum(months(period)), period.previous
    while period.first_month - before.first_month < MOST_PERIODS * period.months:
        more = sum(months(before))
        total += more
        if not all(months(before)) or total > MOST_LINES or begins > before.start + timedelta(days=SLACK):
            break
        if held + more > LINES_AT_ONCE:
            found.insert(0, before)
            held = more
        else:
            found[0] = replace(before, months=found[0].months + before.months)
            held += more
        before = before.previous
    return found
