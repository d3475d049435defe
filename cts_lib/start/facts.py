"""What the cells of each column hold: how many are filled and different, which are numbers and dates, how written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from cts_lib.engine import fetch_values, quoted
from cts_lib.engine.base import Engine
from cts_lib.intake.notation import NUMBERS, STAMPS, date_sql, is_date, is_number, number_sql, with_sign
from cts_lib.intake.signs import sign_of
from cts_lib.params import Formats
from cts_lib.start.headings import MONTHS_ELSEWHERE
from cts_lib.start.look import Seen

ISO = ""
"""The notation of dates that needs none: 2026-07-31, with a time or not."""
_FORMS = tuple(form for form in STAMPS if not form.startswith("%Y-%m-%d"))
_ISO = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([ T].*)?")
_SAMPLE = 2_000
_WORDS = 3
_IN_NUMBERS = 0.3
"""From which share of cells that are numbers on a column is one of numbers."""
_NUMERIC = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL", "U")
PAID_AT_ONCE = "(cash|contado|prepa|immediate|advance|anticipad|sofort|vorkasse|receipt)"
DAYS_TO_PAY = "^(.*[^A-Za-z0-9])?([0-9]{1,3})[^0-9]*$"
"""What texts of payment terms hold; the number is the second group."""
_ELSEWHERE = re.compile(rf"^[0-9]{{1,2}}[^0-9a-z]({'|'.join(MONTHS_ELSEWHERE)})[^0-9a-z][0-9]{{2,4}}\b", re.IGNORECASE)
"""A date whose month is not written as in English."""
_GROUPED = re.compile(r"[+-]?\d{1,3}\.\d{3}")


@dataclass(frozen=True)
class Facts:
    """What a column holds.

    ``numbers`` and ``dates`` count the cells that are one in a notation; ``is_number`` and ``is_date`` say that the
    column has that type by itself. ``words`` are some of its texts, ``grouped`` whether every cell with a point has
    three digits behind it: thousands, or thousandths. ``plain_numbers`` counts what a cast alone reads, ``sign`` is the
    currency's that stands beside numbers, ``is_translated`` says that its months are read in English first.
    """

    rows: int
    filled: int
    distinct: int
    numbers: Mapping[Formats, int] = field(default_factory=dict)
    dates: Mapping[str, int] = field(default_factory=dict)
    plain_numbers: int = 0
    is_number: bool = False
    is_date: bool = False
    words: tuple[str, ...] = ()
    grouped: bool = False
    sign: str | None = None
    is_translated: bool = False

    @property
    def is_unique(self) -> bool:
        return self.distinct >= 0.99 * self.rows and self.filled >= 0.99 * self.rows

    @property
    def has_empty(self) -> bool:
        return self.filled < self.rows

    @property
    def most_numbers(self) -> float:
        """The share of filled cells that are numbers."""
        return 1.0 if self.is_number else max(self.numbers.values(), default=0) / max(self.filled, 1)

    @property
    def most_dates(self) -> float:
        """The share of filled cells that are dates in one notation."""
        return 1.0 if self.is_date else max(self.dates.values(), default=0) / max(self.filled, 1)

    @property
    def holds_days(self) -> bool:
        """Whether its cells are days, and not numbers that could be."""
        return self.is_date or self.most_dates > 0.9 > self.most_numbers

    def forms(self, order: Mapping[str, int]) -> tuple[str, ...]:
        """Return the notations of its dates: the commonest, and others that read many cells that it does not.

        ``order`` says how often a notation reads cells of all columns, which decides between equals.
        """
        ranked = sorted(self.dates, key=lambda form: (-self.dates[form], -order.get(form, 0), form != ISO))
        chosen: list[str] = []
        left = self.filled
        for form in ranked:
            if 0 < self.dates[form] <= left and not any(swapped(form) == other for other in chosen):
                chosen.append(form)
                left -= self.dates[form]
        return tuple(chosen)


def tells_days(text: str) -> bool:
    """Say whether a text tells payment terms: a number of days at its end, or payment at once.

    >>> [tells_days(text) for text in ("30 days net", "2/10 net 30", "Contado", "ZB12", "A")]
    [True, True, True, False, False]
    """
    return bool(re.search(PAID_AT_ONCE, text.lower()) or re.search(DAYS_TO_PAY, text))


def says_days(facts: Facts) -> bool:
    """Say whether a column tells payment terms in words."""
    return (
        facts.most_numbers < _IN_NUMBERS
        and not facts.most_dates
        and bool(facts.words)
        and all(map(tells_days, facts.words))
    )


def swapped(form: str) -> str:
    """Return a notation with day and month in each other's place."""
    return form.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")


def facts_of(engine: Engine, seen: Seen) -> dict[str, Facts]:
    """Return what each column of a file holds."""
    step = max(1, seen.rows // _SAMPLE)
    names = ", ".join(map(quoted, seen.columns))
    sample = engine.query(f"SELECT {names} FROM {seen.name} WHERE rowid % {step} = 0").to_pydict()
    asked: dict[tuple[str, str, object], str] = {}
    texts: dict[str, list[str]] = {}
    signs: dict[str, str | None] = {}
    translated = set[str]()
    for name, kind in seen.columns.items():
        place = quoted(name)
        asked[name, "filled", None] = f"COUNT({place})"
        asked[name, "distinct", None] = f"COUNT(DISTINCT {place})"
        if kind != "VARCHAR":
            continue
        texts[name] = [text.strip() for text in dict.fromkeys(sample[name]) if text and text.strip()]
        asked[name, "plain", None] = f"COUNT(TRY_CAST({place} AS DOUBLE))"
        signs[name] = _sign(texts[name])
        for formats in NUMBERS:
            signed = with_sign(formats, signs[name])
            if any(is_number(text, signed) for text in texts[name]):
                asked[name, "number", formats] = f"COUNT({number_sql(place, signed)})"
        written = texts[name]
        if any(_ELSEWHERE.search(text) for text in written):
            translated.add(name)
            place, written = in_english(place), [_in_english(text) for text in written]
        for form in _FORMS:
            if any(is_date(text, form) for text in written):
                asked[name, "date", form] = f"COUNT({date_reader(place, form)})"
        if any(_ISO.fullmatch(text) for text in texts[name]):
            asked[name, "date", ISO] = f"COUNT({date_reader(place, ISO)})"
    answers = fetch_values(engine, asked, seen.name)
    return {
        name: replace(
            _facts(name, kind, seen.rows, answers, texts.get(name, [])),
            sign=signs.get(name),
            is_translated=name in translated,
        )
        for name, kind in seen.columns.items()
    }


def in_english(sql: str) -> str:
    """Return the SQL of a date's text with its month as in English."""
    text = f"LOWER({sql})"
    for word, english in MONTHS_ELSEWHERE.items():
        text = f"REPLACE({text}, '{word}', '{english}')"
    return text


def _in_english(text: str) -> str:
    text = text.lower()
    for word, english in MONTHS_ELSEWHERE.items():
        text = text.replace(word, english)
    return text


def _sign(texts: Sequence[str]) -> str | None:
    """Return the sign that stands in most of the texts that have one."""
    signs = Counter(sign for text in texts if (sign := sign_of(text)))
    return max(signs, key=signs.__getitem__, default=None)


def date_reader(place: str, form: str) -> str:
    """Return the SQL that reads a text as a date in one notation and in no other."""
    return date_sql(place, Formats(date=form) if form != ISO else Formats(), None)


def _facts(name: str, kind: str, rows: int, answers: Mapping[tuple[str, str, object], int], texts: list[str]) -> Facts:
    numbers = {formats: answers[name, "number", formats] for formats in NUMBERS if (name, "number", formats) in answers}
    dates = {form: answers[name, "date", form] for form in (ISO, *_FORMS) if (name, "date", form) in answers}
    pointed = [text for text in texts if "." in text]
    return Facts(
        rows,
        answers[name, "filled", None],
        answers[name, "distinct", None],
        numbers,
        dates,
        answers.get((name, "plain", None), 0),
        kind.startswith(_NUMERIC),
        kind.startswith(("DATE", "TIMESTAMP")),
        tuple(text for text in texts if not any(is_number(text, formats) for formats in numbers))[:_WORDS],
        bool(pointed) and all(_GROUPED.fullmatch(text) for text in pointed),
    )


def notation_of(facts: Mapping[str, Facts], delimiter: str) -> Formats:
    """Return the notation that reads most numbers of a file's columns, of equals the likeliest.

    A comma that parts cells is no decimal sign unless it is needed.
    """
    counts = dict.fromkeys(NUMBERS, 0)
    for column in facts.values():
        if column.most_numbers >= 0.5:
            for formats, count in column.numbers.items():
                counts[formats] += count
    likely = sorted(NUMBERS, key=lambda formats: formats.decimal == "," and delimiter == ",")
    return max(likely, key=lambda formats: counts[formats])


def forms_of(facts: Mapping[str, Facts]) -> dict[str, int]:
    """Return how many cells of a file each notation of dates reads."""
    counts: dict[str, int] = {}
    for column in facts.values():
        if column.most_dates >= 0.5:
            for form, count in column.dates.items():
                counts[form] = counts.get(form, 0) + count
    return counts
