-- How well each customer's orders were served in each channel, by line and by order; sums only, so that any group adds
-- up. A line is judged where each component that the data have at all is known for it, an order where all its sold lines
-- are; it is perfect where all of them are and nothing in it came back. Its cycle ends on the day on which its last line arrived.
SELECT
  part.customer_id,
  part.channel,
  CAST(SUM(part.promised_days) AS DOUBLE) AS promised_days,
  CAST(SUM(part.promised_known) AS DOUBLE) AS promised_known,
  CAST(SUM(part.squared_days) AS DOUBLE) AS squared_days,
  CAST(SUM(part.judged_lines) AS DOUBLE) AS judged_lines,
  CAST(SUM(part.perfect_lines) AS DOUBLE) AS perfect_lines,
  CAST(COUNT(CASE WHEN part.sold_lines > 0 THEN 1 END) AS DOUBLE) AS sold_orders,
  CAST(COUNT(CASE WHEN part.sold_lines > 0 AND part.back_lines = 0 THEN 1 END) AS DOUBLE) AS kept_orders,
  CAST(COUNT(CASE WHEN part.sold_lines > 0 AND part.arrived_lines = part.sold_lines THEN 1 END) AS DOUBLE) AS arrived_orders,
  CAST(SUM(CASE WHEN part.sold_lines > 0 AND part.arrived_lines = part.sold_lines THEN part.cycle_days END) AS DOUBLE) AS cycle_days,
  CAST(COUNT(CASE WHEN part.sold_lines > 0 AND part.timed_lines = part.sold_lines THEN 1 END) AS DOUBLE) AS timed_orders,
  CAST(COUNT(CASE WHEN part.sold_lines > 0 AND part.on_time_lines = part.sold_lines THEN 1 END) AS DOUBLE) AS on_time_orders,
  CAST(COUNT(CASE WHEN part.sold_lines > 0 AND part.counted_lines = part.sold_lines THEN 1 END) AS DOUBLE) AS counted_orders,
  CAST(COUNT(CASE WHEN part.sold_lines > 0 AND part.full_lines = part.sold_lines THEN 1 END) AS DOUBLE) AS full_orders,
  CAST(COUNT(CASE WHEN part.sold_lines > 0 AND part.judged_lines = part.sold_lines THEN 1 END) AS DOUBLE) AS judged_orders,
  CAST(COUNT(CASE WHEN part.sold_lines > 0 AND part.perfect_lines = part.sold_lines AND part.back_lines = 0 THEN 1 END) AS DOUBLE) AS perfect_orders
FROM (
  SELECT
    line.customer_id,
    line.channel,
    line.order_id,
    COUNT(CASE WHEN line.quantity > 0 THEN 1 END) AS sold_lines,
    COUNT(CASE WHEN line.quantity < 0 OR line.returned_quantity > 0 THEN 1 END) AS back_lines,
    COUNT(CASE WHEN line.quantity > 0 THEN ARRIVED() END) AS arrived_lines,
    DATE_DIFF('day', MIN(CASE WHEN line.quantity > 0 THEN line.order_date END), MAX(CASE WHEN line.quantity > 0 THEN ARRIVED() END)) AS cycle_days,
    SUM(CASE WHEN line.quantity > 0 THEN DATE_DIFF('day', line.order_date, line.promised_date) END) AS promised_days,
    COUNT(CASE WHEN line.quantity > 0 THEN DATE_DIFF('day', line.order_date, line.promised_date) END) AS promised_known,
    SUM(CASE WHEN line.quantity > 0 THEN DATE_DIFF('day', line.order_date, ARRIVED()) * DATE_DIFF('day', line.order_date, ARRIVED()) END) AS squared_days,
    COUNT(CASE WHEN line.quantity > 0 AND NOT line.promised_date IS NULL THEN ARRIVED() END) AS timed_lines,
    COUNT(CASE WHEN line.quantity > 0 AND ON_TIME() >= :full_share THEN 1 END) AS on_time_lines,
    COUNT(CASE WHEN line.quantity > 0 THEN line.delivered_quantity END) AS counted_lines,
    COUNT(CASE WHEN line.quantity > 0 AND IN_FULL() THEN 1 END) AS full_lines,
    COUNT(CASE
      WHEN line.quantity > 0
      AND (:has_promise = 0 OR (NOT line.promised_date IS NULL AND NOT ARRIVED() IS NULL))
      AND (:has_count = 0 OR NOT line.delivered_quantity IS NULL) THEN 1
    END) AS judged_lines,
    COUNT(CASE
      WHEN line.quantity > 0
      AND (:has_promise = 0 OR ON_TIME() >= :full_share)
      AND (:has_count = 0 OR IN_FULL())
      AND COALESCE(line.returned_quantity, 0) <= 0 THEN 1
    END) AS perfect_lines
  FROM lines AS line
  GROUP BY line.customer_id, line.channel, line.order_id
) AS part
GROUP BY part.customer_id, part.channel
ORDER BY part.customer_id, part.channel
