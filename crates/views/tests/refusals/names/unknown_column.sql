SELECT nothing AS v FROM events
----
error: there is no column `nothing`
 --> views/v.sql:1:8
  |
1 | SELECT nothing AS v FROM events
  |        ^^^^^^^
  |
  = help: use one of: id, k, g, n, m, big, small, x, y, b, t, d, s
