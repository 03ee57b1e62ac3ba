SELECT SUM(n) FILTER (WHERE n) AS v FROM events
----
error: integer and boolean have no common type in Athena
 --> views/v.sql:1:29
  |
1 | SELECT SUM(n) FILTER (WHERE n) AS v FROM events
  |                             ^
  |
  = help: convert one of them with CAST
