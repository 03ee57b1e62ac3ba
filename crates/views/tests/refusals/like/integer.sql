SELECT n LIKE '1%' AS v FROM events
----
error: integer and varchar have no common type in Athena
 --> views/v.sql:1:8
  |
1 | SELECT n LIKE '1%' AS v FROM events
  |        ^^^^^^^^^^^
  |
  = help: convert one of them with CAST
