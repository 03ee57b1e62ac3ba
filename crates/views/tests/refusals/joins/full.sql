SELECT id FROM events FULL JOIN labels ON events.k = labels.k
----
error: rows of the reference table without an event would appear once for each batch of events
 --> views/v.sql:1:33
  |
1 | SELECT id FROM events FULL JOIN labels ON events.k = labels.k
  |                                 ^^^^^^
  |
  = help: use INNER JOIN or LEFT JOIN
