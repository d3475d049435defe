"""How cells of the user's files are read: as params say, or by SQL of the mapping's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Mapped
from dataclasses import dataclass

from cts_lib.engine import fetch_row, fetch_rows, quote, quoted
from cts_lib.engine.base import Engine
from cts_lib.intake.assumed import Assumed
from cts_lib.intake.notation import number_sql, with_sign
from cts_lib.params import Formats
from cts_lib.start.facts import DAYS_TO_PAY, ISO, PAID_AT_ONCE, Facts, date_reader, in_english, says_days, swapped
from cts_lib.start.headings import unit_of
from cts_lib.start.mapping import Mapping
from cts_lib.start.plan import Pick, Plan
from cts_lib.tables.column import DATE, NUMBER, Column
from cts_lib.tables.inputs import ORDER_LINES

_SOME = 99


@dataclass(frozen=True)
class Reading:
    """Reads cells of a plan's files; ``formats`` is the notation that mappings leave to params."""

    engine: Engine
    plan: Plan
    formats: Formats

    @classmethod
    def of(cls, engine: Engine, plan: Plan) -> Reading:
        numbers = plan.lines.numbers.model_dump()
        written = numbers | {"date": _common_forms(plan), "encoding": "utf-8", "sign": sign_of_lines(plan)}
        return cls(engine, plan, Formats.model_validate(written))

    def _cell(self, mapping: Mapping, pick: Pick, column: Column) -> str:
        """Return a cell as the contract is to read it: as it is where params say how, else read here."""
        place, facts = self.plan.place(pick), self.plan.facts_of(pick)
        if unit := unit_of(pick.heading, column.name):
            shown = {"name": column.name, "column": repr(pick.heading), "unit": unit[0], "factor": f"{unit[1]:g}"}
            mapping.assumptions.append(Assumed.UNIT_OF_MEASURE.said(**shown))
            return f"({self.number(pick)}) * {unit[1]!r}"
        if column.name == "payment_terms_days" and says_days(facts):
            shown = {"name": column.name, "column": repr(pick.heading), "cell": repr(facts.words[0])}
            mapping.assumptions.append(Assumed.DAYS_IN_WORDS.said(**shown))
            text = f"CAST({place} AS VARCHAR)"
            days = f"CAST(REGEXP_REPLACE({text}, {quote(DAYS_TO_PAY)}, '\\2') AS DOUBLE)"
            at_once, told = (
                f"REGEXP_MATCHES({one})"
                for one in (f"LOWER({text}), {quote(PAID_AT_ONCE)}", f"{text}, {quote(DAYS_TO_PAY)}")
            )
            return f"CASE WHEN {at_once} THEN 0 WHEN {told} THEN {days} END"
        if column.kind is NUMBER and not facts.is_number:
            formats = self.plan.notation_of(pick)
            bad = facts.filled - facts.numbers.get(formats, 0)
            is_declared = formats.number_pattern == self.formats.number_pattern and facts.sign in (
                None,
                self.formats.sign,
            )
            if is_declared and (not bad or column.required):
                return place
            return self._read(mapping, pick, column, _number_of(place, facts, formats), Assumed.NO_NUMBERS)
        if column.kind is DATE and not facts.is_date:
            forms = self.plan.forms_of(pick)
            bad = facts.filled - sum(facts.dates[form] for form in forms)
            is_declared = {form or "%Y-%m-%d" for form in forms} <= set(self.formats.dates) or (
                not self.formats.dates and forms == (ISO,)
            )
            place = in_english(place) if facts.is_translated else place
            if is_declared and not facts.is_translated and (not bad or column.required):
                return place
            return self._read(mapping, pick, column, _dates(place, forms), Assumed.NO_DATES)
        return place

    def _read(self, mapping: Mapping, pick: Pick, column: Column, sql: str, sentence: Assumed) -> str:
        """Return the SQL that reads a cell; say how many cells it does not read, and give one of them."""
        place, filled = self.plan.place(pick), self.plan.facts_of(pick).filled
        alias = place.partition(".")[0]
        answer = fetch_row(
            self.engine,
            f"SELECT COUNT(*) AS n, MIN(CAST({place} AS VARCHAR)) AS cell FROM {pick.seen} AS {alias} "
            f"WHERE {place} IS NOT NULL AND ({sql}) IS NULL",
        )
        if bad := int(answer["n"]):
            column_said = {"column": repr(pick.heading), "cell": repr(answer["cell"]), "name": column.name}
            mapping.assumptions.append(sentence.said(count=bad, filled=filled, **column_said))
        return sql

    def add(self, mapping: Mapping, name: str, pick: Pick, column: Column) -> None:
        """Add a column to a mapping, with the guess it is."""
        guess = pick.guess(self.plan.file_of(pick).seen.names)
        mapping.columns[name] = (self._cell(mapping, pick, column), guess)

    def day(self, pick: Pick) -> str:
        """Return the SQL of a cell as a day."""
        facts, place = self.plan.facts_of(pick), self.plan.place(pick)
        if facts.is_date:
            return f"CAST({place} AS DATE)"
        return _dates(in_english(place) if facts.is_translated else place, self.plan.forms_of(pick))

    def number(self, pick: Pick) -> str:
        """Return the SQL of a cell as a number."""
        facts, place = self.plan.facts_of(pick), self.plan.place(pick)
        return place if facts.is_number else _number_of(place, facts, self.plan.notation_of(pick))

    def by_quantity(self, each: Pick) -> str:
        """Return the SQL of what a line is worth by what one unit is."""
        return f"{self.number(self.plan.line_picks['quantity'])} * {self.number(each)}"

    def text(self, pick: Pick) -> str:
        """Return the SQL of a cell as a text."""
        return f"CAST({self.plan.place(pick)} AS VARCHAR)"

    def values(self, pick: Pick) -> list[str]:
        """Return the values of a column."""
        given = f"SELECT DISTINCT CAST({quoted(pick.heading)} AS VARCHAR) AS name FROM {pick.seen} ORDER BY 1"
        return [row["name"] for row in fetch_rows(self.engine, given) if row["name"]]

    def some_values(self, pick: Pick) -> list[str]:
        """Return up to 99 values of a column: of more, any."""
        given = f"SELECT DISTINCT CAST({quoted(pick.heading)} AS VARCHAR) AS name FROM {pick.seen} LIMIT {_SOME}"
        return sorted(row["name"] for row in fetch_rows(self.engine, given) if row["name"])

    def called(self, pick: Pick, meaning: Callable[[str], str | None]) -> dict[str, str]:
        """Return what the cost model calls the values of a column, where that is another name."""
        return {name: meant for name in self.values(pick) if (meant := meaning(name)) and meant != name}

    def rename(self, mapping: Mapping, column: str, pick: Pick, known: Mapped[str, str]) -> None:
        """Let a column read other names for some of its values."""
        place = self.text(pick)
        cases = " ".join(f"WHEN {quote(name)} THEN {quote(meant)}" for name, meant in known.items())
        mapping.columns[column] = (f"CASE {place} {cases} ELSE {place} END", mapping.columns[column][1])


def sign_of_lines(plan: Plan) -> str | None:
    """Return the currency's sign that stands in the lines' money."""
    picks = plan.line_picks
    named = [name for name in ("net_sales", "gross_sales", "unit_price", *picks) if name in picks]
    return next((sign for name in named if (sign := plan.facts_of(picks[name]).sign)), None)


def _common_forms(plan: Plan) -> tuple[str, ...]:
    """Return the notations of dates of the lines, without one that reads what another does."""
    forms: list[str] = []
    for name, pick in plan.line_picks.items():
        column = ORDER_LINES.column(name)
        facts = plan.facts_of(pick)
        if column is None or column.kind is not DATE or facts.is_date:
            continue
        for form in plan.forms_of(pick):
            if form and form not in forms and swapped(form) not in forms:
                forms.append(form)
    return tuple(forms)


def _number_of(place: str, facts: Facts, formats: Formats) -> str:
    if formats.is_plain and not facts.sign and facts.plain_numbers == facts.numbers.get(formats, 0):
        return f"TRY_CAST({place} AS DOUBLE)"
    return number_sql(place, with_sign(formats, facts.sign))


def _dates(place: str, forms: Sequence[str]) -> str:
    if tuple(forms) == (ISO,):
        return f"TRY_CAST({place} AS DATE)"
    read = [date_reader(place, form) for form in forms]
    return f"COALESCE({', '.join(read)})" if len(read) > 1 else read[0]
