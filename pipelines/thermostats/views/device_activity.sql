-- Events of each device on each day, with the range and mean of its temperature.
SELECT
    deviceid,
    CAST(devicets AS date) AS day,
    COUNT(*) AS events,
    MIN(temp) AS min_temp,
    MAX(temp) AS max_temp,
    AVG(temp) AS avg_temp,
    MAX(devicets) AS latest_devicets
FROM events
GROUP BY deviceid, CAST(devicets AS date)
