-- Every domestic incident. The file has no incident numbers: rows that are equal in all columns are separate incidents.
SELECT
    occurred_at,
    occurred_local,
    block,
    primary_type,
    description,
    location_description,
    arrest,
    ward,
    latitude,
    longitude
FROM events
WHERE domestic
