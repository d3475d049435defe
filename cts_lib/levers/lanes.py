"""Which lane a shipment takes that goes by another mode or from another node, and what that changes in its lines.

Of the lanes that fit a shipment's warehouse, mode, customer and weight the most specific destination counts, then the
cheapest, then the quickest.
"""

from __future__ import annotations

from cts_lib.levers.kind import Place
from cts_lib.levers.lines import HALF, SHIPMENT, same

_KEYS = SHIPMENT.split(", ")
_SOLD = "quantity > 0"
_WEIGHT = "CASE WHEN quantity > 0 THEN COALESCE(weight_kg, 0) ELSE 0 END"
_FIRST = f"(CASE WHEN {_SOLD} THEN 0 ELSE 1 END, _line_order, line_no, order_id)"
SHIPMENTS = f"""
  SELECT line.*, shipment.* EXCLUDE ({SHIPMENT})
  FROM lines AS line
  JOIN (
    SELECT {SHIPMENT}, ARG_MIN_NULL(ship_mode, {_FIRST}) AS _mode_now, ARG_MIN_NULL(warehouse, {_FIRST}) AS _node_now,
      CAST(SUM(CAST({_WEIGHT} AS DECIMAL(38, 12))) AS DOUBLE) AS _weight,
      CAST(SUM(CASE WHEN {_SOLD} THEN 1 ELSE 0 END) AS DOUBLE) AS _sold_lines
    FROM lines
    GROUP BY {SHIPMENT}
  ) AS shipment ON {same(SHIPMENT, "line", "shipment")}
"""
"""The query that says of each line where its shipment leaves, how, how heavy and of how many sold lines it is."""
_DESTINATIONS = ("customer_id", "city", "region", "country")
_SPECIFIC = " ".join(f"WHEN lane.destination = customer.{name} THEN {at}" for at, name in enumerate(_DESTINATIONS))
_FREIGHT = "ROUND(GREATEST(lane.minimum_charge, lane.rate_per_shipment + lane.rate_per_kg * wanted.weight), 9)"


def rerouted(lever: Place, wanted: str) -> str:
    """Return the query that sends shipments by their best lane, and marks them as touched.

    Names within it are the lever's own, for an engine may read all levers as one query with one list of names.

    ``wanted`` is a query over ``lines`` with a row for each shipment and node it might leave: the columns of its key,
    ``weight``, ``mode``, ``node``, ``today`` (the node where nothing would change, or null) and ``nearest`` (1 where
    the least distance counts, else null: the least freight).
    """
    keys = ", ".join(f"wanted.{key}" for key in _KEYS)
    here = same(SHIPMENT, "line", "chosen")
    goes = "NOT chosen.warehouse IS NULL AND line.quantity > 0"
    part = "CASE WHEN line._weight > 0 THEN COALESCE(line.weight_kg, 0) / line._weight ELSE 1 / line._sold_lines END"
    changes = {
        "warehouse": "chosen.warehouse",
        "ship_mode": "chosen.ship_mode",
        "freight_cost": f"COALESCE(chosen.freight * ({part}), line.freight_cost)",
        "distance_km": "COALESCE(chosen.distance_km, line.distance_km)",
        "_transit": f"FLOOR(chosen.days + {HALF})",
    }
    listed = ", ".join(
        f"CASE WHEN {goes} THEN {value} ELSE line.{name} END AS {name}" for name, value in changes.items()
    )
    mark = f"CASE WHEN {goes} THEN 1 ELSE 0 END AS"
    return f"""
      WITH {lever["wanted"]} AS ({wanted}), {lever["fitting"]} AS (
        SELECT {keys}, wanted.today, wanted.nearest, lane.warehouse, lane.ship_mode, lane.distance_km, lane.days,
          {_FREIGHT} AS freight,
          ROW_NUMBER() OVER (
            PARTITION BY {keys}, lane.warehouse ORDER BY CASE {_SPECIFIC} END, {_FREIGHT}, lane.days, lane.distance_km
          ) AS _rank
        FROM {lever["wanted"]} AS wanted
        JOIN customers AS customer ON customer.customer_id = wanted.customer_id
        JOIN lanes AS lane ON lane.warehouse = wanted.node AND lane.ship_mode = wanted.mode
          AND wanted.weight >= COALESCE(lane.weight_from_kg, 0)
          AND (lane.weight_to_kg IS NULL OR wanted.weight < lane.weight_to_kg)
          AND lane.destination IN (customer.customer_id, customer.city, customer.region, customer.country)
      ), {lever["best"]} AS (
        SELECT *, ROW_NUMBER() OVER (
          PARTITION BY {SHIPMENT}
          ORDER BY CASE WHEN nearest = 1 THEN distance_km ELSE freight END,
            CASE WHEN warehouse = today THEN 0 ELSE 1 END, warehouse
        ) AS _place
        FROM {lever["fitting"]} WHERE _rank = 1 AND NOT CASE WHEN nearest = 1 THEN distance_km ELSE freight END IS NULL
      ), {lever["chosen"]} AS (
        SELECT * FROM {lever["best"]} WHERE _place = 1 AND (today IS NULL OR warehouse <> today)
      )
      SELECT line.* EXCLUDE (_mode_now, _node_now, _weight, _sold_lines)
        REPLACE ({listed}, {mark} {lever["applies"]}), {mark} {lever["touched"]}
      FROM lines AS line LEFT JOIN {lever["chosen"]} AS chosen ON {here}
    """
