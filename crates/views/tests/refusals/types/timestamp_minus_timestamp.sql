SELECT t - t AS v FROM events
----
error: arithmetic on timestamp(3) is not supported
 --> views/v.sql:1:8
  |
1 | SELECT t - t AS v FROM events
  |        ^^^^^
  |
  = help: use numbers; for times use comparisons, CAST(… AS date), date_trunc or EXTRACT
