"""The reader: language, currency, and how numbers, money, dates and words are written for them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, get_month_names
from babel.messages import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_compact_currency, format_compact_decimal, format_currency, format_decimal

from cts_lib.display.words import WORDS
from cts_lib.measures import kind_of

_LOCALES = {"en": "en_GB", "es": "es_ES"}
_TOUCHING = re.compile(r"(?<=[A-Z])(?=\d)|(?<=M)(?=[A-Z]{2,3}\$?$)")
_NO_VALUE = "–"
_CATALOGUES = Path(__file__).parent.parent / "locale"


@cache
def catalogue(language: str) -> Catalog:
    """Return the translations into ``language``; English, the messages' own language, has none."""
    path = _CATALOGUES / f"{language}.po"
    if not path.exists():
        return Catalog()
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value)) or str(value) in ("NaT", "<NA>")


class Reader:
    """Whoever reads a report.

    Parameters
    ----------
    language : str
        ``en`` or ``es``; an unknown language reads English.
    currency : str
        ISO code of the unit's currency.

    Examples
    --------
    >>> Reader("en", "EUR").money(1234567.891)
    '€1,234,568'
    >>> Reader("es", "EUR").percent(0.125)
    '12,5\\xa0%'
    """

    def __init__(self, language: str = "en", currency: str = "EUR") -> None:
        self.language = language if language in _LOCALES else "en"
        self.currency = currency
        self.locale = Locale.parse(_LOCALES[self.language])

    def text(self, message: str, **values: Any) -> str:
        """Return ``message`` in the reader's language with ``values`` filled in; untranslated it stays English."""
        found = catalogue(self.language).get(message)
        translated = found.string if found and isinstance(found.string, str) and found.string else message
        return translated.format(**values) if values else translated

    def remark(self, note: Mapping[str, Any]) -> str:
        """Return a note of the manifest as a sentence: translated, its amounts written as the reader writes them.

        >>> note = {"text": "{sum} is charged by no activity.", "values": {"sum": {"number": 1200, "kind": "money"}}}
        >>> Reader("en", "EUR").remark(note)
        '€1,200 is charged by no activity.'
        """
        values = note.get("values", {})
        written = {name: self._written(value) for name, value in values.items()}
        said = self.text(note["text"], **written)
        return said[:1].upper() + said[1:]

    def _written(self, value: Any) -> Any:
        if isinstance(value, int):
            return self.number(value)
        if not isinstance(value, dict):
            return value
        if value["kind"] == "labels":
            return ", ".join(self.label_within(name) for name in value["number"])
        if value["kind"] == "measures":
            return ", ".join(self.measure(x, value["of"]) for x in value["number"])
        if value["kind"] == "shares":
            shares = value["number"].items()
            return ", ".join(f"{self.label_within(name)} {self._share(share)}" for name, share in shares)
        if value["kind"] == "percent":
            return self._share(value["number"])
        if value["kind"] == "duration":
            days = value["number"]
            return self.plural("{count} day", "{count} days", int(days)) if days == round(days) else self.days(days)
        return self.write(value["number"], value["kind"])

    def _share(self, x: float) -> str:
        """A share in a sentence: whole percentages without a decimal."""
        return self.percent(x, 0 if math.isclose(100 * x, round(100 * x)) else 1)

    def listed(self, names: Sequence[str]) -> str:
        """Return names one after another, kept apart from the commas inside them.

        >>> Reader().listed(["on time", "profit, share of sales"])
        'on time; profit, share of sales'
        """
        return ("; " if any("," in name for name in names) else ", ").join(names)

    def plural(self, one: str, many: str, count: int, **values: Any) -> str:
        """Return ``one`` for a count of 1 and ``many`` otherwise, translated, ``count`` and ``values`` filled in."""
        return self.text(one if count == 1 else many, count=self.number(count), **values)

    def label(self, name: str) -> str:
        """Return the words for a column, an indicator or another name of the workbook, starting with a capital.

        What a name is composed of is looked up part by part.

        >>> Reader().label("cost_to_serve"), Reader().label("order_entry")
        ('Cost to serve', 'Order entry')
        >>> Reader().label("order_method: portal + rush: none")
        'Order method: portal + rush orders: none'
        >>> Reader().label("support step: it, facilities")
        'Support, step by step: IT, facilities'
        """
        if _missing(name):
            return _NO_VALUE
        if name in WORDS:
            return self.text(WORDS[name])
        for joint, written in ((" + ", " + "), (": ", ": "), (":", ": "), (", ", ", ")):
            first, joined, rest = str(name).partition(joint)
            if joined:
                return f"{self.label(first)}{written}{self.label_within(rest)}"
        words = str(name).replace("_", " ").strip()
        return words.upper() if len(words) <= 2 else words[:1].upper() + words[1:]

    def label_within(self, name: str) -> str:
        """Return a label as it stands within a sentence.

        >>> Reader("es").label_within("on_time"), Reader().label_within("IT")
        ('a tiempo', 'IT')
        """
        return _uncapitalised(self.label(name))

    def value(self, name: Any) -> str:
        """Return a value of a table as it is read: the workbook's own values translated, the user's as they are.

        >>> Reader().value("value: middle · cost_to_serve: low")
        'Value: middle · Cost to serve: low'
        """
        if _missing(name):
            return _NO_VALUE
        if name in WORDS:
            return self.text(WORDS[name])
        return " · ".join(self._part(part) for part in str(name).split(" · "))

    def _part(self, name: str) -> str:
        """A part of a composed name: a trait and its side, a word of the workbook, or the user's own."""
        trait, joint, side = name.partition(": ")
        if joint and trait in WORDS:
            return f"{self.text(WORDS[trait])}: {_uncapitalised(self.text(WORDS[side])) if side in WORDS else side}"
        return self.text(WORDS[name]) if name in WORDS else name

    def number(self, x: float | None, digits: int = 0, compact: bool = False) -> str:
        """Return a number with ``digits`` decimals, grouped by thousands; a compact one in thousands or millions."""
        if x is None or _missing(x):
            return _NO_VALUE
        if compact and abs(x) >= 10_000:
            written = format_compact_decimal(x, locale=self.locale, fraction_digits=_compact_digits(x))
            return _with_minus(str(written))
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return _with_minus(format_decimal(_no_negative_zero(x, digits), format=pattern, locale=self.locale))

    def exact(self, x: float | None, whole: bool = False) -> str:
        """Return a number with the decimals it has, four at most, or eight below a tenth; ``whole`` with ten figures.

        >>> Reader().exact(730.0), Reader().exact(16.63823), Reader().exact(0.0003797811)
        ('730', '16.6382', '0.00037978')
        >>> Reader().exact(0.95255513871, whole=True)
        '0.9525551387'
        """
        if x is None or _missing(x):
            return _NO_VALUE
        digits = 8 if 0 < abs(x) < 0.1 else 4
        if whole and x:
            digits = max(0, 9 - math.floor(math.log10(abs(x))))
        pattern = "#,##0." + "#" * digits
        return _with_minus(format_decimal(_no_negative_zero(x, digits), format=pattern, locale=self.locale))

    def money(self, x: float | None, compact: bool = False, digits: int | None = None) -> str:
        """Return an amount in the unit's currency; whole from 100 up, a compact one from 10 up and as in ``€1.2M``."""
        if x is None or _missing(x):
            return _NO_VALUE
        if compact and abs(x) >= 10_000:
            digits = _compact_digits(x)
            written = format_compact_currency(x, self.currency, locale=self.locale, fraction_digits=digits)
            return _with_minus(str(written))
        if digits is None:
            digits = 0 if abs(x) >= (10 if compact else 100) or x == 0 else 2
        pattern = self.locale.currency_formats["standard"].pattern.replace(".00", "." + "0" * digits if digits else "")
        amount = _no_negative_zero(x, digits)
        return _with_minus(format_currency(amount, self.currency, pattern, locale=self.locale, currency_digits=False))

    def percent(self, x: float | None, digits: int = 1) -> str:
        """Return a fraction as a percentage: 0.125 reads 12.5%."""
        if x is None or _missing(x):
            return _NO_VALUE
        space = "\u00a0" if "\u00a0" in self.locale.percent_formats[None].pattern else ""
        return f"{self.number(100 * x, digits)}{space}%"

    def points(self, x: float | None) -> str:
        """Return a difference of fractions in percentage points, with its sign."""
        if x is None or _missing(x):
            return _NO_VALUE
        return self.text("{points} pp", points=self.signed(100 * x, 1))

    def signed(self, x: float, digits: int = 0) -> str:
        """Return a number with its sign in front."""
        return ("+" if round(x, digits) > 0 else "") + self.number(x, digits)

    def signed_money(self, x: float | None) -> str:
        """Return a compact amount with its sign in front."""
        if x is None or _missing(x):
            return _NO_VALUE
        return ("+" if x > 0 else "") + self.money(x, compact=True)

    def date(self, d: date | None) -> str:
        """Return a date in words, short."""
        return _NO_VALUE if d is None or _missing(d) else format_date(d, "medium", locale=self.locale)

    def month(self, number: float | None) -> str:
        """Return the name of a month of the year, 1 to 12.

        >>> Reader("es").month(8)
        'agosto'
        """
        if number is None or _missing(number):
            return _NO_VALUE
        return str(get_month_names("wide", locale=self.locale)[int(number)])

    def days(self, x: float | None) -> str:
        """Return a duration in days, with one decimal."""
        return _NO_VALUE if x is None or _missing(x) else self.text("{days} days", days=self.number(x, 1))

    def measure_change(self, x: float | None, indicator: str) -> str:
        """Return a difference of an indicator with its sign; that of a share in percentage points."""
        if x is None or _missing(x):
            return _NO_VALUE
        kind = kind_of(indicator)
        if kind == "percent":
            return self.points(x)
        if kind == "days" and round(x, 1) == 0:
            return self.signed(x, 2)
        return self.signed_money(x) if kind == "money" else self.signed(x, 0 if kind == "number" else 1)

    def write(self, x: Any, kind: str) -> str:
        """Return a value as its ``kind`` asks.

        Kinds are money, price, cents, number, decimal, exact, rate, percent, days, date, label, text (the
        workbook's own values are translated), code and sentence (nothing is).
        """
        if kind in ("money", "price"):
            return self.money(x)
        if kind == "cents":
            return self.money(x, digits=2)
        if kind in ("exact", "rate"):
            return self.exact(x, kind == "rate")
        if kind in ("number", "decimal"):
            return self.number(x, 2 if kind == "decimal" else 0)
        if kind == "percent":
            return self.percent(x)
        if kind == "days":
            return self.days(x)
        if kind == "date":
            return self.date(x)
        if kind in ("code", "sentence"):
            return _NO_VALUE if _missing(x) else str(x)
        return self.label(x) if kind == "label" else self.value(x)

    def measure(self, x: float | None, indicator: str, compact: bool = False) -> str:
        """Return an indicator's value written in the indicator's own unit."""
        kind = kind_of(indicator)
        return self.money(x, compact) if kind == "money" else self.write(x, kind)


def _compact_digits(x: float) -> int:
    return 0 if 100_000 <= abs(x) < 1e6 else 1


def _uncapitalised(words: str) -> str:
    return words[:1].lower() + words[1:] if words[1:2].islower() or words[1:2] == " " else words


def _with_minus(written: str) -> str:
    """Return a number with the printers' minus, as wide as a plus, and a currency's letters apart from the figure."""
    return _TOUCHING.sub("\u00a0", written.replace("-", "\u2212"))


def _no_negative_zero(x: float, digits: int) -> float:
    return 0.0 if round(x, digits) == 0 else x
