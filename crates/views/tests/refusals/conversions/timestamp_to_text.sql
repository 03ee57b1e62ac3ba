SELECT CAST(t AS varchar) AS v FROM events
----
error: the engines format a timestamp(3) differently
 --> views/v.sql:1:13
  |
1 | SELECT CAST(t AS varchar) AS v FROM events
  |             ^
  |
  = help: keep the value, and format it in the queries that read the view
