"""What would leave one warehouse for one customer and channel within so many days leaves on the last of them.

Assumes that shipments merged this way save freight (``strategy.freight_saving``). A line that the minimum order made
wait already is not reached a second time.
"""

from cts_lib.levers.kind import MERGED, Archetype, Kind

_DAY = "CAST((FLOOR(_day / _rhythm_days) + 1) * _rhythm_days - 1 AS BIGINT)"

KIND = Kind(
    "delivery_rhythm",
    "Delivery rhythm",
    meaning="Orders wait to leave as one shipment; days.",
    column="_rhythm_days",
    today=0.0,
    place=3,
    applies="_rhythm_days > 1 AND quantity > 0",
    changes={"shipment_id": f"'day ' || {_DAY} || COALESCE(' ' || warehouse, '')", "_day": _DAY},
    reached=f"_rhythm_days > 1 AND quantity > 0 AND {_DAY} <> _day AND _reached_minimum_order = 0",
    default={"settings": {"every 2 days": 2, "weekly": 7}, "margin_at_risk": 0.002},
    archetypes=(Archetype("Consolidated flow"),),
    assumption=MERGED,
)
