SELECT COUNT(NULL) AS v FROM events
----
error: the type of this NULL is unknown
 --> views/v.sql:1:14
  |
1 | SELECT COUNT(NULL) AS v FROM events
  |              ^^^^
  |
  = help: write CAST(NULL AS <type>)
