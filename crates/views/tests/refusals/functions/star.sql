SELECT length(*) AS v FROM events
----
error: only COUNT takes *
 --> views/v.sql:1:8
  |
1 | SELECT length(*) AS v FROM events
  |        ^^^^^^^^^
  |
  = help: write a column as the argument
