SELECT id FROM events JOIN labels ON events.k = level
----
error: varchar and bigint have no common type in Athena
 --> views/v.sql:1:38
  |
1 | SELECT id FROM events JOIN labels ON events.k = level
  |                                      ^^^^^^^^^^^^^^^^
  |
  = help: convert one of them with CAST
