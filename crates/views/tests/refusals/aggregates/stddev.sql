SELECT stddev(x) AS v FROM events
----
error: stddev: this aggregate is not supported
 --> views/v.sql:1:8
  |
1 | SELECT stddev(x) AS v FROM events
  |        ^^^^^^^^^
  |
  = help: keep SUM(x), SUM(x * x) and COUNT(x), and compute the aggregate in the queries that read the view
