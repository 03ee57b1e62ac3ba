SELECT -s AS v FROM events
----
error: arithmetic on varchar is not supported
 --> views/v.sql:1:9
  |
1 | SELECT -s AS v FROM events
  |         ^
  |
  = help: use numbers; for times use comparisons, CAST(… AS date), date_trunc or EXTRACT
