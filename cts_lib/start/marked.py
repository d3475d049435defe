"""Finds the lines that a column marks: returns booked without a sign, what was cancelled, what is no sale of goods."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cts_lib.engine import count_rows, fetch_row, fetch_rows, quote, quoted
from cts_lib.engine.base import Engine
from cts_lib.start.headings import (
    CANCELLED,
    GIVEN_BACK,
    OF_A_DOCUMENT,
    OF_A_KIND,
    OF_A_STATUS,
    OF_AN_AMOUNT,
    OF_FEES,
    OF_OTHERS,
    OF_PURCHASES,
    OF_SALES,
    RETURNED,
    RETURNED_CODES,
    SAID_YES,
    TAKEN_BACK,
    names_any,
    plain,
    words_of,
)
from cts_lib.start.plan import File, Plan

_MOST_VALUES = 40
"""A column of more different values says nothing of a line's kind."""
_NEARLY_ALL = 0.99
"""Share of the marked lines whose amounts have one sign, above which the sign is what the column has."""


@dataclass(frozen=True)
class Marked:
    """Lines that a column marks: its heading, what it says of them, and the condition on lines and their heads."""

    heading: str
    values: str
    condition: str
    lines: int


def taken_back(engine: Engine, plan: Plan) -> list[Marked]:
    """Return the lines whose kind of document, or whose sign, says that goods or money went back."""
    found = []
    for alias, file, heading in _columns(plan):
        words = words_of(heading)
        flags = {value for word in words for value in TAKEN_BACK.get(word, ())}
        flags |= RETURNED_CODES if words & OF_A_DOCUMENT and not words & OF_OTHERS else set()
        if flags or (words & OF_A_KIND and not words & OF_OTHERS):
            values = _values(engine, file, heading)
            said = [value for value in values if plain(value) in flags or names_any(value, RETURNED)]
            if said and (len(said) < len(values) or file.facts[heading].has_empty):
                found.append(_marked(engine, plan, alias, heading, said))
    return [one for one in found if 0 < 2 * one.lines < plan.lines.seen.rows]


def cancelled(engine: Engine, plan: Plan) -> list[Marked]:
    """Return the lines that a status, a flag or a day of cancelling marks, and that still count as sold."""
    found = []
    for alias, file, heading in _columns(plan):
        facts, words = file.facts[heading], words_of(heading)
        is_of_cancelling = any(
            word.startswith(stem) for word in words for stem in ("cancel", "anula", "storn", "abgru")
        )
        is_day = facts.is_date or facts.most_dates > _NEARLY_ALL
        if is_of_cancelling and (is_day or "abgru" in words) and 2 * facts.filled < facts.rows:
            found.append(_marked(engine, plan, alias, heading, []))
        elif is_of_cancelling or words & OF_A_STATUS:
            values = _values(engine, file, heading)
            said = [
                value
                for value in values
                if names_any(value, CANCELLED) or (is_of_cancelling and plain(value) in SAID_YES)
            ]
            if said and (len(said) < len(values) or facts.has_empty):
                found.append(_marked(engine, plan, alias, heading, said))
    return [one for one in found if one.lines]


def moved(engine: Engine, file: File) -> Marked | None:
    """Return the rows of a file of movements of goods that are no sales, where purchases are among them."""
    for heading, facts in file.facts.items():
        if facts.filled and words_of(heading) & OF_A_KIND:
            values = {value: words_of(value) for value in _values(engine, file, heading)}
            sold = [value for value, words in values.items() if words & OF_SALES]
            if sold and any(words & OF_PURCHASES for words in values.values()):
                place = f"COALESCE(CAST(line.{quoted(heading)} AS VARCHAR), '')"
                condition = f"{place} NOT IN ({', '.join(map(quote, sold))})"
                lines = count_rows(engine, f"{file.seen.kept} WHERE {condition}")
                return Marked(heading, ", ".join(map(repr, sold)), condition, lines)
    return None


def no_sales(engine: Engine, plan: Plan) -> list[Marked]:
    """Return the lines that a kind of amount marks as fees, commissions or taxes, or a status as given back."""
    found = []
    for alias, file, heading in _columns(plan):
        words = words_of(heading)
        of_kind = words & (OF_A_KIND | OF_AN_AMOUNT) and not words & OF_OTHERS
        named = OF_FEES if of_kind else GIVEN_BACK if words & OF_A_STATUS else set[str]()
        if named:
            values = _values(engine, file, heading)
            said = [value for value in values if named & words_of(value)]
            if said and len(said) < len(values):
                found.append(_marked(engine, plan, alias, heading, said))
    return [one for one in found if one.lines]


def together(engine: Engine, plan: Plan, found: Sequence[Marked]) -> Marked:
    """Return the lines that any of several columns marks."""
    condition = " OR ".join(one.condition for one in found)
    said = "; ".join(f"{one.heading!r} = {one.values}" for one in found)
    return Marked("", said, condition, _count(engine, plan, condition))


def _count(engine: Engine, plan: Plan, condition: str) -> int:
    return count_rows(engine, f"{plan.rows} WHERE {condition}")


def signs(engine: Engine, plan: Plan, marked: Marked, number: str) -> float:
    """Return the share of positive ones among the numbers of the marked lines that are not 0; -1 where all are."""
    more, less = fetch_row(
        engine,
        "SELECT COUNT(CASE WHEN said > 0 THEN 1 END) AS more, COUNT(CASE WHEN said < 0 THEN 1 END) AS less "
        f"FROM (SELECT {number} AS said FROM {plan.rows} WHERE {marked.condition})",
    ).values()
    return float(more / (more + less)) if more + less else -1.0


def is_positive(share: float) -> bool:
    """Say whether numbers stand there as those of sales do."""
    return share >= _NEARLY_ALL


def _columns(plan: Plan) -> Iterator[tuple[str, File, str]]:
    """Return the columns of lines and heads that nothing else was taken from, or only how an order came."""
    picks = plan.line_picks
    taken = {(pick.seen, pick.heading) for name, pick in picks.items() if name not in ("order_method", "business_unit")}
    for alias, file in plan.of_lines.items():
        for heading in file.seen.columns:
            if (file.seen.name, heading) not in taken and file.facts[heading].filled:
                yield alias, file, heading


def _values(engine: Engine, file: File, heading: str) -> list[str]:
    if file.facts[heading].distinct > _MOST_VALUES:
        return []
    given = f"SELECT DISTINCT CAST({quoted(heading)} AS VARCHAR) AS value FROM {file.seen.name}"
    return sorted(row["value"] for row in fetch_rows(engine, given) if row["value"] is not None)


def _marked(engine: Engine, plan: Plan, alias: str, heading: str, values: Sequence[str]) -> Marked:
    """Return the lines with one of the values in a column, or with any where none is named."""
    place = f"CAST({alias}.{quoted(heading)} AS VARCHAR)"
    condition = f"{place} IN ({', '.join(map(quote, values))})" if values else f"{place} IS NOT NULL"
    return Marked(heading, ", ".join(map(repr, values)), condition, _count(engine, plan, condition))
