-- What a unit's readable order lines add up to month by month. An order is one with a sold line, in each month with one.
SELECT
  part.channel,
  part.month,
  CAST(SUM(part.lines) AS DOUBLE) AS lines,
  CAST(COUNT(CASE WHEN part.sold_lines > 0 THEN 1 END) AS DOUBLE) AS orders,
  CAST(SUM(part.net_sales) AS DOUBLE) AS net_sales
FROM (
  SELECT
    COALESCE(line.channel, customer.channel, '(none)') AS channel,
    CAST(EXTRACT(YEAR FROM line.day) * 12 + EXTRACT(MONTH FROM line.day) - 1 AS BIGINT) AS month,
    line.customer_id,
    line.order_id,
    COUNT(*) AS lines,
    COUNT(CASE WHEN line.quantity > 0 THEN 1 END) AS sold_lines,
    SUM(CAST(line.net_sales AS DECIMAL(38, 12))) AS net_sales
  FROM dated_order_lines AS line
  LEFT JOIN customers AS customer ON customer.customer_id = line.customer_id
  WHERE line.business_unit = :business_unit
  AND line.day >= :start
  AND line.day < :end
  AND NOT line.net_sales IS NULL
  GROUP BY 1, 2, line.customer_id, line.order_id
) AS part
GROUP BY part.channel, part.month
ORDER BY part.channel, part.month
