SELECT k FROM events GROUP BY 0
----
error: SELECT has no column number 0
 --> views/v.sql:1:31
  |
1 | SELECT k FROM events GROUP BY 0
  |                               ^
  |
  = help: use a number from 1 to 1, or an expression
