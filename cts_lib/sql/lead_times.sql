-- How many sold lines took how many days from order to delivery, and how many of them kept the promise.
SELECT
  line.channel,
  CAST(DATE_DIFF('day', line.order_date, COALESCE(line.delivered_date, line.shipped_date)) AS BIGINT) AS days,
  COUNT(*) AS lines,
  COUNT(CASE WHEN COALESCE(line.delivered_date, line.shipped_date) <= line.promised_date THEN 1 END) AS on_time_lines
FROM lines AS line
WHERE line.quantity > 0 AND NOT COALESCE(line.delivered_date, line.shipped_date) IS NULL
GROUP BY 1, 2
ORDER BY 1, 2
