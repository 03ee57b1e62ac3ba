SELECT DISTINCT id FROM events
----
error: SELECT DISTINCT is not supported
 --> views/v.sql:1:1
  |
1 | SELECT DISTINCT id FROM events
  | ^^^^^^
  |
  = help: group by the columns: SELECT a, b … GROUP BY a, b
