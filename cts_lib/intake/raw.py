"""A raw table as its contract sees it: columns typed, what is sound, what is at fault, which rows are the unit's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from cts_lib.engine import fetch_row, quote
from cts_lib.engine.base import Engine
from cts_lib.intake.cells import NUMERIC, Cell, absent, as_text, written
from cts_lib.intake.exchange import exchanged, joined
from cts_lib.intake.source import Source
from cts_lib.params import UnitParams
from cts_lib.params.period import MONTHS_PER, Period
from cts_lib.tables.column import Column, Kind
from cts_lib.tables.contract import Contract, Reason
from cts_lib.tables.inputs import INPUTS, LEDGER

SEPARATOR = "\x1f"
_KNOWN_BY = {"customer_id": "customers", "product_id": "products", "warehouse": "warehouses"}
_UNKNOWN = {
    "customer_id": Reason.UNKNOWN_CUSTOMER,
    "product_id": Reason.UNKNOWN_PRODUCT,
    "warehouse": Reason.UNKNOWN_WAREHOUSE,
}


@dataclass(frozen=True)
class Raw:
    """A raw table: its contract, the cells it has, its columns beyond the contract, and which rows are the unit's.

    ``day`` is the day of a row's exchange rate, and ``currency`` the unit's own, where the table has rows in others.
    """

    contract: Contract
    cells: Mapping[str, Cell]
    extras: Mapping[str, Kind]
    belongs: str
    day: str
    currency: str | None = None

    @classmethod
    def of(
        cls, source: Source, contract: Contract, extras: Mapping[str, Kind], unit: UnitParams, period: Period
    ) -> Raw:
        """Return a unit's rows of a table in a period."""
        cells, currency = source.cells(contract), unit.params.unit.currency
        return cls(
            contract,
            cells,
            extras,
            rows_of(contract, cells, unit.business_unit, period),
            _day(contract, cells, period),
            currency if contract.name in source.foreign else None,
        )

    @property
    def origin(self) -> str:
        if not self.cells:
            return "(SELECT 1 AS nothing WHERE FALSE) AS raw"
        return f"raw_{self.contract.name} AS raw{joined(self.day) if self.currency else ''}"

    def value(self, column: Column) -> str:
        """Return a column of the contract, typed; money in the unit's currency."""
        if column.name not in self.cells:
            return absent(column.kind)
        value = self.cells[column.name].value(column.kind)
        return exchanged(value, self.currency) if self.currency and column.unit == "money" else value

    @property
    def values(self) -> dict[str, str]:
        """All columns, typed, by name."""
        of_contract = {column.name: self.value(column) for column in self.contract.columns}
        return of_contract | {
            name: self.cells[name].extra_number() if kind is Kind.NUMBER else as_text(name)
            for name, kind in self.extras.items()
        }

    @property
    def known(self) -> dict[str, str]:
        """The columns that refer to another table, with that table's own column."""
        return {name: f"{_KNOWN_BY[name]}.{name}" for name in self.contract.references if name in self.cells}

    @property
    def joins(self) -> str:
        """The joins with the tables it refers to."""
        return "".join(f" LEFT JOIN {_KNOWN_BY[name]} ON {at} = {written(name)}" for name, at in self.known.items())

    @property
    def owner(self) -> str:
        """The column of whatever a key's rows belong to: an order, a customer, a product."""
        return next(key for key in self.contract.key if key != "business_unit")

    @property
    def sound(self) -> list[str]:
        """What is true of a row that keeps the contract."""
        given = [(column, self.cells[column.name]) for column in self.contract.columns if column.name in self.cells]
        conditions = [f"({condition})" for column, cell in given if (condition := cell.is_sound(column))]
        conditions += [f"({condition}) IS NOT TRUE" for condition, _ in self._empty_ranges]
        return conditions + list(self._found.values())

    @property
    def faults(self) -> list[tuple[str, str]]:
        """What is true of a row that breaks it, in the order of the faults, each with its words."""
        faults = []
        for column in self.contract.columns:
            cell = self.cells.get(column.name)
            for condition, reason in cell.faults(column) if cell else []:
                value = "''" if reason is Reason.MISSING else as_text(column.name)
                faults.append((condition, fault(column.name, reason, value)))
        faults += [(found, fault(name, Reason.EMPTY_RANGE, as_text(name))) for found, name in self._empty_ranges]
        return faults + [
            (f"({found}) IS NOT TRUE", fault(name, _UNKNOWN[name], as_text(name)))
            for name, found in self._found.items()
        ]

    @property
    def _empty_ranges(self) -> list[tuple[str, str]]:
        """What is true of a row whose range holds nothing, with its upper end."""
        pairs = [(self.contract.column(lower), self.contract.column(upper)) for lower, upper in self.contract.ranges]
        return [
            (f"{self.value(upper)} <= COALESCE({self.value(lower)}, 0)", upper.name)
            for lower, upper in pairs
            if lower and upper and upper.name in self.cells
        ]

    @property
    def _found(self) -> dict[str, str]:
        """What is true of a row whose references are known, by column; one that may be empty may refer to nothing."""
        needed = {column.name for column in self.contract.columns if column.required}
        return {
            name: f"{place} IS NOT NULL"
            if name in needed
            else f"(({self.cells[name].filled}) IS NOT TRUE OR {place} IS NOT NULL)"
            for name, place in self.known.items()
        }


def fault(column: str, reason: Reason, value: str) -> str:
    """Return the SQL of a fault: the column, the reason and the value that is wrong."""
    return f"'{column}{SEPARATOR}{reason.value}{SEPARATOR}' || {value}"


def rows_of(contract: Contract, cells: Mapping[str, Cell], business_unit: str, period: Period) -> str:
    """Return the condition of the unit's raw rows of the period; one without a readable date counts in each."""
    if not cells:
        return "FALSE"
    conditions = []
    if contract.has_unit:
        conditions.append(f"COALESCE({as_text('business_unit')}, {quote(business_unit)}) = {quote(business_unit)}")
    inside = ""
    for cell in (cells[name] for name in reversed(contract.dates) if name in cells):
        in_period = f"({cell.is_outside(period)}) IS NOT TRUE"
        inside = f"CASE WHEN {cell.filled} THEN {in_period} ELSE {inside} END" if inside else in_period
    if inside:
        conditions.append(inside)
    if contract is LEDGER:
        value = cells["period"].value(Kind.PERIOD)
        periods = ", ".join(quote(str(inside)) for inside in periods_inside(period))
        conditions.append(f"({value} IS NULL OR {value} IN ({periods}))")
    return " AND ".join(conditions) or "TRUE"


def _day(contract: Contract, cells: Mapping[str, Cell], period: Period) -> str:
    """Return the day of a raw row: of the first date that is filled, or the last of a ledger row's period.

    Of tables that are bound to no day it is the period's last.
    """
    if contract is LEDGER:
        last = "".join(
            f" WHEN {quote(str(inside))} THEN DATE '{inside.end - timedelta(days=1)}'"
            for inside in periods_inside(period)
        )
        return f"CASE {as_text('period')}{last} END"
    days = [cells[name].value(Kind.DATE) for name in contract.dates if name in cells]
    return f"COALESCE({', '.join(days)}, NULL)" if days else f"DATE '{period.end - timedelta(days=1)}'"


def extra_kinds(engine: Engine, source: Source) -> dict[str, dict[str, Kind]]:
    """Return the columns beyond the contract of every table: numbers if every value is one, else text; or nothing."""
    return {contract.name: _kinds(engine, source, contract) for contract in INPUTS}


def _kinds(engine: Engine, source: Source, contract: Contract) -> dict[str, Kind]:
    cells = source.cells(contract)
    names = [name for name in cells if contract.column(name) is None]
    unsure = [name for name in names if not cells[name].sql_type.startswith(NUMERIC)]
    kinds = dict.fromkeys(names, Kind.NUMBER)
    if unsure:
        checks = ", ".join(
            f"COUNT({as_text(name)}) AS t{place}, COUNT({cells[name].extra_number()}) AS n{place}"
            for place, name in enumerate(unsure)
        )
        answers = fetch_row(engine, f"SELECT {checks} FROM raw_{contract.name} AS raw")
        for place, name in enumerate(unsure):
            texts, numbers = answers[f"t{place}"], answers[f"n{place}"]
            kinds[name] = Kind.EMPTY if not texts else Kind.NUMBER if texts == numbers else Kind.TEXT
    return kinds


def periods_inside(period: Period) -> list[Period]:
    """Return the periods of which a ledger row counts: all that lie inside, and the period itself."""
    found = [part for months in MONTHS_PER.values() for part in period.parts(months)]
    return found if period.calendar is None else [*found, *_of_other_calendar(period)]


def _of_other_calendar(period: Period) -> Iterator[Period]:
    """Yield what lies inside a fiscal period of the calendar's, or inside one of the calendar of the fiscal ones."""
    for months in MONTHS_PER.values():
        part = Period.containing(period.start, months, None if period.is_fiscal else period.calendar)
        part = part.under(period.calendar)
        while part.end <= period.end:
            if part in period:
                yield part
            part = part.following
