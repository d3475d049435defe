-- What each product sold: the base of breadth and of the tail.
SELECT
  part.product_id,
  COALESCE(product.family, '(none)') AS family,
  COALESCE(product.handling_class, '(none)') AS handling_class,
  part.lines,
  part.sold_lines,
  part.net_sales,
  part.gross_margin
FROM (
  SELECT
    line.product_id,
    CAST(COUNT(*) AS DOUBLE) AS lines,
    CAST(COUNT(CASE WHEN line.quantity > 0 THEN 1 END) AS DOUBLE) AS sold_lines,
    CAST(SUM(CAST(line.net_sales AS DECIMAL(38, 12))) AS DOUBLE) AS net_sales,
    CAST(SUM(CAST(line.net_sales - line.cogs AS DECIMAL(38, 12))) AS DOUBLE) AS gross_margin
  FROM lines AS line
  GROUP BY line.product_id
) AS part
JOIN products AS product ON product.product_id = part.product_id
ORDER BY part.product_id
