-- Accepted order lines with every default of the contract filled in.
SELECT
  line.* EXCLUDE (
    business_unit, posting_date, gross_sales, cogs, channel, shipment_id, weight_kg
  ),
  TRY_CAST(line.line_no AS DOUBLE) AS _line_order,
  COALESCE(line.posting_date, line.order_date) AS posting_date,
  COALESCE(line.gross_sales, line.net_sales) AS gross_sales,
  COALESCE(
    line.cogs,
    line.quantity * product.unit_cost,
    line.net_sales * (1 - :assumed_gross_margin)
  ) AS cogs,
  CASE
    WHEN NOT line.cogs IS NULL THEN 'given'
    WHEN NOT product.unit_cost IS NULL THEN 'unit cost'
    ELSE 'assumed'
  END AS _cogs_source,
  COALESCE(line.channel, customer.channel) AS channel,
  COALESCE(line.shipment_id, line.order_id) AS shipment_id,
  COALESCE(line.weight_kg, line.quantity * product.unit_weight_kg) AS weight_kg,
  CASE WHEN line.priority = 'rush' THEN CAST(1 AS DOUBLE) ELSE CAST(0 AS DOUBLE) END AS rush
FROM accepted_order_lines AS line
JOIN customers AS customer ON customer.customer_id = line.customer_id
JOIN products AS product ON product.product_id = line.product_id
