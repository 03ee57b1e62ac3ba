SELECT n % m AS v FROM events
----
error: a divisor of zero fails the query, and with it all other events
 --> views/v.sql:1:8
  |
1 | SELECT n % m AS v FROM events
  |        ^^^^^
  |
  = help: divide by nullif(…, 0)
