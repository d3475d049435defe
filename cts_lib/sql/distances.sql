-- How far the shipments that carried something went, by customer and channel, as far as the lines say; one way, to the
-- customer.
SELECT
  shipment.customer_id,
  shipment.channel,
  CAST(SUM(CAST(shipment.distance_km AS DECIMAL(38, 12))) AS DOUBLE) AS distance_km,
  CAST(COUNT(shipment.distance_km) AS DOUBLE) AS measured_shipments
FROM shipments AS shipment
WHERE shipment.sold_lines > 0
GROUP BY shipment.customer_id, shipment.channel
ORDER BY shipment.customer_id, shipment.channel
