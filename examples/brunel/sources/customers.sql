-- Reads the customers of the order list: one row each.
-- assumption: the file says nothing of customers but where their goods are delivered: all of them at one port.
SELECT DISTINCT
    TRIM("Customer") AS customer_id,
    TRIM("Customer") AS name,
    TRIM("Destination Port") AS region
FROM READ_PARQUET('{env:CTS_DATA|../../../shared/data}/brunel/OrderList.parquet')
