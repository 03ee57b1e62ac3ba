SELECT now() AS v FROM events
----
error: now: the value depends on when a batch of events is computed
 --> views/v.sql:1:8
  |
1 | SELECT now() AS v FROM events
  |        ^^^
  |
  = help: use a column of the event, such as its timestamp
