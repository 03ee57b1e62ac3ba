SELECT ROUND(SUM(n)) AS v FROM events
----
error: the result of this function of bigint has another type in each engine
 --> views/v.sql:1:14
  |
1 | SELECT ROUND(SUM(n)) AS v FROM events
  |              ^^^^^^
  |
  = help: convert the argument: CAST(… AS double)
