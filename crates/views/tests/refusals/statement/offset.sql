SELECT id FROM events OFFSET 5
----
error: the rows of a view have no order
 --> views/v.sql:1:30
  |
1 | SELECT id FROM events OFFSET 5
  |                              ^
  |
  = help: use ORDER BY and LIMIT in the queries that read the view
