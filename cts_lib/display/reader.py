"""The reader: language, currency, and how words, and figures within sentences, are written for them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from babel.numbers import (
    get_currency_symbol,
)

from cts_lib.display import domains
from cts_lib.display.agreement import agreeing
from cts_lib.display.catalogue import catalogue, message_id
from cts_lib.display.figures import NO_VALUE, Figures, is_missing
from cts_lib.display.names import Names, Part
from cts_lib.display.words import WORDS
from cts_lib.measures import kind_of

_LARGE = 1000
"""From here on an indicator's decimals say nothing."""
_CHANCE = 0.01
"""Nearer to 0 or 1 no chance is told."""
Labels = Mapping[str, Mapping[str, Mapping[str, str]]]


class Reader(Figures):
    """Whoever reads a report.

    Parameters
    ----------
    language : str
        ``en`` or ``es``; an unknown language reads English.
    currency : str
        ISO code of the unit's currency.
    labels : mapping
        The words that params give: of channel, resource, activity, owner, lever, setting, dimension or a dimension's
        name, each value's by language (see ``labels_of``).
    names : mapping
        What names are made of that stand for several things (see ``names_of``).

    Examples
    --------
    >>> Reader("en", "EUR").money(1234567.891)
    '€1,234,568'
    >>> Reader("es", "EUR").percent(0.125)
    '12,5\\xa0%'
    """

    def __init__(
        self, language: str = "en", currency: str = "EUR", labels: Labels | None = None, names: Names | None = None
    ) -> None:
        super().__init__(language, currency)
        self._labels, self._names = labels or {}, names or {}

    def knowing(self, names: Names) -> Reader:
        """Return the same reader, who knows of further names what they are made of."""
        return Reader(self.language, self.currency, self._labels, {**self._names, **names})

    def text(self, message: str, **values: Any) -> str:
        """Return ``message`` in the reader's language with ``values`` filled in; untranslated it stays English."""
        name = message_id(message)
        entry = catalogue(self.language).gettext(name)
        translated = message if entry == name else entry
        return translated.format(**values) if values else translated

    def remark(self, note: Mapping[str, Any]) -> str:
        """Return a note of the manifest as a sentence: translated, its amounts written as the reader writes them.

        >>> note = {"text": "{sum} is charged by no activity.", "values": {"sum": {"number": 1200, "kind": "money"}}}
        >>> Reader("en", "EUR").remark(note)
        '€1,200 is charged by no activity.'
        """
        values = note.get("values", {})
        written = {name: self._written(value) for name, value in values.items()}
        one, many = note["text"], note.get("plural")
        text = self.plural(one, many, **written | {"count": values["count"]}) if many else self.text(one, **written)
        return text[:1].upper() + text[1:]

    def _written(self, value: Any) -> Any:
        if isinstance(value, int):
            return self.number(value)
        if not isinstance(value, dict):
            return value
        if value["kind"] == "words":
            return self.listed([self.word_within(name, value["of"]) for name in value["number"]])
        if value["kind"] == "measures":
            return ", ".join(self.measure(x, value["of"]) for x in value["number"])
        if value["kind"] == "shares":
            shares = value["number"].items()
            return self.listed(
                [f"{self.word_within(name, value['of'])} {self._share(share)}" for name, share in shares]
            )
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
        names = message_id(one), message_id(many)
        entry = catalogue(self.language).ngettext(*names, count)
        translated = {names[0]: one, names[1]: many}.get(entry, entry)
        return translated.format(count=self.number(count), **values)

    def label(self, name: str) -> str:
        """Return the words for a column or an indicator of the workbook, starting with a capital.

        >>> Reader().label("cost_to_serve"), Reader().label("loyalty_tier")
        ('Cost to serve', 'Loyalty tier')
        """
        if is_missing(name):
            return NO_VALUE
        given = self._given("dimension", name) if name in domains.OF_DATA else None
        return given or (self.text(WORDS[name]) if name in WORDS else _spelled(name))

    def label_within(self, name: str) -> str:
        """Return a label as it stands within a sentence.

        >>> Reader("es").label_within("on_time"), Reader().label_within("psi")
        ('entregas a tiempo', 'stability index')
        """
        return uncapitalised(self.label(name))

    def word(self, value: Any, domain: str) -> str:
        """Return a value of a table as it is read.

        ``domain`` is the column that the value stands in. The workbook's own values are translated, the user's are as
        written unless params give words for them.

        >>> Reader("es").word("other", "component"), Reader("es").word("other", "channel")
        ('Otros', 'other')
        >>> Reader("es", labels={"channel": {"horeca": {"es": "Hostelería"}}}).word("horeca", "channel")
        'Hostelería'
        >>> Reader().word("order_entry", "activity"), Reader().word("order_entry", "channel")
        ('Order entry', 'order_entry')

        A setting's money carries its currency.

        >>> Reader(names={"amount": {"fee below 250": (Part(("amount", "250")),)}}).word("fee below 250", "setting")
        'Fee below €250'
        """
        if is_missing(value):
            return NO_VALUE
        name, domain = str(value), domains.SAME.get(domain, domain)
        if name in domains.RESERVED:
            return self.text(domains.RESERVED[name])
        words = domains.WORDS.get(domain, {})
        given = self._given(domain, name) if not words or domain in domains.KEYS else None
        if domain == "setting":
            return self._with_currency(given or self.text(words.get(name, _spelled(name))), name)
        if given:
            return given
        if self.made_of(name, domain):
            parts = self.parts(name, domain)
            return " + ".join([parts[0], *map(uncapitalised, parts[1:])]) if domain == "option" else " · ".join(parts)
        if domain == "column" or (domain in ("dimension", "term") and name in domains.OF_DATA):
            return self.label(name)
        if domain == "segment" and name in self._labels.get("segment", {}):
            return name
        if name in words:
            return self.text(words[name])
        return _spelled(name) if domain in domains.KEYS else name

    def _with_currency(self, words: str, setting: str) -> str:
        """Return the words of a setting, what in them is money with its currency, unless they tell one themselves."""
        amounts = {float(part.about[1]) for part in self._names.get("amount", {}).get(setting, ())}
        signs = (self.currency, get_currency_symbol(self.currency, self.locale))
        if not amounts or any(sign in words for sign in signs):
            return words
        written = {each: x for x in amounts for each in (f"{x:.15g}", self.exact(x), self.number(x, 2))}
        either = "|".join(re.escape(each) for each in sorted(written, key=len, reverse=True))
        money = rf"(?<![\w.,])(?:{either})(?![\w%]|[.,]\d|\s*%)"
        return re.sub(money, lambda found: self.money(written[found[0]]), words)

    def word_within(self, value: Any, domain: str) -> str:
        """Return a value's words as they stand within a sentence.

        >>> Reader().word_within("order_entry", "activity"), Reader().word_within("it", "resource")
        ('order entry', 'IT')
        """
        if len(self.made_of(value, domain)) > 1 and domains.SAME.get(domain, domain) != "option":
            return " · ".join(uncapitalised(part) for part in self.parts(value, domain))
        return uncapitalised(self.word(value, domain))

    def value(self, value: Any, dimension: str) -> str:
        """Return a value of a dimension of the data: as written, or in the words that params give.

        >>> Reader("es").value("open", "state"), Reader("es").value("(none)", "state")
        ('open', 'Sin indicar')
        """
        if domains.SAME.get(dimension, dimension) in ("tenure", "segment"):
            return self.word(value, dimension)
        name = str(value)
        if is_missing(value) or name in domains.RESERVED:
            return self.word(value, dimension)
        return self._given(dimension, name) or name

    def _given(self, domain: str, name: str) -> str | None:
        """The words that params give in this language."""
        return self._labels.get(domain, {}).get(name, {}).get(self.language)

    def parts(self, value: Any, domain: str) -> list[str]:
        """Return the words of each part of a name; of one that is not made of others, its own.

        >>> traits = (Part(("dimension", "profit"), (("level", "low"),)), Part(("segment", "Foodies")))
        >>> Reader(names={"segment": {"profit: low · Foodies": traits}}).parts("profit: low · Foodies", "group")
        ['Profit: low', 'Foodies']
        """
        parts = self.made_of(value, domain)
        return [self._part(part) for part in parts] if parts else [self.word(value, domain)]

    def made_of(self, value: Any, domain: str) -> tuple[Part, ...]:
        """Return the parts that a name is made of, none where it is not or where params give it."""
        domain = domains.SAME.get(domain, domain)
        if value in self._labels.get(domain, {}):
            return ()
        return self._names.get(domain, {}).get(value, ())

    def _part(self, part: Part) -> str:
        about = self.word(part.about[1], part.about[0])
        if not part.values:
            return about
        written = [
            self.value(value, of)
            if part.about == ("dimension", of)
            else agreeing(self.word_within(value, of), about, self.language if of == "level" else "")
            for of, value in part.values
        ]
        return f"{about}: {', '.join(written)}"

    def chance(self, x: float | None) -> str:
        """Return how likely something is, or how sure, in whole percentages; never as certain or impossible.

        >>> Reader().chance(1.0), Reader().chance(0.8), Reader().chance(0.001)
        ('more than 99%', '80%', 'less than 1%')
        """
        if x is None or is_missing(x):
            return NO_VALUE
        if x > 1 - _CHANCE:
            return self.text("more than {share}", share=self.percent(1 - _CHANCE, 0))
        if x < _CHANCE:
            return self.text("less than {share}", share=self.percent(_CHANCE, 0))
        return self.percent(x, 0)

    def points(self, x: float | None) -> str:
        """Return a difference of fractions in percentage points, with its sign."""
        if x is None or is_missing(x):
            return NO_VALUE
        return self.text("{points} pp", points=self.signed(100 * x, 1))

    def days(self, x: float | None) -> str:
        """Return a duration in days, with one decimal."""
        return NO_VALUE if x is None or is_missing(x) else self.text("{days} days", days=self.number(x, 1))

    def measure_change(self, x: float | None, indicator: str) -> str:
        """Return a difference of an indicator with its sign; that of a share in percentage points."""
        if x is None or is_missing(x):
            return NO_VALUE
        kind = kind_of(indicator)
        if kind == "percent":
            return self.points(x)
        if kind == "days" and round(x, 1) == 0:
            return self.signed(x, 2)
        return self.signed_money(x) if kind == "money" else self.signed(x, 0 if kind == "number" else 1)

    def write(self, x: Any, kind: str, domain: str = "") -> str:
        """Return a value as its ``kind`` asks.

        Kinds are money, price, cents, number, decimal, exact, rate, rounded, percent, chance, days, date, text (the
        words of a value of ``domain``, see ``word``), code, sentence and lines (as it is).
        """
        if kind in ("money", "price"):
            return self.money(x)
        if kind == "cents":
            return self.money(x, digits=2)
        if kind == "rounded":
            return self.rounded(x)
        if kind in ("exact", "rate"):
            return self.exact(x, kind == "rate")
        if kind in ("number", "decimal"):
            return self.number(x, 2 if kind == "decimal" else 0)
        if kind == "percent":
            return self.percent(x)
        if kind == "chance":
            return self.chance(x)
        if kind == "days":
            return self.days(x)
        if kind == "date":
            return self.date(x)
        if kind in ("code", "sentence", "lines"):
            return NO_VALUE if is_missing(x) else str(x)
        return self.word(x, domain)

    def measure(self, x: float | None, indicator: str, compact: bool = False) -> str:
        """Return an indicator's value written in the indicator's own unit; a large number has no decimals.

        >>> Reader().measure(3.279, "lines_per_order"), Reader().measure(39229.16, "quantity_per_line")
        ('3.28', '39,229')
        """
        kind = kind_of(indicator)
        if kind == "decimal" and x is not None and not is_missing(x) and abs(x) >= _LARGE:
            return self.number(x)
        return self.money(x, compact) if kind == "money" else self.write(x, kind)


def labels_of(params: Mapping[str, Any]) -> Labels:
    """Return the labels of merged params; a segment or group that they name is as written.

    >>> labels_of({"segmentation": {"names": {"high_low": "other"}}})
    {'segment': {'other': {}}}
    """
    segmentation = params.get("segmentation") or {}
    given = [*(segmentation.get("names") or {}).values(), *(segmentation.get("group_names") or {}).values()]
    labels = {
        domain: {str(value): words for value, words in values.items()}
        for domain, values in (params.get("labels") or {}).items()
    }
    levers = ((params.get("strategy") or {}).get("levers") or {}).items()
    called = {str(name): lever["label"] for name, lever in levers if isinstance(lever, dict) and lever.get("label")}
    segments = labels.get("segment", {}) | {str(name): {} for name in given}
    return labels | {"segment": segments} | ({"lever": called | labels.get("lever", {})} if called else {})


def _spelled(name: str) -> str:
    """Return the name of a key or column as words: ``order_entry`` reads Order entry, ``it`` reads IT."""
    words = str(name).replace("_", " ").strip()
    return words.upper() if len(words) <= 2 else words[:1].upper() + words[1:]


def uncapitalised(words: str) -> str:
    """Return words as they stand within a sentence; an abbreviation keeps its capitals."""
    return words[:1].lower() + words[1:] if words[1:2].islower() or words[1:2] == " " else words
