"""Customers of small sales leave to a partner, who keeps a share of their margin."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Unit
from pydantic import Field

from cts_lib.levers.kind import Kind, Place, Value
from cts_lib.levers.settings import Setting, Share


class HandOver(Setting):
    """Who is handed over, and what stays."""

    below: Annotated[float, Field(gt=0, allow_inf_nan=False), Unit("money")] = Field(
        description="Net sales of the period below which a customer is handed over."
    )
    margin_kept: Share = Field(default=0.0, description="Share of the gross margin that stays.")


def _policy(setting: HandOver) -> dict[str, Value]:
    return {"kept": setting.margin_kept}


def _steps(lever: Place) -> list[str]:
    return [f"SELECT *, 0 AS {lever['touched']} FROM lines"]


KIND = Kind(
    "hand_over",
    "Hand over to a partner",
    meaning="Customers of small sales leave to a partner.",
    setting=HandOver,
    applies=lambda lever: "TRUE",
    steps=_steps,
    policy=_policy,
    repeats=lambda setting, simulated: False,
    leaving=lambda setting: 1.0,
    below=lambda setting: setting.below,
)
