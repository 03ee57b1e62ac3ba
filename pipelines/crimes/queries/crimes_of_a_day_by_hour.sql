-- Incidents in each hour of one day in the city. Replace 2018-03-17 by the day.
SELECT HOUR(occurred_local) AS hour_of_day, COUNT(*) AS incidents
FROM events
WHERE CAST(occurred_local AS date) = DATE '2018-03-17'
GROUP BY HOUR(occurred_local)
ORDER BY hour_of_day
