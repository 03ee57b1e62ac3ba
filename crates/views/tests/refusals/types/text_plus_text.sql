SELECT s + k AS v FROM events
----
error: arithmetic on varchar is not supported
 --> views/v.sql:1:8
  |
1 | SELECT s + k AS v FROM events
  |        ^^^^^
  |
  = help: use numbers; for times use comparisons, CAST(… AS date), date_trunc or EXTRACT
