-- `lines`, of which the bundled ones of one order, product, warehouse and mode are one: amounts add up, the order date and
-- the promise are the earliest, the other dates the latest, all else is the first line's; they are numbered anew.
WITH bundled AS (
  SELECT
    * REPLACE (
      SUM(quantity) OVER bundle AS quantity,
      SUM(net_sales) OVER bundle AS net_sales,
      SUM(gross_sales) OVER bundle AS gross_sales,
      SUM(cogs) OVER bundle AS cogs,
      SUM(weight_kg) OVER bundle AS weight_kg,
      SUM(volume_m3) OVER bundle AS volume_m3,
      SUM(freight_cost) OVER bundle AS freight_cost,
      CASE WHEN COUNT(delivered_quantity) OVER bundle = COUNT(*) OVER bundle THEN SUM(delivered_quantity) OVER bundle END AS delivered_quantity,
      SUM(returned_quantity) OVER bundle AS returned_quantity,
      SUM(_lever_cost) OVER bundle AS _lever_cost,
      MAX(distance_km) OVER bundle AS distance_km,
      MAX(posting_date) OVER bundle AS posting_date,
      CASE
        WHEN SUM(GREATEST(net_sales - cogs, 0)) OVER bundle > 0
        THEN SUM(_risk * GREATEST(net_sales - cogs, 0)) OVER bundle / SUM(GREATEST(net_sales - cogs, 0)) OVER bundle
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
