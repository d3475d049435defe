"""Orders by methods that are not electronic, or a share of them, come in by the new one."""

from __future__ import annotations

from pydantic import Field

from cts_lib.levers.kind import Kind, Place, Value
from cts_lib.levers.lines import ORDER, changed, sampled_orders, with_facts
from cts_lib.levers.settings import Identifier, Part, Setting


class OrderMethod(Setting):
    """By which method orders come in, and how many of them."""

    to: Identifier = Field(min_length=1, description="The order method that stands in.")
    share: Part = Field(default=1.0, description="Share of the orders that come in by it.")


def _policy(setting: OrderMethod) -> dict[str, Value]:
    return {"to": setting.to, "share": setting.share if setting.share < 1 else None}


def _facts(lever: Place) -> str:
    """Return the query that says of each line by which method its order came in: its first line's."""
    method = {lever["method"]: "ARG_MIN_NULL(order_method, (_line_order, line_no, order_id))"}
    return with_facts(ORDER, method, f"{lever.at} = 1")


def _steps(lever: Place) -> list[str]:
    if "share" not in lever.used:
        touched = f", {lever['applies']} AS {lever['touched']}"
        return [changed(f"{lever['applies']} = 1", {"order_method": lever["to"]}, touched)]
    touched = f"{lever['applies']} = 1 AND {lever['taken']} = 1"
    marked = f", CASE WHEN {touched} THEN 1 ELSE 0 END AS {lever['touched']}"
    return [sampled_orders(lever, lever["share"]), changed(touched, {"order_method": lever["to"]}, marked)]


KIND = Kind(
    "order_method",
    "Order method",
    meaning="Orders come in by this electronic method.",
    setting=OrderMethod,
    applies=lambda lever: (
        f"NOT STRPOS(:electronic_methods, '|' || {lever['method']} || '|') > 0 AND {lever['method']} <> {lever['to']}"
    ),
    facts=_facts,
    steps=_steps,
    repeats=lambda setting, simulated: setting.share == 1,
    agreed=lambda setting: True,
    policy=_policy,
    samples_orders=lambda setting: setting.share < 1,
    default={
        "settings": {"portal": {"to": "portal"}},
        "investment": {"per_customer": 5.0},
        "margin_at_risk": 0.001,
    },
)
