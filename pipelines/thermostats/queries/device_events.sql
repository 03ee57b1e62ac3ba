-- Events of one device, newest first. Replace device-0001 by the device's id.
SELECT uuid, deviceid, devicets, temp
FROM events
WHERE deviceid = 'device-0001'
ORDER BY devicets DESC, uuid
LIMIT 100
