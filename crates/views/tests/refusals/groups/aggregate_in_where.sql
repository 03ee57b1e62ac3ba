SELECT id FROM events WHERE COUNT(*) > 5
----
error: an aggregate cannot stand in WHERE
 --> views/v.sql:1:29
  |
1 | SELECT id FROM events WHERE COUNT(*) > 5
  |                             ^^^^^^^^
  |
  = help: aggregate in SELECT, and filter groups in the queries that read the view
