-- What a policy puts at risk and whom it reaches, per scenario, customer and channel.
SELECT
  line.scenario,
  line.replication,
  line.customer_id,
  line.channel,
  CAST(SUM(CAST(CASE WHEN line.net_sales > line.cogs THEN (line.net_sales - line.cogs) * (
    line._touched_rhythm * :rhythm_risk + line._touched_minimum * :minimum_risk
    + line._touched_method * :method_risk + line._touched_rush * :rush_risk
  ) END AS DECIMAL(38, 12))) AS DOUBLE) AS margin_at_risk,
  MAX(line._touched_rhythm) * :rhythm_investment + MAX(line._touched_minimum) * :minimum_investment
  + MAX(line._touched_method) * :method_investment + MAX(line._touched_rush) * :rush_investment AS investment
FROM rewritten AS line
GROUP BY line.scenario, line.replication, line.customer_id, line.channel
ORDER BY line.scenario, line.replication, line.customer_id, line.channel
