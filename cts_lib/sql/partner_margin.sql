-- What a partner leaves of the margin of customers who were handed over, as events of theirs.
SELECT
  event.* REPLACE (
    kept.customer_id AS customer_id,
    kept.event_date AS event_date,
    'partner_margin' AS event,
    CAST(1 AS DOUBLE) AS quantity,
    kept.amount AS amount,
    kept.replication AS replication
  ),
  kept.scenario
FROM (
  SELECT
    policy.scenario,
    line.replication,
    line.customer_id,
    MAX(line.posting_date) AS event_date,
    -CAST(SUM(CAST((line.net_sales - line.cogs) * policy._kept AS DECIMAL(38, 12))) AS DOUBLE) AS amount
  FROM transactions AS line
  JOIN policy ON policy.customer_id = line.customer_id AND policy.channel = line.channel
  WHERE policy._leaves = 1 AND policy._kept > 0
  GROUP BY policy.scenario, line.replication, line.customer_id, line.channel
) AS kept
LEFT JOIN (SELECT * FROM some_events WHERE FALSE) AS event ON FALSE
