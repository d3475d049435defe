"""Signs and codes of currencies in the cell of an amount: which stands there, whose it may be, and the cell without."""

from __future__ import annotations

import re

from cts_lib.engine import quote

SIGNS = {
    "€": ("EUR",),
    "£": ("GBP",),
    "R$": ("BRL",),
    "$": ("USD", "ARS", "AUD", "CAD", "CLP", "COP", "HKD", "MXN", "NZD", "SGD", "UYU"),
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
    "₺": ("TRY",),
    "zł": ("PLN",),
    "Kč": ("CZK",),
    "Ft": ("HUF",),
    "kr": ("DKK", "NOK", "SEK", "ISK"),
    "Fr.": ("CHF",),
}
"""The currencies that write a sign, the likeliest first."""
_CODES = {code for codes in SIGNS.values() for code in codes} | {"AED", "BGN", "KRW", "MAD", "PEN", "RON", "ZAR"}
_SPACES = (" ", "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}")


def sign_of(text: str) -> str | None:
    """Return the sign or code of a currency that stands before or behind the digits of a text.

    >>> sign_of("1.234,50 €"), sign_of("-$1,200.00"), sign_of("USD 7"), sign_of("7 PCS"), sign_of("1e5")
    ('€', '$', 'USD', None, None)
    """
    outside = re.match(r"^([^0-9]*)[0-9].*?([^0-9]*)$", text.strip())
    for part in outside.groups() if outside else ():
        word = part.strip(" -+()\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}")
        if word in SIGNS or word in _CODES:
            return word
    return None


def currencies_of(sign: str) -> tuple[str, ...]:
    """Return the currencies that a sign may mean, the likeliest first; a code means itself.

    >>> currencies_of("£"), currencies_of("CHF")
    (('GBP',), ('CHF',))
    """
    return SIGNS.get(sign, (sign,))


def code_of(text: str) -> str | None:
    """Return the code of the currency that a text is the sign or the code of.

    >>> code_of("€"), code_of("usd "), code_of("Euros")
    ('EUR', 'USD', None)
    """
    code = currencies_of(text.strip())[0].upper()
    return code if re.fullmatch("[A-Z]{3}", code) else None


def without_sign(text: str, sign: str) -> str:
    """Return a text without a sign that stands before or behind its digits.

    >>> without_sign("1.234,50 €", "€"), without_sign("-€ 5", "€"), without_sign("1€5", "€")
    ('1.234,50', '-5', '1€5')
    """
    if not re.search(_outside(sign), text):
        return text
    for part in _parts(sign):
        text = text.replace(part, "")
    return text


def without_sign_sql(text: str, sign: str) -> str:
    """Return SQL for the same."""
    bare = text
    for part in _parts(sign):
        bare = f"REPLACE({bare}, {quote(part)}, '')"
    return f"CASE WHEN REGEXP_MATCHES({text}, {quote(_outside(sign))}) THEN {bare} ELSE {text} END"


def _parts(sign: str) -> list[str]:
    return [*(space + sign for space in _SPACES), *(sign + space for space in _SPACES), sign]


def _outside(sign: str) -> str:
    written = re.sub(r"([.$])", r"[\1]", sign)
    return f"^[^0-9]*{written}|{written}[^0-9]*$"
