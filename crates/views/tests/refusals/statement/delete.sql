DELETE FROM events
----
error: a view is a query
 --> views/v.sql:1:1
  |
1 | DELETE FROM events
  | ^^^^^^^^^^^^^^^^^^
  |
  = help: write SELECT … FROM events
