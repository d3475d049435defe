"""What params say of a lever: its settings by name, and what it asks of each customer it reaches."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Unit
from pydantic import BaseModel, ConfigDict, Field


class Lever(BaseModel):
    """One thing a strategy can change: money for each customer it reaches, and the share of touched margin at risk."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    investment: Annotated[float, Field(ge=0, allow_inf_nan=False), Unit("money")] = Field(
        default=0.0, description="Money for each customer that it reaches."
    )
    margin_at_risk: Annotated[float, Field(ge=0, le=1), Unit("share")] = Field(
        default=0.0, description="Share of the margin of touched lines that is lost."
    )


class NumberLever(Lever):
    """A lever whose settings beside today's are numbers: days, or money."""

    settings: dict[str, Annotated[float, Field(gt=0, allow_inf_nan=False)]] = Field(
        min_length=1, description="Days, or money of an order, by name."
    )


class WordLever(Lever):
    """A lever whose settings beside today's are words."""

    settings: dict[str, str] = Field(min_length=1, description="What stands in for today's, by name.")
