-- The 10 wards with the highest arrest rate among those with 100 incidents or more.
SELECT
    ward,
    SUM(incidents) AS incidents,
    CAST(SUM(arrests) AS double) / SUM(incidents) AS arrest_rate
FROM crimes_by_ward_and_month
WHERE ward IS NOT NULL
GROUP BY ward
HAVING SUM(incidents) >= 100
ORDER BY arrest_rate DESC, ward
LIMIT 10
