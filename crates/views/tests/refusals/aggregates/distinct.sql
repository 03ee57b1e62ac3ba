SELECT COUNT(DISTINCT k) AS v FROM events
----
error: aggregates of DISTINCT values are not supported
 --> views/v.sql:1:8
  |
1 | SELECT COUNT(DISTINCT k) AS v FROM events
  |        ^^^^^^^^^^^^^^^^^
  |
  = help: group by the value as well, and aggregate in the queries that read the view
