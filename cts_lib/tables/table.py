"""What an output table says of itself."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cts_lib.tables.column import Column


@dataclass(frozen=True)
class Table:
    """One output table: its stage, what it tells, its columns, and whether it has rows of totals."""

    name: str
    stage: str
    about: str
    columns: tuple[Column, ...]
    totals: bool = False

    def column(self, name: str) -> Column | None:
        """Return the description of a column, by its name or by the pattern it follows."""
        for column in self.columns:
            if re.fullmatch(re.sub("<.*>", ".+", column.name), name):
                return column
        return None
