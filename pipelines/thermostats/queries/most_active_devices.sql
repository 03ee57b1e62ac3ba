-- The 20 devices with the most events.
SELECT deviceid, SUM(events) AS total_events, MAX(latest_devicets) AS latest_devicets
FROM device_activity
GROUP BY deviceid
ORDER BY total_events DESC, deviceid
LIMIT 20
