SELECT COUNT(*) AS c FROM events GROUP BY c
----
error: an aggregate cannot stand in GROUP BY
 --> views/v.sql:1:8
  |
1 | SELECT COUNT(*) AS c FROM events GROUP BY c
  |        ^^^^^^^^
  |
  = help: aggregate in SELECT, and filter groups in the queries that read the view
