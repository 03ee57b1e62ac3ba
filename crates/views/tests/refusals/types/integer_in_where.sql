SELECT id FROM events WHERE n
----
error: integer and boolean have no common type in Athena
 --> views/v.sql:1:29
  |
1 | SELECT id FROM events WHERE n
  |                             ^
  |
  = help: convert one of them with CAST
