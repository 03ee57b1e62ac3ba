SELECT coalesce(n, s) AS v FROM events
----
error: integer and varchar have no common type in Athena
 --> views/v.sql:1:8
  |
1 | SELECT coalesce(n, s) AS v FROM events
  |        ^^^^^^^^^^^^^^
  |
  = help: convert one of them with CAST
