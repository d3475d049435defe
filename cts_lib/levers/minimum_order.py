"""An order whose net sales are below the minimum waits for the others of its week, pays a fee, or is lost.

Bundled orders become one order of the week, whose lines of one product become one (`replay.rewrite`). Assumes that
shipments merged this way save freight (``strategy.freight_saving``).
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from annotated_types import Unit
from pydantic import Field, model_validator

from cts_lib.levers.kind import MERGED, Kind, Place, Value
from cts_lib.levers.lines import ORDER, changed, sampled_orders, with_fees, worth_of_order
from cts_lib.levers.settings import Money, Part, Setting

_WEEK = "CAST(FLOOR(_day / CAST(7 AS DOUBLE)) AS BIGINT)"
_OF = f"CONCAT(:lever, CAST({_WEEK} AS VARCHAR), '/', customer_id, '/', channel)"


class MinimumOrder(Setting):
    """The least an order must be worth, and what becomes of one that is worth less."""

    value: Annotated[float, Field(gt=0, allow_inf_nan=False), Unit("money")] = Field(
        description="Net sales that an order must reach."
    )
    below: Literal["bundle"] | None = Field(default=None, description="It waits for the week's others.")
    fee: Money | None = Field(default=None, description="It pays so much.")
    lose: Part | None = Field(default=None, description="This share of such orders is lost.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [name for name in ("below", "fee", "lose") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"has {' and '.join(given) or 'nothing'}; give exactly one of below, fee, lose")
        return self


def _policy(setting: MinimumOrder) -> dict[str, Value]:
    bundle = 1.0 if setting.below else None
    return {"value": setting.value, "bundle": bundle, "fee": setting.fee, "share": setting.lose}


def _steps(lever: Place) -> list[str]:
    applies = f"{lever['applies']} = 1"
    stays = f"CASE WHEN {lever['share']} IS NULL THEN {lever['applies']} ELSE 0 END"
    steps = [f"SELECT *, {stays} AS {lever['touched']} FROM lines"]
    if "fee" in lever.used:
        steps.append(with_fees({ORDER: lever["fee"]}, paying=applies))
    if "share" in lever.used:
        lost = f"COALESCE({lever['share']}, 0) > 0 AND {lever['taken']} = 1"
        steps += [sampled_orders(lever, lever["share"]), f"SELECT * FROM lines WHERE NOT ({lost})"]
    if "bundle" in lever.used:
        together = {
            "order_id": _OF,
            "shipment_id": f"CONCAT({_OF}, '/', COALESCE(warehouse, ''), '/', COALESCE(ship_mode, ''))",
            "_day": f"{_WEEK} * 7 + 6",
            "_bundled": "1",
        }
        steps.append(changed(f"{applies} AND {lever['bundle']} = 1", together))
    return steps


KIND = Kind(
    "minimum_order",
    "Minimum order",
    meaning="Orders of smaller net sales wait for the week, pay, or are lost.",
    setting=MinimumOrder,
    applies=lambda lever: f"quantity > 0 AND {lever['worth']} < {lever['value']}",
    facts=worth_of_order,
    steps=_steps,
    repeats=lambda setting, simulated: setting.fee is not None,
    agreed=lambda setting: True,
    policy=_policy,
    samples_orders=lambda setting: setting.lose is not None,
    default={"settings": {"weekly below 150": {"value": 150, "below": "bundle"}}, "margin_at_risk": 0.005},
    assumption=MERGED,
    waits=True,
)
