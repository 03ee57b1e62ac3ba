SELECT events.* FROM events
----
error: * would change the view when a column is added
 --> views/v.sql:1:8
  |
1 | SELECT events.* FROM events
  |        ^^^^^^^^
  |
  = help: list the columns
