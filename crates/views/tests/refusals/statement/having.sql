SELECT k, COUNT(*) AS n FROM events GROUP BY k HAVING COUNT(*) > 5
----
error: HAVING cannot be merged: a group meets it or not only once all its partials are merged
 --> views/v.sql:1:55
  |
1 | SELECT k, COUNT(*) AS n FROM events GROUP BY k HAVING COUNT(*) > 5
  |                                                       ^^^^^^^^^^^^
  |
  = help: keep the column in the view, and filter in the queries that read it
