-- Reads what each plant may ship and how many lines a day: one row a plant and product.
-- assumption: an order is a line, so that a daily capacity in orders is one in lines.
SELECT
    'outbound' AS business_unit,
    TRIM(made."Plant Code") AS warehouse,
    CAST(made."Product ID" AS VARCHAR) AS product_id,
    capacity."Daily Capacity " AS capacity_lines_per_day
FROM READ_PARQUET('{env:CTS_DATA|../../../shared/data}/brunel/ProductsPerPlant.parquet') AS made
JOIN READ_PARQUET('{env:CTS_DATA|../../../shared/data}/brunel/WhCapacities.parquet') AS capacity
    ON TRIM(capacity."Plant ID") = TRIM(made."Plant Code")
