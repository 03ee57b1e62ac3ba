-- The 10 readings farthest from their devices' settings.
SELECT uuid, deviceid, devicets, temp, settemp, pct_inefficiency
FROM inefficient_readings
ORDER BY pct_inefficiency DESC, devicets DESC, uuid
LIMIT 10
