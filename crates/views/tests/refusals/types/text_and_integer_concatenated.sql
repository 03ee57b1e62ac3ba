SELECT s || n AS v FROM events
----
error: integer and varchar have no common type in Athena
 --> views/v.sql:1:13
  |
1 | SELECT s || n AS v FROM events
  |             ^
  |
  = help: convert one of them with CAST
