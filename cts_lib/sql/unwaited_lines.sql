-- The period's lines without the waits and shortages of `todays_waits`, which the chain brings by itself.
SELECT
  line.* EXCLUDE (scenario, replication, day, spare, sells, _row, _ordered, _leaves) REPLACE (
    line.shipped_date - CAST(COALESCE(today.days, 0) AS INTEGER) AS shipped_date,
    line.delivered_date - CAST(COALESCE(today.days, 0) AS INTEGER) AS delivered_date,
    CASE WHEN today.mended = 1 THEN line.quantity ELSE line.delivered_quantity END AS delivered_quantity,
    CASE WHEN today._row IS NULL THEN line._on_time_share END AS _on_time_share
  )
FROM transactions AS line
LEFT JOIN todays_waits AS today ON today._row = line._row
