"""What a table that goes in promises: columns, key, references, and the reasons for which a row is rejected."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cts_lib.tables.column import TEXT, Column, Kind


class Reason(StrEnum):
    """Why a row is rejected; the value is what `rejected_rows` and the report say."""

    MISSING = "a required value is missing"
    NOT_A_NUMBER = "text in a number"
    NOT_A_DATE = "a date no calendar holds"
    NOT_A_PERIOD = "not a period"
    UNKNOWN_CUSTOMER = "a customer that no table knows"
    UNKNOWN_PRODUCT = "a product that no table knows"
    UNKNOWN_WAREHOUSE = "a warehouse that no table knows"
    NEGATIVE = "a negative number"
    EMPTY_RANGE = "an upper end not above the lower"
    REPEATED_KEY = "a repeated key"


BROKEN = {Kind.NUMBER: Reason.NOT_A_NUMBER, Kind.DATE: Reason.NOT_A_DATE, Kind.PERIOD: Reason.NOT_A_PERIOD}


@dataclass(frozen=True)
class Contract:
    """One canonical table.

    ``money`` is the column that says what a rejected row was worth, ``dates`` the columns that decide
    whether a row belongs to the period: the first that is filled; without any, a row is of every period. ``ranges``
    are pairs of columns of which the second, where it is filled, is above the first, or above 0.
    """

    name: str
    about: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    required: bool = False
    money: str | None = None
    dates: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    ranges: tuple[tuple[str, str], ...] = ()

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)

    @property
    def has_unit(self) -> bool:
        return self.column("business_unit") is not None


UNIT = Column("business_unit", TEXT, "The business unit that the row belongs to.")
PRODUCT = Column("product_id", TEXT, "The product, as in table products.")
