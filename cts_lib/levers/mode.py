"""Shipments go by another mode, as the lanes say: freight, distance and days; the wait before dispatch stays."""

from __future__ import annotations

from pydantic import Field

from cts_lib.levers.kind import Kind, Place, Value
from cts_lib.levers.lanes import SHIPMENTS, rerouted
from cts_lib.levers.lines import SHIPMENT
from cts_lib.levers.settings import Identifier, Setting


class Mode(Setting):
    """By which mode shipments go."""

    to: Identifier = Field(min_length=1, description="The ship mode that stands in.")
    from_: Identifier | None = Field(
        default=None, alias="from", min_length=1, description="Only shipments by this mode."
    )


def _policy(setting: Mode) -> dict[str, Value]:
    return {"to": setting.to, "from": setting.from_}


def _steps(lever: Place) -> list[str]:
    to = lever["to"]
    only = f"({lever['from']} IS NULL OR _mode_now = {lever['from']})" if "from" in lever.used else "TRUE"
    wanted = (
        f"SELECT {SHIPMENT}, MAX(_weight) AS weight, MAX({to}) AS mode, MAX(_node_now) AS node, CAST(NULL AS VARCHAR) "
        f"AS today, CAST(NULL AS DOUBLE) AS nearest FROM lines WHERE {lever['applies']} = 1 AND "
        f"_mode_now <> {to} AND {only} GROUP BY {SHIPMENT}"
    )
    return [SHIPMENTS, rerouted(lever, wanted)]


KIND = Kind(
    "mode",
    "Ship mode",
    meaning="Shipments go by another mode, as the lanes say.",
    setting=Mode,
    applies=lambda lever: "quantity > 0",
    steps=_steps,
    policy=_policy,
    needs=("lanes",),
    named={"to": ("lanes", "ship_mode")},
)
