SELECT array_agg(k) AS v FROM events
----
error: array_agg: the result depends on the order of events or cannot be merged
 --> views/v.sql:1:8
  |
1 | SELECT array_agg(k) AS v FROM events
  |        ^^^^^^^^^^^^
  |
  = help: use MIN or MAX, or an event-level view
