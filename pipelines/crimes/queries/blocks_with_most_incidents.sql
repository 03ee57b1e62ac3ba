-- The 10 blocks with the most incidents.
SELECT block, SUM(incidents) AS incidents, MAX(latest) AS latest
FROM crimes_by_block_and_hour
GROUP BY block
ORDER BY incidents DESC, block
LIMIT 10
