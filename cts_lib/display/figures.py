"""How figures are written in a language: numbers, money, percentages and dates."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Any

from babel import Locale
from babel.dates import format_date, get_month_names
from babel.numbers import format_compact_currency, format_compact_decimal, format_currency, format_decimal

from cts_lib.params.labels import LANGUAGES

_LOCALES = {"en": "en_GB", "es": "es_ES"}
_TOUCHING = re.compile(r"(?<=[A-Z])(?=\d)|(?<=M)(?=[A-Z]{2,3}\$?$)")
NO_VALUE = "–"


def is_missing(value: Any) -> bool:
    """Say whether a cell of a table holds nothing."""
    return value is None or (isinstance(value, float) and math.isnan(value)) or str(value) in ("NaT", "<NA>")


class Figures:
    """Writes figures for whoever reads a language; ``currency`` is the ISO code of the unit's.

    An unknown language reads English.
    """

    def __init__(self, language: str = "en", currency: str = "EUR") -> None:
        self.language = language if language in LANGUAGES else "en"
        self.currency = currency
        self.locale = Locale.parse(_LOCALES.get(self.language, self.language))

    def number(self, x: float | None, digits: int = 0, compact: bool = False) -> str:
        """Return a number with ``digits`` decimals, grouped by thousands; a compact one in thousands or millions."""
        if x is None or is_missing(x):
            return NO_VALUE
        if compact and abs(x) >= 10_000:
            written = format_compact_decimal(x, locale=self.locale, fraction_digits=_compact_digits(x))
            return _with_minus(str(written))
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return _with_minus(format_decimal(_no_negative_zero(x, digits), format=pattern, locale=self.locale))

    def exact(self, x: float | None, whole: bool = False) -> str:
        """Return a number with the decimals it has, four at most, or eight below a tenth; ``whole`` with ten figures.

        >>> Figures().exact(730.0), Figures().exact(16.63823), Figures().exact(0.0003797811)
        ('730', '16.6382', '0.00037978')
        >>> Figures().exact(0.95255513871, whole=True)
        '0.9525551387'
        """
        if x is None or is_missing(x):
            return NO_VALUE
        digits = 8 if 0 < abs(x) < 0.1 else 4
        if whole and x:
            digits = max(0, 9 - math.floor(math.log10(abs(x))))
        pattern = "#,##0." + "#" * digits
        return _with_minus(format_decimal(_no_negative_zero(x, digits), format=pattern, locale=self.locale))

    def rounded(self, x: float | None) -> str:
        """Return a number in four figures, or whole where it has more.

        >>> Figures().rounded(0.0002944946242), Figures().rounded(42.35976819), Figures().rounded(194979.67)
        ('0.0002945', '42.36', '194,980')
        """
        if x is None or is_missing(x):
            return NO_VALUE
        digits = max(0, 3 - math.floor(math.log10(abs(x)))) if x else 0
        return _with_minus(format_decimal(x, format="#,##0." + "#" * digits, locale=self.locale))

    def money(self, x: float | None, compact: bool = False, digits: int | None = None) -> str:
        """Return an amount in the unit's currency; whole from 100 up, a compact one from 10 up and as in ``€1.2M``."""
        if x is None or is_missing(x):
            return NO_VALUE
        if compact and abs(x) >= 10_000:
            digits = _compact_digits(x)
            written = format_compact_currency(x, self.currency, locale=self.locale, fraction_digits=digits)
            return _with_minus(str(written))
        if digits is None:
            digits = 0 if abs(x) >= (10 if compact else 100) or not round(x, 2) else 2
        pattern = self.locale.currency_formats["standard"].pattern.replace(".00", "." + "0" * digits if digits else "")
        amount = _no_negative_zero(x, digits)
        return _with_minus(format_currency(amount, self.currency, pattern, locale=self.locale, currency_digits=False))

    def percent(self, x: float | None, digits: int = 1) -> str:
        """Return a fraction as a percentage: 0.125 reads 12.5%."""
        if x is None or is_missing(x):
            return NO_VALUE
        space = "\u00a0" if "\u00a0" in self.locale.percent_formats[None].pattern else ""
        return f"{self.number(100 * x, digits)}{space}%"

    def signed(self, x: float, digits: int = 0) -> str:
        """Return a number with its sign in front."""
        return ("+" if round(x, digits) > 0 else "") + self.number(x, digits)

    def signed_money(self, x: float | None) -> str:
        """Return a compact amount with its sign in front.

        >>> [Figures("es", "USD").signed_money(x) for x in (1e-9, 0.3)]
        ['0\\xa0US$', '+0,30\\xa0US$']
        """
        if x is None or is_missing(x):
            return NO_VALUE
        return ("+" if round(x, 2) > 0 else "") + self.money(x, compact=True)

    def date(self, d: date | None) -> str:
        """Return a date in words, short."""
        return NO_VALUE if d is None or is_missing(d) else format_date(d, "medium", locale=self.locale)

    def month(self, number: float | None) -> str:
        """Return the name of a month of the year, 1 to 12.

        >>> Figures("es").month(8)
        'agosto'
        """
        if number is None or is_missing(number):
            return NO_VALUE
        return str(get_month_names("wide", locale=self.locale)[int(number)])


def _compact_digits(x: float) -> int:
    return 0 if 100_000 <= abs(x) < 1e6 else 1


def _with_minus(written: str) -> str:
    """Return a number with the printers' minus, as wide as a plus, and a currency's letters apart from the figure."""
    return _TOUCHING.sub("\u00a0", written.replace("-", "\u2212"))


def _no_negative_zero(x: float, digits: int) -> float:
    return 0.0 if round(x, digits) == 0 else x
