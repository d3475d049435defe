-- Reads the items of the delivery history: one row an item description.
-- assumption: an item that appeared under several classes or forms would take the first in alphabetical order (none does).
-- assumption: weights of single items are not in the file, only weights of shipments.
SELECT
    "Item Description" AS product_id,
    "Item Description" AS name,
    MIN("Sub Classification") AS family,
    MIN(CASE
        WHEN "Dosage Form" LIKE 'Test kit%' THEN 'Test kit'
        WHEN "Dosage Form" ILIKE '%tablet%' THEN 'Tablet'
        WHEN "Dosage Form" ILIKE '%capsule%' THEN 'Capsule'
        WHEN "Dosage Form" ILIKE '%solution%' OR "Dosage Form" ILIKE '%suspension%' THEN 'Liquid'
        ELSE 'Other form'
    END) AS handling_class
FROM READ_PARQUET('{env:CTS_DATA|../../../shared/data}/scms/scms_delivery_history.parquet')
GROUP BY "Item Description"
