SELECT current_date AS v FROM events
----
error: current_date: the value depends on when a batch of events is computed
 --> views/v.sql:1:8
  |
1 | SELECT current_date AS v FROM events
  |        ^^^^^^^^^^^^
  |
  = help: use a column of the event, such as its timestamp
