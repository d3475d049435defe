-- Lines of `transactions` with a number; `day`, on which they come to the chain, from the period's first day: when they
-- are ordered; and `spare`, the days from then until they leave if nothing waits. What shares a shipment or an order
-- comes together, with its last; `sells` says whether anything of it is sold, for what only comes back keeps nobody waiting.
WITH dated AS (
  SELECT
    line.*,
    CAST(DATE_DIFF('day', CAST(:first AS DATE), COALESCE(line.order_date, line.shipped_date, line.delivered_date)) AS BIGINT) AS _ordered,
    CAST(DATE_DIFF('day', CAST(:first AS DATE), COALESCE(line.shipped_date, line.delivered_date, line.order_date)) AS BIGINT) AS _leaves
  FROM transactions AS line
), shipments AS (
  SELECT
    line.scenario,
    line.replication,
    line.customer_id,
    line.channel,
    line.shipment_id,
    MAX(LEAST(line._ordered, line._leaves)) AS day,
    MAX(CASE WHEN line.quantity > 0 THEN 1 ELSE 0 END) AS sells
  FROM dated AS line
  GROUP BY line.scenario, line.replication, line.customer_id, line.channel, line.shipment_id
), orders AS (
  SELECT
    line.scenario,
    line.replication,
    line.customer_id,
    line.channel,
    line.order_id,
    MAX(shipment.day) AS day,
    MAX(shipment.sells) AS sells
  FROM dated AS line
  JOIN shipments AS shipment
    ON shipment.scenario = line.scenario AND shipment.replication = line.replication
    AND shipment.customer_id = line.customer_id AND shipment.channel = line.channel
    AND shipment.shipment_id = line.shipment_id
  GROUP BY line.scenario, line.replication, line.customer_id, line.channel, line.order_id
)
SELECT
  line.*,
  whole.day,
  whole.sells,
  ROW_NUMBER() OVER (
    ORDER BY line.scenario, line.replication, line.customer_id, line.channel, line.order_id, line.line_no, line.product_id, line.quantity, line.net_sales
  ) AS _row,
  GREATEST(line._leaves - whole.day, 0) AS spare
FROM dated AS line
JOIN orders AS whole
  ON whole.scenario = line.scenario AND whole.replication = line.replication
  AND whole.customer_id = line.customer_id AND whole.channel = line.channel AND whole.order_id = line.order_id
