-- domestic_incidents, EventLevel, fingerprint 27351d1e7a24
-- keys: occurred_at timestamp(3), occurred_local timestamp(3), block varchar, primary_type varchar, description varchar, location_description varchar, arrest boolean, ward integer, latitude double, longitude double
-- states: 
-- columns: occurred_at timestamp(3), occurred_local timestamp(3), block varchar, primary_type varchar, description varchar, location_description varchar, arrest boolean, ward integer, latitude double, longitude double

-- partial, Athena
SELECT
    "events"."occurred_at" AS "occurred_at",
    "events"."occurred_local" AS "occurred_local",
    "events"."block" AS "block",
    "events"."primary_type" AS "primary_type",
    "events"."description" AS "description",
    "events"."location_description" AS "location_description",
    "events"."arrest" AS "arrest",
    "events"."ward" AS "ward",
    "events"."latitude" AS "latitude",
    "events"."longitude" AS "longitude"
FROM events AS "events"
WHERE "events"."domestic";

-- partial, DataFusion
SELECT
    "events"."occurred_at" AS "occurred_at",
    "events"."occurred_local" AS "occurred_local",
    "events"."block" AS "block",
    "events"."primary_type" AS "primary_type",
    "events"."description" AS "description",
    "events"."location_description" AS "location_description",
    "events"."arrest" AS "arrest",
    "events"."ward" AS "ward",
    "events"."latitude" AS "latitude",
    "events"."longitude" AS "longitude"
FROM events AS "events"
WHERE "events"."domestic";

-- merge
SELECT
    "partials"."occurred_at",
    "partials"."occurred_local",
    "partials"."block",
    "partials"."primary_type",
    "partials"."description",
    "partials"."location_description",
    "partials"."arrest",
    "partials"."ward",
    "partials"."latitude",
    "partials"."longitude"
FROM rows AS "partials";

-- final
SELECT
    "partials"."occurred_at" AS "occurred_at",
    "partials"."occurred_local" AS "occurred_local",
    "partials"."block" AS "block",
    "partials"."primary_type" AS "primary_type",
    "partials"."description" AS "description",
    "partials"."location_description" AS "location_description",
    "partials"."arrest" AS "arrest",
    "partials"."ward" AS "ward",
    "partials"."latitude" AS "latitude",
    "partials"."longitude" AS "longitude"
FROM rows AS "partials";
