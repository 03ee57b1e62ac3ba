-- The 10 devices farthest from their settings over all days, each day weighted by its events.
SELECT
    deviceid,
    SUM(avg_inefficiency * events) / SUM(events) AS inefficiency,
    SUM(events) AS total_events
FROM daily_avg_inefficiency
GROUP BY deviceid
ORDER BY inefficiency DESC, deviceid
LIMIT 10
