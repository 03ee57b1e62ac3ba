SELECT n & 1 AS v FROM events
----
error: the operator & does not mean the same in both engines
 --> views/v.sql:1:8
  |
1 | SELECT n & 1 AS v FROM events
  |        ^^^^^
  |
  = help: use + - * / %, comparisons, AND, OR, NOT, ||, IN, BETWEEN, LIKE, IS NULL
