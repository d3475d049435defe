-- Lines of `transactions` as `chain_waits` has them leave and arrive later, or with fewer units.
SELECT
  line.* REPLACE (
    line.shipped_date + CAST(COALESCE(waited.days, 0) AS INTEGER) AS shipped_date,
    line.delivered_date + CAST(COALESCE(waited.days, 0) AS INTEGER) AS delivered_date,
    CASE WHEN waited.filled < line.delivered_quantity THEN waited.filled ELSE line.delivered_quantity END AS delivered_quantity,
    CASE WHEN waited._row IS NULL THEN line._on_time_share END AS _on_time_share
  )
FROM transactions AS line
LEFT JOIN chain_waits AS waited ON waited._row = line._row
