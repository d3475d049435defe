"""Rush orders are served as standard ones, or pay.

Assumes that an order served as standard arrives ``strategy.rush_delay_days`` later, and that it is expedited no more.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from cts_lib.levers.kind import Assumption, Kind, Place, Value
from cts_lib.levers.lines import ORDER, changed, with_fees
from cts_lib.levers.settings import Money, Setting


class Rush(Setting):
    """What becomes of a rush order."""

    drop: Literal[True] | None = Field(default=None, description="It is served as standard.")
    fee: Money | None = Field(default=None, description="It pays so much.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.drop is None) == (self.fee is None):
            raise ValueError("has both or none of drop and fee; give one of them")
        return self


def _policy(setting: Rush) -> dict[str, Value]:
    return {"drop": 1.0 if setting.drop else None, "fee": setting.fee}


def _steps(lever: Place) -> list[str]:
    steps = [f"SELECT *, {lever['applies']} AS {lever['touched']} FROM lines"]
    if "fee" in lever.used:
        steps.append(with_fees({ORDER: lever["fee"]}, paying=f"{lever['applies']} = 1"))
    if "drop" in lever.used:
        calm = {
            "priority": "'standard'",
            "rush": "CAST(0 AS DOUBLE)",
            "_day": "_day + CAST(_delay AS BIGINT)",
        }
        steps.append(changed(f"{lever['applies']} = 1 AND {lever['drop']} = 1", calm))
    return steps


KIND = Kind(
    "rush",
    "Rush orders",
    meaning="Rush orders are served as standard ones, or pay.",
    setting=Rush,
    applies=lambda lever: "rush = 1",
    steps=_steps,
    agreed=lambda setting: True,
    policy=_policy,
    events=lambda setting: {"expedite": 0.0} if setting.drop else {},
    default={"settings": {"none": {"drop": True}}, "margin_at_risk": 0.005},
    assumption=Assumption(
        "Assumed, not observed: a rush order served as standard arrives {days} later.",
        {"days": ("rush_delay_days", "duration")},
    ),
    waits=True,
)
