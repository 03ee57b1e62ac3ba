SELECT id FROM events WHERE EXISTS (SELECT 1)
----
error: subqueries are not supported: a batch of events does not hold the others
 --> views/v.sql:1:37
  |
1 | SELECT id FROM events WHERE EXISTS (SELECT 1)
  |                                     ^^^^^^^^
  |
  = help: join a reference table, or use the subquery in the queries that read the view
