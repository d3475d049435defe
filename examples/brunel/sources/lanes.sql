-- Reads the freight rates as lanes: one row a rate, plant, destination and way of shipping.
-- assumption: a weight band reaches to its neighbours and the cheaper of two that overlap counts; so an order in a gap (carrier V444_1 has no rate from 2.51 to 70.5 kg) pays as the band below or as the least of the band above.
-- assumption: the rate of a GROUND lane is that of a run, not of a kilogram, which would be 100 times what air costs.
-- assumption: a plant with customers of its own (VMI) ships to nobody else; the other plants ship to everybody.
-- assumption: lanes of more than 3 days are deferred, a way of shipping of its own: nearly all orders take up to 3 days today.
-- assumption: what the customer collects (CRF) has no lane: where he does is his decision.
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
served AS (
    SELECT
        TRIM(located."Plant Code") AS warehouse,
        TRIM(located."Port") AS port,
        COALESCE(TRIM(own."Customers"), 'PORT09') AS destination
    FROM READ_PARQUET('{env:CTS_DATA|../../../shared/data}/brunel/PlantPorts.parquet') AS located
    LEFT JOIN READ_PARQUET('{env:CTS_DATA|../../../shared/data}/brunel/VmiCustomers.parquet') AS own
        ON TRIM(own."Plant Code") = TRIM(located."Plant Code")
    -- Plant 19 has no product to send.
    SEMI JOIN READ_PARQUET('{env:CTS_DATA|../../../shared/data}/brunel/ProductsPerPlant.parquet') AS made
        ON TRIM(made."Plant Code") = TRIM(located."Plant Code")
),
way AS (
    SELECT *, service AS ship_mode FROM tariff WHERE days <= 3
    UNION ALL
    SELECT *, service || ' best carrier' FROM tariff WHERE days <= 3
    UNION ALL
    SELECT *, service || ' deferred' FROM tariff WHERE days > 3
)
SELECT
    'outbound' AS business_unit,
    warehouse,
    destination,
    ship_mode,
    days,
    least AS weight_from_kg,
    most AS weight_to_kg,
    CASE WHEN is_run THEN 0 ELSE rate END AS rate_per_kg,
    CASE WHEN is_run THEN rate ELSE 0 END AS rate_per_shipment,
    minimum_charge
FROM way
JOIN served ON served.port = way.port
