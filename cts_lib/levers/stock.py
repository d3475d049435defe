"""A stream's stock is of another size for those who go along, or they wait until what they order is there.

A stream is a product in a warehouse. What theory says of each (``replay.stock``) lies in relation ``stock_plans``, a
row a stream and plan; here it becomes cost, days and deliveries of lines.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from annotated_types import Unit
from pydantic import Field, model_validator

from cts_lib.levers.kind import Assumption, Kind, Place, Value
from cts_lib.levers.settings import Setting

TO_ORDER = "to order"
"""The plan without stock; the others go by their cycle service."""
_CHANCE = "MD5(CONCAT(:lever, line.order_id, '/', line.line_no))"
_DAY = "line._day + CAST(stock.wait AS BIGINT)"
_LATER = f"CONCAT(:lever, CAST({_DAY} AS VARCHAR), '/', line.shipment_id)"
_SHORT = "line.delivered_quantity < line.quantity"


class Stock(Setting):
    """How much stock there is."""

    service_level: Annotated[float, Field(ge=0.5, le=0.9999), Unit("share")] | None = Field(
        default=None, description="Share of order cycles without a stock-out for which there is safety stock."
    )
    make_to_order: Literal[True] | None = Field(
        default=None, description="There is none: lines wait for the lead time of replenishment."
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.service_level is None) == (self.make_to_order is None):
            raise ValueError("has both or none of service_level and make_to_order; give one of them")
        return self

    @property
    def plan(self) -> str:
        return TO_ORDER if self.service_level is None else repr(self.service_level)


def _policy(setting: Stock) -> dict[str, Value]:
    return {"plan": setting.plan}


def _steps(lever: Place) -> list[str]:
    known = "NOT stock.plan IS NULL"
    changes = {
        "_lever_cost": "line._lever_cost + stock.holding * line.quantity",
        "_day": _DAY,
        "shipment_id": f"CASE WHEN stock.wait > 0 THEN {_LATER} ELSE line.shipment_id END",
        "_stock": "stock.z",
        "delivered_quantity": f"CASE WHEN {_SHORT} AND {_CHANCE} < stock.mended THEN line.quantity "
        f"WHEN line.delivered_quantity > 0 AND {_CHANCE} < stock.missed THEN 0 ELSE line.delivered_quantity END",
    }
    listed = ", ".join(
        f"CASE WHEN {known} THEN {value} ELSE line.{name} END AS {name}" for name, value in changes.items()
    )
    mark = f"CASE WHEN {known} THEN 1 ELSE 0 END AS"
    return [
        f"SELECT line.* REPLACE ({listed}, {mark} {lever['applies']}), {mark} {lever['touched']} FROM lines AS line "
        f"LEFT JOIN stock_plans AS stock ON stock.plan = line.{lever['plan']} AND stock.product_id = line.product_id "
        f"AND stock.warehouse = line.warehouse AND line.{lever['applies']} = 1"
    ]


KIND = Kind(
    "stock",
    "Stock",
    meaning="Stock is kept for another cycle service, or not at all.",
    setting=Stock,
    applies=lambda lever: "quantity > 0 AND _stock IS NULL",
    steps=_steps,
    repeats=lambda setting, simulated: simulated or setting.plan == TO_ORDER,
    policy=_policy,
    assumption=Assumption(
        "Assumed, not observed: demand on stock is normal, so what stock cannot serve, and what holding another stock "
        "costs, follow from theory.",
        {},
    ),
    waits=True,
    needs=("replenishment",),
)
