-- Incidents in each ward and month. Incidents without a ward stand under NULL.
SELECT
    ward,
    CAST(DATE_TRUNC('month', occurred_local) AS date) AS month,
    COUNT(*) AS incidents,
    COUNT(*) FILTER (WHERE arrest) AS arrests,
    COUNT(*) FILTER (WHERE domestic) AS domestic_incidents
FROM events
GROUP BY ward, CAST(DATE_TRUNC('month', occurred_local) AS date)
