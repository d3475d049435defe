-- What each customer bought in each channel and how well it was served; sums only, so that any group adds up.
SELECT
  line.customer_id,
  line.channel,
  CAST(COUNT(*) AS DOUBLE) AS lines,
  CAST(SUM(CAST(line.quantity AS DECIMAL(38, 12))) AS DOUBLE) AS quantity,
  CAST(SUM(CAST(line.gross_sales AS DECIMAL(38, 12))) AS DOUBLE) AS gross_sales,
  CAST(SUM(CAST(line.net_sales AS DECIMAL(38, 12))) AS DOUBLE) AS net_sales,
  CAST(SUM(CAST(line.cogs AS DECIMAL(38, 12))) AS DOUBLE) AS cogs,
  COALESCE(CAST(SUM(CAST(CASE WHEN line._cogs_source = 'assumed' THEN line.cogs END AS DECIMAL(38, 12))) AS DOUBLE), 0) AS assumed_cogs,
  CAST(COUNT(CASE WHEN line.quantity > 0 THEN 1 END) AS DOUBLE) AS sold_lines,
  CAST(SUM(CAST(CASE WHEN line.quantity > 0 THEN line.quantity ELSE 0 END AS DECIMAL(38, 12))) AS DOUBLE) AS sold_quantity,
  COALESCE(CAST(SUM(CAST(CASE WHEN line.quantity > 0 THEN line.weight_kg END AS DECIMAL(38, 12))) AS DOUBLE), 0) AS sold_weight_kg,
  CAST(COUNT(CASE WHEN line.quantity > 0 THEN line.weight_kg END) AS DOUBLE) AS weighed_lines,
  CAST(COUNT(CASE WHEN line.quantity < 0 OR line.returned_quantity > 0 THEN 1 END) AS DOUBLE) AS return_lines,
  CAST(SUM(line.rush) AS DOUBLE) AS rush_lines,
  CAST(COUNT(CASE WHEN STRPOS(:electronic_methods, '|' || line.order_method || '|') > 0 THEN 1 END) AS DOUBLE) AS electronic_lines,
  CAST(SUM(CASE WHEN line.quantity > 0 THEN DATE_DIFF('day', line.order_date, ARRIVED()) END) AS DOUBLE) AS lead_days,
  CAST(COUNT(CASE WHEN line.quantity > 0 THEN DATE_DIFF('day', line.order_date, ARRIVED()) END) AS DOUBLE) AS lead_lines,
  CAST(COUNT(CASE WHEN line.quantity > 0 AND line.delivered_date IS NULL AND NOT line.shipped_date IS NULL THEN 1 END) AS DOUBLE) AS shipped_only_lines,
  CAST(COUNT(CASE WHEN line.quantity > 0 AND NOT line.promised_date IS NULL THEN ARRIVED() END) AS DOUBLE) AS promised_lines,
  CAST(SUM(CASE WHEN line.quantity > 0 THEN ON_TIME() ELSE CAST(0 AS DOUBLE) END) AS DOUBLE) AS on_time_lines,
  CAST(COUNT(CASE WHEN line.quantity > 0 AND ARRIVED() < line.promised_date THEN 1 END) AS DOUBLE) AS early_lines,
  CAST(COUNT(CASE WHEN line.quantity > 0 THEN line.delivered_quantity END) AS DOUBLE) AS counted_lines,
  CAST(COUNT(CASE WHEN line.quantity > 0 AND IN_FULL() THEN 1 END) AS DOUBLE) AS full_lines,
  COALESCE(CAST(SUM(CAST(CASE WHEN line.quantity > 0 AND NOT line.delivered_quantity IS NULL THEN line.quantity END AS DECIMAL(38, 12))) AS DOUBLE), 0) AS counted_quantity,
  COALESCE(CAST(SUM(CAST(CASE WHEN line.quantity > 0 AND NOT line.delivered_quantity IS NULL THEN LEAST(line.delivered_quantity, line.quantity) END AS DECIMAL(38, 12))) AS DOUBLE), 0) AS filled_quantity
FROM lines AS line
JOIN customers AS customer ON customer.customer_id = line.customer_id
GROUP BY line.customer_id, line.channel
ORDER BY line.customer_id, line.channel
