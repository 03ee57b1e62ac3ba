SELECT label, count(*) AS readings FROM events GROUP BY label
