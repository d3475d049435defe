-- What each product sold, and what its lines, orders and shipments cost: the base of breadth and of the tail.
SELECT
  part.product_id,
  COALESCE(product.family, '(none)') AS family,
  COALESCE(product.handling_class, '(none)') AS handling_class,
  part.lines,
  part.sold_lines,
  part.net_sales,
  part.gross_margin,
  part.cost
FROM (
  SELECT
    work.product_id,
    SUM(work.lines) AS lines,
    SUM(CASE WHEN work.direction = 1 THEN work.lines ELSE 0 END) AS sold_lines,
    CAST(SUM(CAST(work.net_sales AS DECIMAL(38, 12))) AS DOUBLE) AS net_sales,
    CAST(SUM(CAST(work.net_sales - work.cogs AS DECIMAL(38, 12))) AS DOUBLE) AS gross_margin,
    CAST(SUM(CAST(work.cost AS DECIMAL(38, 12))) AS DOUBLE) AS cost
  FROM product_work AS work
  GROUP BY work.product_id
) AS part
JOIN products AS product ON product.product_id = part.product_id
ORDER BY part.product_id
