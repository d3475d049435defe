"""An order whose net sales are below the minimum waits for the others of its week and becomes one order with them.

Assumes that shipments merged this way save freight (``strategy.freight_saving``); returns stay as they are.
"""

from cts_lib.levers.kind import MERGED, Archetype, Kind

_WEEK = "CAST(FLOOR(_day / CAST(7 AS DOUBLE)) AS BIGINT)"
_ORDER = "scenario, replication, customer_id, channel, order_id"

KIND = Kind(
    "minimum_order",
    "Minimum order",
    meaning="Orders of smaller net sales wait for the week.",
    column="_minimum_order",
    today=0.0,
    place=2,
    applies=f"_minimum_order > 0 AND quantity > 0 AND SUM(net_sales) OVER (PARTITION BY {_ORDER}) < _minimum_order",
    changes={
        "line_no": "order_id || '/' || line_no",
        "order_id": f"'week ' || {_WEEK}",
        "shipment_id": f"'week ' || {_WEEK} || COALESCE(' ' || warehouse, '')",
        "_day": f"{_WEEK} * 7 + 6",
    },
    default={"settings": {"weekly below 150": 150}, "margin_at_risk": 0.005},
    archetypes=(Archetype("Consolidated flow"),),
    assumption=MERGED,
)
