SELECT 'x' AS v, COUNT(*) AS n FROM events GROUP BY 1
----
error: a group key must depend on a column: a constant makes no groups
 --> views/v.sql:1:53
  |
1 | SELECT 'x' AS v, COUNT(*) AS n FROM events GROUP BY 1
  |                                                     ^
  |
  = help: leave it out of GROUP BY
