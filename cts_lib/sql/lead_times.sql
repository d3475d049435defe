-- How many sold lines took how many days from order to delivery, and how many of them kept the promise.
SELECT
  line.channel,
  CAST(DATE_DIFF('day', line.order_date, COALESCE(line.delivered_date, line.shipped_date)) AS BIGINT) AS days,
  COUNT(*) AS lines,
  CAST(SUM(COALESCE(line._on_time_share, CASE WHEN COALESCE(line.delivered_date, line.shipped_date) <= line.promised_date THEN CAST(1 AS DOUBLE) ELSE CAST(0 AS DOUBLE) END)) AS DOUBLE) AS on_time_lines
FROM lines AS line
WHERE line.quantity > 0 AND NOT COALESCE(line.delivered_date, line.shipped_date) IS NULL
GROUP BY 1, 2
ORDER BY 1, 2
