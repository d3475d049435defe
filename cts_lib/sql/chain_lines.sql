-- Lines of `transactions` with a number; `day`, on which they come to the chain, from the period's first day: when they
-- are ordered; and `spare`, the days from then until they leave if nothing waits. What shares a shipment or an order
-- comes together, with its last; `sells` says whether anything of it is sold, for what only comes back keeps nobody waiting.
SELECT
  line.*,
  GREATEST(line._leaves - line.day, 0) AS spare
FROM (
  SELECT
    line.*,
    MAX(line._shipment_day) OVER (PARTITION BY line.replication, line.customer_id, line.channel, line.order_id) AS day,
    MAX(line._shipment_sells) OVER (PARTITION BY line.replication, line.customer_id, line.channel, line.order_id) AS sells,
    ROW_NUMBER() OVER (
      ORDER BY line.replication, line.customer_id, line.channel, line.order_id, line.line_no, line.product_id, line.quantity, line.net_sales
    ) AS _row
  FROM (
    SELECT
      line.*,
      MAX(LEAST(line._ordered, line._leaves)) OVER (
        PARTITION BY line.replication, line.customer_id, line.channel, line.shipment_id
      ) AS _shipment_day,
      MAX(CASE WHEN line.quantity > 0 THEN 1 ELSE 0 END) OVER (
        PARTITION BY line.replication, line.customer_id, line.channel, line.shipment_id
      ) AS _shipment_sells
    FROM (
      SELECT
        line.*,
        CAST(DATE_DIFF('day', CAST(:first AS DATE), COALESCE(line.order_date, line.shipped_date, line.delivered_date)) AS BIGINT) AS _ordered,
        CAST(DATE_DIFF('day', CAST(:first AS DATE), COALESCE(line.shipped_date, line.delivered_date, line.order_date)) AS BIGINT) AS _leaves
      FROM transactions AS line
    ) AS line
  ) AS line
) AS line
