SELECT NULL AS v FROM events
----
error: the type of this NULL is unknown
 --> views/v.sql:1:8
  |
1 | SELECT NULL AS v FROM events
  |        ^^^^
  |
  = help: write CAST(NULL AS <type>)
