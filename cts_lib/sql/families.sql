-- What each customer bought of each product family, and what serving it took: the base of a family's profit, and of how
-- broadly a customer buys. A product without a family is one by itself; `named` is `(none)` then.
SELECT
  part.customer_id,
  part.channel,
  COALESCE(product.family, part.product_id) AS family,
  COALESCE(product.family, '(none)') AS named,
  CAST(COUNT(CASE WHEN part.direction = 1 THEN 1 END) AS DOUBLE) AS products,
  CAST(SUM(CAST(part.lines AS DECIMAL(38, 12))) AS DOUBLE) AS lines,
  CAST(SUM(CAST(part.quantity AS DECIMAL(38, 12))) AS DOUBLE) AS quantity,
  CAST(SUM(CAST(part.net_sales AS DECIMAL(38, 12))) AS DOUBLE) AS net_sales,
  CAST(SUM(CAST(part.cogs AS DECIMAL(38, 12))) AS DOUBLE) AS cogs,
  CAST(SUM(CAST(part.cost AS DECIMAL(38, 12))) AS DOUBLE) AS cost
FROM product_work AS part
JOIN products AS product ON product.product_id = part.product_id
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
