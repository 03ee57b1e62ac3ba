SELECT t AT TIME ZONE 'UTC' AS v FROM events
----
error: time zones and intervals do not mean the same in both engines
 --> views/v.sql:1:8
  |
1 | SELECT t AT TIME ZONE 'UTC' AS v FROM events
  |        ^^^^^^^^^^^^^^^^^^^^
  |
  = help: keep timestamps in UTC, and shift them in the queries that read the view
