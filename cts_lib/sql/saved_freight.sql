-- `lines`, with the freight that those save whose shipments of today leave as one.
WITH bundles AS (
  SELECT scenario, replication, customer_id, channel, shipment_id, COUNT(DISTINCT _shipment) AS shipments
  FROM lines
  GROUP BY scenario, replication, customer_id, channel, shipment_id
)
SELECT
  line.* REPLACE (
    line.freight_cost * (1 - line._saving * (1 - 1 / CAST(bundles.shipments AS DOUBLE))) AS freight_cost
  )
FROM lines AS line
JOIN bundles
  ON bundles.scenario = line.scenario
  AND bundles.replication = line.replication
  AND bundles.customer_id = line.customer_id
  AND bundles.channel = line.channel
  AND bundles.shipment_id = line.shipment_id
