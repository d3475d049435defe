"""The data faults: a few rows that a contract must refuse, each written down as it is planted."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cts_lib.sample.calendar import MONTHS, QUARTERS, quarter_of

KINDS = (
    "repeated key",
    "unknown customer",
    "unknown product",
    "missing required value",
    "impossible date",
    "text in a number",
)
"""The reasons of rejection, in the order in which they are planted from quarter to quarter."""

_SHARE = 0.003
_UNKNOWN = "9999999"
_MONTH_OF_QUARTER = 1
_UNDATED_MONTH = 28
_UNDATED_FROM_ROWS = 1_000


@dataclass(frozen=True)
class Fault:
    """One spoiled row; ``period`` is null where the row counts in every period of its unit."""

    table: str
    business_unit: str
    period: str | None
    key: str
    kind: str


@dataclass
class Faults:
    """Spoils rows of a unit, at most three in a thousand of a quarter, and remembers each of them."""

    business_unit: str
    first_kind: int
    undated: bool
    planted: list[Fault] = field(default_factory=list)

    def in_lines(self, lines: pa.Table, month: int, rows_of_quarter: int) -> pa.Table:
        """Spoil lines of a month; all faults of a quarter stand in its middle month.

        Where ``undated`` was asked for, one row of the whole history loses both its dates.
        """
        if month % 3 != _MONTH_OF_QUARTER:
            return lines
        places = _spread(int(rows_of_quarter * _SHARE), lines.num_rows)
        kinds = [KINDS[(self.first_kind + quarter_of(month) + place) % len(KINDS)] for place in range(len(places))]
        impossible = f"{MONTHS[month][0]}-02-30"
        lines = self._repeat(lines, month, places[[kind == "repeated key" for kind in kinds]])
        for kind, column, value in (
            ("unknown customer", "customer_id", _UNKNOWN),
            ("unknown product", "product_id", _UNKNOWN),
            ("missing required value", "net_sales", None),
            ("impossible date", "order_date", impossible),
            ("text in a number", "quantity", "12 boxes"),
        ):
            rows = places[[planted == kind for planted in kinds]]
            lines = _with_value(lines, column, rows, value)
            self._remember("order_lines", QUARTERS[quarter_of(month)], lines, rows, kind)
        if self.undated and month == _UNDATED_MONTH and rows_of_quarter >= _UNDATED_FROM_ROWS:
            row = np.array([2])
            lines = _with_value(_with_value(lines, "order_date", row, impossible), "posting_date", row, None)
            self._remember("order_lines", None, lines, row, "impossible date")
        return lines

    def in_events(self, events: pa.Table, month: int) -> pa.Table:
        """Give a few events of a quarter's middle month to a customer that no table knows."""
        if month % 3 != _MONTH_OF_QUARTER:
            return events
        rows = _spread(int(events.num_rows * _SHARE * 2), events.num_rows)
        self._remember("events", QUARTERS[quarter_of(month)], events, rows, "unknown customer")
        return _with_value(events, "customer_id", rows, _UNKNOWN)

    def in_customers(self, customers: pa.Table) -> pa.Table:
        """Append a second row of the unit's fifth customer, written by somebody in capitals."""
        again = customers.slice(4, 1)
        self.planted.append(Fault("customers", self.business_unit, None, again["customer_id"][0].as_py(), KINDS[0]))
        return pa.concat_tables(
            [customers, _with_value(again, "name", np.array([0]), again["name"][0].as_py().upper())]
        )

    def _repeat(self, lines: pa.Table, month: int, rows: NDArray[np.int64]) -> pa.Table:
        """Let each of ``rows`` repeat the line before it."""
        source = np.arange(lines.num_rows)
        source[rows] -= 1
        repeated = lines.take(pa.array(source))
        self._remember("order_lines", QUARTERS[quarter_of(month)], repeated, rows, "repeated key")
        return repeated

    def _remember(self, table: str, period: str | None, rows_of: pa.Table, rows: NDArray[np.int64], kind: str) -> None:
        for row in rows.tolist():
            if table == "order_lines":
                key = f"{rows_of['order_id'][row].as_py()}/{rows_of['line_no'][row].as_py()}"
            else:
                key = f"{rows_of['customer_id'][row].as_py()}/{rows_of['event_date'][row].as_py()}"
            self.planted.append(Fault(table, self.business_unit, period, key, kind))


def _spread(wanted: int, rows: int) -> NDArray[np.int64]:
    """Up to ``wanted`` places between the rows, at least four apart so that no fault touches another."""
    return np.linspace(4, rows - 2, min(wanted, max(0, rows // 4 - 2)), dtype=np.int64)


def _with_value(table: pa.Table, column: str, rows: NDArray[np.int64], value: str | None) -> pa.Table:
    if not len(rows):
        return table
    spoiled = np.zeros(table.num_rows, bool)
    spoiled[rows] = True
    place = table.column_names.index(column)
    old = table[column]
    return table.set_column(place, column, pc.if_else(pa.array(spoiled), pa.scalar(value, old.type), old))
