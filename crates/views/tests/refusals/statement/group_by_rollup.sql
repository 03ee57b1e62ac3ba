SELECT k, COUNT(*) AS n FROM events GROUP BY ROLLUP (k)
----
error: this expression is not known to mean the same in both engines
 --> views/v.sql:1:54
  |
1 | SELECT k, COUNT(*) AS n FROM events GROUP BY ROLLUP (k)
  |                                                      ^
  |
  = help: use columns, constants, operators, CASE, CAST and the functions of docs/views.md
