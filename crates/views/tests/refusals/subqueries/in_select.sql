SELECT (SELECT 1) AS v FROM events
----
error: subqueries are not supported: a batch of events does not hold the others
 --> views/v.sql:1:9
  |
1 | SELECT (SELECT 1) AS v FROM events
  |         ^^^^^^^^
  |
  = help: join a reference table, or use the subquery in the queries that read the view
