-- Accepted order lines with what their deliveries say: all that came, the last day, and the share that came within the
-- window of its promise.
SELECT
  line.* REPLACE (
    COALESCE(part.delivered_quantity, line.delivered_quantity) AS delivered_quantity,
    COALESCE(part.delivered_date, line.delivered_date) AS delivered_date,
    COALESCE(part.shipped_date, line.shipped_date) AS shipped_date,
    COALESCE(line.shipment_id, part.shipment_id) AS shipment_id
  ),
  CASE
    WHEN line.quantity > 0 AND NOT line.promised_date IS NULL AND NOT part.order_id IS NULL
    THEN LEAST(COALESCE(part.on_time_quantity, 0) / line.quantity, CAST(1 AS DOUBLE))
  END AS _on_time_share
FROM accepted_order_lines AS line
LEFT JOIN (
  SELECT
    delivery.order_id,
    delivery.line_no,
    SUM(delivery.delivered_quantity) AS delivered_quantity,
    MAX(delivery.delivered_date) AS delivered_date,
    MAX(delivery.shipped_date) AS shipped_date,
    MAX(delivery.shipment_id) AS shipment_id,
    SUM(CASE WHEN IN_TIME(delivery.delivered_date) THEN delivery.delivered_quantity END) AS on_time_quantity
  FROM accepted_deliveries AS delivery
  JOIN accepted_order_lines AS line ON line.order_id = delivery.order_id AND line.line_no = delivery.line_no
  GROUP BY delivery.order_id, delivery.line_no
) AS part ON part.order_id = line.order_id AND part.line_no = line.line_no
