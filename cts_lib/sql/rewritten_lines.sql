-- `lines` as the levers left them, with their dates, and without the margin that the levers put at risk.
SELECT
  line.* REPLACE (
    line.shipped_date + CAST(line._day - line._first_day AS INTEGER) AS shipped_date,
    CASE
      WHEN line._transit IS NULL OR line.shipped_date IS NULL OR line.delivered_date IS NULL
      THEN line.delivered_date + CAST(line._day - line._first_day AS INTEGER)
      ELSE line.shipped_date + CAST(line._day - line._first_day + line._transit AS INTEGER)
    END AS delivered_date,
    line.promised_date + CAST(line._promise_days AS INTEGER) AS promised_date,
    CASE
      WHEN line._day = line._first_day AND line._transit IS NULL AND line._promise_days = 0 THEN line._on_time_share
    END AS _on_time_share,
    line.net_sales - LEAST(line._risk, 1) * GREATEST(line.net_sales - line.cogs, 0) AS net_sales,
    line.gross_sales - LEAST(line._risk, 1) * GREATEST(line.net_sales - line.cogs, 0) AS gross_sales
  ),
  line._lever_cost AS lever_cost
FROM lines AS line
