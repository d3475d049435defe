"""When a line is on time and in full: the window of `governance.on_time`, wherever either is measured."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Unit as UnitOf
from pydantic import Field

from cts_lib.params.cost_model import Model

_NEVER = 10_000_000
"""More days than any calendar holds."""
Days = Annotated[int, Field(ge=0, le=3_650), UnitOf("days")]


class OnTime(Model):
    """The window in which a line is on time, and the share of it that is in full.

    >>> OnTime(early_days=0, late_days=1).values
    {'earliest': 0, 'latest': 1, 'full_share': 1.0}
    """

    early_days: Days | None = Field(
        default=None, description="Days before the promised one from which a line is on time; null: early always is."
    )
    late_days: Days = Field(default=0, description="Days after the promised one up to which a line is on time.")
    full_share: Annotated[float, Field(gt=0, le=1), UnitOf("share")] = Field(
        default=1.0, description="Share of a line's quantity from which it is in full."
    )

    @property
    def values(self) -> dict[str, float]:
        """What `cts_lib.sql.terms` are filled with: days from the promise to arriving, and the share."""
        return {
            "earliest": -_NEVER if self.early_days is None else -self.early_days,
            "latest": self.late_days,
            "full_share": self.full_share,
        }
