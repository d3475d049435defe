-- Reads the programmes that receive goods: one row a project code within its country, also where it buys in both units.
-- assumption: a customer is a project code within its country.
-- assumption: a customer stands on the map at the capital of its country, for the file has no addresses.
-- assumption: a customer is new in the year of its first delivery in the file.
WITH place (country, region, latitude, longitude) AS (
    VALUES
        ('Afghanistan', 'Asia', 34.53, 69.17),
        ('Angola', 'Southern Africa', -8.84, 13.23),
        ('Belize', 'Americas', 17.25, -88.77),
        ('Benin', 'West Africa', 6.50, 2.60),
        ('Botswana', 'Southern Africa', -24.65, 25.91),
        ('Burkina Faso', 'West Africa', 12.37, -1.52),
        ('Burundi', 'East Africa', -3.43, 29.93),
        ('Cameroon', 'Central Africa', 3.87, 11.52),
        ('Congo, DRC', 'Central Africa', -4.32, 15.31),
        ('Côte d''Ivoire', 'West Africa', 6.83, -5.29),
        ('Dominican Republic', 'Americas', 18.49, -69.93),
        ('Ethiopia', 'East Africa', 9.03, 38.74),
        ('Ghana', 'West Africa', 5.60, -0.19),
        ('Guatemala', 'Americas', 14.63, -90.51),
        ('Guinea', 'West Africa', 9.64, -13.58),
        ('Guyana', 'Americas', 6.80, -58.16),
        ('Haiti', 'Americas', 18.54, -72.34),
        ('Kazakhstan', 'Asia', 51.17, 71.43),
        ('Kenya', 'East Africa', -1.29, 36.82),
        ('Kyrgyzstan', 'Asia', 42.87, 74.59),
        ('Lebanon', 'Middle East and North Africa', 33.89, 35.50),
        ('Lesotho', 'Southern Africa', -29.31, 27.48),
        ('Liberia', 'West Africa', 6.30, -10.80),
        ('Libya', 'Middle East and North Africa', 32.89, 13.19),
        ('Malawi', 'Southern Africa', -13.96, 33.79),
        ('Mali', 'West Africa', 12.64, -8.00),
        ('Mozambique', 'Southern Africa', -25.97, 32.57),
        ('Namibia', 'Southern Africa', -22.56, 17.08),
        ('Nigeria', 'West Africa', 9.08, 7.40),
        ('Pakistan', 'Asia', 33.68, 73.05),
        ('Rwanda', 'East Africa', -1.94, 30.06),
        ('Senegal', 'West Africa', 14.72, -17.47),
        ('Sierra Leone', 'West Africa', 8.48, -13.23),
        ('South Africa', 'Southern Africa', -25.75, 28.19),
        ('South Sudan', 'East Africa', 4.85, 31.58),
        ('Sudan', 'Middle East and North Africa', 15.50, 32.56),
        ('Swaziland', 'Southern Africa', -26.31, 31.14),
        ('Tanzania', 'East Africa', -6.16, 35.75),
        ('Togo', 'West Africa', 6.13, 1.22),
        ('Uganda', 'East Africa', 0.35, 32.58),
        ('Vietnam', 'Asia', 21.03, 105.85),
        ('Zambia', 'Southern Africa', -15.39, 28.32),
        ('Zimbabwe', 'Southern Africa', -17.83, 31.05)
),
programme AS (
    SELECT
        "Country" AS country,
        "Project Code" AS project_code,
        MIN(TRY_STRPTIME("Delivered to Client Date", ['%d-%b-%y', '%m/%d/%y'])) AS first_delivery
    FROM READ_PARQUET('{env:CTS_DATA|../../../shared/data}/scms/scms_delivery_history.parquet')
    GROUP BY "Country", "Project Code"
)
SELECT
    programme.country || ' / ' || project_code AS customer_id,
    programme.country || ' / ' || project_code AS name,
    programme.country AS country,
    region,
    latitude,
    longitude,
    CAST(first_delivery AS DATE) AS customer_since
FROM programme
LEFT JOIN place ON place.country = programme.country
