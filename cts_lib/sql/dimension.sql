-- Sales, margin and service by a dimension of lines or products; orders mix its values, so cost to serve is not split.
SELECT
  COALESCE(CAST(:dimension AS VARCHAR), '(none)') AS value,
  COUNT(DISTINCT line.customer_id) AS customers,
  COUNT(DISTINCT CASE WHEN line.quantity > 0 THEN (line.customer_id, line.channel, line.order_id) END) AS orders,
  CAST(SUM(CAST(line.net_sales AS DECIMAL(38, 12))) AS DOUBLE) AS net_sales,
  CAST(SUM(CAST(line.net_sales - line.cogs AS DECIMAL(38, 12))) AS DOUBLE) AS gross_margin,
  AVG(CASE WHEN line.quantity > 0 THEN CAST(DATE_DIFF('day', line.order_date, ARRIVED()) AS DOUBLE) END) AS lead_time_days,
  AVG(CASE WHEN line.quantity > 0 AND NOT line.promised_date IS NULL AND NOT ARRIVED() IS NULL THEN ON_TIME() END) AS on_time,
  AVG(CASE WHEN line.quantity > 0 AND NOT line.delivered_quantity IS NULL THEN CASE WHEN IN_FULL() THEN CAST(1 AS DOUBLE) ELSE CAST(0 AS DOUBLE) END END) AS in_full
FROM lines AS line
JOIN products AS product ON product.product_id = line.product_id
GROUP BY 1
ORDER BY 1
