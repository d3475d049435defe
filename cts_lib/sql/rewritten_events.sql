-- Events of `transactions` under each scenario of the `policy`: those of customers who leave in their own channel are
-- gone, others count by the factors of `policy_events`, a factor of 0 takes them away.
SELECT
  event.* REPLACE (
    event.quantity * COALESCE(changed.factor, 1) AS quantity,
    event.minutes * COALESCE(changed.factor, 1) AS minutes,
    event.amount * COALESCE(changed.factor, 1) AS amount
  ),
  affected.scenario
FROM transactions AS event
JOIN customers AS customer ON customer.customer_id = event.customer_id
JOIN (SELECT DISTINCT scenario, customer_id FROM policy) AS affected ON affected.customer_id = event.customer_id
LEFT JOIN policy
  ON policy.scenario = affected.scenario AND policy.customer_id = customer.customer_id AND policy.channel = customer.channel
LEFT JOIN policy_events AS changed
  ON changed.scenario = affected.scenario
  AND changed.customer_id = customer.customer_id
  AND changed.channel = customer.channel
  AND changed.event = event.event
WHERE COALESCE(policy._leaves, 0) = 0 AND COALESCE(changed.factor, 1) > 0
