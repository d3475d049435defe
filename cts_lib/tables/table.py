"""What a declared table says of itself, and the columns that several tables share."""

from __future__ import annotations

from dataclasses import dataclass

MONEY = (
    "gross_sales:float discounts:float net_sales:float cogs:float gross_margin:float cost_to_serve:float profit:float "
    "assumed_cogs:float"
)
SERVICE = "lead_time_days:float? on_time:float? in_full:float?"


@dataclass(frozen=True)
class Table:
    """One output table: its stage, what it tells, its columns (``name:kind``, ``?`` where null may stand)."""

    name: str
    stage: str
    about: str
    columns: str
    totals: bool = False

    @property
    def kinds(self) -> dict[str, tuple[str, bool]]:
        """The kind of each column, and whether it may be null."""
        parts = (word.partition(":") for word in self.columns.split())
        return {name: (kind.rstrip("?"), kind.endswith("?")) for name, _, kind in parts}
