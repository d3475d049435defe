-- Reads lanes out of the shipments of all years: one row a unit, origin, country, mode and weight band.
-- assumption: what a kilogram costs on a lane is the median of the shipments of its weight band that state freight and weight, of 5 at least.
-- assumption: makers' sites have the rates of all direct drops together, for single sites have too few shipments to learn from.
-- assumption: a mode goes to a country where 5 shipments at least went by it; of a band with fewer there, those of the region tell.
-- assumption: the days of a lane are the median from order to delivery of its way and mode; moves change delivery by the difference.
WITH line AS (
    SELECT
        "Product Group" AS business_unit,
        "Fulfill Via" AS way,
        "Country" AS country,
        "Shipment Mode" AS mode,
        "ASN/DN #" AS shipment_id,
        CASE WHEN "Fulfill Via" = 'From RDC' THEN 'Regional distribution centre' ELSE "Manufacturing Site" END
            AS warehouse,
        TRY_CAST("Freight Cost (USD)" AS DOUBLE) AS freight,
        TRY_CAST("Weight (Kilograms)" AS DOUBLE) AS weight,
        COALESCE(
            TRY_STRPTIME("PO Sent to Vendor Date", ['%m/%d/%y', '%d-%b-%y']),
            TRY_STRPTIME("PQ First Sent to Client Date", ['%m/%d/%y', '%d-%b-%y'])
        ) AS ordered,
        TRY_STRPTIME("Delivered to Client Date", ['%d-%b-%y', '%m/%d/%y']) AS delivered
    FROM READ_PARQUET('{env:CTS_DATA|../../../shared/data}/scms/scms_delivery_history.parquet')
    WHERE "Shipment Mode" <> 'N/A'
),
band (weight_from_kg, weight_to_kg) AS (
    VALUES (0, 100), (100, 500), (500, 2000), (2000, 10000), (10000, NULL)
),
place (country, region) AS (
    VALUES
        ('Afghanistan', 'Asia'), ('Kazakhstan', 'Asia'), ('Kyrgyzstan', 'Asia'), ('Pakistan', 'Asia'),
        ('Vietnam', 'Asia'), ('Angola', 'Southern Africa'), ('Botswana', 'Southern Africa'),
        ('Lesotho', 'Southern Africa'), ('Malawi', 'Southern Africa'), ('Mozambique', 'Southern Africa'),
        ('Namibia', 'Southern Africa'), ('South Africa', 'Southern Africa'), ('Swaziland', 'Southern Africa'),
        ('Zambia', 'Southern Africa'), ('Zimbabwe', 'Southern Africa'), ('Belize', 'Americas'),
        ('Dominican Republic', 'Americas'), ('Guatemala', 'Americas'), ('Guyana', 'Americas'), ('Haiti', 'Americas'),
        ('Benin', 'West Africa'), ('Burkina Faso', 'West Africa'), ('Côte d''Ivoire', 'West Africa'),
        ('Ghana', 'West Africa'), ('Guinea', 'West Africa'), ('Liberia', 'West Africa'), ('Mali', 'West Africa'),
        ('Nigeria', 'West Africa'), ('Senegal', 'West Africa'), ('Sierra Leone', 'West Africa'),
        ('Togo', 'West Africa'), ('Burundi', 'East Africa'), ('Ethiopia', 'East Africa'), ('Kenya', 'East Africa'),
        ('Rwanda', 'East Africa'), ('South Sudan', 'East Africa'), ('Tanzania', 'East Africa'),
        ('Uganda', 'East Africa'), ('Cameroon', 'Central Africa'), ('Congo, DRC', 'Central Africa'),
        ('Lebanon', 'Middle East and North Africa'), ('Libya', 'Middle East and North Africa'),
        ('Sudan', 'Middle East and North Africa')
),
shipment AS (
    -- A reference to another line is no number, so a sum counts what a shipment states once.
    SELECT business_unit, way, line.country, region, mode, SUM(freight) AS freight, SUM(weight) AS weight
    FROM line
    LEFT JOIN place ON place.country = line.country
    GROUP BY business_unit, way, line.country, region, mode, shipment_id
    HAVING SUM(freight) > 0 AND SUM(weight) > 0
),
banded AS (
    SELECT shipment.*, weight_from_kg, weight_to_kg, freight / weight AS per_kg
    FROM shipment
    JOIN band ON weight >= weight_from_kg AND (weight_to_kg IS NULL OR weight < weight_to_kg)
),
in_region AS (
    SELECT business_unit, way, region, mode, weight_from_kg, weight_to_kg, MEDIAN(per_kg) AS per_kg
    FROM banded
    GROUP BY ALL
    HAVING COUNT(*) >= 5
),
in_country AS (
    SELECT business_unit, way, country, mode, weight_from_kg, MEDIAN(per_kg) AS per_kg
    FROM banded
    GROUP BY ALL
    HAVING COUNT(*) >= 5
),
reached AS (
    SELECT business_unit, way, country, region, mode FROM shipment GROUP BY ALL HAVING COUNT(*) >= 5
),
rate AS (
    SELECT reached.*, weight_from_kg, weight_to_kg, COALESCE(in_country.per_kg, in_region.per_kg) AS rate_per_kg
    FROM reached
    JOIN in_region USING (business_unit, way, region, mode)
    LEFT JOIN in_country USING (business_unit, way, country, mode, weight_from_kg)
),
duration AS (
    SELECT way, mode, ROUND(MEDIAN(DATE_DIFF('day', ordered, delivered))) AS days
    FROM line
    WHERE ordered IS NOT NULL
    GROUP BY way, mode
)
SELECT
    rate.business_unit,
    origin.warehouse,
    rate.country AS destination,
    rate.mode AS ship_mode,
    days,
    weight_from_kg,
    weight_to_kg,
    rate_per_kg
FROM rate
JOIN duration ON duration.way = rate.way AND duration.mode = rate.mode
JOIN (SELECT DISTINCT business_unit, way, warehouse FROM line) AS origin
    ON origin.business_unit = rate.business_unit AND origin.way = rate.way
