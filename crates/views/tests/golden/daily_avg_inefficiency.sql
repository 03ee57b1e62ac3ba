-- daily_avg_inefficiency, Aggregating, fingerprint 33834cd26308
-- keys: deviceid varchar, day date
-- states: p0_sum double, p0_count bigint, p1_count bigint
-- columns: deviceid varchar, day date, avg_inefficiency double, events bigint

-- partial, Athena
SELECT
    "events"."deviceid" AS "deviceid",
    CAST("events"."devicets" AS date) AS "day",
    CAST(sum(abs("events"."temp" - "device_settings"."settemp") / "device_settings"."settemp") AS double) AS "p0_sum",
    CAST(count(abs("events"."temp" - "device_settings"."settemp") / "device_settings"."settemp") AS bigint) AS "p0_count",
    CAST(count(*) AS bigint) AS "p1_count"
FROM events AS "events"
INNER JOIN device_settings AS "device_settings" ON "events"."deviceid" = "device_settings"."deviceid"
GROUP BY 1, 2;

-- partial, DataFusion
SELECT
    "events"."deviceid" AS "deviceid",
    CAST("events"."devicets" AS date) AS "day",
    CAST(sum(abs("events"."temp" - "device_settings"."settemp") / "device_settings"."settemp") AS double) AS "p0_sum",
    CAST(count(abs("events"."temp" - "device_settings"."settemp") / "device_settings"."settemp") AS bigint) AS "p0_count",
    CAST(count(*) AS bigint) AS "p1_count"
FROM events AS "events"
INNER JOIN device_settings AS "device_settings" ON "events"."deviceid" = "device_settings"."deviceid"
GROUP BY 1, 2;

-- merge
SELECT
    "partials"."deviceid",
    "partials"."day",
    CAST(sum("partials"."p0_sum") AS double) AS "p0_sum",
    CAST(sum("partials"."p0_count") AS bigint) AS "p0_count",
    CAST(sum("partials"."p1_count") AS bigint) AS "p1_count"
FROM rows AS "partials"
GROUP BY "partials"."deviceid", "partials"."day";

-- final
SELECT
    "partials"."deviceid" AS "deviceid",
    "partials"."day" AS "day",
    CAST(sum("partials"."p0_sum") / nullif(sum("partials"."p0_count"), 0) AS double) AS "avg_inefficiency",
    CAST(sum("partials"."p1_count") AS bigint) AS "events"
FROM rows AS "partials"
GROUP BY "partials"."deviceid", "partials"."day";
