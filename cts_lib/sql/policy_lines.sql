-- Lines of `transactions` (with a replication) beside the `policy` of their customer, a row a scenario, as levers read them.
SELECT
  line.*,
  policy.* EXCLUDE (customer_id, channel, _leaves),
  line.shipment_id AS _shipment,
  line.order_id AS _order,
  CAST(DATE_DIFF('day', DATE '1970-01-01', COALESCE(line.shipped_date, line.delivered_date, line.order_date)) AS BIGINT) AS _first_day,
  CAST(DATE_DIFF('day', DATE '1970-01-01', COALESCE(line.shipped_date, line.delivered_date, line.order_date)) AS BIGINT) AS _day,
  CAST(0 AS BIGINT) AS _promise_days,
  CAST(NULL AS DOUBLE) AS _transit,
  CAST(0 AS DOUBLE) AS _risk,
  CAST(0 AS DOUBLE) AS _lever_cost,
  CAST(NULL AS DOUBLE) AS _stock,
  0 AS _visible,
  0 AS _forecast,
  0 AS _bundled
FROM transactions AS line
JOIN policy ON policy.customer_id = line.customer_id AND policy.channel = line.channel
WHERE policy._leaves = 0
