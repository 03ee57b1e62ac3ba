SELECT ABS(n) FILTER (WHERE b) AS v FROM events
----
error: only aggregates take FILTER
 --> views/v.sql:1:8
  |
1 | SELECT ABS(n) FILTER (WHERE b) AS v FROM events
  |        ^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write CASE WHEN … THEN x END
