-- device_activity, Aggregating, fingerprint d7bc4cad86e6
-- keys: deviceid varchar, day date
-- states: p0_count bigint, p1_min double, p2_max double, p3_sum double, p3_count bigint, p4_max timestamp(3)
-- columns: deviceid varchar, day date, events bigint, min_temp double, max_temp double, avg_temp double, latest_devicets timestamp(3)

-- partial, Athena
SELECT
    "events"."deviceid" AS "deviceid",
    CAST("events"."devicets" AS date) AS "day",
    CAST(count(*) AS bigint) AS "p0_count",
    CAST(min("events"."temp") AS double) AS "p1_min",
    CAST(max("events"."temp") AS double) AS "p2_max",
    CAST(sum("events"."temp") AS double) AS "p3_sum",
    CAST(count("events"."temp") AS bigint) AS "p3_count",
    CAST(max("events"."devicets") AS timestamp(3)) AS "p4_max"
FROM events AS "events"
GROUP BY 1, 2;

-- partial, DataFusion
SELECT
    "events"."deviceid" AS "deviceid",
    CAST("events"."devicets" AS date) AS "day",
    CAST(count(*) AS bigint) AS "p0_count",
    CAST(min("events"."temp") AS double) AS "p1_min",
    CAST(max("events"."temp") AS double) AS "p2_max",
    CAST(sum("events"."temp") AS double) AS "p3_sum",
    CAST(count("events"."temp") AS bigint) AS "p3_count",
    CAST(max("events"."devicets") AS timestamp(3)) AS "p4_max"
FROM events AS "events"
GROUP BY 1, 2;

-- merge
SELECT
    "partials"."deviceid",
    "partials"."day",
    CAST(sum("partials"."p0_count") AS bigint) AS "p0_count",
    CAST(min("partials"."p1_min") AS double) AS "p1_min",
    CAST(max("partials"."p2_max") AS double) AS "p2_max",
    CAST(sum("partials"."p3_sum") AS double) AS "p3_sum",
    CAST(sum("partials"."p3_count") AS bigint) AS "p3_count",
    CAST(max("partials"."p4_max") AS timestamp(3)) AS "p4_max"
FROM rows AS "partials"
GROUP BY "partials"."deviceid", "partials"."day";

-- final
SELECT
    "partials"."deviceid" AS "deviceid",
    "partials"."day" AS "day",
    CAST(sum("partials"."p0_count") AS bigint) AS "events",
    CAST(min("partials"."p1_min") AS double) AS "min_temp",
    CAST(max("partials"."p2_max") AS double) AS "max_temp",
    CAST(sum("partials"."p3_sum") / nullif(sum("partials"."p3_count"), 0) AS double) AS "avg_temp",
    CAST(max("partials"."p4_max") AS timestamp(3)) AS "latest_devicets"
FROM rows AS "partials"
GROUP BY "partials"."deviceid", "partials"."day";
