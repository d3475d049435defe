-- How many sold lines took how many days from order to delivery, and how many of them kept the promise.
SELECT
  line.channel,
  CAST(DATE_DIFF('day', line.order_date, ARRIVED()) AS BIGINT) AS days,
  COUNT(*) AS lines,
  CAST(SUM(ON_TIME()) AS DOUBLE) AS on_time_lines
FROM lines AS line
WHERE line.quantity > 0 AND NOT ARRIVED() IS NULL
GROUP BY 1, 2
ORDER BY 1, 2
