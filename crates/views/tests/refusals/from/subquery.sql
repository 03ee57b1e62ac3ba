SELECT id FROM (SELECT * FROM events) e
----
error: a view reads only the stream and reference tables; subqueries and table functions are not supported
 --> views/v.sql:1:17
  |
1 | SELECT id FROM (SELECT * FROM events) e
  |                 ^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write events or the name of a reference table
