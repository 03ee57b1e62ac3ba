-- crimes_by_block_and_hour, Aggregating, fingerprint 660ae1247b8d
-- keys: block varchar, hour_of_day bigint
-- states: p0_count bigint, p1_max timestamp(3)
-- columns: block varchar, hour_of_day bigint, incidents bigint, latest timestamp(3)

-- partial, Athena
SELECT
    "events"."block" AS "block",
    CAST(CAST(EXTRACT(HOUR FROM "events"."occurred_local") AS bigint) AS bigint) AS "hour_of_day",
    CAST(count(*) AS bigint) AS "p0_count",
    CAST(max("events"."occurred_local") AS timestamp(3)) AS "p1_max"
FROM events AS "events"
GROUP BY 1, 2;

-- partial, DataFusion
SELECT
    "events"."block" AS "block",
    CAST(CAST(EXTRACT(HOUR FROM "events"."occurred_local") AS bigint) AS bigint) AS "hour_of_day",
    CAST(count(*) AS bigint) AS "p0_count",
    CAST(max("events"."occurred_local") AS timestamp(3)) AS "p1_max"
FROM events AS "events"
GROUP BY 1, 2;

-- merge
SELECT
    "partials"."block",
    "partials"."hour_of_day",
    CAST(sum("partials"."p0_count") AS bigint) AS "p0_count",
    CAST(max("partials"."p1_max") AS timestamp(3)) AS "p1_max"
FROM rows AS "partials"
GROUP BY "partials"."block", "partials"."hour_of_day";

-- final
SELECT
    "partials"."block" AS "block",
    "partials"."hour_of_day" AS "hour_of_day",
    CAST(sum("partials"."p0_count") AS bigint) AS "incidents",
    CAST(max("partials"."p1_max") AS timestamp(3)) AS "latest"
FROM rows AS "partials"
GROUP BY "partials"."block", "partials"."hour_of_day";
