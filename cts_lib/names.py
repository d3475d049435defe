"""Names that tables share: key columns, and the values that stand for everybody, nothing, and who came or went."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

CUSTOMER = ["customer_id", "channel"]
"""A customer in a channel: the grain of cost."""
CELL = ["segment", "channel"]
"""A segment in a channel: the grain of decisions."""
ALL = "(all)"
"""Stands in a total row for every segment, channel or value."""
NONE = "(none)"
"""Stands where a dimension has no value, and for no signal, subject or name."""
NEW, LOST = "(new)", "(lost)"
OTHER = "(other)"
BASE = "base"
"""The scenario in which nothing happens besides."""


def without_totals(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return the rows that are no total in the given columns.

    >>> import pandas as pd
    >>> without_totals(pd.DataFrame({"channel": ["web", "(all)"], "lines": [1, 1]}), "channel")["channel"].tolist()
    ['web']
    """
    return table[~(table[list(columns)] == ALL).any(axis=1)]


def totals(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return the rows that are the total in all of the given columns."""
    return table[(table[list(columns)] == ALL).all(axis=1)]
