SELECT nullif(n, 5E-1) AS v FROM events
----
error: nullif of two types has the type of the first argument only in Athena
 --> views/v.sql:1:8
  |
1 | SELECT nullif(n, 5E-1) AS v FROM events
  |        ^^^^^^^^^^^^^^^
  |
  = help: convert the first argument with CAST
