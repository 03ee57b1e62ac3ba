WITH a AS (SELECT 1 AS b) SELECT id FROM events
----
error: WITH is not supported: a view is one SELECT over the stream
 --> views/v.sql:1:1
  |
1 | WITH a AS (SELECT 1 AS b) SELECT id FROM events
  | ^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write the expressions out, or make each part a view of its own
