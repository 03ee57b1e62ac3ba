SELECT INTERVAL '1' DAY AS v FROM events
----
error: time zones and intervals do not mean the same in both engines
 --> views/v.sql:1:17
  |
1 | SELECT INTERVAL '1' DAY AS v FROM events
  |                 ^^^
  |
  = help: keep timestamps in UTC, and shift them in the queries that read the view
