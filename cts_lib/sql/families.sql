-- What each customer bought of each product family: the base of price, volume and mix.
SELECT
  line.customer_id,
  line.channel,
  COALESCE(product.family, line.product_id) AS family,
  CAST(SUM(CAST(line.quantity AS DECIMAL(38, 12))) AS DOUBLE) AS quantity,
  CAST(SUM(CAST(line.net_sales AS DECIMAL(38, 12))) AS DOUBLE) AS net_sales,
  CAST(SUM(CAST(line.cogs AS DECIMAL(38, 12))) AS DOUBLE) AS cogs
FROM lines AS line
JOIN products AS product ON product.product_id = line.product_id
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
