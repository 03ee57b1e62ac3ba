-- crimes_by_type_and_day, Aggregating, fingerprint 7c8ab6097ed3
-- keys: primary_type varchar, day date
-- states: p0_count bigint, p1_count bigint
-- columns: primary_type varchar, day date, incidents bigint, arrests bigint, arrest_rate double

-- partial, Athena
SELECT
    "events"."primary_type" AS "primary_type",
    CAST("events"."occurred_local" AS date) AS "day",
    CAST(count(*) AS bigint) AS "p0_count",
    CAST(count(CASE WHEN "events"."arrest" THEN 1 ELSE CAST(NULL AS integer) END) AS bigint) AS "p1_count"
FROM events AS "events"
GROUP BY 1, 2;

-- partial, DataFusion
SELECT
    "events"."primary_type" AS "primary_type",
    CAST("events"."occurred_local" AS date) AS "day",
    CAST(count(*) AS bigint) AS "p0_count",
    CAST(count(CASE WHEN "events"."arrest" THEN 1 ELSE CAST(NULL AS integer) END) AS bigint) AS "p1_count"
FROM events AS "events"
GROUP BY 1, 2;

-- merge
SELECT
    "partials"."primary_type",
    "partials"."day",
    CAST(sum("partials"."p0_count") AS bigint) AS "p0_count",
    CAST(sum("partials"."p1_count") AS bigint) AS "p1_count"
FROM rows AS "partials"
GROUP BY "partials"."primary_type", "partials"."day";

-- final
SELECT
    "partials"."primary_type" AS "primary_type",
    "partials"."day" AS "day",
    CAST(sum("partials"."p0_count") AS bigint) AS "incidents",
    CAST(sum("partials"."p1_count") AS bigint) AS "arrests",
    CAST(CAST(sum("partials"."p1_count") AS double) / CAST(sum("partials"."p0_count") AS double) AS double) AS "arrest_rate"
FROM rows AS "partials"
GROUP BY "partials"."primary_type", "partials"."day";
