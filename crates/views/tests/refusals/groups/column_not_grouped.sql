SELECT k, s, COUNT(*) AS n FROM events GROUP BY k
----
error: the column `s` is neither in GROUP BY nor within an aggregate
 --> views/v.sql:1:11
  |
1 | SELECT k, s, COUNT(*) AS n FROM events GROUP BY k
  |           ^
  |
  = help: add the column to GROUP BY, or use MIN or MAX of it
