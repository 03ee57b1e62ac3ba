-- crimes_by_ward_and_month, Aggregating, fingerprint 17d61a8a78e5
-- keys: ward integer, month date
-- states: p0_count bigint, p1_count bigint, p2_count bigint
-- columns: ward integer, month date, incidents bigint, arrests bigint, domestic_incidents bigint

-- partial, Athena
SELECT
    "events"."ward" AS "ward",
    CAST(date_trunc('month', "events"."occurred_local") AS date) AS "month",
    CAST(count(*) AS bigint) AS "p0_count",
    CAST(count(CASE WHEN "events"."arrest" THEN 1 ELSE CAST(NULL AS integer) END) AS bigint) AS "p1_count",
    CAST(count(CASE WHEN "events"."domestic" THEN 1 ELSE CAST(NULL AS integer) END) AS bigint) AS "p2_count"
FROM events AS "events"
GROUP BY 1, 2;

-- partial, DataFusion
SELECT
    "events"."ward" AS "ward",
    CAST(CAST(make_date(EXTRACT(YEAR FROM "events"."occurred_local"), EXTRACT(MONTH FROM "events"."occurred_local"), 1) AS timestamp(3)) AS date) AS "month",
    CAST(count(*) AS bigint) AS "p0_count",
    CAST(count(CASE WHEN "events"."arrest" THEN 1 ELSE CAST(NULL AS integer) END) AS bigint) AS "p1_count",
    CAST(count(CASE WHEN "events"."domestic" THEN 1 ELSE CAST(NULL AS integer) END) AS bigint) AS "p2_count"
FROM events AS "events"
GROUP BY 1, 2;

-- merge
SELECT
    "partials"."ward",
    "partials"."month",
    CAST(sum("partials"."p0_count") AS bigint) AS "p0_count",
    CAST(sum("partials"."p1_count") AS bigint) AS "p1_count",
    CAST(sum("partials"."p2_count") AS bigint) AS "p2_count"
FROM rows AS "partials"
GROUP BY "partials"."ward", "partials"."month";

-- final
SELECT
    "partials"."ward" AS "ward",
    "partials"."month" AS "month",
    CAST(sum("partials"."p0_count") AS bigint) AS "incidents",
    CAST(sum("partials"."p1_count") AS bigint) AS "arrests",
    CAST(sum("partials"."p2_count") AS bigint) AS "domestic_incidents"
FROM rows AS "partials"
GROUP BY "partials"."ward", "partials"."month";
