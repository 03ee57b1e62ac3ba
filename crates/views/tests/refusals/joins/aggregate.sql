SELECT id FROM events JOIN labels ON COUNT(*) = level
----
error: an aggregate cannot stand in ON
 --> views/v.sql:1:38
  |
1 | SELECT id FROM events JOIN labels ON COUNT(*) = level
  |                                      ^^^^^^^^
  |
  = help: aggregate in SELECT, and filter groups in the queries that read the view
