-- Reads the products of the order list and of the plants: one row each.
-- assumption: products have no names, families or costs in the file.
SELECT CAST("Product ID" AS VARCHAR) AS product_id
FROM READ_PARQUET('{env:CTS_DATA|../../../shared/data}/brunel/OrderList.parquet')
UNION
SELECT CAST("Product ID" AS VARCHAR)
FROM READ_PARQUET('{env:CTS_DATA|../../../shared/data}/brunel/ProductsPerPlant.parquet')
