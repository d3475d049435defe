-- Reads the order list: one row an order, all of one day.
-- assumption: an order is charged the lane of its carrier, port and service, the cheaper where two fit; the file has rates, not freight.
-- assumption: a weight band reaches to its neighbours and the cheaper of two that overlap counts; 1,370 orders of carrier V444_1 weigh between two bands that are far apart.
-- assumption: the rate of a GROUND lane is that of a run, not of a kilogram.
-- assumption: what the customer collects (CRF) costs no freight.
-- assumption: an order ships on its date, takes its transit days, and was wanted as many days later as it is ahead, or earlier as it is late.
-- assumption: logistics is charged to customers at 0.60 USD a unit, with no cost of goods: the file has costs alone.
WITH rate AS (
    SELECT
        TRIM("Carrier") AS carrier,
        TRIM("orig_port_cd") AS port,
        TRIM("svc_cd") AS service,
        TRIM("mode_dsc") = 'GROUND' AS is_run,
        "tpt_day_cnt" AS days,
        "minm_wgh_qty" AS least,
        "max_wgh_qty" AS most,
        "minimum cost" AS minimum_charge,
        "rate" AS rate
    FROM READ_PARQUET('{env:CTS_DATA|../../../shared/data}/brunel/FreightRates.parquet')
),
tariff AS (
    SELECT
        * REPLACE (
            COALESCE(MAX(most) OVER (lighter RANGE BETWEEN UNBOUNDED PRECEDING AND 0.001 PRECEDING), least) AS least,
            COALESCE(MIN(least) OVER (heavier RANGE BETWEEN 0.001 FOLLOWING AND UNBOUNDED FOLLOWING), most) AS most
        )
    FROM rate
    WINDOW
        lighter AS (PARTITION BY carrier, port, service, is_run, days ORDER BY most),
        heavier AS (PARTITION BY carrier, port, service, is_run, days ORDER BY least)
),
charge AS (
    SELECT
        "Order ID" AS id,
        MIN(GREATEST(minimum_charge, CASE WHEN is_run THEN rate ELSE rate * "Weight" END)) AS freight
    FROM READ_PARQUET('{env:CTS_DATA|../../../shared/data}/brunel/OrderList.parquet') AS ordered
    JOIN tariff
        ON tariff.carrier = TRIM(ordered."Carrier") AND port = TRIM("Origin Port") AND service = TRIM("Service Level")
        AND "Weight" >= least AND "Weight" < most
    GROUP BY "Order ID"
)
SELECT
    'outbound' AS business_unit,
    CAST(CAST("Order ID" AS DECIMAL(12, 1)) AS VARCHAR) AS order_id,
    1 AS line_no,
    TRIM("Customer") AS customer_id,
    CAST("Product ID" AS VARCHAR) AS product_id,
    CAST("Order Date" AS DATE) AS order_date,
    CAST("Order Date" AS DATE) AS shipped_date,
    CAST("Order Date" AS DATE) + CAST("TPT" AS INTEGER) AS delivered_date,
    CAST("Order Date" AS DATE)
        + CAST("TPT" + "Ship ahead day count" - "Ship Late Day count" AS INTEGER) AS promised_date,
    "Unit quantity" AS quantity,
    CAST("Unit quantity" * 0.60 AS DECIMAL(18, 2)) AS net_sales,
    0 AS cogs,
    TRIM("Service Level") AS channel,
    TRIM("Service Level") AS ship_mode,
    TRIM("Plant Code") AS warehouse,
    "Weight" AS weight_kg,
    COALESCE(freight, 0) AS freight_cost,
    TRIM("Carrier") AS carrier
FROM READ_PARQUET('{env:CTS_DATA|../../../shared/data}/brunel/OrderList.parquet')
LEFT JOIN charge ON id = "Order ID"
