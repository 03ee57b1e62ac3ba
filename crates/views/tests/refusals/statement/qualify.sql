SELECT k FROM events QUALIFY n = 1
----
error: window functions cannot be merged
 --> views/v.sql:1:30
  |
1 | SELECT k FROM events QUALIFY n = 1
  |                              ^^^^^
  |
  = help: use them in the queries that read the view
