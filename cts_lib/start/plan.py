"""Which file is which table, and which column is which: what a guess says and mappings are written from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from cts_lib.engine import quoted
from cts_lib.engine.base import Engine
from cts_lib.intake.assumed import Assumed
from cts_lib.params import Formats
from cts_lib.start.facts import Facts, facts_of, forms_of, notation_of
from cts_lib.start.headings import BARE_IDS, likeness, plain, spoken
from cts_lib.start.look import Seen
from cts_lib.tables.inputs import ORDER_LINES

_FEW_REPEATS = 3
"""Rows of a table that may repeat a key, whatever its length; of more, one in a hundred."""


@dataclass(frozen=True)
class Pick:
    """A column of a file taken for one of a table; ``sure`` is 1 where the heading says so in so many words."""

    seen: str
    heading: str
    sure: float

    @property
    def how_sure(self) -> str:
        return "sure" if self.sure > 0.95 else "likely" if self.sure > 0.7 else "unsure"

    def guess(self, file: str = "") -> str:
        """Return the comment beside its column in a mapping; ``file`` is what its file is called."""
        whose = f" of {file}" if file else ""
        return f"  -- guess: {self.heading!r}{whose}, {self.how_sure}".replace("\n", " ")


Picks = dict[str, Pick]


@dataclass(frozen=True)
class File:
    """A file with what its cells hold and how they are written, and its headings without the table's own prefix."""

    seen: Seen
    facts: dict[str, Facts]
    numbers: Formats
    forms: dict[str, int]
    spoken: dict[str, str]

    @classmethod
    def of(cls, engine: Engine, seen: Seen) -> File:
        facts = facts_of(engine, seen)
        numbers = notation_of(facts, seen.delimiter)
        return cls(seen, facts, numbers, forms_of(facts), spoken(list(seen.columns)))

    def likeness(self, heading: str, table: str, column: str) -> float:
        """Return how much one of its headings looks like a column's."""
        if heading == self.seen.key or (self.seen.key and (table, column) == ("order_lines", "order_id")):
            return float(heading == self.seen.key and column == "order_id")
        return likeness(self.spoken[heading], table, column)

    def is_key(self, heading: str) -> bool:
        """Say whether a column tells the rows apart, but for a few that stand there twice."""
        facts = self.facts[heading]
        few = min(max(_FEW_REPEATS, facts.rows // 100), facts.rows // 20)
        return facts.filled >= 0.99 * facts.rows and self.repeats(heading) <= few

    def repeats(self, heading: str) -> int:
        """Return how many cells of a column hold what another holds."""
        return self.facts[heading].filled - self.facts[heading].distinct

    def nearest(self, headings: Iterable[str], *columns: tuple[str, str]) -> tuple[str, float]:
        """Return which of some headings looks most like a column of a table, and how much; none where none does."""
        likes = {heading: max(self.likeness(heading, *column) for column in columns) for heading in headings}
        best = max(likes, key=likes.__getitem__, default="")
        return (best, likes[best]) if best and likes[best] else ("", 0.0)

    def is_bare_id(self, heading: str) -> bool:
        """Say whether a heading names the key of whatever table it stands in."""
        return plain(self.spoken[heading]) in BARE_IDS


@dataclass
class Plan:
    """Which file is which table, and which columns are which.

    ``picks`` are by table and column; those of customers and products that stand in the lines' files are below
    ``order_lines`` as ``customers.name``. ``joined`` and ``noted`` are how lines name their order's head and their
    delivery note: the SQL of the one, the heading of the other. ``order_sales`` is the net sales of the order in its
    head, where lines have none of their own; ``assumptions`` are what is taken on trust of the lines, ``doubts`` what
    may be wrong, each with its weight. ``more_events`` are files of events beside the first, with their columns.
    """

    lines: File
    headers: File | None = None
    notes: File | None = None
    files: dict[str, File] = field(default_factory=dict)
    picks: dict[str, Picks] = field(default_factory=dict)
    joined: tuple[str, str] | None = None
    noted: tuple[str, str] | None = None
    order_sales: Pick | None = None
    assumptions: list[str] = field(default_factory=list)
    more_events: list[tuple[File, Picks]] = field(default_factory=list)
    unused: list[File] = field(default_factory=list)
    doubts: list[tuple[float, str]] = field(default_factory=list)

    @property
    def line_picks(self) -> Picks:
        """Return the picks of order lines."""
        return self.picks[ORDER_LINES.name]

    @property
    def product(self) -> Pick | None:
        """Return what names the product of a line, its key or else its name."""
        return self.line_picks.get("product_id") or self.line_picks.get("products.name")

    @property
    def rows(self) -> str:
        """Return the lines with what is joined to them, as a query of the engine writes them behind FROM."""
        return " ".join([f"{self.lines.seen.kept}", *self.joins(lambda seen: seen.name)])

    def assume(self, told: str, weight: float, question: str = "", among: list[str] | None = None) -> None:
        """Take something on trust, of the lines or ``among`` the assumptions of a mapping, and doubt it."""
        (self.assumptions if among is None else among).append(told)
        self.doubts.append((weight, f"{told}: {question}" if question else told))

    def file_of(self, pick: Pick) -> File:
        return next(file for file in self.read if file.seen.name == pick.seen)

    @property
    def read(self) -> list[File]:
        """Return the files that mappings read."""
        return [*self.of_lines.values(), *self.files.values(), *(file for file, _ in self.more_events)]

    @property
    def of_lines(self) -> dict[str, File]:
        """Return the lines and what is joined to them, by what queries call each."""
        files = {"line": self.lines, "head": self.headers, "note": self.notes}
        return {alias: file for alias, file in files.items() if file}

    def place(self, pick: Pick) -> str:
        """Return a cell of the lines, or of what is joined to them, as queries name it."""
        alias = next((alias for alias, file in self.of_lines.items() if file.seen.name == pick.seen), "line")
        return f"{alias}.{quoted(pick.heading)}"

    def joins(self, sql: Callable[[Seen], str]) -> list[str]:
        """Return the joins of what belongs to the lines, each of its rows once; ``sql`` is how a query reads a file."""
        joins = []
        for alias, file, key in (("head", self.headers, self.joined), ("note", self.notes, self.noted)):
            if file and key:
                relation, own = sql(file.seen), quoted(key[1])
                if file.repeats(key[1]):
                    relation = once_each(relation, key[1])
                same = f"CAST({alias}.{own} AS VARCHAR) = CAST({key[0]} AS VARCHAR)"
                joins.append(f"LEFT JOIN {relation} AS {alias} ON {same}")
        return joins

    def spoken(self, pick: Pick) -> str:
        """Return a column's heading without the prefix of its table."""
        return self.file_of(pick).spoken[pick.heading]

    def facts_of(self, pick: Pick) -> Facts:
        return self.file_of(pick).facts[pick.heading]

    def forms_of(self, pick: Pick) -> tuple[str, ...]:
        """Return the notations of a column's dates; between equals, its file and the lines decide."""
        own = self.file_of(pick).forms
        order = {form: own.get(form, 0) + self.lines.forms.get(form, 0) for form in own | self.lines.forms}
        return self.facts_of(pick).forms(order)

    def notation_of(self, pick: Pick) -> Formats:
        """Return what reads most numbers of a column: of equals the lines' notation, then the one of its own file."""
        counts = self.facts_of(pick).numbers
        most = max(counts.values(), default=0)
        likely = (self.lines.numbers, self.file_of(pick).numbers, *counts)
        return next(formats for formats in likely if counts.get(formats, 0) == most)


def once_each(relation: str, key: str) -> str:
    """Return the rows of a relation, of those with the same key the first as text orders them."""
    place = f"ROW_NUMBER() OVER (PARTITION BY {quoted(key)} ORDER BY CAST(one AS VARCHAR))"
    return f"(SELECT * FROM (SELECT one.*, {place} AS place FROM {relation} AS one) AS ranked WHERE place = 1)"


def repeats_of(file: File, heading: str) -> str:
    """Return what is said of rows that repeat a key; nothing where none does."""
    repeats = file.repeats(heading)
    sentence = Assumed.KEY_REPEATED if repeats == 1 else Assumed.KEYS_REPEATED
    return sentence.said(count=repeats, column=repr(heading), file=file.seen.names) if repeats else ""
