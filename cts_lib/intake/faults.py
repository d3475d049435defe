"""What rejected rows have in common, said so that it can be mended: their values, the form wanted, the params' cure."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cts_lib.errors import DataError
from cts_lib.intake.notation import date_notations, in_words, is_number, number_notations, period_meant
from cts_lib.intake.signs import currencies_of, sign_of
from cts_lib.params import Formats
from cts_lib.params.period import WRITTEN
from cts_lib.tables.contract import Reason

MOST_VALUES = 3
"""So many values of rejected rows are shown."""
MOST_CURES = 2
"""So many notations that would read a cell are named."""
_WANTED = {
    Reason.NOT_A_NUMBER: "a number as 1234.5",
    Reason.NOT_A_DATE: "a date as 2026-07-31",
    Reason.NOT_A_PERIOD: f"a period as {WRITTEN}",
    Reason.UNKNOWN_WAREHOUSE: "one that order_lines or inventory name; a new one goes into table nodes",
}


def check_notation(rejected: pd.DataFrame, formats: Formats, currency: str) -> None:
    """Raise where a text is no number in the unit's notation, but one in another, or beside the sign of a currency.

    However few they are: what such a cell is worth would be left out without a word.
    """
    texts = rejected[rejected["reason"] == Reason.NOT_A_NUMBER.value]
    other = texts[[not is_number(value, formats) and bool(_notations([value])) for value in texts["value"]]]
    if other.empty:
        return
    row = other.iloc[0]
    sign = sign_of(row["value"])
    alike = other[(other["table"] == row["table"]) & (other["column"] == row["column"])]
    alike = alike[[sign_of(value) == sign for value in alike["value"]]]
    cells = f"{len(alike)} cells" if len(alike) > 1 else "1 cell"
    found, expected = _foreign(row["value"], sign, currency) if sign else (None, None)
    if found is None or expected is None:
        readable = _notations(alike["value"].unique().tolist()) or _notations([row["value"]])
        cures = " or ".join(f"source.formats: {in_words(each)}" for each in readable[:MOST_CURES])
        found = f"is a number in another notation than {in_words(formats)}"
        expected = f"write them alike; {cures} reads {'these' if len(alike) > 1 else 'this'}"
    where = f"{row['table']}, {row['column']}, row {row['row']}"
    raise DataError(where, f"{row['value']!r} {found} ({cells})", expected, rejected=rejected)


def _notations(texts: Sequence[str]) -> list[Formats]:
    """Return the notations in which all of the texts are numbers, with the sign of a currency that they share."""
    signs = {sign_of(text) for text in texts}
    return number_notations(texts, signs.pop()) if len(signs) == 1 else []


def _foreign(value: str, sign: str, currency: str) -> tuple[str | None, str | None]:
    """Say that a sign is not of the unit's currency, nothing where it is."""
    if currency in currencies_of(sign):
        return None, None
    return (
        f"is money in {sign}, and the unit's currency is {currency}",
        f"set unit.currency to {currencies_of(sign)[0]}, or leave the sign out and give a column currency and a table "
        "exchange_rates",
    )


def refused(rejected: pd.DataFrame, found: str, expected: str) -> DataError:
    """Return the error of a table of which too many rows are rejected: its commonest fault, shown by its values."""
    column, reason = rejected.value_counts(["column", "reason"]).index[0]
    faulty = rejected[(rejected["column"] == column) & (rejected["reason"] == reason)]
    counts = faulty["value"].value_counts(sort=True)
    commonest = counts[counts > 1].index.tolist() or counts.index.tolist()
    shown = [_shown(str(value), faulty[faulty["value"] == value], Reason(reason)) for value in commonest[:MOST_VALUES]]
    values = f": {', '.join(shown)}" if any(faulty["value"] != "") else f", as in row {faulty['row'].iloc[0]}"
    wanted = _cure(Reason(reason), [str(value) for value in counts.index])
    return DataError(
        f"{rejected['table'].iloc[0]}, {column}",
        f"{found}, most often {reason}{values}",
        "; ".join(part for part in (wanted, expected) if part),
        rejected=rejected,
    )


def _shown(value: str, rows: pd.DataFrame, reason: Reason) -> str:
    meant = period_meant(value) if reason is Reason.NOT_A_PERIOD else None
    more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
    return f"{value!r} in row {rows['row'].iloc[0]}{more}" + (f" (write {meant})" if meant else "")


def _cure(reason: Reason, values: Sequence[str]) -> str:
    """Say the form that is wanted, and what would read the values as they are."""
    wanted = _WANTED.get(reason, "")
    if reason is Reason.NOT_A_DATE and (read := date_notations(values)):
        return f"{wanted}, or source.formats: {{date: {' or '.join(repr(form) for form in read)}}}"
    if reason is Reason.REPEATED_KEY:
        return "one row a key; parts in which a line arrives go into table deliveries"
    return wanted
