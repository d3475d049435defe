"""What mappings of `cts init` take on trust, told again as notes, so that pages say it in the reader's language.

A mapping holds its assumptions as sentences that people read and edit. One that still reads as it was written is the
note that it was; any other stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from cts_lib.notes import Note, amount

_COUNTS = frozenset({"count", "rows", "filled"})
"""Values that are whole numbers."""
_MONEY = "money"
"""The value that is an amount of money."""
_FIELD = re.compile(r"\{(\w+)\}")
SENTENCES = (
    Note("customers that only the lines name have nothing but their key"),
    Note("products that only the lines name have nothing but their key"),
    Note("left out {count} row that is no line: {which}"),
    Note("left out {count} rows that are no lines: {which}"),
    Note("all lines are one business unit, {unit}, for no column says otherwise"),
    Note("all rows of {table} are the first business unit's, for no column says otherwise"),
    Note("{file} is not read, and its {column} adds up to {money}"),
    Note("customers are {column} of {file}, for {others} has a row for each"),
    Note("{columns} of {file} differ among the rows of one {column}, and are not read"),
    Note("{names} of {file} add up to {money}, and are left out as income"),
    Note("an order is what has one {column}: an order of several invoices is several orders"),
    Note("{column} is taken for what freight costs, not for what customers pay for it"),
    Note("no column holds the order date: {column} stands in for it"),
    Note("no column holds {name}: {column} stands in for it"),
    Note(
        "unit times, capacities and costs in params are usual figures written by cts init, not the company's own: cost "
        "to serve {share} of net sales, capacities used to {used}. Delete this line when they are yours"
    ),
    Note("the engine reads no Excel: the mapping reads {place}, a copy as it was when cts init last ran"),
    Note(
        "{file} is in {encoding}, which the engine does not read: the mapping reads a copy in data/, as it was when "
        "cts init last ran"
    ),
    Note("net sales are the order's {sales}, shared out over its lines by quantity × {price}"),
    Note("net sales are quantity × {price}, less the share {column}"),
    Note("net sales are quantity × {price}, without discounts"),
    Note("net sales are the order's {sales}, shared out over its lines by {value}"),
    Note("net sales are {value}, less the share {column}"),
    Note("net sales are {value}, without discounts"),
    Note("lines whose {column} is {values} are rush"),
    Note("cost of goods is quantity × {column}"),
    Note("cost of goods is {column} of the whole line"),
    Note("cost of goods is {sales} less {column}, which is taken for the margin before any cost to serve"),
    Note("{name} is {column}, read as {unit}, times {factor}"),
    Note("{name} is the last number in {column}, as in {cell}, 0 where paid at once"),
    Note("{count} of {filled} cells of {column} are no numbers, as {cell}, and count as unknown {name}"),
    Note("{count} of {filled} cells of {column} are no dates, as {cell}, and count as unknown {name}"),
    Note("no column numbers the lines of an order: they are numbered in the order of all cells"),
    Note("{count} pair of order and {column} stands more than once, so lines are numbered anew"),
    Note("{count} pairs of order and {column} stand more than once, so lines are numbered anew"),
    Note("no column names the order: an order is a customer's lines of one day"),
    Note(
        "there is no file of customers: they are those that the lines name; of several values the first in the "
        "alphabet counts"
    ),
    Note(
        "there is no file of products: they are those that the lines name; of several values the first in the "
        "alphabet counts"
    ),
    Note("the order date is {column} (a day in {count} of {rows} rows), where that has none the first of {others}"),
    Note("{count} lines are left out as cancelled, for {column} is filled"),
    Note("{count} lines are left out as cancelled, for {column} is {values}"),
    Note("{count} lines whose {which} take back: their {columns} are read as negative"),
    Note("a customer's channel is the one of most of its lines"),
    Note("the period is the month of {column}"),
    Note("the period is month {month} of {year}"),
    Note("amounts are {debit} less {credit}"),
    Note("amounts are {debit}"),
    Note("{count} of {rows} rows of {file} have no {column}, and are left out as no cost of a resource"),
    Note("events by their names: {names}"),
    Note("resources by their names: {names}"),
    Note("each row of {file} is one {event}, as the file is called"),
    Note("of the exchange rates only those into {currency} count"),
    Note("{count} row repeats a {column} of {file}: of each the first in the alphabet counts"),
    Note("{count} rows repeat a {column} of {file}: of each the first in the alphabet counts"),
)
"""The sentences, the narrower before the wider."""


def as_note(sentence: str) -> dict[str, Any]:
    """Return a sentence of a mapping as a manifest holds a note, its values apart where it is one of `cts init`.

    >>> as_note("1,157 lines are left out as cancelled, for 'Estado' is 'Anulado'.")["values"]
    {'count': 1157, 'column': "'Estado'", 'values': "'Anulado'"}
    >>> as_note("Carriers of 2024 are those of 2025.")
    {'text': 'Carriers of 2024 are those of 2025.'}
    """
    for text, pattern in _patterns():
        if found := pattern.fullmatch(sentence.rstrip(".")):
            return {"text": text, "values": {name: _value(name, told) for name, told in found.groupdict().items()}}
    return {"text": sentence}


def _value(name: str, told: str) -> Any:
    number = told.replace(",", "")
    return int(number) if name in _COUNTS else amount(float(number), "money") if name == _MONEY else told


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((note.text, re.compile("".join(_parts(note.text)))) for note in SENTENCES)


def _parts(text: str) -> Iterator[str]:
    for place, part in enumerate(_FIELD.split(text)):
        if place % 2:
            told = "[0-9,]+" if part in _COUNTS else r"-?[0-9,]+[.][0-9]{2}" if part == _MONEY else ".+?"
            yield f"(?P<{part}>{told})"
        else:
            yield re.escape(part)
