"""What would leave one warehouse by one mode for one customer and channel in a window leaves on its last day.

Assumes that shipments merged this way save freight (``strategy.freight_saving``).
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from annotated_types import Unit
from pydantic import Field, model_validator

from cts_lib.levers.kind import MERGED, Kind, Place, Value
from cts_lib.levers.lines import changed
from cts_lib.levers.settings import Setting

_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Rhythm(Setting):
    """How often deliveries leave: every so many days, or on these weekdays."""

    days: Annotated[int, Field(ge=2, le=366), Unit("days")] | None = Field(
        default=None, description="Days from one delivery to the next."
    )
    weekdays: tuple[Literal[_WEEK], ...] | None = Field(  # type: ignore[valid-type]
        default=None, min_length=1, description="Days of the week on which deliveries leave."
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.days is None) == (self.weekdays is None):
            raise ValueError("has both or none of days and weekdays; give one of them")
        return self


def _waits(setting: Rhythm) -> dict[str, Value]:
    """Return the window, or for each weekday (Monday first) the days until the next delivery, a digit each."""
    if setting.weekdays is None:
        return {"days": setting.days, "waits": None}
    leaves = [name in setting.weekdays for name in _WEEK]
    waits = (next(wait for wait in range(7) if leaves[(day + wait) % 7]) for day in range(7))
    return {"days": None, "waits": "".join(map(str, waits))}


def _next(lever: Place) -> str:
    """Return the day on which a line leaves; 1970-01-01 was a Thursday."""
    window = f"CAST((FLOOR(_day / {lever['days']}) + 1) * {lever['days']} - 1 AS BIGINT)"
    if "waits" not in lever.used:
        return window
    weekday = f"CAST(SUBSTRING({lever['waits']}, CAST((_day + 3) % 7 AS INTEGER) + 1, 1) AS BIGINT)"
    return f"CASE WHEN NOT {lever['waits']} IS NULL THEN _day + {weekday} ELSE {window} END"


def _steps(lever: Place) -> list[str]:
    shipment = (
        f"CONCAT(:lever, CAST({_next(lever)} AS VARCHAR), '/', customer_id, '/', channel, '/', "
        "COALESCE(warehouse, ''), '/', COALESCE(ship_mode, ''))"
    )
    moved = {"shipment_id": shipment, "_day": _next(lever)}
    touched = f", {lever['applies']} AS {lever['touched']}"
    return [changed(f"{lever.at} = 1 AND quantity > 0", moved, touched)]


KIND = Kind(
    "rhythm",
    "Delivery rhythm",
    meaning="Orders wait to leave as one shipment.",
    setting=Rhythm,
    applies=lambda lever: f"quantity > 0 AND {_next(lever)} <> _day",
    steps=_steps,
    repeats=lambda setting, simulated: False,
    agreed=lambda setting: True,
    policy=_waits,
    default={"settings": {"every 2 days": {"days": 2}, "weekly": {"days": 7}}, "margin_at_risk": 0.002},
    assumption=MERGED,
    waits=True,
)
