-- Lines of `transactions` with a number, and `day`, on which they come to the chain, from the period's first day: as many
-- days before they leave as `_lag` says; what shares a shipment or an order comes together, with its last.
SELECT
  line.*,
  MAX(line._shipment_day) OVER (PARTITION BY line.replication, line.customer_id, line.channel, line.order_id) AS day,
  ROW_NUMBER() OVER (
    ORDER BY line.replication, line.customer_id, line.channel, line.order_id, line.line_no, line.product_id, line.quantity, line.net_sales
  ) AS _row
FROM (
  SELECT
    line.*,
    MAX(
      CAST(DATE_DIFF('day', CAST(:first AS DATE), COALESCE(line.shipped_date, line.delivered_date, line.order_date)) AS BIGINT) - line._lag
    ) OVER (PARTITION BY line.replication, line.customer_id, line.channel, line.shipment_id) AS _shipment_day
  FROM transactions AS line
) AS line
