"""The two cost models of the benchmark, and what a unit of each activity's quantity costs in them.

Both have twelve resources, three of them support, and nine activities at line, order and shipment grain. In ``linear``
every equation is linear in sums over lines; ``finished`` has two equations that need the finished order and one that
needs the shipment. Its thresholds lie between the values that a sum can take, so that no contestant stands or falls
with the last digit of a double.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from cts_lib.costing.rates import Pools, unit_rates
from cts_lib.model.support import allocate
from cts_lib.params import CostModel

TIMED = ("desk", "invoices", "warehouse", "dock")
SHARED = ("trucks", "stops", "cold_store", "carriers", "interest")
SUPPORT = ("it", "hr", "facilities")
MINUTES = 10_000_000.0
COST = 1_000_000.0
LINEAR: dict[str, dict[str, object]] = {
    "order_entry": {"resource": "desk", "per": "order", "minutes": "5 + 3*lines + 10*rush"},
    "invoicing": {"resource": "invoices", "per": "order", "minutes": "4"},
    "picking": {"resource": "warehouse", "per": "line", "minutes": "1.5 + 0.2*quantity"},
    "packing": {"resource": "dock", "per": "shipment", "minutes": "3 + 0.01*weight_kg"},
    "delivery": {"resource": "trucks", "per": "shipment", "driver": "weight_kg"},
    "drops": {"resource": "stops", "per": "shipment", "driver": "1"},
    "storage": {"resource": "cold_store", "per": "line", "driver": "volume_m3"},
    "freight": {"resource": "carriers", "per": "shipment", "direct": "freight_cost"},
    "financing": {"per": "line", "driver": "net_sales", "rate": 0.01},
}
FINISHED = LINEAR | {
    "order_entry": LINEAR["order_entry"] | {"minutes": "5 + 3*lines + case when lines > 6 then 8 else 0 end"},
    "invoicing": LINEAR["invoicing"] | {"when": "net_sales > 500.005"},
    "packing": LINEAR["packing"] | {"minutes": "3 + 2*ceil((weight_kg + 0.0005)/100)"},
}
ACTIVITIES = tuple(LINEAR)


def _model(activities: dict[str, dict[str, object]]) -> CostModel:
    shares = {
        "it": {"hr": 0.1, "desk": 0.5, "warehouse": 0.4},
        "hr": {"it": 0.2, "dock": 0.8},
        "facilities": {"warehouse": 1.0},
    }
    resources = {name: {"capacity_minutes": MINUTES} for name in TIMED} | {name: {} for name in SHARED}
    support = {name: {"support": True} for name in SUPPORT}
    return CostModel.model_validate(
        {
            "resources": resources | support,
            "support": {"method": "reciprocal", "shares": shares},
            "activities": activities,
        }
    )


MODELS = {"linear": _model(LINEAR), "finished": _model(FINISHED)}


def pools(model: CostModel, capacity: float = MINUTES) -> Pools:
    """Return the resources' cost after support; each costs the same before it."""
    costs = dict.fromkeys(model.resources, COST)
    received, sent = allocate(costs, model.support, set(SUPPORT))
    rows = [
        (name, True, costs[name], received[name], sent[name], capacity if name in TIMED else None)
        for name in model.resources
    ]
    columns = ["resource", "declared", "ledger", "received", "sent", "capacity_minutes"]
    return Pools(pd.DataFrame(rows, columns=columns), [])


def prices(variant: str, totals: Iterable[float]) -> pd.DataFrame:
    """Return activity and price, from each activity's total quantity in the order of ACTIVITIES."""
    named = dict(zip(ACTIVITIES, map(float, totals), strict=True))
    return unit_rates(MODELS[variant], pools(MODELS[variant]), named)[["activity", "price"]]
