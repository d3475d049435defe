-- What each customer ordered in each bucket of time; returns are no demand. An order with lines in two buckets counts in the first.
SELECT
  part.customer_id,
  part.channel,
  part.bucket,
  CAST(COUNT(CASE WHEN part.bucket = part.first_bucket THEN 1 END) AS DOUBLE) AS orders,
  CAST(SUM(part.quantity) AS DOUBLE) AS quantity,
  CAST(SUM(part.net_sales) AS DOUBLE) AS net_sales
FROM (
  SELECT ordered.*, MIN(ordered.bucket) OVER (PARTITION BY ordered.customer_id, ordered.channel, ordered.order_id) AS first_bucket
  FROM (
    SELECT
      line.customer_id,
      line.channel,
      line.order_id,
      CAST(:bucket AS BIGINT) AS bucket,
      SUM(CAST(line.quantity AS DECIMAL(38, 12))) AS quantity,
      SUM(CAST(line.net_sales AS DECIMAL(38, 12))) AS net_sales
    FROM lines AS line
    WHERE line.quantity > 0
    GROUP BY line.customer_id, line.channel, line.order_id, CAST(:bucket AS BIGINT)
  ) AS ordered
) AS part
GROUP BY part.customer_id, part.channel, part.bucket
ORDER BY part.customer_id, part.channel, part.bucket
