"""The customer can see the state of every line; what that costs is charged to each order."""

from __future__ import annotations

from pydantic import Field

from cts_lib.levers.kind import Kind, Place
from cts_lib.levers.lines import ORDER, changed
from cts_lib.levers.settings import Money, Setting


class Visibility(Setting):
    """What it costs that customers can see where their orders are."""

    cost_per_order: Money = Field(default=0.0, description="Money of each order that carries something.")


def _steps(lever: Place) -> list[str]:
    sold = f"SUM(CASE WHEN quantity > 0 THEN CAST(1 AS DOUBLE) ELSE CAST(0 AS DOUBLE) END) OVER (PARTITION BY {ORDER})"
    seen = {"_visible": "1", "_lever_cost": f"_lever_cost + {lever['cost_per_order']} / {sold}"}
    return [changed(f"{lever['applies']} = 1", seen, f", {lever['applies']} AS {lever['touched']}")]


KIND = Kind(
    "visibility",
    "Visibility",
    meaning="Customers can see the state of their orders.",
    setting=Visibility,
    applies=lambda lever: "quantity > 0",
    steps=_steps,
)
