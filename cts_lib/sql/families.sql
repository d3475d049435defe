-- What each customer bought of each product family: the base of price, volume and mix, and of how broadly it buys.
SELECT
  part.customer_id,
  part.channel,
  COALESCE(product.family, part.product_id) AS family,
  CAST(COUNT(CASE WHEN part.sold_lines > 0 THEN 1 END) AS DOUBLE) AS products,
  CAST(SUM(part.quantity) AS DOUBLE) AS quantity,
  CAST(SUM(part.net_sales) AS DOUBLE) AS net_sales,
  CAST(SUM(part.cogs) AS DOUBLE) AS cogs
FROM (
  SELECT
    line.customer_id,
    line.channel,
    line.product_id,
    COUNT(CASE WHEN line.quantity > 0 THEN 1 END) AS sold_lines,
    SUM(CAST(line.quantity AS DECIMAL(38, 12))) AS quantity,
    SUM(CAST(line.net_sales AS DECIMAL(38, 12))) AS net_sales,
    SUM(CAST(line.cogs AS DECIMAL(38, 12))) AS cogs
  FROM lines AS line
  GROUP BY line.customer_id, line.channel, line.product_id
) AS part
JOIN products AS product ON product.product_id = part.product_id
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
