"""Reads one cell of a raw table: whether it holds something, what that is as the contract's kind, and if it is sound.

The raw table goes by the name of ``raw``. Conditions are written so that an engine can often answer them from the
statistics of a column without reading it: a text holds something where it is not empty, a whole number where it is
not null.
"""

from __future__ import annotations

from dataclasses import dataclass

from cts_lib.engine import quote, quoted
from cts_lib.intake.notation import date_sql, number_sql
from cts_lib.params import Formats
from cts_lib.params.period import Period
from cts_lib.tables.column import Column, Kind
from cts_lib.tables.contract import BROKEN, Reason

_SIGNED = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_WHOLE = (*_SIGNED, *(f"U{name}" for name in _SIGNED))
_TEXTS = ("VARCHAR", "TEXT")
NUMERIC = (*_WHOLE, "BOOLEAN", "FLOAT", "DOUBLE", "DECIMAL")
_ZONED = ("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE")
_ABSENT = {Kind.NUMBER: "DOUBLE", Kind.DATE: "DATE"}
_PLAIN = Formats()
_FIRST_DAY, _LAST_DAY = "DATE '0001-01-01'", "DATE '9999-12-31'"
PERIOD_PATTERN = r"^([0-9]{4}(-(H[12]|Q[1-4]|0[1-9]|1[0-2]))?|FY[0-9]{4}(-(H[12]|Q[1-4]|P(0[1-9]|1[0-2])))?)$"


def written(name: str) -> str:
    """Return a cell as it is written, be it empty: where that does not matter, engines read it faster than a text."""
    return f"CAST({_place(name)} AS VARCHAR)"


def as_text(name: str) -> str:
    """Return a cell as text; an empty one holds nothing."""
    return f"NULLIF({written(name)}, '')"


def _place(name: str) -> str:
    return f"raw.{quoted(name)}"


def absent(kind: Kind) -> str:
    """Return the value of a column that a table lacks."""
    return f"CAST(NULL AS {_ABSENT.get(kind, 'VARCHAR')})"


@dataclass(frozen=True)
class Cell:
    """A column of a raw table, its SQL type there, and how its texts and time stamps are read.

    ``time_zone`` is where a time stamp with a zone becomes a day; None: where it was written.
    """

    name: str
    sql_type: str
    formats: Formats = _PLAIN
    time_zone: str | None = None

    @property
    def filled(self) -> str:
        """True where the cell holds something; an empty text holds nothing."""
        return f"{_place(self.name)} <> ''" if self.sql_type in _TEXTS else f"{_place(self.name)} IS NOT NULL"

    def holds(self, kind: Kind) -> str:
        """True where the cell holds a value of the kind."""
        if kind is Kind.NUMBER:
            return self._holds_number
        if kind is Kind.DATE:
            return f"{self._date} BETWEEN {_FIRST_DAY} AND {_LAST_DAY}"
        if kind is Kind.PERIOD:
            return f"REGEXP_MATCHES({as_text(self.name)}, '{PERIOD_PATTERN}')"
        return self.filled

    def value(self, kind: Kind) -> str:
        """Return the cell as the kind, null where it holds none."""
        if kind is Kind.NUMBER:
            number = self._number
            always = self.sql_type.startswith(_WHOLE) or self.sql_type == "BOOLEAN"
            return number if always else f"CASE WHEN {self.holds(kind)} THEN {number} END"
        if kind is Kind.DATE:
            return f"CASE WHEN {self.holds(kind)} THEN {self._date} END"
        return (
            f"CASE WHEN {self.holds(kind)} THEN {as_text(self.name)} END" if kind is Kind.PERIOD else as_text(self.name)
        )

    def is_sound(self, column: Column) -> str | None:
        """True where the cell keeps the contract; None where every cell does."""
        holds = self.holds(column.kind)
        if column.not_negative:
            holds = f"{holds} AND {self.value(column.kind)} >= 0"
        if column.required:
            return holds
        may_break = column.not_negative or self._may_break(column)
        return f"({self.filled}) IS NOT TRUE OR {holds}" if may_break else None

    def faults(self, column: Column) -> list[tuple[str, Reason]]:
        """Return the conditions under which the cell breaks the contract, each with its reason."""
        faults = [(f"({self.filled}) IS NOT TRUE", Reason.MISSING)] if column.required else []
        if self._may_break(column):
            faults.append((f"{self.filled} AND ({self.holds(column.kind)}) IS NOT TRUE", BROKEN[column.kind]))
        if column.not_negative:
            faults.append((f"{self.value(column.kind)} < 0", Reason.NEGATIVE))
        return faults

    def is_outside(self, period: Period) -> str:
        """True where the cell holds a date before or after a period."""
        before = f"{self._date} >= {_FIRST_DAY} AND {self._date} < DATE '{period.start}'"
        return f"{before} OR {self._date} >= DATE '{period.end}' AND {self._date} <= {_LAST_DAY}"

    def extra_number(self) -> str:
        """Return a cell beyond the contract as a number; true and false are 1 and 0, also as text."""
        yes, no = "CAST(1 AS DOUBLE)", "CAST(0 AS DOUBLE)"
        written = f"CASE LOWER({as_text(self.name)}) WHEN 'true' THEN {yes} WHEN 'false' THEN {no} END"
        return f"COALESCE({self.value(Kind.NUMBER)}, {written})"

    def _may_break(self, column: Column) -> bool:
        is_number = column.kind is Kind.NUMBER
        return column.kind in BROKEN and not (is_number and self.sql_type.startswith(_WHOLE))

    @property
    def _number(self) -> str:
        name = _place(self.name)
        if self.sql_type == "BOOLEAN":
            return f"CASE WHEN {name} THEN CAST(1 AS DOUBLE) WHEN NOT {name} THEN CAST(0 AS DOUBLE) END"
        if self.sql_type.startswith(NUMERIC):
            return f"CAST({name} AS DOUBLE)"
        return number_sql(written(self.name), self.formats)

    @property
    def _holds_number(self) -> str:
        if self.sql_type.startswith(_WHOLE) or self.sql_type == "BOOLEAN":
            return f"{_place(self.name)} IS NOT NULL"
        return f"ABS({self._number}) < CAST('Infinity' AS DOUBLE)"

    @property
    def _date(self) -> str:
        if self.sql_type.startswith(_ZONED) and self.time_zone:
            return f"CAST({_place(self.name)} AT TIME ZONE {quote(self.time_zone)} AS DATE)"
        if self.sql_type == "DATE" or self.sql_type.startswith("TIMESTAMP"):
            return f"CAST({_place(self.name)} AS DATE)"
        return date_sql(written(self.name), self.formats, self.time_zone)
