SELECT n AND b AS v FROM events
----
error: integer and boolean have no common type in Athena
 --> views/v.sql:1:8
  |
1 | SELECT n AND b AS v FROM events
  |        ^
  |
  = help: convert one of them with CAST
