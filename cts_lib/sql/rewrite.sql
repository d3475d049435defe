-- What a policy does to transactions. Reads `transactions` (lines with a replication) and `policy` (a row a scenario,
-- customer and channel); yields lines of the same form, with scenario, replication, and what each lever touched.
WITH chosen AS (
  SELECT
    line.*,
    policy.scenario,
    policy.rhythm_days,
    CASE WHEN policy.no_rush AND line.rush = 1 THEN 1 ELSE 0 END AS touched_rush,
    CASE
      WHEN NOT policy.order_method IS NULL AND NOT CONTAINS(:electronic_methods, '|' || line.order_method || '|') THEN 1
      ELSE 0
    END AS touched_method,
    policy.order_method AS new_method,
    CASE
      WHEN line.quantity > 0 AND SUM(line.net_sales) OVER (
        PARTITION BY policy.scenario, line.replication, line.customer_id, line.channel, line.order_id
      ) < policy.minimum_order THEN 1
      ELSE 0
    END AS touched_minimum,
    COALESCE(line.shipped_date, line.delivered_date, line.order_date) - DATE '1970-01-01' AS ship_day
  FROM transactions AS line
  JOIN policy ON policy.customer_id = line.customer_id AND policy.channel = line.channel
), merged AS (
  SELECT
    *,
    CAST(FLOOR((ship_day + CASE WHEN touched_rush = 1 THEN :rush_delay_days ELSE 0 END) / 7) AS BIGINT) AS week,
    CAST(
      ship_day + CASE WHEN touched_rush = 1 THEN :rush_delay_days ELSE 0 END AS BIGINT
    ) AS ready_day
  FROM chosen
), waited AS (
  SELECT
    *,
    CASE WHEN touched_minimum = 1 THEN week * 7 + 6 ELSE ready_day END AS bundled_day
  FROM merged
), planned AS (
  SELECT
    *,
    CASE
      WHEN rhythm_days > 1 AND quantity > 0
      THEN CAST((FLOOR(bundled_day / rhythm_days) + 1) * rhythm_days - 1 AS BIGINT)
      ELSE bundled_day
    END AS new_day
  FROM waited
), moved AS (
  SELECT
    *,
    CASE
      WHEN rhythm_days > 1 AND quantity > 0 THEN 'day ' || new_day || COALESCE(' ' || warehouse, '')
      WHEN touched_minimum = 1 THEN 'week ' || week || COALESCE(' ' || warehouse, '')
      ELSE shipment_id
    END AS new_shipment
  FROM planned
), bundles AS (
  SELECT scenario, replication, customer_id, channel, new_shipment, COUNT(DISTINCT shipment_id) AS shipments
  FROM moved
  GROUP BY scenario, replication, customer_id, channel, new_shipment
)
SELECT
  moved.* EXCLUDE (
    rhythm_days, new_method, ship_day, week, ready_day, bundled_day, new_day, new_shipment
  ) REPLACE (
    CASE WHEN touched_minimum = 1 THEN order_id || '/' || line_no ELSE line_no END AS line_no,
    CASE WHEN touched_minimum = 1 THEN 'week ' || week ELSE order_id END AS order_id,
    moved.new_shipment AS shipment_id,
    CASE WHEN touched_method = 1 THEN new_method ELSE order_method END AS order_method,
    CASE WHEN touched_rush = 1 THEN 'standard' ELSE priority END AS priority,
    CASE WHEN touched_rush = 1 THEN CAST(0 AS DOUBLE) ELSE rush END AS rush,
    shipped_date + CAST(new_day - ship_day AS INTEGER) AS shipped_date,
    delivered_date + CAST(new_day - ship_day AS INTEGER) AS delivered_date,
    freight_cost * (1 - :freight_saving * (1 - 1 / CAST(bundles.shipments AS DOUBLE))) AS freight_cost
  ),
  CASE WHEN new_day <> ready_day AND touched_minimum = 0 THEN 1 ELSE 0 END AS touched_rhythm,
  new_day - ship_day AS waited_days
FROM moved
JOIN bundles
  ON bundles.scenario = moved.scenario
  AND bundles.replication = moved.replication
  AND bundles.customer_id = moved.customer_id
  AND bundles.channel = moved.channel
  AND bundles.new_shipment = moved.new_shipment
