SELECT id FROM events, labels
----
error: a view reads FROM events and joins reference tables with JOIN
 --> views/v.sql:1:24
  |
1 | SELECT id FROM events, labels
  |                        ^^^^^^
  |
  = help: write FROM events, and INNER JOIN or LEFT JOIN for reference tables
