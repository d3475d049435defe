"""Shipments leave from another warehouse that may ship all they hold, as the lanes say."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from cts_lib.levers.kind import Kind, Place, Value
from cts_lib.levers.lanes import SHIPMENTS, rerouted
from cts_lib.levers.lines import SHIPMENT
from cts_lib.levers.settings import Identifier, Setting

_KEYS = SHIPMENT.split(", ")


class Node(Setting):
    """Where shipments leave."""

    to: Identifier | None = Field(default=None, min_length=1, description="The warehouse that stands in.")
    choose: Literal["cheapest", "nearest"] | None = Field(
        default=None, description="Each shipment leaves from the warehouse of the least freight or distance."
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.to is None) == (self.choose is None):
            raise ValueError("has both or none of to and choose; give one of them")
        return self


def _policy(setting: Node) -> dict[str, Value]:
    return {"to": setting.to, "nearest": 1.0 if setting.choose == "nearest" else None}


def _steps(lever: Place) -> list[str]:
    keys = ", ".join(f"line.{key}" for key in _KEYS)
    same = " AND ".join(f"line.{key} = held.{key}" for key in _KEYS)
    sold = f"{lever['applies']} = 1"
    held = f"SELECT {SHIPMENT}, COUNT(DISTINCT product_id) AS products FROM lines WHERE {sold} GROUP BY {SHIPMENT}"
    known = f"{sold} AND NOT _node_now IS NULL"
    to = lever["to"] if "to" in lever.used else "CAST(NULL AS VARCHAR)"
    today = (
        f"SELECT {SHIPMENT}, MAX(_weight), MAX(_mode_now), MAX(_node_now), MAX(_node_now), MAX({lever['nearest']}) "
        f"FROM lines WHERE {known} AND {to} IS NULL GROUP BY {SHIPMENT}"
    )
    wanted = (
        f"SELECT {keys}, MAX(line._weight) AS weight, MAX(line._mode_now) AS mode, node.warehouse AS node, "
        f"MAX(line._node_now) AS today, MAX({lever['nearest']}) AS nearest FROM lines AS line JOIN ({held}) AS held "
        f"ON {same} JOIN nodes AS node ON (node.product_id IS NULL OR node.product_id = line.product_id) AND "
        f"({to} IS NULL OR node.warehouse = {to}) WHERE {known} GROUP BY {keys}, node.warehouse "
        f"HAVING COUNT(DISTINCT line.product_id) = MAX(held.products) UNION ALL {today}"
    )
    return [SHIPMENTS, rerouted(lever, wanted)]


KIND = Kind(
    "node",
    "Warehouse",
    meaning="Shipments leave from another warehouse, as the lanes say.",
    setting=Node,
    applies=lambda lever: "quantity > 0",
    steps=_steps,
    policy=_policy,
    needs=("lanes", "nodes"),
    named={"to": ("nodes", "warehouse")},
)
