-- Every domestic incident. The file numbers none of them: rows that are alike in all columns are several incidents.
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
