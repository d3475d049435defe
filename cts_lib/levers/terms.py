"""Other terms: a price, a discount, fees of orders and drops, payment days; a share of the customers may leave."""

from __future__ import annotations

from typing import Annotated, Self

from annotated_types import Unit
from pydantic import Field, model_validator

from cts_lib.levers.kind import Kind, Place, Value
from cts_lib.levers.lines import ORDER, SHIPMENT, changed, with_fees, worth_of_order
from cts_lib.levers.settings import Money, Setting, Share

_SOLD = "quantity > 0"


class Discount(Setting):
    """A rebate on orders that are large enough."""

    from_: Annotated[float, Field(ge=0, allow_inf_nan=False), Unit("money")] = Field(
        alias="from", description="Net sales of an order from which it is given."
    )
    share: Share = Field(description="Share of net sales.")


class Terms(Setting):
    """What is agreed anew; what is not given stays."""

    price: Annotated[float, Field(gt=-1, allow_inf_nan=False), Unit("share")] | None = Field(
        default=None, description="Share by which prices rise."
    )
    fee_per_order: Money | None = Field(default=None, description="Each order pays so much.")
    fee_per_drop: Money | None = Field(default=None, description="Each shipment pays so much.")
    discount: Discount | None = Field(default=None, description="Rebate on large orders.")
    payment_terms_days: Annotated[float, Field(ge=0, allow_inf_nan=False), Unit("days")] | None = Field(
        default=None, description="Days that customers have to pay."
    )
    lose: Share = Field(default=0.0, description="Share of the customers that leave.")

    @model_validator(mode="after")
    def _some(self) -> Self:
        if all(getattr(self, name) is None for name in type(self).model_fields if name != "lose"):
            raise ValueError("changes nothing; give price, a fee, a discount or payment_terms_days")
        return self


def _policy(setting: Terms) -> dict[str, Value]:
    rebate = setting.discount
    return {
        "price": setting.price,
        "order_fee": setting.fee_per_order,
        "drop_fee": setting.fee_per_drop,
        "discount_from": rebate.from_ if rebate else None,
        "discount": rebate.share if rebate else None,
        "payment_days": setting.payment_terms_days,
    }


def _steps(lever: Place) -> list[str]:
    steps = [f"SELECT *, {lever['applies']} AS {lever['touched']} FROM lines"]
    applies = f"{lever['applies']} = 1"
    if "price" in lever.used:
        raised = {name: f"{name} * (1 + {lever['price']})" for name in ("net_sales", "gross_sales")}
        steps.append(changed(f"{applies} AND NOT {lever['price']} IS NULL", raised))
    if "discount" in lever.used:
        large = f"{lever['worth']} >= {lever['discount_from']}"
        steps.append(worth_of_order(lever))
        steps.append(changed(f"{applies} AND {large}", {"net_sales": f"net_sales * (1 - {lever['discount']})"}))
    fees = {over: lever[fee] for fee, over in (("order_fee", ORDER), ("drop_fee", SHIPMENT)) if fee in lever.used}
    if fees:
        steps.append(with_fees(fees))
    if "payment_days" in lever.used:
        days = {"payment_terms_days": f"COALESCE({lever['payment_days']}, payment_terms_days)"}
        steps.append(changed(f"{lever.at} = 1", days))
    return steps


KIND = Kind(
    "terms",
    "Terms",
    meaning="Prices, fees, discounts or payment days are agreed anew.",
    setting=Terms,
    applies=lambda lever: _SOLD,
    steps=_steps,
    agreed=lambda setting: True,
    policy=_policy,
    leaving=lambda setting: setting.lose,
)
