-- `planned_lines`, which levers moved to another day and shipment, with their dates and the freight that merging saves.
WITH bundles AS (
  SELECT scenario, replication, customer_id, channel, shipment_id, COUNT(DISTINCT _shipment) AS shipments
  FROM planned_lines
  GROUP BY scenario, replication, customer_id, channel, shipment_id
)
SELECT
  line.* EXCLUDE (_shipment, _first_day, _day) REPLACE (
    line.shipped_date + CAST(line._day - line._first_day AS INTEGER) AS shipped_date,
    line.delivered_date + CAST(line._day - line._first_day AS INTEGER) AS delivered_date,
    line.freight_cost * (1 - :freight_saving * (1 - 1 / CAST(bundles.shipments AS DOUBLE))) AS freight_cost,
    CASE WHEN line._day = line._first_day THEN line._on_time_share END AS _on_time_share
  ),
  line._day - line._first_day AS _waited_days
FROM planned_lines AS line
JOIN bundles
  ON bundles.scenario = line.scenario
  AND bundles.replication = line.replication
  AND bundles.customer_id = line.customer_id
  AND bundles.channel = line.channel
  AND bundles.shipment_id = line.shipment_id
