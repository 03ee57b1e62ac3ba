-- Key figures of each day over all devices.
SELECT
    day,
    COUNT(*) AS devices,
    SUM(events) AS total_events,
    SUM(avg_inefficiency * events) / SUM(events) AS inefficiency
FROM daily_avg_inefficiency
GROUP BY day
ORDER BY day
