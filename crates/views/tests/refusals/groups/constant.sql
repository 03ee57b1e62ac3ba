SELECT COUNT(*) AS n FROM events GROUP BY 'x'
----
error: a group key must depend on a column: a constant makes no groups
 --> views/v.sql:1:43
  |
1 | SELECT COUNT(*) AS n FROM events GROUP BY 'x'
  |                                           ^^^
  |
  = help: leave it out of GROUP BY
