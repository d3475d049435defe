-- What a policy does to transactions. Reads `transactions` (lines with a replication) and `policy` (a row a scenario,
-- customer and channel); yields lines of the same form, with scenario, replication, and what each lever touched.
WITH chosen AS (
  SELECT
    line.*,
    policy.scenario,
    policy.rhythm_days AS _rhythm_days,
    CASE WHEN policy.no_rush AND line.rush = 1 THEN 1 ELSE 0 END AS _touched_rush,
    CASE
      WHEN NOT policy.order_method IS NULL AND NOT STRPOS(:electronic_methods, '|' || line.order_method || '|') > 0 THEN 1
      ELSE 0
    END AS _touched_method,
    policy.order_method AS _new_method,
    CASE
      WHEN policy.minimum_order > 0 AND line.quantity > 0 AND SUM(line.net_sales) OVER (
        PARTITION BY policy.scenario, line.replication, line.customer_id, line.channel, line.order_id
      ) < policy.minimum_order THEN 1
      ELSE 0
    END AS _touched_minimum,
    DATE_DIFF('day', DATE '1970-01-01', COALESCE(line.shipped_date, line.delivered_date, line.order_date)) AS _ship_day
  FROM transactions AS line
  JOIN policy ON policy.customer_id = line.customer_id AND policy.channel = line.channel
), merged AS (
  SELECT
    *,
    CAST(FLOOR((_ship_day + CASE WHEN _touched_rush = 1 THEN :rush_delay_days ELSE 0 END) / 7) AS BIGINT) AS _week,
    CAST(
      _ship_day + CASE WHEN _touched_rush = 1 THEN :rush_delay_days ELSE 0 END AS BIGINT
    ) AS _ready_day
  FROM chosen
), waited AS (
  SELECT
    *,
    CASE WHEN _touched_minimum = 1 THEN _week * 7 + 6 ELSE _ready_day END AS _bundled_day
  FROM merged
), planned AS (
  SELECT
    *,
    CASE
      WHEN _rhythm_days > 1 AND quantity > 0
      THEN CAST((FLOOR(_bundled_day / _rhythm_days) + 1) * _rhythm_days - 1 AS BIGINT)
      ELSE _bundled_day
    END AS _new_day
  FROM waited
), moved AS (
  SELECT
    *,
    CASE
      WHEN _rhythm_days > 1 AND quantity > 0 THEN 'day ' || _new_day || COALESCE(' ' || warehouse, '')
      WHEN _touched_minimum = 1 THEN 'week ' || _week || COALESCE(' ' || warehouse, '')
      ELSE shipment_id
    END AS _new_shipment
  FROM planned
), bundles AS (
  SELECT scenario, replication, customer_id, channel, _new_shipment, COUNT(DISTINCT shipment_id) AS shipments
  FROM moved
  GROUP BY scenario, replication, customer_id, channel, _new_shipment
)
SELECT
  moved.* EXCLUDE (
    _rhythm_days, _new_method, _ship_day, _week, _ready_day, _bundled_day, _new_day, _new_shipment
  ) REPLACE (
    CASE WHEN _touched_minimum = 1 THEN order_id || '/' || line_no ELSE line_no END AS line_no,
    CASE WHEN _touched_minimum = 1 THEN 'week ' || _week ELSE order_id END AS order_id,
    moved._new_shipment AS shipment_id,
    CASE WHEN _touched_method = 1 THEN _new_method ELSE order_method END AS order_method,
    CASE WHEN _touched_rush = 1 THEN 'standard' ELSE priority END AS priority,
    CASE WHEN _touched_rush = 1 THEN CAST(0 AS DOUBLE) ELSE rush END AS rush,
    shipped_date + CAST(_new_day - _ship_day AS INTEGER) AS shipped_date,
    delivered_date + CAST(_new_day - _ship_day AS INTEGER) AS delivered_date,
    freight_cost * (1 - :freight_saving * (1 - 1 / CAST(bundles.shipments AS DOUBLE))) AS freight_cost
  ),
  CASE WHEN _new_day <> _ready_day AND _touched_minimum = 0 THEN 1 ELSE 0 END AS _touched_rhythm,
  _new_day - _ship_day AS _waited_days
FROM moved
JOIN bundles
  ON bundles.scenario = moved.scenario
  AND bundles.replication = moved.replication
  AND bundles.customer_id = moved.customer_id
  AND bundles.channel = moved.channel
  AND bundles._new_shipment = moved._new_shipment
