-- The events of one device, newest first. Put the device's id in place of device-0001.
SELECT uuid, deviceid, devicets, temp
FROM events
WHERE deviceid = 'device-0001'
ORDER BY devicets DESC, uuid
LIMIT 100
