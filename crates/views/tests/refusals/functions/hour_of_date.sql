SELECT hour(d) AS v FROM events
----
error: a date has no time of day
 --> views/v.sql:1:8
  |
1 | SELECT hour(d) AS v FROM events
  |        ^^^^^^^
  |
  = help: use a timestamp
