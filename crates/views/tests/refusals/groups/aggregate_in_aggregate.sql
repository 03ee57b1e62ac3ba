SELECT SUM(COUNT(*)) AS v FROM events
----
error: an aggregate cannot stand in another aggregate
 --> views/v.sql:1:12
  |
1 | SELECT SUM(COUNT(*)) AS v FROM events
  |            ^^^^^^^^
  |
  = help: aggregate in SELECT, and filter groups in the queries that read the view
