-- Lines of `transactions` (with a replication) beside the `policy` of their customer, a row a scenario, as the levers read them.
SELECT
  line.*,
  policy.* EXCLUDE (customer_id, channel),
  line.shipment_id AS _shipment,
  CAST(DATE_DIFF('day', DATE '1970-01-01', COALESCE(line.shipped_date, line.delivered_date, line.order_date)) AS BIGINT) AS _first_day,
  CAST(DATE_DIFF('day', DATE '1970-01-01', COALESCE(line.shipped_date, line.delivered_date, line.order_date)) AS BIGINT) AS _day
FROM transactions AS line
JOIN policy ON policy.customer_id = line.customer_id AND policy.channel = line.channel
