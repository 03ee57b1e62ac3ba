SELECT 1 AS one
----
error: a view reads FROM events and joins reference tables with JOIN
 --> views/v.sql:1:1
  |
1 | SELECT 1 AS one
  | ^^^^^^
  |
  = help: write FROM events, and INNER JOIN or LEFT JOIN for reference tables
