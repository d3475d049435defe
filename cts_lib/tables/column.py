"""What a column says of itself: name, kind, meaning, unit, and whether it may be empty."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal


class Kind(StrEnum):
    """What a column holds; one beyond the contract without any value holds nothing, and passes for any kind."""

    TEXT = "text"
    NUMBER = "number"
    INTEGER = "whole number"
    BOOLEAN = "true or false"
    DATE = "date"
    PERIOD = "period"
    EMPTY = "nothing"


TEXT, NUMBER, INTEGER = Kind.TEXT, Kind.NUMBER, Kind.INTEGER
BOOLEAN, DATE, PERIOD = Kind.BOOLEAN, Kind.DATE, Kind.PERIOD
Unit = Literal[
    "money", "money a minute", "minutes", "days", "months", "kg", "m³", "km", "share", "count", "units", "degrees"
]
"""``money`` is the unit's currency, ``share`` a fraction (0.12, not 12), ``units`` what a product is sold in."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    ``default`` says what stands in for a value that an input lacks, ``not_negative`` that a number of it is at least 0.
    A name with ``<…>`` stands for a column for each lever or resource of the params.
    """

    name: str
    kind: Kind
    meaning: str
    unit: Unit | None = None
    null: bool = False
    default: str = ""
    not_negative: bool = False

    @property
    def required(self) -> bool:
        """Whether an input has to have a value here."""
        return not (self.null or self.default)

    @property
    def is_pattern(self) -> bool:
        return "<" in self.name

    def may_be_null(self) -> Column:
        """The same column where null may stand."""
        return replace(self, null=True)
