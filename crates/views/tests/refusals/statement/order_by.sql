SELECT id FROM events ORDER BY id
----
error: the rows of a view have no order
 --> views/v.sql:1:32
  |
1 | SELECT id FROM events ORDER BY id
  |                                ^^
  |
  = help: use ORDER BY and LIMIT in the queries that read the view
