SELECT TOP 5 id FROM events
----
error: Athena has no such clause
 --> views/v.sql:1:1
  |
1 | SELECT TOP 5 id FROM events
  | ^^^^^^
  |
  = help: leave it out
