-- The 10 most frequent primary types.
SELECT primary_type, SUM(incidents) AS incidents, SUM(arrests) AS arrests
FROM crimes_by_type_and_day
GROUP BY primary_type
ORDER BY incidents DESC, primary_type
LIMIT 10
