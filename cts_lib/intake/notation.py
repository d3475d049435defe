"""How numbers, dates and periods are written in texts: read in SQL, and recognised where they are written otherwise."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from cts_lib.engine import quote
from cts_lib.errors import ParamsError
from cts_lib.intake.signs import without_sign, without_sign_sql
from cts_lib.params import Formats
from cts_lib.params.period import Period
from cts_lib.params.source import date_pattern

NUMBERS = tuple(
    Formats.model_validate({"decimal": decimal, "thousands": thousands})
    for decimal, thousands in ((".", None), (",", None), (".", ","), (",", "."), (",", " "), (".", "'"), (".", " "))
)
"""The notations of numbers that are looked for, the likeliest first."""
DATES = (
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%Y%m%d",
    "%d-%m-%Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%b-%d-%y",
    "%b %d, %Y",
    "%d.%m.%y",
    "%d/%m/%y",
    "%m/%d/%y",
)
_TIMES = (" %H:%M", " %H:%M:%S")
STAMPS = (*DATES, *(form + time for form in DATES for time in _TIMES))
"""The notations of dates, with a time or not, that are looked for, the likeliest first."""
_PERIODS = (
    (re.compile(r"(\d{4})[./ ]?(0[1-9]|1[0-2])"), r"\1-\2"),
    (re.compile(r"(0?[1-9]|1[0-2])[./-](\d{4})"), r"\2-\1"),
    (re.compile(r"(\d{4})[./ -]?[QqTt]([1-4])"), r"\1-Q\2"),
    (re.compile(r"[QqTt]([1-4])[./ -]?(\d{4})"), r"\2-Q\1"),
    (re.compile(r"(\d{4})-(\d{2})-\d{2}.*"), r"\1-\2"),
)


def number_sql(text: str, formats: Formats) -> str:
    """Return a text as a number, null where it is none; ``100-`` and ``(100)`` are negative, ``-100-`` is none."""
    if formats.sign:
        text = without_sign_sql(text, formats.sign)
    bare = f"TRIM({text})"
    inner = f"SUBSTR({bare}, 2, LENGTH({bare}) - 2)"
    signed = (
        f"CASE WHEN {bare} LIKE '(%)' THEN '-' || {inner} "
        f"WHEN {bare} LIKE '%-' THEN '-' || SUBSTR({bare}, 1, LENGTH({bare}) - 1) ELSE {bare} END"
    )
    matches = f"REGEXP_MATCHES({signed}, {quote(formats.number_pattern)})"
    if formats.is_plain:
        is_sound = f"STRPOS(({text}), '_') = 0 AND {text} NOT LIKE '%+-%'"
        plain = f"CASE WHEN {is_sound} THEN TRY_CAST({text} AS DOUBLE) END"
        return f"COALESCE({plain}, CASE WHEN {matches} THEN TRY_CAST({signed} AS DOUBLE) END)"
    digits = signed
    for sign in formats.separators:
        digits = f"REPLACE({digits}, {quote(sign)}, '')"
    digits = f"REPLACE({digits}, {quote(formats.decimal)}, '.')"
    return f"CASE WHEN {matches} THEN TRY_CAST({digits} AS DOUBLE) END"


def date_sql(text: str, formats: Formats, time_zone: str | None) -> str:
    """Return a text as a date, null where it is none; a stamp with a zone becomes a day in ``time_zone``."""
    if formats.dates:
        read = [_stamp_sql(text, form) for form in formats.dates]
        return f"COALESCE({', '.join(read)})" if len(read) > 1 else read[0]
    day = f"TRY_CAST({text} AS DATE)"
    if time_zone:
        zoned = f"REGEXP_MATCHES({text}, '[0-9]:[0-9.:]+ ?(Z|[+-][0-9:]+)$')"
        local = f"CAST(TRY_CAST({text} AS TIMESTAMPTZ) AT TIME ZONE {quote(time_zone)} AS DATE)"
        day = f"CASE WHEN {zoned} THEN {local} ELSE {day} END"
    return f"CASE WHEN LTRIM({text}) >= '0' AND LTRIM({text}) < ':' THEN {day} END"  # no 'epoch', no 'infinity'


def _stamp_sql(text: str, form: str) -> str:
    read = f"CAST(TRY_STRPTIME(TRIM({text}), {quote(form)}) AS DATE)"
    if "%Y" not in form:
        return read
    return f"CASE WHEN REGEXP_MATCHES(TRIM({text}), {quote(date_pattern(form))}) THEN {read} END"  # no year 26


def is_number(text: str, formats: Formats) -> bool:
    """Say whether a text is a number in a notation.

    >>> german = Formats(decimal=",", thousands=".")
    >>> [is_number(text, german) for text in ("1.234,50", "1.234,50-", "1,234.50")]
    [True, True, False]
    """
    bare = (without_sign(text, formats.sign) if formats.sign else text).strip()
    if bare.startswith("(") and bare.endswith(")"):
        bare = "-" + bare[1:-1]
    elif bare.endswith("-"):
        bare = "-" + bare[:-1]
    return re.match(formats.number_pattern, bare) is not None


def with_sign(formats: Formats, sign: str | None) -> Formats:
    """Return a notation of numbers that may stand beside a currency's sign."""
    return formats.model_copy(update={"sign": sign})


def number_notations(texts: Sequence[str], sign: str | None = None) -> list[Formats]:
    """Return the notations in which all of the texts, beside a sign or not, are numbers, the likeliest first."""
    notations = [with_sign(formats, sign) for formats in NUMBERS]
    return [formats for formats in notations if texts and all(is_number(text, formats) for text in texts)]


def date_notations(texts: Sequence[str]) -> list[str]:
    """Return the notations in which all of the texts are dates, the likeliest first.

    >>> date_notations(["31/03/2026", "01/04/2026"])
    ['%d/%m/%Y']
    """
    return [form for form in STAMPS if texts and all(is_date(text, form) for text in texts)]


def period_meant(text: str) -> str | None:
    """Return how a period is written that a text seems to mean.

    >>> period_meant("202603"), period_meant("3/2026"), period_meant("Q1 2026"), period_meant("March")
    ('2026-03', '2026-03', '2026-Q1', None)
    """
    for pattern, form in _PERIODS:
        if found := pattern.fullmatch(text.strip()):
            year, _, part = found.expand(form).partition("-")
            try:
                return str(Period.parse(f"{year}-{part if part.startswith('Q') else part.zfill(2)}"))
            except ParamsError:
                return None
    return None


def in_words(formats: Formats) -> str:
    """Return a notation as params write it.

    >>> print(in_words(Formats(decimal=",", thousands=".")))
    {decimal: ",", thousands: "."}
    """
    given = {"decimal": formats.decimal, "thousands": formats.thousands, "sign": formats.sign}
    return "{" + ", ".join(f'{key}: "{sign}"' for key, sign in given.items() if sign) + "}"


def is_date(text: str, form: str) -> bool:
    """Say whether a text is a date in a notation.

    >>> is_date("31.12.2026", "%d.%m.%Y"), is_date("31.12.26", "%d.%m.%Y"), is_date("31.13.2026", "%d.%m.%Y")
    (True, False, False)
    """
    try:
        datetime.strptime(text.strip(), form)
    except ValueError:
        return False
    return re.match(date_pattern(form), text.strip()) is not None
