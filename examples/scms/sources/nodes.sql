-- Reads what may leave the regional distribution centres: one row a unit and item.
-- assumption: the centres may hold every item of a unit that ever came from them; a maker's site ships its own orders alone, so none stands here.
SELECT DISTINCT
    "Product Group" AS business_unit,
    'Regional distribution centre' AS warehouse,
    "Item Description" AS product_id
FROM READ_PARQUET('{env:CTS_DATA|../../../shared/data}/scms/scms_delivery_history.parquet')
WHERE "Fulfill Via" = 'From RDC'
