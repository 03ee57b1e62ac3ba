SELECT SUM(n) FILTER (WHERE COUNT(*) > 1) AS v FROM events
----
error: an aggregate cannot stand in another aggregate
 --> views/v.sql:1:29
  |
1 | SELECT SUM(n) FILTER (WHERE COUNT(*) > 1) AS v FROM events
  |                             ^^^^^^^^
  |
  = help: aggregate in SELECT, and filter groups in the queries that read the view
