-- Reads the delivery history of the supply chain management system: one row a delivered order line, all product groups.
-- assumption: a line belongs to the year in which it was delivered to the client.
-- assumption: the order date is the day the purchase order went to the vendor, else the day the quote went to the client.
-- assumption: order date falls back to the scheduled delivery date where neither PO nor PQ date is a date (1,931 lines of the file); their lead time says nothing.
-- assumption: 202 lines of the file have an order date after their delivery; they are kept, with a lead time below zero.
-- assumption: the file holds the delivered quantity alone, so nothing is said about deliveries in full.
-- assumption: the line value is taken as it stands, also where quantity times pack price differs from it.
-- assumption: freight of a consolidated shipment is split over its lines by line value (equally if all are zero), exact to the cent.
-- assumption: freight included in the commodity cost counts as zero (1,442 lines of the file), for it is paid with the price.
-- assumption: freight invoiced separately is unknown and left out (239 lines of the file, and 105 that refer to one of them).
-- assumption: the weight of a consolidated shipment is split like its freight; weight captured separately, and one weight of zero, count as unknown.
-- assumption: insurance that the file does not state (287 lines) is left out.
-- assumption: every order came through the order desk, for the file names no order method.
-- assumption: the file does not name the regional distribution centres, so goods from them share one warehouse.
-- assumption: a line left as many days before its delivery as lines of its way and mode take in the median from order to delivery, for the file has no shipping date; so a move to another lane changes delivery by the difference.
-- assumption: four lines that repeat another line in all but the ID are kept, and so are 17 lines of zero value.
WITH delivery AS (
    SELECT
        *,
        -- 'See DN-304 (ID#:10589)': the figures of the shipment stand on line 10589; any other line stands for itself.
        COALESCE(TRY_CAST(REGEXP_EXTRACT("Freight Cost (USD)", 'ID#:(\d+)', 1) AS BIGINT), "ID") AS anchor_id,
        CAST("Line Item Value" AS DECIMAL(18, 2)) AS line_value,
        TRY_STRPTIME("PO Sent to Vendor Date", ['%m/%d/%y', '%d-%b-%y']) AS ordered_from_vendor,
        TRY_STRPTIME("PQ First Sent to Client Date", ['%m/%d/%y', '%d-%b-%y']) AS quoted_to_client,
        TRY_STRPTIME("Scheduled Delivery Date", ['%d-%b-%y', '%m/%d/%y']) AS scheduled,
        TRY_STRPTIME("Delivered to Client Date", ['%d-%b-%y', '%m/%d/%y']) AS delivered
    FROM READ_PARQUET('{env:CTS_DATA|../../../shared/data}/scms/scms_delivery_history.parquet')
),
shipment AS (
    SELECT
        *,
        -- Cents and grams are whole numbers, so that no rounding can lose one.
        CAST(100 * MAX(CASE WHEN "ID" = anchor_id THEN TRY_CAST("Freight Cost (USD)" AS DECIMAL(18, 2)) END) OVER lines
            AS BIGINT) AS shipment_cents,
        CAST(1000 * NULLIF(MAX(CASE WHEN "ID" = anchor_id THEN TRY_CAST("Weight (Kilograms)" AS DECIMAL(18, 3)) END)
            OVER lines, 0) AS BIGINT) AS shipment_grams,
        MAX(CASE WHEN "ID" = anchor_id THEN "Freight Cost (USD)" END) OVER lines AS shipment_terms,
        COUNT(*) OVER lines AS shipment_lines,
        CASE WHEN SUM(line_value) OVER lines > 0 THEN CAST(100 * line_value AS BIGINT) ELSE 1 END AS weighting
    FROM delivery
    WINDOW lines AS (PARTITION BY anchor_id)
),
share AS (
    SELECT
        *,
        shipment_cents * weighting // SUM(weighting) OVER lines AS share_cents,
        shipment_grams * weighting // SUM(weighting) OVER lines AS share_grams
    FROM shipment
    WINDOW lines AS (PARTITION BY anchor_id)
),
allocated AS (
    -- What whole-number division leaves over (under a cent or gram a line) goes to the line that bore the figure.
    SELECT
        *,
        share_cents + CASE WHEN "ID" = anchor_id THEN shipment_cents - SUM(share_cents) OVER lines ELSE 0 END AS cents,
        share_grams + CASE WHEN "ID" = anchor_id THEN shipment_grams - SUM(share_grams) OVER lines ELSE 0 END AS grams
    FROM share
    WINDOW lines AS (PARTITION BY anchor_id)
),
timed AS (
    SELECT
        *,
        ROUND(MEDIAN(DATE_DIFF('day', COALESCE(ordered_from_vendor, quoted_to_client), delivered)) OVER (
            PARTITION BY "Fulfill Via", "Shipment Mode"
        )) AS usual_days
    FROM allocated
)
SELECT
    "Product Group" AS business_unit,
    "PO / SO #" AS order_id,
    "ID" AS line_no,
    "Country" || ' / ' || "Project Code" AS customer_id,
    "Item Description" AS product_id,
    CAST(COALESCE(ordered_from_vendor, quoted_to_client, scheduled) AS DATE) AS order_date,
    CAST(delivered AS DATE) AS posting_date,
    CAST(scheduled AS DATE) AS promised_date,
    CASE WHEN "Shipment Mode" <> 'N/A' THEN CAST(delivered AS DATE) - CAST(usual_days AS INTEGER) END AS shipped_date,
    CAST(delivered AS DATE) AS delivered_date,
    "Line Item Quantity" AS quantity,
    line_value AS net_sales,
    "Fulfill Via" AS channel,
    'order desk' AS order_method,
    "ASN/DN #" AS shipment_id,
    NULLIF("Shipment Mode", 'N/A') AS ship_mode,
    CASE
        WHEN "Fulfill Via" = 'From RDC' THEN 'Regional distribution centre' ELSE "Manufacturing Site"
    END AS warehouse,
    CAST(grams / 1000 AS DECIMAL(18, 3)) AS weight_kg,
    CASE
        WHEN shipment_terms = 'Freight Included in Commodity Cost' THEN 0 ELSE CAST(cents / 100 AS DECIMAL(18, 2))
    END AS freight_cost,
    CASE
        WHEN shipment_cents IS NOT NULL THEN CASE WHEN shipment_lines > 1 THEN 'split over shipment' ELSE 'stated' END
        WHEN shipment_terms = 'Freight Included in Commodity Cost' THEN 'included in price'
        WHEN shipment_terms = 'Invoiced Separately' THEN 'invoiced separately'
        ELSE 'not stated'
    END AS freight_terms,
    CAST("Line Item Insurance (USD)" AS DECIMAL(18, 2)) AS insurance,
    CASE
        WHEN ordered_from_vendor IS NOT NULL THEN 'purchase order'
        WHEN quoted_to_client IS NOT NULL THEN 'quote'
        ELSE 'scheduled delivery'
    END AS order_date_source,
    "Vendor" AS vendor,
    NULLIF("Vendor INCO Term", 'N/A - From RDC') AS incoterm,
    "First Line Designation" = 'Yes' AS first_line
FROM timed
