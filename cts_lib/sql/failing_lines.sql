-- How many sold lines each customer had, and how many of them were late or short.
SELECT
  line.customer_id,
  CAST(COUNT(*) AS DOUBLE) AS lines,
  CAST(
    COUNT(
      CASE
        WHEN NOT line.promised_date IS NULL AND NOT ARRIVED() IS NULL AND ON_TIME() < 1 THEN 1
        WHEN NOT line.delivered_quantity IS NULL AND NOT IN_FULL() THEN 1
      END
    ) AS DOUBLE
  ) AS failing
FROM lines AS line
WHERE line.quantity > 0
GROUP BY line.customer_id
