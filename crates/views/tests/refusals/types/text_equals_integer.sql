SELECT s = 1 AS v FROM events
----
error: varchar and integer have no common type in Athena
 --> views/v.sql:1:8
  |
1 | SELECT s = 1 AS v FROM events
  |        ^^^^^
  |
  = help: convert one of them with CAST
