-- `lines`, of which the bundled ones of one order, product, warehouse and mode are one: amounts add up (as decimals, which
-- are the same to the bit in any order), the order date and the promise are the earliest, the other dates the latest, all
-- else is the first line's; they are numbered anew.
WITH bundled AS (
  SELECT
    * REPLACE (
      CAST(SUM(CAST(quantity AS DECIMAL(38, 12))) OVER bundle AS DOUBLE) AS quantity,
      CAST(SUM(CAST(net_sales AS DECIMAL(38, 12))) OVER bundle AS DOUBLE) AS net_sales,
      CAST(SUM(CAST(gross_sales AS DECIMAL(38, 12))) OVER bundle AS DOUBLE) AS gross_sales,
      CAST(SUM(CAST(cogs AS DECIMAL(38, 12))) OVER bundle AS DOUBLE) AS cogs,
      CAST(SUM(CAST(weight_kg AS DECIMAL(38, 12))) OVER bundle AS DOUBLE) AS weight_kg,
      CAST(SUM(CAST(volume_m3 AS DECIMAL(38, 12))) OVER bundle AS DOUBLE) AS volume_m3,
      CAST(SUM(CAST(freight_cost AS DECIMAL(38, 12))) OVER bundle AS DOUBLE) AS freight_cost,
      CASE WHEN COUNT(delivered_quantity) OVER bundle = COUNT(*) OVER bundle THEN CAST(SUM(CAST(delivered_quantity AS DECIMAL(38, 12))) OVER bundle AS DOUBLE) END AS delivered_quantity,
      CAST(SUM(CAST(returned_quantity AS DECIMAL(38, 12))) OVER bundle AS DOUBLE) AS returned_quantity,
      CAST(SUM(CAST(_lever_cost AS DECIMAL(38, 12))) OVER bundle AS DOUBLE) AS _lever_cost,
      MAX(distance_km) OVER bundle AS distance_km,
      MAX(posting_date) OVER bundle AS posting_date,
      CASE
        WHEN SUM(CAST(GREATEST(net_sales - cogs, 0) AS DECIMAL(38, 12))) OVER bundle > 0
        THEN CAST(SUM(CAST(_risk * GREATEST(net_sales - cogs, 0) AS DECIMAL(38, 12))) OVER bundle AS DOUBLE)
          / CAST(SUM(CAST(GREATEST(net_sales - cogs, 0) AS DECIMAL(38, 12))) OVER bundle AS DOUBLE)
        ELSE _risk
      END AS _risk,
      MAX(rush) OVER bundle AS rush,
      CASE WHEN MAX(rush) OVER bundle = 1 THEN 'rush' ELSE priority END AS priority,
      MIN(order_date) OVER bundle AS order_date,
      MIN(promised_date + CAST(_promise_days AS INTEGER)) OVER bundle AS promised_date,
      MAX(shipped_date + CAST(_day - _first_day AS INTEGER)) OVER bundle AS shipped_date,
      MAX(delivered_date + CAST(_day - _first_day AS INTEGER)) OVER bundle AS delivered_date,
      CAST(NULL AS DOUBLE) AS _on_time_share,
      CAST(0 AS BIGINT) AS _promise_days,
      _day AS _first_day
    ),
    ROW_NUMBER() OVER first_of_bundle AS _first_of_bundle
  FROM lines
  WHERE _bundled = 1
  WINDOW
    bundle AS (
      PARTITION BY scenario, replication, customer_id, channel, order_id, shipment_id, product_id, warehouse, ship_mode
    ),
    first_of_bundle AS (
      PARTITION BY scenario, replication, customer_id, channel, order_id, shipment_id, product_id, warehouse, ship_mode
      ORDER BY order_date, _order, _line_order, line_no
    )
)
SELECT * FROM lines WHERE _bundled = 0
UNION ALL
SELECT * EXCLUDE (_first_of_bundle, _number) REPLACE (
  CAST(_number AS VARCHAR) AS line_no,
  CAST(_number AS DOUBLE) AS _line_order
)
FROM (
  SELECT *, ROW_NUMBER() OVER (
    PARTITION BY scenario, replication, customer_id, channel, order_id
    ORDER BY order_date, _order, _line_order, line_no
  ) AS _number
  FROM bundled
  WHERE _first_of_bundle = 1
) AS line
