SELECT CAST(x AS bigint) AS v FROM events
----
error: Athena rounds a double to an integer and fails on one that does not fit; DataFusion truncates it
 --> views/v.sql:1:13
  |
1 | SELECT CAST(x AS bigint) AS v FROM events
  |             ^
  |
  = help: keep the double; floor(…) and ceil(…) give whole doubles
