SELECT date_trunc('hour', d) AS v FROM events
----
error: a date has no time of day
 --> views/v.sql:1:27
  |
1 | SELECT date_trunc('hour', d) AS v FROM events
  |                           ^
  |
  = help: use a timestamp
