-- What the stock of the period is worth at unit cost, each product and warehouse on average over the days counted; and
-- of how many of those with stock nobody knows the cost.
SELECT
  CAST(SUM(part.on_hand * product.unit_cost) AS DOUBLE) AS worth,
  COUNT(CASE WHEN part.on_hand <> 0 AND product.unit_cost IS NULL THEN 1 END) AS unpriced
FROM (
  SELECT stock.product_id, stock.warehouse, AVG(stock.on_hand) AS on_hand
  FROM inventory AS stock
  GROUP BY stock.product_id, stock.warehouse
) AS part
JOIN products AS product ON product.product_id = part.product_id
