-- Mean distance of each device from its setting on each day, as a fraction of the setting.
SELECT
    e.deviceid,
    CAST(e.devicets AS date) AS day,
    AVG(ABS(e.temp - s.settemp) / s.settemp) AS avg_inefficiency,
    COUNT(*) AS events
FROM events AS e
JOIN device_settings AS s ON e.deviceid = s.deviceid
GROUP BY e.deviceid, CAST(e.devicets AS date)
