-- inefficient_readings, EventLevel, fingerprint 9f88a1e5379e
-- keys: uuid varchar, deviceid varchar, devicets timestamp(3), temp double, settemp double, pct_inefficiency double
-- states: 
-- columns: uuid varchar, deviceid varchar, devicets timestamp(3), temp double, settemp double, pct_inefficiency double

-- partial, Athena
SELECT
    "events"."uuid" AS "uuid",
    "events"."deviceid" AS "deviceid",
    "events"."devicets" AS "devicets",
    "events"."temp" AS "temp",
    "device_settings"."settemp" AS "settemp",
    CAST((1E2 * abs("events"."temp" - "device_settings"."settemp")) / "device_settings"."settemp" AS double) AS "pct_inefficiency"
FROM events AS "events"
INNER JOIN device_settings AS "device_settings" ON "events"."deviceid" = "device_settings"."deviceid"
WHERE ((1E2 * abs("events"."temp" - "device_settings"."settemp")) / "device_settings"."settemp") > 5E0;

-- partial, DataFusion
SELECT
    "events"."uuid" AS "uuid",
    "events"."deviceid" AS "deviceid",
    "events"."devicets" AS "devicets",
    "events"."temp" AS "temp",
    "device_settings"."settemp" AS "settemp",
    CAST((1E2 * abs("events"."temp" - "device_settings"."settemp")) / "device_settings"."settemp" AS double) AS "pct_inefficiency"
FROM events AS "events"
INNER JOIN device_settings AS "device_settings" ON "events"."deviceid" = "device_settings"."deviceid"
WHERE CASE WHEN isnan((1E2 * abs("events"."temp" - "device_settings"."settemp")) / "device_settings"."settemp") THEN FALSE ELSE ((1E2 * abs("events"."temp" - "device_settings"."settemp")) / "device_settings"."settemp") > 5E0 END;

-- merge
SELECT
    "partials"."uuid",
    "partials"."deviceid",
    "partials"."devicets",
    "partials"."temp",
    "partials"."settemp",
    "partials"."pct_inefficiency"
FROM rows AS "partials";

-- final
SELECT
    "partials"."uuid" AS "uuid",
    "partials"."deviceid" AS "deviceid",
    "partials"."devicets" AS "devicets",
    "partials"."temp" AS "temp",
    "partials"."settemp" AS "settemp",
    "partials"."pct_inefficiency" AS "pct_inefficiency"
FROM rows AS "partials";
