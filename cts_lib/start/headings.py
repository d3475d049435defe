"""Which column a heading means, by the words of headings.yml."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import yaml

_WORDS = yaml.safe_load(Path(__file__).with_name("headings.yml").read_text(encoding="utf-8"))
_COLUMNS: dict[str, list[str]] = {column: words.split(", ") for column, words in _WORDS["columns"].items()}
_ALONE, _BESIDE_A_KEY = set(_WORDS["alone"].split(", ")), set(_WORDS["beside_a_key"].split(", "))
BARE_IDS = set(_WORDS["bare_ids"].split(", "))
"""Headings that name the key of whatever table they stand in."""
_TOTAL = re.compile(rf"({'|'.join(map(re.escape, _WORDS['totals'].split(', ')))})\b")
"""What the first cell of a row of totals says."""
URGENT = set(_WORDS["urgent"].split(", "))
"""Words of a priority that goes first."""
RETURNED: list[str] = _WORDS["returned"].split(", ")
"""What a kind of document says whose goods or money go back."""
RETURNED_CODES, OF_A_DOCUMENT = set(_WORDS["returned_codes"].split(", ")), set(_WORDS["of_a_document"].split(", "))
"""How documents say so in a code, and words of a heading that tells the kind of a document alone."""
OF_A_KIND, OF_A_STATUS = set(_WORDS["of_a_kind"].split(", ")), set(_WORDS["of_a_status"].split(", "))
"""Words of a heading that tells the kind of a document, and how far it has come."""
OF_OTHERS = set(_WORDS["of_others"].split(", "))
"""Words of a heading that tells the kind of something else than a document."""
TAKEN_BACK: dict[str, list[str]] = _WORDS["taken_back"]
"""Values by which columns of SAP say that a line takes back."""
CANCELLED: list[str] = _WORDS["cancelled"].split(", ")
"""What a status says of what was never delivered."""
COSTS = set(_WORDS["costs"].split(", "))
"""Headings that say a cost, and not whether of a unit or of a line."""
OF_A_PLAN = set(_WORDS["of_a_plan"].split(", "))
"""Words of a heading of days on which something was to happen."""
OF_A_SIDE, CREDITED = set(_WORDS["of_a_side"].split(", ")), set(_WORDS["credited"].split(", "))
"""Headings that say on which side of an account an amount is, and how they say credit."""
OF_SALES, OF_PURCHASES = set(_WORDS["of_sales"].split(", ")), set(_WORDS["of_purchases"].split(", "))
"""Words of movements of goods that were sold, and that were bought."""
OF_EITHER: list[str] = _WORDS["of_either"].split(", ")
"""Headings of days of a delivery that may be promised or past."""
INVOICES, CHARGED = set(_WORDS["invoices"].split(", ")), set(_WORDS["charged"].split(", "))
"""Words of a heading that numbers invoices, and of one that may hold what customers pay."""
SAID_YES = set(_WORDS["said_yes"].split(", "))
"""How a flag says yes."""
CURRENCIES = set(_WORDS["currencies"].split(", "))
LET_OFF, GIVEN_BACK = set(_WORDS["let_off"].split(", ")), set(_WORDS["given_back"].split(", "))
"""Words of an amount that is let off sales, and of one that is given back to customers."""
BALANCES = set(_WORDS["balances"].split(", "))
"""Words of an amount of an account that is of all months to then."""
OF_AN_AMOUNT = set(_WORDS["of_an_amount"].split(", "))
"""Words of a heading that tells the kind of an amount."""
OF_FEES = set(_WORDS["of_fees"].split(", "))
"""Words of a kind of amount that is no sale of goods."""
MONTHS_ELSEWHERE: dict[str, str] = _WORDS["months_elsewhere"]
"""How dates write months in Spanish and German where that is not as in English, with what it is there."""
_RESULTS, _INCOMES = _WORDS["results"].split(", "), set(_WORDS["incomes"].split(", "))
_MONTHS = [phrases.split(", ") for phrases in _WORDS["months"]]
_SMALL, _OF_A_KEY = set(_WORDS["small"].split(", ")), set(_WORDS["of_a_key"].split(", "))
_KEYS = _OF_A_KEY - {"no", "nr", "num", "number", "numero", "nummer"}
"""Words of a key wherever they stand; the others say how many where they come first."""
_UNITS: dict[str, dict[str, float]] = _WORDS["units"]
_RESOURCES = {phrase: name for name, phrases in _WORDS["resources"].items() for phrase in phrases.split(", ")}
_EVENTS = {phrase: name for name, phrases in _WORDS["events"].items() for phrase in phrases.split(", ")}
_NAMES = {column: column.rpartition(".")[2].replace("_", " ") for column in _COLUMNS}
_ALL = {phrase for phrases in _COLUMNS.values() for phrase in phrases} | set(_NAMES.values()) | BARE_IDS
_JOINED = {phrase.replace(" ", "") for phrase in _ALL}
_PERCENT = {"%", "percent", "percentage", "pct", "prozent", "porcentaje"}
_SHARES = _PERCENT | {"rate", "ratio", "share", "quote", "tasa"}
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def plain(heading: str) -> str:
    """Return a heading in small letters without accents, signs and currencies.

    >>> plain("Freight Cost (USD)"), plain("Größe/Stück"), plain("sellToCustomerNo."), plain("Order #")
    ('freight cost', 'grosse stuck', 'sell to customer no', 'order no')
    """
    text = _CAMEL.sub(" ", heading).translate({0xDF: "ss", 0xBA: "", 0xAA: "", ord("#"): " no "})
    text = unicodedata.normalize("NFKD", text)
    text = "".join(sign for sign in text if not unicodedata.combining(sign)).lower()
    return " ".join(word for word in re.findall("[a-z0-9]+", text) if word not in CURRENCIES)


def words_of(heading: str) -> set[str]:
    """Return the words of a heading, as `plain` writes them."""
    return set(plain(heading).split())


def unit_of(heading: str, column: str) -> tuple[str, float] | None:
    """Return the unit that a heading names, if it is another than its column's, and how many of that one of it is.

    >>> unit_of("product_weight_g", "unit_weight_kg"), unit_of("Weight (kg)", "weight_kg")
    (('g', 0.001), None)
    >>> unit_of("Volume (cu. ft.)", "volume_m3")
    ('cu ft', 0.028316846592)
    """
    known, words = _UNITS.get(column.rpartition("_")[2], {}), f" {plain(heading)} "
    named = [phrase for phrase in known if f" {phrase} " in words]
    longest = max(named, key=len, default=None)
    return (longest, known[longest]) if longest else None


def _bare(phrase: str) -> tuple[str, ...]:
    """Return the words of a phrase in any order, without small ones and without the sign of more than one."""
    return tuple(sorted(word.removesuffix("s") for word in phrase.split() if word not in _SMALL))


_BARE = {phrase: _bare(phrase) for phrases in _COLUMNS.values() for phrase in phrases}


def likeness(heading: str, table: str, column: str) -> float:
    """Return how much a heading looks like a column's: 1 the same words, 0 none of them.

    >>> likeness("CosteVenta", "order_lines", "cogs") > 0.9, likeness("Customer User ID", "customers", "name")
    (True, 0.0)
    >>> likeness("Kunden-Nr.", "order_lines", "customer_id") > likeness("Kunde Nr", "order_lines", "customer_id") > 0.5
    True
    >>> likeness("Line Item Insurance", "order_lines", "product_id"), likeness("linenumber", "order_lines", "line_no")
    (0.0, 0.989)
    """
    known = f"{table}.{column}" if f"{table}.{column}" in _COLUMNS else column
    words, best = plain(heading), 0.0
    if unit := unit_of(heading, column):
        words = f" {words} ".replace(f" {unit[0]} ", " ").strip() or words
    if column == "name" and not _OF_A_KEY.isdisjoint(words.split()):
        return 0.0
    joined, bare = words.replace(" ", ""), _bare(words)
    if words and words == column.replace("_", " "):
        return 1.0
    for place, phrase in enumerate(_COLUMNS.get(known, ()) if words else ()):
        if words == phrase:
            return 1 - 0.001 * place
        if joined == phrase.replace(" ", ""):
            best = max(best, 0.99 - 0.001 * place)
        elif len(bare) > 1 and bare == _BARE[phrase]:
            best = max(best, 0.985 - 0.001 * place)
        if phrase in _ALONE or len(phrase) < 3 or f" {phrase} " not in f" {words} ":
            continue
        beside = set(words.split()) - set(phrase.split())
        if not column.endswith(("_id", "_no", "_unit")) or beside <= _BESIDE_A_KEY:
            best = max(best, 0.45 + 0.4 * len(phrase.split()) / len(words.split()) - 0.001 * place)
    return best if best >= 0.55 else 0.0


def resource_of(name: str) -> str | None:
    """Return which resource of the cost model to start from a ledger's resource is; of several names the longest.

    >>> resource_of("Almacén central"), resource_of("Administración de Ventas"), resource_of("Dirección")
    ('warehouse', 'customer_service', None)
    """
    if is_cost_of_goods(name):
        return None
    words = set(_bare(plain(name)))
    found = {phrase: resource for phrase, resource in _RESOURCES.items() if words.issuperset(_bare(phrase))}
    most = max((len(_bare(phrase)) for phrase in found), default=0)
    named = {resource for phrase, resource in found.items() if len(_bare(phrase)) == most}
    return named.pop() if len(named) == 1 else None


def is_cost_of_goods(name: str) -> bool:
    """Say whether an account is one of cost of goods, which lines bear.

    >>> is_cost_of_goods("Costo de ventas"), is_cost_of_goods("Sales force")
    (True, False)
    """
    return likeness(name, "order_lines", "cogs") > 0


def is_income(name: str) -> bool:
    """Say whether an account is one of income.

    >>> [is_income(one) for one in ("Sales of Product Income", "Income tax", "Sales force")]
    [True, False, False]
    """
    words = words_of(name)
    return bool(words & _INCOMES and not words & OF_FEES)


def is_total(name: str) -> bool:
    """Say whether an account is called a total of others, or what a statement makes of income and costs.

    >>> is_total("Total Warehouse"), is_total("Gross Profit"), is_total("Warehouse")
    (True, True, False)
    """
    return names_any(name, _RESULTS) or begins_a_total(name)


def begins_a_total(name: str) -> bool:
    """Say whether a name begins as that of a total of others.

    >>> begins_a_total("Total Warehouse"), begins_a_total("Totally new"), begins_a_total("Gross Profit")
    (True, False, False)
    """
    return _TOTAL.match(plain(name)) is not None


def names_any(value: str, phrases: Sequence[str]) -> bool:
    """Say whether a value holds one of some phrases.

    >>> names_any("Líneas abono venta.xlsx", RETURNED), names_any("Abonos.csv", ["abono"])
    (True, False)
    """
    return any(f" {phrase} " in f" {plain(value)} " for phrase in phrases)


def event_of(name: str) -> str | None:
    """Return which event of the cost model to start from a value or a file's name names.

    >>> event_of("Visita"), event_of("complaints_2026.csv"), event_of("Llamada")
    ('sales_visit', 'service_call', None)
    """
    words = f" {plain(name)} "
    return next((event for phrase, event in _EVENTS.items() if f" {phrase} " in words), None)


def subject(heading: str) -> set[str]:
    """Return the words that say whose key a heading is.

    >>> subject("Código del centro")
    {'centro'}
    """
    return words_of(heading) - _OF_A_KEY - _SMALL


def is_share(heading: str) -> bool:
    """Say whether a heading is of a share, be it of a hundred.

    >>> is_share("Margin rate"), is_share("Margin %"), is_share("Margin")
    (True, True, False)
    """
    return not _SHARES.isdisjoint(_signs(heading))


def _signs(heading: str) -> list[str]:
    return re.findall(r"%|[a-z]+", heading.lower())


def is_percent(heading: str) -> bool:
    """Say whether a heading is of how many of a hundred.

    >>> is_percent("Dto %"), is_percent("Discount Pct"), is_percent("Discount")
    (True, True, False)
    """
    return not _PERCENT.isdisjoint(_signs(heading))


def numbers_things(heading: str) -> bool:
    """Say whether a heading is that of a key or a number by which things are called, and so of no amount.

    >>> [numbers_things(one) for one in ("Sales Record Number", "Clave Precio", "Number of units", "Net sales")]
    [True, True, False, False]
    """
    words = plain(heading).split()
    return bool(words) and (words[-1] in _OF_A_KEY or bool({words[0], words[-1]} & _KEYS))


def names_table(file: str, table: str) -> bool:
    """Say whether a file's name names a table.

    >>> names_table("Kundenstamm_2026.csv", "customers"), names_table("product_product.csv", "customers")
    (True, False)
    """
    return any(word in plain(file) for word in _WORDS["files"][table].split(", "))


def is_known(heading: str) -> bool:
    """Say whether a heading is one of the list, be it without spaces."""
    return plain(heading).replace(" ", "") in _JOINED


def names_month(heading: str) -> bool:
    """Say whether a heading names a month, with a year or not.

    >>> [names_month(one) for one in ("Jan 2026", "Enero", "2026-03", "Marketing", "Ma")]
    [True, True, True, False, False]
    """
    return _month(heading) is not None


def month_of(heading: str) -> str | None:
    """Return the month of a heading that names one with its year.

    >>> [month_of(one) for one in ("Jan 2026", "ene-26", "2026-03", "Enero", "1 2026")]
    ['2026-01', '2026-01', '2026-03', None, None]
    """
    year, month = _month(heading) or ("", 0)
    return f"{'20' * (len(year) == 2)}{year}-{month:02d}" if year else None


def _month(heading: str) -> tuple[str, int] | None:
    if found := re.fullmatch(r"(20\d\d)[-/. ]?(0[1-9]|1[0-2])", heading.strip()):
        return found[1], int(found[2])
    name, *year = plain(heading).split() or [""]
    numbers = [place for place, names in enumerate(_MONTHS, 1) if any(one.startswith(name) for one in names)]
    is_year = not year or (len(year) == 1 and year[0].isdigit() and len(year[0]) in (2, 4))
    return ("".join(year), numbers[0]) if len(name) > 2 and numbers and is_year else None


def spoken(headings: Sequence[str]) -> dict[str, str]:
    """Return each heading without the table's own prefix, where all share one and more are known without it.

    Of several the table's own stands before a slash, as exports of lines below their order write it.

    >>> spoken(["l_orderkey", "l_partkey", "l_quantity"])["l_orderkey"], spoken(["order_id", "order_no"])["order_id"]
    ('orderkey', 'order_id')
    >>> spoken(["Customer", "Order Lines/Product", "Order Lines/Quantity"])["Order Lines/Product"]
    'Product'
    """
    paths = Counter(heading.rpartition("/")[0] for heading in headings if is_known(heading.rpartition("/")[2]))
    ends = {
        heading: heading.rpartition("/")[2] if paths[heading.rpartition("/")[0]] > 1 else heading
        for heading in headings
    }
    if "/" in "".join(headings) and len(set(ends.values())) == len(headings) and list(ends.values()) != list(headings):
        return ends
    prefixes = {heading.partition("_")[0] for heading in headings}
    bare = {heading: heading.partition("_")[2] or heading for heading in headings}
    is_better = sum(map(is_known, bare.values())) > sum(map(is_known, headings))
    return bare if len(prefixes) == 1 and is_better else {heading: heading for heading in headings}
