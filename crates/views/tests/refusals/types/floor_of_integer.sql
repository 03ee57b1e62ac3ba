SELECT floor(n) AS v FROM events
----
error: the result of this function of integer has another type in each engine
 --> views/v.sql:1:14
  |
1 | SELECT floor(n) AS v FROM events
  |              ^
  |
  = help: convert the argument: CAST(… AS double)
