SELECT greatest(n, m) AS v FROM events
----
error: greatest: a NULL among the arguments makes the result NULL in Athena, and is ignored in DataFusion
 --> views/v.sql:1:8
  |
1 | SELECT greatest(n, m) AS v FROM events
  |        ^^^^^^^^^^^^^^
  |
  = help: use CASE
