SELECT id FROM events FETCH FIRST 5 ROWS ONLY
----
error: the rows of a view have no order
 --> views/v.sql:1:1
  |
1 | SELECT id FROM events FETCH FIRST 5 ROWS ONLY
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: use ORDER BY and LIMIT in the queries that read the view
