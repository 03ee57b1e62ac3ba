-- Readings more than 5 % away from their device's setting.
SELECT
    e.uuid,
    e.deviceid,
    e.devicets,
    e.temp,
    s.settemp,
    100 * ABS(e.temp - s.settemp) / s.settemp AS pct_inefficiency
FROM events AS e
JOIN device_settings AS s ON e.deviceid = s.deviceid
WHERE 100 * ABS(e.temp - s.settemp) / s.settemp > 5
