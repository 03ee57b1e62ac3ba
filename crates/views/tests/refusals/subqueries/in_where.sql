SELECT id FROM events WHERE k IN (SELECT k FROM labels)
----
error: subqueries are not supported: a batch of events does not hold the others
 --> views/v.sql:1:29
  |
1 | SELECT id FROM events WHERE k IN (SELECT k FROM labels)
  |                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: join a reference table, or use the subquery in the queries that read the view
