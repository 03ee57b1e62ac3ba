SELECT SUM(m) / COUNT(*) AS v FROM events
----
error: the quotient of integers is truncated, and a divisor of zero fails the query
 --> views/v.sql:1:8
  |
1 | SELECT SUM(m) / COUNT(*) AS v FROM events
  |        ^^^^^^^^^^^^^^^^^
  |
  = help: convert an operand: CAST(… AS double); x - x % 10 truncates to tens
