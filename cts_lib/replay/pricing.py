"""What prices rewritten transactions: the unit's activities with what levers cost by themselves, at today's rates."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import pandas as pd

from cts_lib.customers.sums import customer_sums_query
from cts_lib.errors import ParamsError
from cts_lib.model.compiled import CompiledActivity, columns_of_lines, columns_read, compile_model
from cts_lib.model.drivers import Extras
from cts_lib.params import Activity, CostModel, Strategy
from cts_lib.params.on_time import OnTime
from cts_lib.replay.options import placed_levers
from cts_lib.replay.rewrite import PARTNER_MARGIN
from cts_lib.tables.column import Kind

LEVER_COSTS = "lever_costs"
_KEPT = {"customer_id", "channel", "order_id", "shipment_id", "net_sales", "cogs", "ship_mode", "warehouse", "_visible"}
"""What any replay needs of a line, whatever the cost model reads."""


@dataclass(frozen=True)
class Pricing:
    """The activities that price rewritten transactions, with what levers cost by themselves, and today's rates.

    ``columns`` are those of lines that a replay reads; ``on_time`` judges the lines.
    """

    activities: list[CompiledActivity]
    rates: pd.DataFrame
    columns: Set[str]
    on_time: OnTime


def with_levers(model: CostModel, strategy: Strategy) -> tuple[CostModel, dict[str, Kind]]:
    """Return the cost model with the activities that levers bring, and the columns of lines that they bring."""
    placed, columns = placed_levers(strategy), dict[str, Kind]()
    own = dict[str, Activity]()
    if any(lever.kind.name in ("stock", "visibility") for lever in placed):
        own[LEVER_COSTS] = Activity.model_validate({"per": "line", "direct": "lever_cost"})
        columns["lever_cost"] = Kind.NUMBER
    if any(lever.kind.name == "hand_over" for lever in placed):
        own[PARTNER_MARGIN] = Activity.model_validate({"per": f"event:{PARTNER_MARGIN}", "direct": "amount"})
    if any("payment_days" in lever.place.used for lever in placed):
        columns["payment_terms_days"] = Kind.NUMBER
    for name in own:
        if name in model.activities:
            where = f"cost_model.activities.{name}"
            raise ParamsError(where, "is the name of what levers cost by themselves", "call it otherwise")
    return model.model_copy(update={"activities": model.activities | own}), columns


def pricing(model: CostModel, extras: Extras, strategy: Strategy, rates: pd.DataFrame, on_time: OnTime) -> Pricing:
    """Return what prices transactions that the levers of a strategy rewrote."""
    extended, columns = with_levers(model, strategy)
    activities = compile_model(extended, {**extras, "order_lines": {**extras.get("order_lines", {}), **columns}})
    own = [
        {"activity": name, "resource": None, "basis": "direct", "share": float("nan"), "price": 1.0}
        for name in extended.activities
        if name not in model.activities
    ]
    added = pd.DataFrame(own).astype(rates.dtypes[["activity", "resource", "basis", "share", "price"]]) if own else None
    sums = columns_of_lines(customer_sums_query(strategy.electronic_methods, on_time))
    rates = rates if added is None else pd.concat([rates, added], ignore_index=True)
    return Pricing(activities, rates, columns_read(activities) | sums | _KEPT, on_time)
