SELECT CAST(x AS varchar) AS v FROM events
----
error: the engines format a double differently
 --> views/v.sql:1:13
  |
1 | SELECT CAST(x AS varchar) AS v FROM events
  |             ^
  |
  = help: keep the value, and format it in the queries that read the view
