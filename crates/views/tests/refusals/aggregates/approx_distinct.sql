SELECT approx_distinct(k) AS v FROM events
----
error: approx_distinct: the aggregate cannot be merged exactly
 --> views/v.sql:1:8
  |
1 | SELECT approx_distinct(k) AS v FROM events
  |        ^^^^^^^^^^^^^^^^^^
  |
  = help: group by the value, and compute the aggregate in the queries that read the view
