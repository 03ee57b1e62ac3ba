SELECT ROUND(AVG(n), -1) AS v FROM events
----
error: this argument must be a constant integer from 0 on: the engines treat others differently
 --> views/v.sql:1:23
  |
1 | SELECT ROUND(AVG(n), -1) AS v FROM events
  |                       ^
  |
  = help: write a number from 0 to 15
