-- The products in warehouses that `replenishment` has a rule for and that sold: the rule, what was sold by posting date
-- (mean a day of the period's days, and the sum of squares around it) and what was at hand on average.
WITH by_day AS (
  SELECT
    line.product_id,
    line.warehouse,
    CAST(SUM(CAST(line.quantity AS DECIMAL(38, 12))) AS DOUBLE) AS quantity,
    CAST(SUM(CAST(line.cogs AS DECIMAL(38, 12))) AS DOUBLE) AS cogs,
    CAST(SUM(CAST(line.net_sales AS DECIMAL(38, 12))) AS DOUBLE) AS net_sales
  FROM lines AS line
  WHERE line.quantity > 0 AND NOT line.warehouse IS NULL
  GROUP BY line.product_id, line.warehouse, line.posting_date
), sold AS (
  SELECT
    by_day.product_id,
    by_day.warehouse,
    CAST(SUM(CAST(by_day.quantity AS DECIMAL(38, 12))) AS DOUBLE) AS quantity,
    CAST(SUM(CAST(by_day.cogs AS DECIMAL(38, 12))) AS DOUBLE) AS cogs,
    CAST(SUM(CAST(by_day.net_sales AS DECIMAL(38, 12))) AS DOUBLE) AS net_sales,
    COUNT(*) AS days
  FROM by_day
  GROUP BY by_day.product_id, by_day.warehouse
), spread AS (
  SELECT
    sold.product_id,
    sold.warehouse,
    sold.quantity,
    sold.cogs,
    sold.net_sales,
    sold.quantity / :days AS daily,
    CAST(SUM(CAST((by_day.quantity - sold.quantity / :days) * (by_day.quantity - sold.quantity / :days) AS DECIMAL(38, 12))) AS DOUBLE)
      + (:days - sold.days) * (sold.quantity / :days) * (sold.quantity / :days) AS squares
  FROM sold
  JOIN by_day ON by_day.product_id = sold.product_id AND by_day.warehouse = sold.warehouse
  GROUP BY sold.product_id, sold.warehouse, sold.quantity, sold.cogs, sold.net_sales, sold.days
)
SELECT
  rule.product_id,
  rule.warehouse,
  rule.lead_time_days,
  rule.lead_time_sd_days,
  rule.order_cost,
  rule.holding_rate,
  rule.review_days,
  rule.reorder_point,
  rule.order_up_to,
  rule.order_quantity,
  spread.quantity,
  spread.cogs,
  spread.net_sales,
  spread.daily,
  spread.squares,
  held.on_hand
FROM replenishment AS rule
JOIN spread ON spread.product_id = rule.product_id AND spread.warehouse = rule.warehouse
LEFT JOIN (
  SELECT
    stock.product_id,
    stock.warehouse,
    CAST(SUM(CAST(stock.on_hand AS DECIMAL(38, 12))) AS DOUBLE) / COUNT(stock.on_hand) AS on_hand
  FROM inventory AS stock
  WHERE NOT stock.warehouse IS NULL
  GROUP BY stock.product_id, stock.warehouse
) AS held
  ON held.product_id = rule.product_id AND held.warehouse = rule.warehouse
ORDER BY rule.product_id, rule.warehouse
