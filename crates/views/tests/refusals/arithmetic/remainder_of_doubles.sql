SELECT x % 2E0 AS v FROM events
----
error: the remainder of doubles is not supported
 --> views/v.sql:1:8
  |
1 | SELECT x % 2E0 AS v FROM events
  |        ^^^^^^^
  |
  = help: use integers, or x - floor(x / y) * y
