"""Money in other currencies: converted by the newest rate not after the day that the row is of."""

from __future__ import annotations

from collections.abc import Mapping

from cts_lib.engine import quote
from cts_lib.engine.base import Engine, fetch_rows
from cts_lib.intake.cells import Cell, as_text
from cts_lib.tables.column import Kind

CURRENCY = "currency"
"""The column beyond the contract that says what a row's money is in; empty: the unit's currency."""
_CODE = f"UPPER(TRIM({as_text(CURRENCY)}))"


def keep_rates(engine: Engine, cells: Mapping[str, Cell]) -> None:
    """Leave ``exchange``: each rate with the days for which it is the newest; of two rates of a day, the lower."""
    if not cells:
        none = "CAST(NULL AS VARCHAR) AS currency, CAST(NULL AS DATE) AS since, CAST(NULL AS DATE) AS until"
        engine.create("exchange", f"SELECT {none}, CAST(NULL AS DOUBLE) AS rate WHERE FALSE", view=True)
        return
    day, rate = cells["date"].value(Kind.DATE), cells["rate"].value(Kind.NUMBER)
    rates = (
        f"SELECT {_CODE} AS currency, {day} AS since, MIN({rate}) AS rate FROM raw_exchange_rates AS raw "
        f"WHERE {rate} > 0 AND {day} IS NOT NULL GROUP BY 1, 2"
    )
    until = "LEAD(since) OVER (PARTITION BY currency ORDER BY since)"
    engine.create("exchange", f"SELECT currency, since, {until} AS until, rate FROM ({rates}) AS rates")


def is_foreign(currency: str) -> str:
    """True where a raw row's money is in another currency than the unit's."""
    return f"{_CODE} <> {quote(currency)}"


def has_foreign(engine: Engine, table: str, currency: str) -> bool:
    """Say whether a raw table has a row in another currency."""
    rows = fetch_rows(engine, f"SELECT 1 AS one FROM raw_{table} AS raw WHERE {is_foreign(currency)} LIMIT 1")
    return bool(rows)


def exchanged(money: str, currency: str) -> str:
    """Return a raw row's money in the unit's currency; without a rate, null."""
    return f"({money}) * CASE WHEN {is_foreign(currency)} THEN exchange.rate ELSE CAST(1 AS DOUBLE) END"


def joined(day: str) -> str:
    """Return the join of a raw row with the rate of its day."""
    newest = f"({day}) >= exchange.since AND (exchange.until IS NULL OR ({day}) < exchange.until)"
    return f" LEFT JOIN exchange ON exchange.currency = {_CODE} AND {newest}"
