SELECT id FROM events CROSS JOIN labels
----
error: this kind of join is not supported
 --> views/v.sql:1:34
  |
1 | SELECT id FROM events CROSS JOIN labels
  |                                  ^^^^^^
  |
  = help: use INNER JOIN or LEFT JOIN with ON
