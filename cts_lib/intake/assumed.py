"""What mappings of `cts init` take on trust, in sentences that are told again as notes, in the reader's language.

A mapping holds its assumptions as sentences that people read and edit. One that still reads as it was written is the
note that it was; any other stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import cache
from typing import Any

from cts_lib.notes import Note, amount

_COUNTS = frozenset({"count", "rows", "filled"})
"""Values that are whole numbers."""
_MONEY = "money"
"""The value that is an amount of money."""
_FIELD = re.compile(r"\{(\w+)\}")


class Assumed(Enum):
    """The sentences, the narrower before the wider."""

    BEFORE_DISCOUNT = Note("{column} is quantity × {value}, so {discounts} is not taken off net sales")
    NOT_TAKEN_OFF = Note("{column} of {file} adds up to {money}, and is not taken off net sales")
    NOT_READ = Note("{file} is not read, and its {column} adds up to {money}")
    SITES_ARE_CUSTOMERS = Note("customers are {column} of {file}, for {others} has a row for each")
    PRODUCTS_ARE = Note("products are {column} of {file}, for {others} has a row for each")
    ROWS_DIFFER = Note("{columns} of {file} differ among the rows of one {column}, and are not read")
    SIGNS_TURNED = Note("signs of {file} are turned, for the costs of {names} are less than nothing there")
    TOTALS = Note("left out as totals: {names} of {file}, {money} in all")
    GOODS_IN_LEDGER = Note("left out as cost of goods, which lines bear: {names} of {file}, {money} in all")
    INCOME = Note("{names} of {file} add up to {money}, and are left out as income")
    INVOICE_IS_ORDER = Note("an order is what has one {column}: an order of several invoices is several orders")
    CHARGE_IS_COST = Note("{column} is taken for what freight costs, not for what customers pay for it")
    ONLY_LINES_NAME_CUSTOMERS = Note("customers that only the lines name have nothing but their key")
    ONLY_LINES_NAME_PRODUCTS = Note("products that only the lines name have nothing but their key")
    NO_LINE = Note("left out {count} row that is no line: {which}")
    NO_LINES = Note("left out {count} rows that are no lines: {which}")
    ONE_UNIT = Note("all lines are one business unit, {unit}, for no column says otherwise")
    FIRST_UNIT = Note("all rows of {table} are the first business unit's, for no column says otherwise")
    NO_ORDER_DATE = Note("no column holds the order date: {column} stands in for it")
    STANDS_IN = Note("no column holds {name}: {column} stands in for it")
    USUAL_FIGURES = Note(
        "unit times, capacities and costs in params are usual figures written by cts init, not the company's own: cost "
        "to serve {share} of net sales, capacities used to {used}. Delete this line when they are yours"
    )
    USUAL_TIMES = Note(
        "unit times and capacities in params are usual figures written by cts init, not the company's own: capacities "
        "used to {used}. Delete this line when they are yours"
    )
    COPY_OF_EXCEL = Note(
        "the engine reads no Excel: the mapping reads {place}, a copy as it was when cts init last ran"
    )
    COPY_OF_TEXT = Note(
        "{file} is in {encoding}, which the engine does not read: the mapping reads a copy in data/, as it was when "
        "cts init last ran"
    )
    GROSS_BY_PRICE = Note("sales before discounts are quantity × {value}, which {column} brings to net sales")
    ORDER_SALES_BY_PRICE = Note("net sales are the order's {sales}, shared out over its lines by quantity × {value}")
    PRICE_LESS_SHARE = Note("net sales are quantity × {value}, less the share {column}")
    PRICE = Note("net sales are quantity × {value}, without discounts")
    ORDER_SALES_BY_VALUE = Note("net sales are the order's {sales}, shared out over its lines by {value}")
    GROSS_LESS_SHARE = Note("net sales are {value}, less the share {column}")
    GROSS = Note("net sales are {value}, without discounts")
    NO_RUSH = Note("no value of {column} says urgent: no line is known as rush")
    RUSH = Note("lines whose {column} is {values} are rush")
    COST_OF_UNIT = Note("cost of goods is quantity × {column}")
    COST_OF_LINE = Note("cost of goods is {column} of the whole line")
    SALES_LESS_MARGIN = Note(
        "cost of goods is {sales} less {column}, which is taken for the margin before any cost to serve"
    )
    UNIT_OF_MEASURE = Note("{name} is {column}, read as {unit}, times {factor}")
    DAYS_IN_WORDS = Note("{name} is the last number in {column}, as in {cell}, 0 where paid at once")
    NO_NUMBERS = Note("{count} of {filled} cells of {column} are no numbers, as {cell}, and count as unknown {name}")
    NO_DATES = Note("{count} of {filled} cells of {column} are no dates, as {cell}, and count as unknown {name}")
    LINES_IN_ROWS = Note("order lines in several rows ({count}) differ in {columns}: each row counts as a line")
    NO_LINE_NUMBER = Note("no column numbers the lines of an order: they are numbered in the order of all cells")
    PAIR_TWICE = Note("{count} pair of order and {column} stands more than once, so lines are numbered anew")
    PAIRS_TWICE = Note("{count} pairs of order and {column} stand more than once, so lines are numbered anew")
    NO_ORDER = Note("no column names the order: an order is a customer's lines of one day")
    NO_CUSTOMERS = Note(
        "there is no file of customers: they are those that the lines name; of several values the first in the "
        "alphabet counts"
    )
    NO_PRODUCTS = Note(
        "there is no file of products: they are those that the lines name; of several values the first in the "
        "alphabet counts"
    )
    ORDER_DATE_OF_SEVERAL = Note(
        "the order date is {column} (a day in {count} of {rows} rows), where that has none the first of {others}"
    )
    ORDER_OF_SEVERAL = Note("the order is {column} (filled in {count} of {rows} rows), where that is empty {others}")
    PROMISED_BY = Note("{column} is the promised day, for {other} of {file} says when it was delivered")
    TWINS = Note("rows that repeat another in every cell ({count}) are left out")
    ZEROS = Note("{column} of {file} is read with as many leading zeros as the lines write")
    NOT_YET = Note("{count} of {rows} rows of {file} have no {column}, and are left out as not delivered yet")
    CREDITED = Note("amounts are negative where {column} is {values}")
    MOVED = Note("rows whose {column} is no {values} ({count}) are left out as no sales")
    TURNED = Note("signs of {columns} are turned, for they are negative where net sales are positive")
    COST_OF_UNITS = Note("the cost of a unit is {column} divided by {units}")
    OPEN_LINES = Note("{count} lines with 0 as {column} have no {day}: they count as not in full")
    TEXTS = Note("rows without product, quantity and net sales ({count}) are left out as texts among the lines")
    CANCELLED = Note("{count} lines are left out as cancelled, for {column} is filled")
    CANCELLED_AS = Note("{count} lines are left out as cancelled, for {column} is {values}")
    NO_SALES = Note("lines whose {column} is {values} ({count}) count as sales, {money} in all")
    TAKEN_BACK = Note("{count} lines whose {which} take back: their {columns} are read as negative")
    CHANNEL_OF_LINES = Note("a customer's channel is the one of most of its lines")
    MONTHS_SIDE_BY_SIDE = Note("the months of {file} stand side by side, and are read from {first} to {last}")
    MONTH_OF_DAY = Note("the period is the month of {column}")
    MONTH_OF_YEAR = Note("the period is month {month} of {year}")
    SUMS_OF_OTHERS = Note("left out accounts of {file} that hold the sum of accounts below them ({count}): {names}")
    DEBIT_LESS_CREDIT = Note("amounts are {debit} less {credit}")
    DEBIT = Note("amounts are {debit}")
    NO_RESOURCE = Note("{count} of {rows} rows of {file} have no {column}, and are left out as no cost of a resource")
    EVENTS_BY_NAME = Note("events by their names: {names}")
    RESOURCES_BY_NAME = Note("resources by their names: {names}")
    ROW_IS_EVENT = Note("each row of {file} is one {event}, as the file is called")
    RATES_INTO_OWN = Note("of the exchange rates only those into {currency} count")
    KEY_REPEATED = Note("{count} row repeats a {column} of {file}: of each the first in the alphabet counts")
    KEYS_REPEATED = Note("{count} rows repeat a {column} of {file}: of each the first in the alphabet counts")

    def said(self, **values: str | int) -> str:
        """Return the sentence with its values, as a mapping holds it."""
        return Note(self.value.text, values).english


def as_note(sentence: str) -> dict[str, Any]:
    """Return a sentence of a mapping as a manifest holds a note, its values apart where it is one of `cts init`.

    >>> as_note(Assumed.CANCELLED_AS.said(count=1157, column="'Estado'", values="'Anulado'"))["values"]
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
    return tuple((text, re.compile("".join(_parts(text)))) for text in (one.value.text for one in Assumed))


def _parts(text: str) -> Iterator[str]:
    for place, part in enumerate(_FIELD.split(text)):
        if place % 2:
            told = "[0-9,]+" if part in _COUNTS else r"-?[0-9,]+[.][0-9]{2}" if part == _MONEY else ".+?"
            yield f"(?P<{part}>{told})"
        else:
            yield re.escape(part)
