-- Number of incidents in each block and hour of the day, and the time of the latest.
SELECT
    block,
    HOUR(occurred_local) AS hour_of_day,
    COUNT(*) AS incidents,
    MAX(occurred_local) AS latest
FROM events
GROUP BY block, HOUR(occurred_local)
