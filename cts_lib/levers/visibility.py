"""The customer can see the state of every line; what that costs is charged to each order.

With a shared forecast, safety stock covers less variation; what a stream saves by it lies in relation
``shared_forecasts`` (``replay.stock``).
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from cts_lib.levers.kind import Kind, Place, Value
from cts_lib.levers.lines import ORDER, changed, with_facts
from cts_lib.levers.settings import Money, Part, Setting


class Visibility(Setting):
    """What it costs that customers can see where their orders are, and what it spares that they share forecasts."""

    cost_per_order: Money = Field(default=0.0, description="Money of each order that carries something.")
    shared_forecast: Literal[True] | None = Field(
        default=None, description="Customers share their forecasts; needs the input `replenishment`, and `cv_factor`."
    )
    cv_factor: Part | None = Field(
        default=None, description="What a shared forecast leaves of the standard deviation of demand; 1: all of it."
    )

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.shared_forecast is None) != (self.cv_factor is None):
            raise ValueError("has one of shared_forecast and cv_factor; give both or none")
        return self

    @property
    def forecast(self) -> str | None:
        return None if self.cv_factor is None else repr(self.cv_factor)


def _policy(setting: Visibility) -> dict[str, Value]:
    return {"cost_per_order": setting.cost_per_order, "forecast": setting.forecast}


def _steps(lever: Place) -> list[str]:
    sold = {lever["sold"]: "CAST(COUNT(*) AS DOUBLE)"}
    seen = {"_visible": "1", "_lever_cost": f"_lever_cost + {lever['cost_per_order']} / {lever['sold']}"}
    steps = [with_facts(ORDER, sold, f"{lever.at} = 1 AND quantity > 0")]
    steps += [changed(f"{lever['applies']} = 1", seen, f", {lever['applies']} AS {lever['touched']}")]
    if "forecast" in lever.used:
        spared = "COALESCE(line.quantity * COALESCE(line._stock, stream.z) * stream.spared, 0)"
        shared = f"CASE WHEN line.{lever['applies']} = 1 AND NOT line.{lever['forecast']} IS NULL THEN 1 ELSE 0 END"
        steps.append(
            f"SELECT line.* REPLACE (line._lever_cost - {spared} AS _lever_cost, GREATEST(line._forecast, {shared}) "
            "AS _forecast) FROM lines AS line LEFT JOIN shared_forecasts AS stream ON line._forecast = 0 "
            f"AND {shared} = 1 AND stream.forecast = line.{lever['forecast']} AND stream.product_id = line.product_id "
            "AND stream.warehouse = line.warehouse"
        )
    return steps


KIND = Kind(
    "visibility",
    "Visibility",
    meaning="Customers can see the state of their orders.",
    setting=Visibility,
    applies=lambda lever: "quantity > 0",
    steps=_steps,
    agreed=lambda setting: bool(setting.shared_forecast),
    policy=_policy,
)
