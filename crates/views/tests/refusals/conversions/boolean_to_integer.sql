SELECT CAST(b AS integer) AS v FROM events
----
error: the engines have no common conversion from boolean to integer
 --> views/v.sql:1:13
  |
1 | SELECT CAST(b AS integer) AS v FROM events
  |             ^
  |
  = help: use CASE or a comparison
