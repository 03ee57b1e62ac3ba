SELECT s LIKE 'a\%' AS v FROM events
----
error: a backslash is an escape in DataFusion and a plain character in Athena
 --> views/v.sql:1:15
  |
1 | SELECT s LIKE 'a\%' AS v FROM events
  |               ^^^^^
  |
  = help: write _ in place of the backslash, or use substr(…)
