-- Incidents on each day in the city by primary type, and the share that led to an arrest.
SELECT
    primary_type,
    CAST(occurred_local AS date) AS day,
    COUNT(*) AS incidents,
    COUNT(*) FILTER (WHERE arrest) AS arrests,
    CAST(COUNT(*) FILTER (WHERE arrest) AS double) / COUNT(*) AS arrest_rate
FROM events
GROUP BY primary_type, CAST(occurred_local AS date)
